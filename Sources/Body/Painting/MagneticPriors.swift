import Support
internal import Textures
public import Tissues

/// What tissues are in MR: values from the table, or any contrast at all.
public struct MagneticPriors: Sendable {
  /// Where values come from.
  public enum Contrast: String, Codable, CaseIterable, Sendable {
    /// From the tissue table.
    case tissue
    /// Each tissue any proton density, as SynthSeg draws grey values (Billot et al., Med Image Anal 86:102789, 2023).
    case random
  }

  private let table: MagneticTissueTable
  private let contrast: Contrast

  /// Creates priors.
  public init(table: MagneticTissueTable = .standard, contrast: Contrast = .tissue) {
    self.table = table
    self.contrast = contrast
  }

  /// Draws what a structure is.
  ///
  /// - Parameters:
  ///   - enhancement: what contrast medium makes of it in CT, HU.
  ///   - common: what all structures of the tissue share in this patient.
  ///   - own: what the structure has for itself.
  func draw(
    tissue: String, enhancement: Double, _ settings: PriorSettings, common: RandomStream,
    own: RandomStream
  ) throws(MaskCTError) -> MagneticDraw {
    let prior = try table.prior(tissue: tissue)
    let rest = (1 - settings.sharing * settings.sharing).squareRoot()
    /// As the means of CT: a part that the tissue has in this patient, and a part of the structure.
    func deviate(_ name: String) -> Double {
      var (common, own) = (common.split(name), own.split(name))
      return settings.spread
        * (settings.sharing * common.gaussian(mean: 0, deviation: 1, cut: 2.5)
          + rest * own.gaussian(mean: 0, deviation: 1, cut: 2.5))
    }
    var drawn = prior.tissue(
      t1: deviate("t1"), t2: deviate("t2"), fat: deviate("fat"), flow: deviate("flow"))
    drawn.agent = enhancement * MagneticTissue.agentPerHounsfieldUnit
    var texture = prior.texture
    if contrast == .random, drawn.protonDensity > 0 {
      var chance = common.split("contrast").split(tissue)
      drawn.protonDensity = chance.uniform(0.02...1)
      drawn.fatFraction = 0
      // SynthSeg: standard deviations up to 35 of 255 grey levels, of either sign here.
      let deviation = chance.uniform(-35...35) / 255
      texture = MagneticTexture(
        t1: 0, t2: 0, protonDensity: deviation / drawn.protonDensity, fatFraction: 0, cortex: 0)
    }
    return MagneticDraw(tissue: drawn, texture: texture, scale: settings.texture)
  }
}

extension MagneticDraw {
  /// Steps of the table of values by rank.
  private static let steps = 128
  /// Standard normal deviates at the ranks 0, 1/128, ... 1, cut as those of CT are.
  private static let deviates: [Float] = {
    let quantiles = TargetDistribution.gaussian(mean: 0, deviation: 1).quantiles
    return (0...steps).map { Float(quantiles.value(at: Double($0) / Double(steps))) }
  }()

  /// A property of the structure by the rank of its texture.
  ///
  /// - Parameter counts: the texture's luminance over the structure; `nil` where there is none: one value then, the
  ///   mean over all ranks, because the property adds up.
  func paint(
    _ value: (MagneticTissue) -> Float, _ counts: LuminanceHistogram?
  ) -> ChannelPaint {
    let (values, mean) = values(value)
    guard let counts, values.contains(where: { abs($0 - mean) > 1e-6 }) else {
      return .constant(mean)
    }
    return .ranked(HistogramMatch(from: counts, toValues: values))
  }

  /// A property of a part of a structure: its mean, and its slope along the ranks of the texture.
  func part(_ value: (MagneticTissue) -> Float, hasTexture: Bool) -> ChannelPaint.PartValue {
    guard hasTexture else { return .init(mean: mean(of: value), deviation: 0) }
    let (low, high) = (
      value(texture.tissue(of: tissue, deviation: -1, scale: scale)),
      value(texture.tissue(of: tissue, deviation: 1, scale: scale))
    )
    return .init(mean: mean(of: value), deviation: (high - low) / 2)
  }

  /// The mean of a property over the structure.
  func mean(of value: (MagneticTissue) -> Float) -> Float { values(value).mean }

  /// A property at the ranks of the table, and its mean over all.
  private func values(_ value: (MagneticTissue) -> Float) -> (values: [Float], mean: Float) {
    let shell = texture.cortex
    var compact = tissue
    (compact.protonDensity, compact.agent) = (0, 0)
    let cortical = value(compact)
    let values = Self.deviates.enumerated().map { index, deviate in
      let rank = Double(index) / Double(Self.steps)
      // From marrow to compact bone over a tenth of the voxels: surfaces of trabeculae lie everywhere.
      let part = shell > 0 ? Float(min(1, max(0, (rank - (1 - shell)) / 0.1 + 0.5))) : 0
      let marrow = value(texture.tissue(of: tissue, deviation: Double(deviate), scale: scale))
      return marrow + part * (cortical - marrow)
    }
    let mean = (values.reduce(0, +) - (values.first! + values.last!) / 2) / Float(Self.steps)
    return (values, mean)
  }
}

extension BodyChannel {
  /// Whether its values follow from magnetic properties.
  var isMagnetic: Bool {
    if case .magnetic = quantity { true } else { false }
  }
}
