import Support
import TestSupport
import Testing
@testable import Generation

@Suite struct CaseRecordTests {
  @Test func recordsOfAnEarlierFormatAreRefusedInOneLine() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/old.json"
      try AtomicFile.write(#"{"version": "0.1.0", "name": "a", "draws": {}, "seed": 1}"#, to: path)
      let error = #expect(throws: MaskCTError.self) { try CaseRecord(path: path) }
      let text = try #require(error?.description)
      #expect(text.contains("format 1") && text.contains(path) && !text.contains("\n"))
    }
  }

  @Test func whatIsNoRecordIsTold() throws {
    try withTemporaryFolder { folder in
      for text in ["{}", "no JSON", #"{"version": "0.1.0", "format": 3}"#] {
        try AtomicFile.write(text, to: folder + "/a.json")
        let error = #expect(throws: MaskCTError.self) { try CaseRecord(path: folder + "/a.json") }
        #expect(error?.problem == "is not the record of a case")
      }
    }
  }
}
