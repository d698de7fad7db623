import Support

/// The section of a recipe that says which part of a patient an image shows, apart from the box of the label map.
///
/// Each part but `probability` may be missing: that side of the field of view is the label map's then.
public struct FieldOfViewSettings: Codable, Equatable, Sendable {
  /// A figure that is drawn in some cases; in the others the label map decides.
  public struct Sometimes: Codable, Equatable, Sendable {
    /// How often it is drawn.
    public var probability: Double
    /// From what; drawn evenly in its logarithm.
    public var range: ClosedRange<Double>
  }

  /// How often an image has a field of view of its own; in the other cases it shows the box of the label map.
  public var probability: Double
  /// How often each end of a scan lies beyond the label map, and how far, mm.
  public var beyond: Sometimes?
  /// How often each end lies inside the label map, and which part of its length is cut off there.
  public var within: Sometimes?
  /// How often a larger diameter is reconstructed than the label map shows, and which, mm.
  public var wider: Sometimes?
  /// How often a smaller one is, and which, mm.
  public var narrower: Sometimes?
  /// How far the middle of the label map lies off the axis of rotation along x and y: standard deviations, mm.
  public var offCentre: [Double]?
  /// How often there is a patient table; as often as the body completion draws one where it is missing.
  public var table: Double?
  /// How often the arms lie beside a trunk; never where it is missing.
  public var armsDown: Double?

  private enum CodingKeys: String, CodingKey {
    case probability, beyond, within, wider, narrower, table
    case offCentre = "off_centre"
    case armsDown = "arms_down"
  }

  /// Checks that all figures make sense.
  func validate(name: String?) throws(MaskCTError) {
    func check(_ holds: Bool, _ key: String, _ remedy: String) throws(MaskCTError) {
      if !holds {
        throw MaskCTError(
          .input, path: name, "'field_of_view.\(key)' is out of range", remedy: remedy)
      }
    }
    func check(
      _ part: Sometimes?, _ key: String, within limits: ClosedRange<Double>, _ unit: String
    )
      throws(MaskCTError)
    {
      guard let part else { return }
      try check(
        (0...1).contains(part.probability) && limits.contains(part.range.lowerBound)
          && limits.contains(part.range.upperBound), key,
        "probability lies in 0...1, range in \(limits.lowerBound)...\(limits.upperBound) \(unit)")
    }
    try check((0...1).contains(probability), "probability", "it lies in 0...1")
    try check(beyond, "beyond", within: 1...600, "mm")
    // Two ends that each cut a half would leave nothing.
    try check(within, "within", within: 0.01...0.45, "of the label map's length")
    try check(wider, "wider", within: 100...800, "mm")
    try check(narrower, "narrower", within: 100...500, "mm")
    let most = (beyond?.probability ?? 0) + (within?.probability ?? 0)
    try check(
      most <= 1, "within", "an end lies beyond or within, so both probabilities add up to 1 at most"
    )
    let planes = (wider?.probability ?? 0) + (narrower?.probability ?? 0)
    try check(
      planes <= 1, "narrower",
      "a diameter is larger or smaller, so both probabilities add up to 1 at most")
    if let offCentre {
      try check(
        offCentre.count == 2 && offCentre.allSatisfy((0...60).contains), "off_centre",
        "give two standard deviations in 0...60 mm, along x and y")
    }
    for (key, chance) in [("table", table), ("arms_down", armsDown)] {
      if let chance {
        try check((0...1).contains(chance), key, "it is a probability, from 0 to 1")
      }
    }
  }
}
