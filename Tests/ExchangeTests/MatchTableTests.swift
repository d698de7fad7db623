import Anatomy
import Support
import TestSupport
import Testing

@testable import Exchange

@Suite struct MatchTableTests {
  private func inventory(_ names: [[String]]) -> Inventory {
    let cases = names.enumerated().map { index, names in
      Inventory.Case(
        name: "case\(index)", files: ["a.dcm"],
        segments: names.enumerated().map {
          Inventory.Segment(file: 0, number: $0 + 1, name: $1, code: "", side: "")
        })
    }
    return Inventory(cases: cases, images: [], skipped: [], files: cases.count)
  }

  @Test("what was matched, in how many cases, and numbers in the catalog's order")
  func matches() throws {
    let matches = Matches(
      inventory: inventory([["PTV", "Leber", "Milz"], ["liver"]]), earlier: nil)
    #expect(
      matches.table.text == """
        name,code,structure,how,cases
        Leber,,liver,synonym,1
        Milz,,spleen,synonym,1
        PTV,,,none,1
        liver,,liver,name,1

        """)
    #expect(matches.structures == ["liver", "spleen"])
    #expect(matches.ids == ["liver": 1, "spleen": 2])
  }

  @Test("an edited table counts more than the matcher, and survives a spreadsheet")
  func edited() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/matched.csv"
      try AtomicFile.write(
        "\u{FEFF}name;code;structure;how;cases\r\n\"PTV; \"\"54\"\"\";;Liver Tumour;none;1\r\n"
          + "Leber;;-;synonym;1\r\n", to: path)
      let matches = Matches(
        inventory: inventory([["PTV; \"54\"", "Leber", "Milz"]]),
        earlier: try MatchTable(path: path))
      let byName = Dictionary(
        uniqueKeysWithValues: matches.table.rows.map { ($0.key.name, $0) })
      #expect(byName["PTV; \"54\""]?.structure == "liver_tumor")
      #expect(byName["PTV; \"54\""]?.how == "table")
      #expect(byName["Leber"]?.structure == "-")
      #expect(byName["Milz"]?.structure == "spleen")
      #expect(matches.structures == ["liver_tumor", "spleen"])
      // Written and read again, it says the same.
      try AtomicFile.write(matches.table.text, to: path)
      let again = Matches(
        inventory: inventory([["PTV; \"54\"", "Leber", "Milz"]]),
        earlier: try MatchTable(path: path))
      #expect(again.table == matches.table)
    }
  }

  @Test("a structure that is none is an error with the line and the nearest name")
  func wrong() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/matched.csv"
      try AtomicFile.write("name,code,structure,how,cases\nA,,livre,none,1\n", to: path)
      let error = #expect(throws: MaskCTError.self) { try MatchTable(path: path) }
      #expect(error?.problem.contains("line 2") == true)
      #expect(error?.remedy?.contains("liver") == true)
      try AtomicFile.write("a,b\n", to: path)
      #expect(throws: MaskCTError.self) { try MatchTable(path: path) }
    }
  }

  @Test("names that a spreadsheet would run as a formula are quoted, and come back")
  func formulas() {
    let line = CSV.line(["=1+1", "a,b", "c\"d", "e\nf"])
    #expect(line == "'=1+1,\"a,b\",\"c\"\"d\",\"e\nf\"\n")
    #expect(CSV.parse(line, separator: ",") == [["=1+1", "a,b", "c\"d", "e\nf"]])
  }

  @Test("the scheme is one that loads, whatever the folder is called")
  func scheme() throws {
    try withTemporaryFolder { folder in
      let matches = Matches(inventory: inventory([["Leber"]]), earlier: nil)
      let path = folder + "/scheme.yaml"
      try AtomicFile.write(matches.scheme(named: "a: [b\" # c"), to: path)
      #expect(try LabelScheme.load(path).structures == [1: "liver"])
    }
  }
}
