import Support
import TestSupport
import Testing

@Suite struct JSONFileTests {
  private struct Value: Codable, Equatable {
    struct Part: Codable, Equatable { var number: Double }
    var parts: [Part]
    var name: String?
  }

  @Test func roundTrip() throws {
    try withTemporaryFolder { folder in
      let value = Value(parts: [.init(number: 1.5)], name: "a/b")
      try JSONFile.write(value, to: folder + "/a.json")
      #expect(try JSONFile.read(Value.self, path: folder + "/a.json") == value)
    }
  }

  @Test("what is wrong is said in words, with the file and a remedy")
  func errors() throws {
    try withTemporaryFolder { folder in
      for (text, problem) in [
        ("{", "is not JSON"), ("[]", "does not hold what is expected"), ("{}", #"has no "parts""#),
        (#"{"parts": [{}]}"#, #"has no "parts.[0].number""#),
        (#"{"parts": [{"number": "x"}]}"#, #""parts.[0].number" is not of the expected type"#),
      ] {
        try write(text, to: folder + "/a.json")
        let error = #expect(throws: MaskCTError.self) {
          _ = try JSONFile.read(Value.self, path: folder + "/a.json")
        }
        #expect(error?.problem == problem)
        #expect(error?.path == folder + "/a.json" && error?.remedy != nil)
      }
      let missing = #expect(throws: MaskCTError.self) {
        _ = try JSONFile.read(Value.self, path: folder + "/b.json")
      }
      #expect(missing?.problem == "no such file")
    }
  }

  @Test("lines of Python hold NaN and snake case; anything else is not a line")
  func lines() throws {
    struct Line: Codable {
      var epochsLeft: Int
      var loss: [Double]
    }
    let line = try #require(
      JSONFile.line(Line.self, #"{"epochs_left": 2, "loss": [0.5, NaN, Infinity], "other": null}"#))
    #expect(line.epochsLeft == 2)
    #expect(line.loss[0] == 0.5 && line.loss[1].isNaN && line.loss[2] == .infinity)
    #expect(JSONFile.line(Line.self, #"{"epochs_left": 2, "lo"#) == nil)
    #expect(JSONFile.line(Line.self, "Warning: no GPU") == nil)
    #expect(try JSONFile.line(Line(epochsLeft: 3, loss: [1])) == #"{"epochs_left":3,"loss":[1]}"#)
  }
}
