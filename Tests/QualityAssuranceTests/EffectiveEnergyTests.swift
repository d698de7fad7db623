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

  /// A rod of water does not stand out, of half water by half; bone lies above its HU at the effective energy of
  /// water, because a spectrum's mean of what falls steeply is more than its value in the middle, and the less so the
  /// thicker the rod, whose bone hardens the beam.
  @Test func rodsReadTheMeanOverTheSpectrum() throws {
    let scanner = try Scanner.load("rows64")
    func hu(_ value: Double, diameter: Double = 25) throws -> Double {
      try EffectiveEnergy.hu(
        ofRod: 1,
        in: AnalyticPhantom([
          .init(.cylinder(center: [0, 0], radius: 100), hu: 0),
          .init(.cylinder(center: [-46, 46], radius: diameter / 2), hu: value, within: 0),
        ]), reach: 0.36 * diameter, scanner: scanner, kvp: 120)
    }
    // A ray passes the middle of a rod at a third of a millimetre at most, and tables are off by 2e-4 of a line.
    #expect(abs(try hu(0)) < 1)
    #expect(abs(try hu(-500) + 500) < 2)
    let energy = try EffectiveEnergy.of(scanner: scanner, kvp: 120, water: 177)
    #expect(try hu(910) > EffectiveEnergy.hu(of: 910, at: energy) + 10)
    #expect(try hu(910, diameter: 10) > hu(910) + 10)
  }
}
