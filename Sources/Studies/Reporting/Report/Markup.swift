/// A piece of HTML.
///
/// Text that is put into it is escaped, so that no name from a file becomes markup; only literals and
/// other pieces go in as they are:
///
///     let cell: Markup = "<td>\(arm.title)</td>"
struct Markup: Equatable, Sendable {
  /// The HTML.
  private(set) var source: String

  /// Takes HTML as it is; for style, script and encoded pictures alone.
  init(trusted source: String) { self.source = source }

  /// Pieces one after the other.
  init(_ pieces: some Sequence<Markup>, separator: String = "\n") {
    source = pieces.map(\.source).joined(separator: separator)
  }

  static func += (markup: inout Markup, other: Markup) { markup.source += other.source }

  /// Text for element content and for attribute values between double quotes.
  ///
  /// Control characters other than tab and line feed are not allowed in HTML and become U+FFFD.
  static func escape(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Markup: ExpressibleByStringInterpolation {
  init(stringLiteral value: String) { source = value }

  init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

  /// Literals as they are, text escaped.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { source += literal }
    mutating func appendInterpolation(_ markup: Markup) { source += markup.source }
    mutating func appendInterpolation(_ markup: Markup?) { source += markup?.source ?? "" }
    mutating func appendInterpolation(_ pieces: [Markup]) { source += Markup(pieces).source }
    mutating func appendInterpolation(_ text: String) { source += Markup.escape(text) }
    mutating func appendInterpolation(_ number: Int) { source += String(number) }
  }
}
