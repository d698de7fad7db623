import Evaluation

/// How the report writes numbers; `–` stands for a number that does not exist, and spaces inside a
/// number do not break.
enum ReportNumbers {
  /// A number with a true minus sign.
  static func text(_ value: Double, digits: Int) -> String {
    guard !value.isNaN else { return "–" }
    let text = fixed(value, digits: digits)
    return text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  /// A number with its sign, for differences.
  static func signed(_ value: Double, digits: Int) -> String {
    let text = text(value, digits: digits)
    return value > 0 && text.contains(where: { ("1"..."9").contains($0) }) ? "+" + text : text
  }

  /// `[0.91, 0.95]`, not to be broken.
  static func interval(_ interval: ClosedRange<Double>?, digits: Int, isSigned: Bool = false)
    -> String?
  {
    guard let interval else { return nil }
    let ends = [interval.lowerBound, interval.upperBound].map {
      isSigned ? signed($0, digits: digits) : text($0, digits: digits)
    }
    return "[\(ends[0]),\u{A0}\(ends[1])]"
  }

  /// A p value; never rounded down to 0.
  static func p(_ value: Double?) -> String {
    guard let value, !value.isNaN else { return "–" }
    return value < 0.001 ? "<\u{A0}0.001" : text(value, digits: 3)
  }

  /// A number for an attribute: a decimal point, at most `digits` decimals, no zeros at the end.
  static func attribute(_ value: Double, digits: Int = 2) -> String {
    var text = fixed(value, digits: digits)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return text
  }

  /// `1 case`, `12 cases`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
