public import Support

/// The range of HU that a picture spreads from black to white.
public struct DisplayWindow: Equatable, Sendable {
  /// The HU shown as middle gray.
  public var level: Double
  /// The width of the range, HU.
  public var width: Double

  /// Creates a window around a level.
  public init(level: Double, width: Double) {
    self.level = level
    self.width = width
  }

  /// Level 40, width 400: organs of the abdomen.
  public static let softTissue = DisplayWindow(level: 40, width: 400)
  /// Level -600, width 1500.
  public static let lung = DisplayWindow(level: -600, width: 1500)
  /// Level 400, width 1800.
  public static let bone = DisplayWindow(level: 400, width: 1800)

  /// The windows that have a name.
  public static let named: [(name: String, window: DisplayWindow)] = [
    ("soft", .softTissue), ("lung", .lung), ("bone", .bone),
  ]

  /// Reads `soft`, `lung`, `bone` or `LEVEL,WIDTH`.
  ///
  /// - Throws: `MaskCTError` (usage) that repeats the text and shows the forms.
  public init(parsing text: String) throws(MaskCTError) {
    if let known = Self.named.first(where: { $0.name == text }) {
      self = known.window
      return
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard parts.count == 2, let level = parts[0], let width = parts[1], level.isFinite,
      width.isFinite, width > 0
    else {
      throw MaskCTError(
        .usage, "'\(text)' is not a window",
        remedy: "write \(Self.named.map(\.name).joined(separator: ", ")) or LEVEL,WIDTH in HU")
    }
    self.init(level: level, width: width)
  }

  /// The gray value of a HU: 0 at `level - width / 2` and below, 255 at `level + width / 2` and above.
  func gray(_ hu: Float) -> UInt8 {
    let part = (hu - Float(level - width / 2)) / Float(width)
    return part.isNaN ? 0 : UInt8((min(1, max(0, part)) * 255).rounded())
  }
}
