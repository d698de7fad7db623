internal import Kernels
public import Support

/// Turns paths through water, bone and iodine into noisy, water-corrected line integrals.
///
/// Of every reading with `w` mm of water and `b` mm g/cm³ of bone (and iodine, not written here) behind a bow-tie of
/// `t` mm of water,
///
///     p = ln S(t, 0) - ln S(w + t, b)           what an ideal detector reads
///     n ~ Poisson(N_c N(w + t, b) / N(t, 0))    with electronic noise, as in `PhotonNoise`
///     p' = p + (ln N(w + t, b) - ln N(t, 0)) + ln N_c - ln n
///
/// and then the water that `p'` stands for without bone, times the attenuation of water (`HardeningCorrection`).
public struct PolychromaticBeam: Sendable {
  /// What the detector makes of the spectrum.
  public let response: PolychromaticResponse
  /// The bow-tie in front of every channel.
  let bowtie: [mct_bowtie]
  /// Of the beam behind its bow-tie; `nil` for none.
  let noise: PhotonNoise?
  private let correctsHardening: Bool

  /// What makes line integrals in water of the readings; `nil` where they stay as they are.
  var hardeningCorrection: HardeningCorrection? {
    correctsHardening ? HardeningCorrection(response: response, bowtie: bowtie) : nil
  }

  /// A beam.
  ///
  /// - Parameters:
  ///   - noise: of the beam behind its bow-tie; `nil` for none.
  ///   - correctsHardening: whether readings become the water that they stand for; without, they stay `p'`.
  public init(
    response: PolychromaticResponse, scanner: Scanner, noise: PhotonNoise?,
    correctsHardening: Bool = true
  ) {
    self.response = response
    self.noise = noise
    self.correctsHardening = correctsHardening
    bowtie = scanner.bowtieWater.map { water in
      mct_bowtie(
        water: Float(water), signal: response.line(water: Float(water), bone: 0),
        photons: response.photonLoss(water: Float(water), bone: 0))
    }
  }

  /// What the beam makes of the paths of a view, along thin rays or elements; in the memory of the paths.
  ///
  /// - Parameters:
  ///   - water: mm; its memory is that of the photons afterwards.
  ///   - bone: mm g/cm³; its memory is that of the signal afterwards.
  ///   - iodine: mm g/cm³; `nil` where there is none.
  func attenuate(view: Int, water: Readings, bone: Readings, iodine: Readings?) -> DetectorView {
    let raysPerChannel = water.channels / bowtie.count
    response.withTables { tables in
      for ray in 0..<water.channels {
        let paths = water[view: 0, channel: ray]
        withUnsafePointer(to: bowtie[ray / raysPerChannel]) {
          kernels.attenuate(
            tables, $0, noise == nil ? 0 : 1, Int32(paths.count), paths.start,
            bone[view: 0, channel: ray].start, iodine?[view: 0, channel: ray].start)
        }
      }
    }
    return DetectorView(number: view, signal: bone, photons: noise == nil ? nil : water)
  }
}

extension Scanner {
  /// What the detector makes of a tube voltage.
  ///
  /// - Throws: `MaskCTError` for a voltage without spectrum.
  public func response(kvp: Double) throws(MaskCTError) -> PolychromaticResponse {
    PolychromaticResponse(spectrum: try spectrum(kvp: kvp))
  }

  /// Photons of a beam of one energy, over those of 120 kVp, that leave the same noise behind 26 cm of water.
  ///
  /// A beam of one energy loses no soft photons in the first centimetres, so as many photons would make images too quiet (13 %
  /// at 70 keV). Behind 15 to 40 cm of water the factor of 70 keV, 0.77, is the same within 4 %.
  func output(ofOneEnergy waterAttenuation: Double) -> Double {
    guard let usual = try? spectrum(kvp: 120) else {
      preconditionFailure("there is a spectrum for 120 kVp")
    }
    let depth = 260.0
    return PolychromaticResponse.photonsPerMas(of: usual, behind: depth)
      / PolychromaticResponse.photonsPerMas(of: usual) * exponential(waterAttenuation * depth)
  }

  /// What leaves the tube and its flat filter at a voltage.
  func spectrum(kvp: Double) throws(MaskCTError) -> Spectrum {
    try Spectrum(kvp: kvp, aluminium: filtration ?? 7)
  }
}

extension PhotonNoise {
  /// The noise of a polychromatic beam. The scanner's photons per mAs are those of 120 kVp; other voltages
  /// have as many more or fewer as the tube gives and the detector counts.
  ///
  /// - Throws: never for a scanner that has a response.
  public init(
    scanner: Scanner, mas: Double, response: PolychromaticResponse, stream: RandomStream
  ) throws(MaskCTError) {
    let usual = PolychromaticResponse.photonsPerMas(of: try scanner.spectrum(kvp: 120))
    self.init(
      scanner: scanner, mas: mas, output: response.photonsPerMas / usual,
      bowtie: scanner.bowtieWater.map {
        exponential(-Double(response.photonLoss(water: Float($0), bone: 0)))
      }, stream: stream)
  }
}
