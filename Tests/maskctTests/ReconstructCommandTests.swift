import Acquisition
import FoundationEssentials
import Sinograms
import Support
import Testing

/// Sinograms that HDF5 does not survive.
@Suite struct ReconstructCommandTests {
  private static let tests =
    "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
  private static let sound = tests + "/SinogramsTests/Fixtures/cylinder.h5"

  /// Random damage to a sound file: `crash.h5` ends HDF5 1.10 with SIGSEGV, `busy.h5` keeps it busy for ever, and
  /// `layout.h5` ends it or not depending on what else lies in memory. Other versions may refuse them, which is as good.
  @Test(arguments: ["crash.h5", "busy.h5", "layout.h5"])
  func damagedFilesAreOneLine(name: String) async throws {
    let files = try TemporaryFolder()
    let path = Self.tests + "/maskctTests/Damaged/" + name
    let outcome = try await Command.run(
      ["reconstruct", "--sinogram", path, "--output", files("ct.nii.gz")])
    #expect(outcome.code == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("maskct: error: \(path): "), "\(outcome.errors)")
    #expect(outcome.errors.contains("; "), "a remedy")
    #expect(!files.exists("ct.nii.gz"))
  }

  @Test func soundFilesAreReconstructed() async throws {
    let files = try TemporaryFolder()
    let outcome = try await Command.run([
      "reconstruct", "--sinogram", Self.sound, "--output", files("ct.nii.gz"), "--shape", "16,16,1",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(files.exists("ct.nii.gz"))
  }

  /// However a child ends that is not by itself, the file is refused with its name and the reason.
  @Test(arguments: [
    ("kill -SEGV $$", MaskCTError.Kind.input, "Segmentation fault"),
    ("kill -ABRT $$", .input, "Aborted"),
    ("ulimit -S -t 1; while :; do :; done", .input, "CPU time limit exceeded"),
    ("printf '0123456789' >&0; sleep 60", .input, "Killed"),
    ("exit 127", .environment, "code 127"),
  ])
  func childrenThatDieRefuseTheFile(script: String, kind: MaskCTError.Kind, said: String) throws {
    let error = #expect(throws: MaskCTError.self) {
      try GuardedSinogram(Self.sound, program: "/bin/sh", arguments: ["-c", script])
    }
    #expect(error?.kind == kind && error?.path == Self.sound && error?.remedy != nil)
    #expect(error?.problem.contains(said) == true, "\(String(describing: error))")
  }

  @Test func missingFilesNeedNoChild() throws {
    let error = #expect(throws: MaskCTError.self) {
      try GuardedSinogram("/nowhere/scan.h5", program: "/bin/false", arguments: [])
    }
    #expect(error?.problem == "no such file")
  }

  /// The child gives the numbers that HDF5 gives here, and ends with what reads from it.
  @Test func readingsComeThroughUnchanged() throws {
    let direct = try SinogramFile(Self.sound)
    let guarded = try GuardedSinogram(
      Self.sound, program: Command.path, arguments: ["read-sinogram", "--"])
    #expect(guarded.header == direct.header)
    let views = direct.scan.viewCount
    for range in [0..<views, views - 1..<views, 3..<100] {
      #expect(try guarded.lineIntegrals(of: range) == direct.lineIntegrals(of: range))
    }
  }

  /// A line integral that is none is told as without a child, though the file opens.
  @Test func refusedReadingsAreTold() throws {
    let files = try TemporaryFolder()
    let scan = HelicalScan(
      scanner: try Scanner.load("rows16"), pitch: 1, firstAngle: 0, firstHeight: 0, viewCount: 40)
    struct Holed: ViewSource {
      let scan: HelicalScan
      func read(_ range: Range<Int>, into readings: Readings) {
        for view in range {
          for channel in 0..<scan.scanner.channels {
            let rows = readings[view: view - range.lowerBound, channel: channel]
            for row in rows.indices { rows[row] = view == 33 && channel == 0 ? .nan : 1 }
          }
        }
      }
    }
    try SinogramFile.write(
      Holed(scan: scan),
      header: SinogramHeader(
        scan: scan, scanProtocol: ScanProtocol(name: "test", mas: 100), waterAttenuation: 0.02,
        image: nil), to: files("holed.h5"))
    let guarded = try GuardedSinogram(
      files("holed.h5"), program: Command.path, arguments: ["read-sinogram", "--"])
    let error = #expect(throws: MaskCTError.self) {
      _ = try guarded.lineIntegrals(of: 0..<40)
    }
    #expect(error?.path == files("holed.h5"))
    #expect(error?.problem.contains("not finite, at view 33, channel 0") == true)
  }

  @Test func theChildIsForNoUser() async throws {
    let outcome = try await Command.run(["read-sinogram", Self.sound])
    #expect(outcome.code == 2 && outcome.errorLines.count == 1)
    #expect(outcome.errors.contains("use 'maskct reconstruct'"))
  }
}
