import Support
import Testing

@Suite struct JSONTests {
  @Test("what nnU-Net wrote survives unchanged, numbers and order included")
  func roundTrip() throws {
    let text = #"""
      {"b": [1.0, 2, -3.5e-07, NaN, Infinity], "a": {"x": null, "y": true, "z": "q\"\\\n"}, "c": []}
      """#
    let value = try JSON(parsing: text)
    #expect(value.line == text)
    #expect(try JSON(parsing: value.formatted) == value)
    #expect(value.keys == ["b", "a", "c"])
    #expect(value["b"]?.elements?[3].double?.isNaN == true)
    #expect(value["b"]?.elements?[1].int == 2)
  }

  @Test func edits() throws {
    var value = try JSON(parsing: #"{"one": 1, "two": 2}"#)
    value["two"] = .real(2)
    value["three"] = .string("drei")
    value["one"] = nil
    #expect(value.line == #"{"two": 2.0, "three": "drei"}"#)
  }

  @Test func escapes() throws {
    let value = try JSON(parsing: #""\u00e4\ud83d\ude00\t""#)
    #expect(value.text == "ä😀\t")
    #expect(JSON.string("\u{1}").line == #""\u0001""#)
  }

  @Test(arguments: ["", "{", "[1,", "{\"a\" 1}", "nul", "1 2", "\"abc", "{1: 2}", "[1 2]", "--1"])
  func refuses(text: String) {
    #expect(throws: (any Error).self) { try JSON(parsing: text) }
  }

  @Test("deep nesting ends in an error, not in a crash")
  func deep() {
    #expect(throws: (any Error).self) {
      try JSON(parsing: String(repeating: "[", count: 100_000))
    }
  }
}
