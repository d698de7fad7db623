import Acquisition
import Support
import Testing
@testable import QualityAssurance

@Suite struct QualityRunTests {
  /// It once ran another section, or none.
  @Test(arguments: ["mft", "projektor", ""]) func anUnknownSectionIsAUsageError(name: String) throws
  {
    let bench = try QualityBench(
      scanner: Scanner.load("rows16"), scanProtocol: ScanProtocol.load("abdomen"), isQuick: true,
      workers: Workers())
    let error = #expect(throws: MaskCTError.self) { try QualityRun(bench).run(["water", name]) }
    #expect(error?.kind == .usage)
    #expect(error?.problem == "there is no section '\(name)'")
    let near = ["mft": "'mtf'", "projektor": "'projector'", "": "choose from water"]
    #expect(error?.remedy?.contains(near[name]!) == true, "\(error?.remedy ?? "")")
    #expect(throws: MaskCTError.self) { try QualityRun(bench).run([]) }
  }

  @Test func everySectionHasACost() throws {
    #expect(try QualityRun.costs(of: QualityRun.sections).count == QualityRun.sections.count)
    // In the order in which they are measured, whatever the order in which they are named.
    #expect(try QualityRun.costs(of: ["projector", "water"]) == [158, 5])
  }
}
