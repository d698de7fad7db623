import Acquisition
import QualityAssurance
import Testing

@Suite struct EffectiveEnergyTests {
  /// At 70 keV HU are those of the volume, and water and air are the same at any energy.
  @Test func referenceEnergyChangesNothing() {
    for hu in [-1000.0, -95, 0, 100, 955] {
      #expect(abs(EffectiveEnergy.hu(of: hu, at: 70) - hu) < 0.1)
    }
    for energy in [40.0, 60, 120] {
      #expect(abs(EffectiveEnergy.hu(of: 0, at: energy)) < 1e-9)
      #expect(abs(EffectiveEnergy.hu(of: -1000, at: energy) + 1000) < 1e-9)
    }
    // Bone falls with energy.
    #expect(EffectiveEnergy.hu(of: 955, at: 60) > 1050)
    #expect(EffectiveEnergy.hu(of: 955, at: 90) < 850)
  }

  /// The harder the beam, by voltage or by water, the higher its effective energy; at 120 kVp behind a body it
  /// is the 70 keV, within 5, that a scan of one energy stands for.
  @Test func risesWithVoltageAndWater() throws {
    let scanner = try Scanner.load("rows64")
    let usual = try EffectiveEnergy.of(scanner: scanner, kvp: 120, water: 200)
    #expect(abs(usual - 70) < 5, "\(usual)")
    #expect(try EffectiveEnergy.of(scanner: scanner, kvp: 80, water: 200) < usual - 5)
    #expect(try EffectiveEnergy.of(scanner: scanner, kvp: 120, water: 350) > usual)
  }
}
