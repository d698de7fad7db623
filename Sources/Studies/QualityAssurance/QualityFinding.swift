internal import Evaluation
internal import Reporting

/// One measured figure and its limits.
public struct QualityFinding: Codable, Equatable, Sendable {
  /// What was measured, under which conditions.
  public var name: String
  /// The figure; `nil` where it could not be told.
  public var value: Double?
  /// Its unit; empty for a ratio.
  public var unit: String
  /// The least that passes.
  public var lower: Double?
  /// The most that passes.
  public var upper: Double?
  /// Where the limit comes from, or what has to be known.
  public var note: String
  /// Decimals that the report shows.
  var digits = 1

  enum CodingKeys: String, CodingKey { case name, value, unit, lower, upper, note }

  /// A figure within a range; without one it is reported and not judged.
  public init(
    _ name: String, _ value: Double, unit: String = "HU", within range: ClosedRange<Double>? = nil,
    digits: Int = 1, note: String = ""
  ) {
    self.name = name
    self.value = value.isFinite ? value : nil
    self.unit = unit
    lower = range.map(\.lowerBound)
    upper = range.map(\.upperBound)
    self.note = note
    self.digits = digits
  }

  /// A figure that must not fall below a limit.
  init(
    _ name: String, _ value: Double, unit: String = "HU", atLeast limit: Double, digits: Int = 1,
    note: String = ""
  ) {
    self.init(name, value, unit: unit, digits: digits, note: note)
    lower = limit
  }

  /// Whether the figure is within its limits; `nil` without limits. A figure that could not be told is not.
  public var passes: Bool? {
    guard lower != nil || upper != nil else { return nil }
    guard let value else { return false }
    return value >= lower ?? -.infinity && value <= upper ?? .infinity
  }

  /// The figure as a row of the report.
  var row: MeasurementReport.Row {
    func text(_ value: Double) -> String {
      fixed(value, digits: digits).replacing("-", with: "−")
    }
    let space = unit.isEmpty ? "" : "\u{A0}\(unit)"
    var limit = ""
    if let lower, let upper {
      limit =
        abs(lower + upper) < 1e-9
        ? "±\u{A0}\(text(upper))\(space)" : "\(text(lower)) to \(text(upper))\(space)"
    } else if let lower {
      limit = "at least \(text(lower))\(space)"
    }
    return .init(
      name: name, value: value.map { text($0) + space } ?? "–", limit: limit,
      verdict: passes.map { $0 ? .passed : .failed } ?? .reported, note: note)
  }
}
