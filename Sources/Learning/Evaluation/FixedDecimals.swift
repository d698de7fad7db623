/// A number with a fixed number of decimals, rounded half away from zero; `-`, `inf` where it has none.
///
/// `fixed(2.345, digits: 2)` is `2.35` and `fixed(-0.001, digits: 2)` is `0.00`.
public func fixed(_ value: Double, digits: Int) -> String {
  if value.isNaN { return "-" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (abs(value) * scale).rounded(.toNearestOrAwayFromZero)
  guard scaled < 1e15 else { return String(value) }
  var text = String(Int(scaled))
  if digits > 0 {
    text = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    text.insert(".", at: text.index(text.endIndex, offsetBy: -digits))
  }
  return value < 0 && scaled > 0 ? "-" + text : text
}
