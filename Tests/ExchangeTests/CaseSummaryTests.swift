import Acquisition
import CTScan
import Support
import TestSupport
import Testing

@testable import Exchange

@Suite struct CaseSummaryTests {
  /// A record as `CaseRecord` writes it, as far as it is read here.
  private struct Record: Encodable {
    var version = "1.2.3"
    var source = "/data/btcv"
    var labelMap = "label0001"
    var recipe = ["description": "varied"]
    var draw: Draw

    struct Draw: Encodable {
      var seed: UInt64 = .max
      var acquisitions: [Acquisition]
    }

    struct Acquisition: Encodable {
      var modality: String
      var ct: CTAcquisition?

      private enum CodingKeys: String, CodingKey { case modality, `protocol` }

      func encode(to encoder: any Encoder) throws {
        try ct?.encode(to: encoder)
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(modality, forKey: .modality)
        if ct == nil { try keys.encode(["name": "t2-spir"], forKey: .protocol) }
      }
    }
  }

  @Test("the scan of a case is read from its record as it was written")
  func scan() throws {
    var scanProtocol = ScanProtocol(
      name: "own", mas: 150, pitch: 0.8, kernel: "bone", kvp: 120, sliceThickness: 2.5)
    scanProtocol.noiseIndex = 12
    scanProtocol.rotationTime = 0.5
    let record = Record(
      draw: Record.Draw(
        acquisitions: [
          .init(
            modality: "ct",
            ct: CTAcquisition(scanner: try Scanner.load("rows64"), scanProtocol: scanProtocol)),
          .init(modality: "mr"),
        ]))
    try withTemporaryFolder { folder in
      try JSONFile.write(record, to: folder + "/a.json")
      let summary = try #require(CaseSummary(path: folder + "/a.json"))
      #expect(summary.draw.seed == .max)
      #expect(summary.draw.acquisitions.map(\.name) == ["rows64", "MR t2-spir"])
      let read = try #require(summary.draw.ct).protocol
      #expect(read.kvp == 120 && read.mas == 150 && read.pitch == 0.8 && read.kernel == "bone")
      #expect(read.noiseIndex == 12 && read.sliceThickness == 2.5 && read.rotationTime == 0.5)
    }
  }

  @Test("where there is no record there is no summary")
  func missing() { #expect(CaseSummary(path: "/nowhere/a.json") == nil) }
}
