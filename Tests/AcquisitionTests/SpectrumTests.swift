import Support
import Testing
@testable import Acquisition

@Suite struct SpectrumTests {
  /// SpekPy 2.5.4 itself, for a tungsten anode of 7 degrees: half value layer (mm Al), mean energy (keV),
  /// photons per mm2 and mAs at 1 m. Air kerma is told from fewer points than SpekPy's, hence 1 %.
  @Test(arguments: [
    (80.0, 6.0, 4.570, 48.35, 793_784.0), (100, 6, 5.687, 55.00, 1_422_420),
    (120, 6, 6.705, 60.61, 2_137_210), (140, 6, 7.638, 65.71, 2_889_756),
    (120, 10, 8.009, 64.04, 1_465_418),
  ])
  func agreesWithItsModel(
    kvp: Double, aluminium: Double, layer: Double, mean: Double, fluence: Double
  ) throws {
    let spectrum = try Spectrum(kvp: kvp, aluminium: aluminium)
    #expect(abs(spectrum.halfValueLayer / layer - 1) < 0.01, "\(spectrum.halfValueLayer)")
    #expect(abs(spectrum.meanEnergy / mean - 1) < 0.002, "\(spectrum.meanEnergy)")
    #expect(abs(spectrum.fluence / fluence - 1) < 0.005, "\(spectrum.fluence)")
  }

  @Test func voltagesBetweenTheTablesLieBetween() throws {
    let values = try stride(from: 110.0, through: 120, by: 2).map {
      try Spectrum(kvp: $0, aluminium: 7)
    }
    for (a, b) in zip(values, values.dropFirst()) {
      #expect(a.fluence < b.fluence && a.meanEnergy < b.meanEnergy)
    }
    // No photon above the tube voltage.
    for (energy, photons) in zip(values[2].energies, values[2].photons) where energy > 115 {
      #expect(photons == 0)
    }
    #expect(throws: MaskCTError.self) { try Spectrum(kvp: 60, aluminium: 7) }
  }

  /// Hubbell and Seltzer's figures for liquid water, cm2/g.
  @Test(arguments: [(40.0, 0.2683), (60, 0.2059), (80, 0.1837), (100, 0.1707)])
  func waterIsThatOfTheTables(energy: Double, coefficient: Double) {
    #expect(abs(Material.water.attenuation(at: energy) * 10 / coefficient - 1) < 0.003)
  }
}

@Suite struct PolychromaticResponseTests {
  private let spectrum: Spectrum
  private let response: PolychromaticResponse

  init() throws {
    spectrum = try Spectrum(kvp: 120, aluminium: 7)
    response = PolychromaticResponse(spectrum: spectrum)
  }

  /// The sums over energies themselves: signal and variance.
  private func exact(
    _ water: Double, _ bone: Double, _ iodine: Double = 0
  ) -> (signal: Double, variance: Double) {
    let layer = Material.scintillator.density * 0.14
    var (signal, variance) = (0.0, 0.0)
    for bin in spectrum.energies.indices {
      let depth =
        Material.water.massAttenuation[bin] * 0.1 * water
        + Material.bone.massAttenuation[bin] * 0.1 * bone
        + Material.iodine.massAttenuation[bin] * 0.1 * iodine
      let counted =
        spectrum.photons[bin]
        * (1 - exponential(-Material.scintillator.massAttenuation[bin] * layer))
        * exponential(-depth)
      signal += counted * spectrum.energies[bin]
      variance += counted * spectrum.energies[bin] * spectrum.energies[bin]
    }
    return (signal, variance)
  }

  @Test func tablesAreTheSums() {
    var stream = RandomStream(seed: 3)
    let air = exact(0, 0)
    for _ in 0..<500 {
      let (w, b) = (stream.uniform(0...600), stream.uniform(0...1) * stream.uniform(0...250))
      let behind = exact(w, b)
      let line = -logarithm(behind.signal / air.signal)
      #expect(abs(Double(response.line(water: Float(w), bone: Float(b))) - line) < 2e-4)
      let lost = -logarithm(
        behind.signal * behind.signal / behind.variance
          / (air.signal * air.signal / air.variance))
      #expect(abs(Double(response.photonLoss(water: Float(w), bone: Float(b))) - lost) < 2e-4)
    }
  }

  /// What iodine adds is that of the sums within half a percent, behind as much or as little as a bow-tie's edge.
  @Test func iodineIsTheSums() {
    var stream = RandomStream(seed: 4)
    for _ in 0..<500 {
      let (w, b) = (stream.uniform(10...500), stream.uniform(0...1) * stream.uniform(0...120))
      let i = stream.uniform(0...1) * stream.uniform(0...3.5)
      let (without, with) = (exact(w, b), exact(w, b, i))
      let place = (water: Float(w), bone: Float(b))
      let line = -logarithm(with.signal / without.signal)
      let read =
        response.line(water: place.water, bone: place.bone, iodine: Float(i))
        - response.line(water: place.water, bone: place.bone)
      #expect(abs(Double(read) - line) < 0.005 * line + 2e-5, "\(w) \(b) \(i)")
      let lost =
        2 * line + logarithm(with.variance / without.variance)
      let photons =
        response.photonLoss(water: place.water, bone: place.bone, iodine: Float(i))
        - response.photonLoss(water: place.water, bone: place.bone)
      #expect(abs(Double(photons) - lost) < 0.005 * lost + 2e-5, "\(w) \(b) \(i)")
    }
  }

  /// Rays harden: attenuation a mm falls with depth, and the correction brings water back.
  @Test func waterHardensAndIsCorrected() {
    var before = Double.infinity
    for water in stride(from: 20.0, through: 600, by: 20) {
      let line = Double(response.line(water: Float(water), bone: 0))
      #expect(line / water < before)
      before = line / water
      #expect(abs(Double(response.water(ofLine: Float(line))) - water) < 0.01)
    }
    #expect(response.waterAttenuation > Material.water.attenuation(at: 70))
  }

  /// Water and bone of a voxel give its HU back at the reference energy.
  @Test func basisMaterialsAddUpToTheirHU() {
    let basis = BasisMaterials()
    let water = Material.water.massAttenuation(at: BasisMaterials.referenceEnergy)
    let bone = Material.bone.massAttenuation(at: BasisMaterials.referenceEnergy)
    for hu in stride(from: Float(-1000), through: 3000, by: 50) {
      let mu = Double(basis.water(hu)) * water + Double(basis.bone(hu)) * bone
      #expect(abs(1000 * (mu / water - 1) - Double(hu)) < 0.05, "\(hu)")
    }
    #expect(basis.water(-1000) == 0 && basis.bone(90) == 0)
    // 10 mg/mL at 70 keV: mu / rho of iodine is 5.02 cm2/g there, of water 0.1929 (Hubbell and Seltzer, interpolated).
    let iodine = Double(basis.iodine(Float(10 * BasisMaterials.iodineHU)))
    #expect(abs(iodine - 0.01) < 1e-8)
    #expect(abs(BasisMaterials.iodineHU / (5.02 / 0.1929) - 1) < 0.01)
  }
}
