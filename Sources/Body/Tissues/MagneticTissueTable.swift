import Configuration
public import Support

/// What the tissues of `tissues.yaml` are in MR: `tissues-mr.yaml`.
public struct MagneticTissueTable: Sendable {
  private let tissues: [String: Entry]

  /// The file that ships with the tool, as text.
  public static var standardText: String {
    String(decoding: PackageResources.tissues_mr_yaml, as: UTF8.self)
  }

  /// The table that ships with the tool.
  public static let standard: MagneticTissueTable = {
    do {
      return try MagneticTissueTable(text: standardText, name: "tissues-mr.yaml")
    } catch {
      preconditionFailure("the shipped table is valid: \(error)")
    }
  }()

  init(text: String, name: String) throws(MaskCTError) {
    struct File: Decodable { var tissues: [String: Entry] }
    tissues = try YAML.decode(File.self, text: text, name: name).tissues
    for (tissue, entry) in tissues.sorted(by: { $0.key < $1.key }) where !entry.isInRange {
      throw MaskCTError(
        .input, path: name, "tissue '\(tissue)' has figures out of range",
        remedy: "densities and fractions lie in 0...1, times are above 0, spreads are not negative")
    }
  }

  /// The prior of a tissue.
  ///
  /// - Throws: `MaskCTError` where the table has no such tissue.
  public func prior(tissue: String) throws(MaskCTError) -> MagneticPrior {
    guard let entry = tissues[tissue] else {
      throw MaskCTError(
        .input, "tissue '\(tissue)' has no figures for MR",
        remedy: "generate CT, or give its structure a tissue of tissues-mr.yaml")
    }
    return entry.prior
  }

  /// The names of all tissues, sorted.
  public var names: [String] { tissues.keys.sorted() }

  private struct Entry: Decodable {
    var proton_density: Double
    var fat: Double
    var t1: [Double]
    var t2: [Double]
    var t2_star: [Double]
    var susceptibility: Double
    var spread: Spread?
    var texture: Texture?
    var cortex: Double?
    var velocity: Double?
    var note: String?

    struct Spread: Decodable {
      var t1: Double
      var t2: Double
      var fat: Double
    }
    struct Texture: Decodable {
      var t1: Double?
      var t2: Double?
      var proton_density: Double?
      var fat: Double?
    }

    var isInRange: Bool {
      (0...1).contains(proton_density) && (0...1).contains(fat) && (0...0.9).contains(cortex ?? 0)
        && [t1, t2, t2_star].allSatisfy { $0.count == 2 && $0.allSatisfy { $0 > 0 } }
        && (spread.map { min($0.t1, $0.t2, $0.fat) >= 0 } ?? true)
    }

    var prior: MagneticPrior {
      func time(_ pair: [Double]) -> MagneticTissue.Time { .init(low: pair[0], high: pair[1]) }
      return MagneticPrior(
        mean: MagneticTissue(
          protonDensity: proton_density, fatFraction: fat, t1: time(t1), t2: time(t2),
          t2Star: time(t2_star), susceptibility: susceptibility, velocity: velocity ?? 0),
        spread: .init(t1: spread?.t1 ?? 0, t2: spread?.t2 ?? 0, fat: spread?.fat ?? 0),
        texture: MagneticTexture(
          t1: texture?.t1 ?? 0, t2: texture?.t2 ?? 0,
          protonDensity: texture?.proton_density ?? 0, fatFraction: texture?.fat ?? 0,
          cortex: cortex ?? 0))
    }
  }
}

/// What a tissue is in MR in the average patient, and how patients differ.
public struct MagneticPrior: Equatable, Sendable {
  /// The average patient's.
  public var mean: MagneticTissue
  /// Standard deviations between patients.
  public var spread: Spread
  /// What changes from voxel to voxel.
  public var texture: MagneticTexture

  /// Standard deviations between patients: of T1 and T2 as a part of the figure, of the fat fraction itself.
  public struct Spread: Equatable, Sendable {
    /// Of T1, a part of it.
    public var t1: Double
    /// Of T2 and T2*, a part of it.
    public var t2: Double
    /// Of the fat fraction.
    public var fat: Double
  }

  /// The tissue of a patient who lies so many standard deviations from the average.
  ///
  /// - Parameter flow: of the logarithm of the velocity, which differs between patients by half of it.
  public func tissue(t1: Double, t2: Double, fat: Double, flow: Double = 0) -> MagneticTissue {
    var tissue = mean
    tissue.t1 = mean.t1.scaled(by: exponential(spread.t1 * t1))
    tissue.t2 = mean.t2.scaled(by: exponential(spread.t2 * t2))
    tissue.t2Star = mean.t2Star.scaled(by: exponential(spread.t2 * t2))
    tissue.fatFraction = min(1, max(0, mean.fatFraction + spread.fat * fat))
    tissue.velocity = mean.velocity * exponential(0.5 * flow)
    return tissue
  }
}

/// How the voxels of a structure differ in MR, by the rank of their texture in CT.
///
/// The same fine structure shows in both: where a gland is dense in CT it holds little fat.
public struct MagneticTexture: Codable, Equatable, Sendable {
  /// Change of ln T1 per standard deviation of the texture.
  public var t1: Double
  /// Change of ln T2 and ln T2* per standard deviation.
  public var t2: Double
  /// Change of the proton density per standard deviation, as a part of it.
  public var protonDensity: Double
  /// Change of the fat fraction per standard deviation.
  public var fatFraction: Double
  /// The part of the voxels, densest in CT first, that is compact bone without signal.
  public var cortex: Double

  /// Puts the figures together.
  public init(
    t1: Double, t2: Double, protonDensity: Double, fatFraction: Double, cortex: Double
  ) {
    self.t1 = t1
    self.t2 = t2
    self.protonDensity = protonDensity
    self.fatFraction = fatFraction
    self.cortex = cortex
  }

  /// The tissue of a voxel whose texture lies so many standard deviations above its mean.
  public func tissue(of mean: MagneticTissue, deviation u: Double, scale: Double) -> MagneticTissue
  {
    var tissue = mean
    let u = u * scale
    tissue.t1 = mean.t1.scaled(by: exponential(t1 * u))
    tissue.t2 = mean.t2.scaled(by: exponential(t2 * u))
    tissue.t2Star = mean.t2Star.scaled(by: exponential(t2 * u))
    tissue.protonDensity = min(1, max(0, mean.protonDensity * (1 + protonDensity * u)))
    tissue.fatFraction = min(1, max(0, mean.fatFraction + fatFraction * u))
    return tissue
  }
}
