internal import Kernels
public import Support

/// Turns paths through water, bone and iodine into noisy, water-corrected line integrals.
///
/// Of every reading with `w` mm of water and `b` mm g/cm³ of bone (and iodine, not written here) behind a bow-tie of
/// `t` mm of water,
///
///     p = ln S(t, 0) - ln S(w + t, b)           what an ideal detector reads
///     n ~ Poisson(N_c N(w + t, b) / N(t, 0))    with electronic noise, as in `QuantumNoise`
///     p' = p + (ln N(w + t, b) - ln N(t, 0)) + ln N_c - ln n
///
/// and then the water that `p'` stands for without bone, times the attenuation of water: the usual
/// beam-hardening correction, exact for water behind any bow-tie. Bone hardens the beam more than the
/// water that it is taken for, which darkens what lies between bones, as in scanners without a
/// correction for bone; so does iodine.
public struct PolychromaticBeam: Sendable {
  /// What the detector makes of the spectrum.
  public let response: PolychromaticResponse
  /// The bow-tie in front of every channel.
  let bowtie: [mct_bowtie]
  private let noise: QuantumNoise?
  private let correctsHardening: Bool

  /// A beam.
  ///
  /// - Parameters:
  ///   - noise: of the beam behind its bow-tie; `nil` for none.
  ///   - correctsHardening: whether readings become the water that they stand for; without, they stay `p'`.
  public init(
    response: PolychromaticResponse, scanner: Scanner, noise: QuantumNoise?,
    correctsHardening: Bool = true
  ) {
    self.response = response
    self.noise = noise
    self.correctsHardening = correctsHardening
    bowtie = scanner.bowtieWater.map { water in
      mct_bowtie(
        water: Float(water), signal: response.line(water: Float(water), bone: 0),
        quanta: response.lostQuanta(water: Float(water), bone: 0))
    }
  }

  /// Replaces the paths of a view by what they do to signal and quanta.
  ///
  /// - Parameters:
  ///   - detector: the scanner, or one with a channel and a row for every thin ray.
  ///   - paths: water, mm; becomes `-ln` of the quanta, or of the signal of a scan without noise.
  ///   - bone: mm g/cm³; becomes `-ln` of the signal.
  ///   - iodine: mm g/cm³; `nil` where there is none.
  func attenuate(
    detector: Scanner, paths: UnsafeMutablePointer<Float>,
    bone: UnsafeMutablePointer<Float>, iodine: UnsafePointer<Float>? = nil
  ) {
    let rows = detector.rowStride
    let rays = detector.channels / bowtie.count
    response.withTables { tables in
      for ray in 0..<detector.channels {
        withUnsafePointer(to: bowtie[ray / rays]) { bowtie in
          kernels.attenuate(
            tables, bowtie, noise == nil ? 0 : 1, Int32(detector.rows), paths + ray * rows,
            bone + ray * rows, iodine.map { $0 + ray * rows })
        }
      }
    }
  }

  /// Adds the noise of a view, in place of the quanta's logarithm.
  ///
  /// - Parameters:
  ///   - lines: `-ln` of the quanta; becomes the noisy `-ln` of the signal.
  ///   - signal: `-ln` of the signal; overwritten.
  func addNoise(
    view: Int, scanner: Scanner, lines: UnsafeMutablePointer<Float>,
    signal: UnsafeMutablePointer<Float>
  ) {
    guard let noise else { return }
    let rows = scanner.rowStride
    for channel in 0..<scanner.channels {
      for index in channel * rows..<channel * rows + scanner.rows { signal[index] -= lines[index] }
    }
    noise.apply(view: view, scanner: scanner, lines: lines)
    for channel in 0..<scanner.channels {
      for index in channel * rows..<channel * rows + scanner.rows { lines[index] += signal[index] }
    }
  }

  /// Replaces every `-ln` of the signal by the attenuation of the water that it stands for.
  func correct(scanner: Scanner, lines: UnsafeMutablePointer<Float>) {
    guard correctsHardening else { return }
    response.withTables { tables in
      for channel in 0..<scanner.channels {
        withUnsafePointer(to: bowtie[channel]) { bowtie in
          kernels.correct(
            tables, bowtie, Int32(scanner.rows), lines + channel * scanner.rowStride)
        }
      }
    }
  }
}

extension Scanner {
  /// What the detector makes of a tube voltage.
  ///
  /// - Throws: `MaskCTError` for a voltage without spectrum.
  public func response(kvp: Double) throws(MaskCTError) -> PolychromaticResponse {
    PolychromaticResponse(spectrum: try spectrum(kvp: kvp))
  }

  /// Quanta of a beam of one energy, over those of 120 kVp, that leave the same noise behind 26 cm of water.
  ///
  /// A beam of one energy loses no soft photons in the first centimetres, so as many quanta would make images too quiet (13 %
  /// at 70 keV). Behind 15 to 40 cm of water the factor of 70 keV, 0.77, is the same within 4 %.
  func output(ofOneEnergy waterAttenuation: Double) -> Double {
    guard let usual = try? spectrum(kvp: 120) else {
      preconditionFailure("there is a spectrum for 120 kVp")
    }
    let depth = 260.0
    return PolychromaticResponse.quantaPerMas(of: usual, behind: depth)
      / PolychromaticResponse.quantaPerMas(of: usual) * exponential(waterAttenuation * depth)
  }

  /// What leaves the tube and its flat filter at a voltage.
  func spectrum(kvp: Double) throws(MaskCTError) -> Spectrum {
    try Spectrum(kvp: kvp, aluminium: filtration ?? 7)
  }
}

extension QuantumNoise {
  /// The noise of a polychromatic beam. The scanner's quanta per mAs are those of 120 kVp; other voltages
  /// have as many more or fewer as the tube gives and the detector counts.
  ///
  /// - Throws: never for a scanner that has a response.
  public init(
    scanner: Scanner, mas: Double, response: PolychromaticResponse, stream: RandomStream
  ) throws(MaskCTError) {
    let usual = PolychromaticResponse.quantaPerMas(of: try scanner.spectrum(kvp: 120))
    self.init(
      scanner: scanner, mas: mas, output: response.quantaPerMas / usual,
      bowtie: scanner.bowtieWater.map {
        exponential(-Double(response.lostQuanta(water: Float($0), bone: 0)))
      }, stream: stream)
  }
}
