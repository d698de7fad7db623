import Configuration
import Support
import Testing

@Suite struct PresetsTests {
  let presets = Presets(
    kind: "scanner", ["rows16": Array("rows: 16".utf8), "rows64": Array("rows: 64".utf8)])

  @Test func loadsByName() throws {
    #expect(try presets.load([String: Int].self, "rows64") == ["rows": 64])
    #expect(presets.names == ["rows16", "rows64"])
  }

  @Test func unknownNameIsSuggested() {
    #expect {
      try presets.source("row64")
    } throws: { "\($0)" == "unknown scanner 'row64'; did you mean 'rows64'?" }
    #expect {
      try presets.source("siemens")
    } throws: {
      "\($0)" == "unknown scanner 'siemens'; choose one of rows16, rows64, or give a YAML file"
    }
  }

  @Test func pathsAreFiles() {
    #expect {
      try presets.source("./missing.yaml")
    } throws: { "\($0)" == "./missing.yaml: no such file; check the path" }
  }
}
