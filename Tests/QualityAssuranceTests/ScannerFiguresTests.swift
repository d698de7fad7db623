import Acquisition
import Reconstruction
import Testing
import Volumes

@testable import QualityAssurance

/// The fastest of what `maskct qa` measures, held to the same limits.
@Suite(.serialized) struct ScannerFiguresTests {
  private func bench(_ scanner: String) throws -> QualityBench {
    try QualityBench(
      scanner: Scanner.load(scanner), scanProtocol: ScanProtocol.load("abdomen"), isQuick: true,
      workers: Workers())
  }

  /// The standard kernel is its design curve within 5 %: rebinning's interpolation is made up for, on the mean
  /// over all places between channels. Left out, 50 % lay 8 % too low.
  @Test(arguments: ["rows16", "rows64"]) func transferIsTheKernels(scanner: String) throws {
    let (measured, design) = try ResolutionSection(bench: bench(scanner)).transfer(.standard)
    for part in [0.5, 0.1] {
      let ratio = measured.frequency(ofTransfer: part) / design.frequency(ofTransfer: part)
      #expect(abs(ratio - 1) < 0.05, "\(ratio) at \(part)")
    }
  }

  /// A slice is as thick as it is called: a box of 2.5 mm over rows of 0.6 mm, interpolated linearly, is 2.56 mm.
  @Test func slicesAreAsThickAsTheyAreCalled() throws {
    let profile = try SliceSection(bench: bench("rows64")).profile(2.5, pitch: 1)
    #expect(abs(profile.width(at: 0.5) - 2.5) < 0.2, "\(profile.width(at: 0.5))")
  }

  /// A file without the key keeps all; one that does not correct has cupped water.
  @Test func hardeningIsCorrectedUnlessAskedNotTo() throws {
    let water = AnalyticPhantom([.init(.cylinder(center: [0, 0], radius: 100), hu: 0)])
    let bench = try bench("rows16")
    let grid = bench.grid(width: 210, pixel: 3, slices: 2, spacing: 5)
    func cup(_ corrects: Bool?) throws -> Double {
      let ct = try bench.image(water, onto: grid) {
        $0.kvp = 80
        $0.correctsHardening = corrects
      }
      return Uniformity(PixelImage.slices(of: ct), reach: 90, width: 6).deviation
    }
    #expect(abs(try cup(nil)) < 1)
    #expect(try cup(false) > 4)
  }
}
