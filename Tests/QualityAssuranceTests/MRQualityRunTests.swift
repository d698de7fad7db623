import MRScan
import Support
import Testing

@testable import QualityAssurance

/// The measurements of `maskct qa --modality mr`.
@Suite struct MRQualityRunTests {
  @Test(
    "the figures of a protocol are within their limits",
    arguments: ["t2-spir", "t1-in-phase", "vibe-dixon", "mprage"])
  func withinLimits(_ name: String) throws {
    let result = try MRQualityRun(scanProtocol: try MRProtocol.load(name), workers: Workers()).run()
    #expect(result.failures == [])
    #expect(result.tally.judged > 12)
    #expect(result.sections.map(\.id) == MRQualityRun.sections)
    let json = String(decoding: try result.json(version: "1"), as: UTF8.self)
    #expect(json.contains("\"mr\"") && !json.contains("\"scanner\""))
  }

  @Test("a protocol whose noise does not follow its voxels would be found")
  func noiseIsJudged() throws {
    let result = try MRQualityRun(
      scanProtocol: try MRProtocol.load("t2-spir"), workers: Workers()
    ).run()
    let noise = try #require(result.sections.first { $0.id == "noise" })
    #expect(noise.findings.count == 4 && noise.findings.allSatisfy { $0.passes == true })
  }
}
