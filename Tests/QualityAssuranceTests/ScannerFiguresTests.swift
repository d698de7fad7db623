import Acquisition
import Reconstruction
import Support
import Testing
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
  @Test(arguments: ["rows16", "rows64", "rows128"]) func transferIsTheKernels(scanner: String)
    throws
  {
    let (measured, design) = try ResolutionSection(bench: bench(scanner)).transfer(.standard)
    for part in [0.5, 0.1] {
      let ratio = measured.frequency(ofTransfer: part) / design.frequency(ofTransfer: part)
      #expect(abs(ratio - 1) < 0.05, "\(ratio) at \(part)")
    }
  }

  /// The sharp kernel passes more than the channels' Nyquist frequency (0.71 lp/mm in `rows64`): opposite rays lie
  /// between the channels. Without them 10 % lay at 0.83 instead of 1.01 lp/mm.
  @Test func sharpKernelUsesTheQuarterOffset() throws {
    let (measured, design) = try ResolutionSection(bench: bench("rows64")).transfer(.sharp)
    for part in [0.5, 0.1] {
      let ratio = measured.frequency(ofTransfer: part) / design.frequency(ofTransfer: part)
      #expect(abs(ratio - 1) < 0.05, "\(ratio) at \(part)")
    }
  }

  /// At pitch 1.5 few opposite rays help, and the design curve says what is left, near the axis. For the mean over the
  /// field of view it would be 0.07 too high at 0.78 lp/mm.
  @Test func fastTablesLoseWhatTheDesignSays() throws {
    var settings = try ScanProtocol.load("abdomen")
    settings.pitch = 1.5
    let bench = try QualityBench(
      scanner: Scanner.load("rows64"), scanProtocol: settings, isQuick: true, workers: Workers())
    let (measured, design) = try ResolutionSection(bench: bench).transfer(.bone)
    let differences = zip(measured.values, design.values).map { abs($0 - $1) }
    #expect(differences.max() ?? .nan < 0.03, "\(differences)")
  }

  /// The variance of images is that of the photons through filter and interpolations, in absolute numbers. Six
  /// slices hold some 3000 independent values: 3 % standard error, so 10 % here and 5 % in `maskct qa`.
  @Test(arguments: [ReconstructionKernel.standard, .sharp]) func noiseFollowsTheory(
    kernel: ReconstructionKernel
  ) throws {
    let section = NoiseSection(bench: try bench("rows64"))
    let ratio = try section.measuredOverTheory(kernel)
    #expect(abs(ratio - 1) < 0.1, "\(ratio)")
  }

  /// Scanners are as noisy as clinical ones, within 10 %. Six slices of 300 independent values and more, or 48 regions
  /// of a spectrum, the top of which 300 frequencies tell: 1 to 2 % standard error.
  @Test(arguments: ["rows16", "rows64"], PublishedScan.all.filter { $0.limits != nil })
  func noiseIsThatOfPublishedScans(scanner: String, scan: PublishedScan) throws {
    let ratio = try PublishedNoise(bench: bench(scanner)).ratio(to: scan)
    #expect(scan.limits?.contains(ratio) == true, "\(ratio)")
  }

  /// Joseph's method is of second order where nothing has an edge: halving the voxel quarters the error.
  @Test func errorOfSmoothBodiesFallsWithTheSquareOfTheVoxel() throws {
    let (coarse, fine) = (
      try ProjectorSection.smoothError(voxel: 6, workers: Workers()),
      try ProjectorSection.smoothError(voxel: 3, workers: Workers())
    )
    // From 4 by what is of fourth order: the thinnest body is eight of the coarse voxels wide.
    #expect(abs(coarse / fine - 4) < 0.4, "\(coarse) to \(fine)")
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
