/// One part of a tissue that is made of several: what it is, and where it lies.
///
/// The parts of a tissue are laid over each other in their order: the first fills all of it, and every other takes
/// the place of what lies below wherever its depth and its pattern say so. Values belong to the part's tissue, places
/// to the part, so that every modality sees the same part at the same place.
public struct TissuePart: Codable, Equatable, Sendable {
  /// The tissue in the table whose figures the part has; its own composition is not used.
  public var tissue: String
  /// Probability that a patient has the part at all; always where it is missing.
  public var probability: Double?
  /// The depths below the structure's surface at which it lies; any where it is missing.
  public var depth: DepthRange?
  /// Lobules, clumps, bubbles. Without any pattern the part is everywhere at its depths.
  public var lobules: Lobules?
  /// Branching tubes.
  public var vessels: Vessels?
  /// Curved layers.
  public var sheets: Sheets?

  /// Depths below the surface of a structure, mm, each drawn for a case.
  public struct DepthRange: Codable, Equatable, Sendable {
    /// Where the part begins; at the surface where it is missing.
    public var from: ClosedRange<Double>?
    /// Where it ends; nowhere where it is missing.
    public var to: ClosedRange<Double>?
  }

  /// The part of a smooth random field below a threshold.
  public struct Lobules: Codable, Equatable, Sendable {
    /// How much of the place they take, between patients.
    public var share: ClosedRange<Double>
    /// Mean length of a chord through one where they take half of the place, mm.
    public var grain: ClosedRange<Double>
    /// How much longer they are along z than in the plane; as long where it is missing.
    public var stretch: Double?
    /// Width of their edge, mm; a painting voxel where it is missing or less.
    public var edge: Double?
  }

  /// Tubes around the lines on which two smooth random fields are zero.
  public struct Vessels: Codable, Equatable, Sendable {
    /// Radius of the tube with the mean cross-section, mm.
    public var radius: ClosedRange<Double>
    /// The length of vessels in a cube of this edge is the edge, mm: about the distance of neighbours.
    public var spacing: ClosedRange<Double>
    /// How much longer their bends are along z than in the plane; as long where it is missing.
    public var stretch: Double?
  }

  /// Layers around the surfaces on which a smooth random field is zero.
  public struct Sheets: Codable, Equatable, Sendable {
    /// Mean thickness, mm.
    public var thickness: ClosedRange<Double>
    /// Mean distance of neighbours along a line, mm.
    public var spacing: ClosedRange<Double>
    /// How much longer their bends are along z than in the plane; as long where it is missing.
    public var stretch: Double?
  }

  /// What is wrong with the figures of the part, or `nil`.
  var problem: String? {
    func within(_ range: ClosedRange<Double>?, _ limits: ClosedRange<Double>) -> Bool {
      range.map { limits.contains($0.lowerBound) && limits.contains($0.upperBound) } ?? true
    }
    if let probability, !(0...1).contains(probability) { return "its probability lies in 0...1" }
    if [lobules == nil, vessels == nil, sheets == nil].count(where: { !$0 }) > 1 {
      return "it has one of lobules, vessels and sheets"
    }
    if !within(depth?.from, 0...30) || !within(depth?.to, 0...30) {
      return "depths lie in 0...30 mm"
    }
    if let lobules {
      if !within(lobules.share, 0...1) { return "the share of lobules lies in 0...1" }
      if !within(lobules.grain, 0.5...100) { return "the grain of lobules lies in 0.5...100 mm" }
    }
    if let vessels {
      if !within(vessels.spacing, 2...200) { return "the spacing of vessels lies in 2...200 mm" }
      if !within(vessels.radius, 0.1...20)
        || vessels.radius.upperBound > vessels.spacing.lowerBound / 2
      {
        return "the radius of vessels lies in 0.1...20 mm and within half their spacing"
      }
    }
    if let sheets {
      if !within(sheets.spacing, 2...200) { return "the spacing of sheets lies in 2...200 mm" }
      if !within(sheets.thickness, 0.1...20)
        || sheets.thickness.upperBound > sheets.spacing.lowerBound / 2
      {
        return "the thickness of sheets lies in 0.1...20 mm and within half their spacing"
      }
    }
    for stretch in [lobules?.stretch, vessels?.stretch, sheets?.stretch].compactMap({ $0 })
    where !(0.1...20).contains(stretch) {
      return "stretch lies in 0.1...20"
    }
    if let edge = lobules?.edge, !(0...20).contains(edge) { return "edges lie in 0...20 mm" }
    return nil
  }
}

/// What a hollow organ holds: a lumen inside a wall, in segments with contents of their own.
public struct HollowOrgan: Codable, Equatable, Sendable {
  /// Thickness of the wall, mm. The wall is the organ's own composition; all of a segment that has collapsed is wall.
  public var wall: ClosedRange<Double>
  /// How many segments the lumen has, loops of bowel or haustra for example.
  public var segments: ClosedRange<Int>
  /// Probability that a segment has collapsed.
  public var collapsed: Double
  /// Gas above what else a segment holds.
  public var gas: Layer?
  /// What lies at the bottom: stones, medium that was excreted.
  public var sediment: Sediment?
  /// What fills the rest: tissues with their weights.
  public var holds: [String: Double]
  /// Probability that a segment holds oral contrast medium instead, in a patient who drank it; none where it is missing.
  public var oral: Double?

  /// A layer of a segment.
  public struct Layer: Codable, Equatable, Sendable {
    /// Probability that a segment has it.
    public var probability: Double
    /// The part of the segment's volume that it takes.
    public var share: ClosedRange<Double>
  }

  /// A layer at the bottom.
  public struct Sediment: Codable, Equatable, Sendable {
    /// What it is.
    public var tissue: String
    /// Probability that a segment has it.
    public var probability: Double
    /// The part of the segment's volume that it takes.
    public var share: ClosedRange<Double>
  }

  /// The tissue of the gas.
  public static let gasTissue = "gas"
  /// The tissue of oral contrast medium.
  public static let oralContrastTissue = "oral_contrast"

  /// Every tissue that it may hold, sorted.
  public var tissues: [String] {
    var names = Set(holds.keys)
    if gas != nil { names.insert(Self.gasTissue) }
    if oral != nil { names.insert(Self.oralContrastTissue) }
    if let sediment { names.insert(sediment.tissue) }
    return names.sorted()
  }

  /// What is wrong with the figures, or `nil`.
  var problem: String? {
    func isPart(_ value: Double) -> Bool { (0...1).contains(value) }
    func isPart(_ range: ClosedRange<Double>) -> Bool {
      isPart(range.lowerBound) && isPart(range.upperBound)
    }
    if wall.lowerBound < 0 || wall.upperBound > 20 { return "the wall is 0...20 mm thick" }
    if segments.lowerBound < 1 || segments.upperBound > 64 { return "there are 1...64 segments" }
    if !isPart(collapsed) || !isPart(oral ?? 0) { return "probabilities lie in 0...1" }
    for layer in [gas, sediment.map { Layer(probability: $0.probability, share: $0.share) }] {
      if let layer, !isPart(layer.probability) || !isPart(layer.share) {
        return "probabilities and shares of layers lie in 0...1"
      }
    }
    if !holds.values.allSatisfy({ $0 >= 0 }) || !holds.values.contains(where: { $0 > 0 }) {
      return "what it holds has weights, one of them above zero and none below"
    }
    return nil
  }
}
