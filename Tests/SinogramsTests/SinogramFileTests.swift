import Acquisition
import CTScan
import Foundation
import Reconstruction
import Sinograms
import Support
import TestSupport
import Testing
import Volumes

@Suite(.serialized) struct SinogramFileTests {
  private let files: Folder
  private let grid = Grid(shape: [40, 36, 6], spacing: [4.5, 5, 3], center: [12, -30, 400])

  init() throws { files = try Folder() }

  private func body() -> Volume<Float> {
    let wide = grid.padded(before: [0, 0, 8], after: [0, 0, 8])
    let sampled = Ellipsoid.sampled(
      [
        Ellipsoid(center: [0, 0, 0], radii: [70, 60, 1e6], value: 1000),
        Ellipsoid(center: [25, 12, 0], radii: [14, 10, 1e6], value: 600),
      ], shape: wide.shape, spacing: wide.spacing, first: [-19.5 * 4.5, -17.5 * 5, -31.5],
      background: -1000)
    return Volume(grid: wide, values: sampled.values)
  }

  private func simulator(kvp: Double? = nil) throws -> CTSimulator {
    try CTSimulator(
      scanner: Scanner.load("rows16"),
      scanProtocol: ScanProtocol(
        name: "test", mas: 120, pitch: 1.1, kernel: "smooth", kvp: kvp, sliceThickness: 4))
  }

  /// Writes the scan of the body and returns its header.
  private func write(_ path: String, kvp: Double? = nil, counts: Bool = false) throws
    -> SinogramHeader
  {
    let simulator = try simulator(kvp: kvp)
    let stream = RandomStream(seed: 3)
    let source = try simulator.source(
      body(), reference: grid, noiseless: false, stream: stream, workers: Workers())
    let header = SinogramHeader(
      scan: source.scan, scanProtocol: simulator.scanProtocol,
      waterAttenuation: simulator.waterAttenuation, image: grid)
    try SinogramFile.write(
      source, header: header,
      counts: counts ? simulator.counts(of: source.scan, stream: stream) : nil, to: path)
    return header
  }

  /// Line integrals are kept as they are computed, as float32: the same bytes come back.
  @Test(arguments: [nil, 120.0]) func reconstructionFromAFileIsTheDirectOne(kvp: Double?) throws {
    let path = files.path("scan.h5")
    _ = try write(path, kvp: kvp)
    let simulator = try simulator(kvp: kvp)
    let direct = try simulator.scan(
      body(), onto: grid, stream: RandomStream(seed: 3), workers: Workers())
    let file = try SinogramFile(path)
    let settings = file.header.scanProtocol
    let back = try HelicalReconstruction(
      source: file,
      settings: .init(
        kernel: ReconstructionKernel(named: settings.kernel),
        sliceThickness: settings.sliceThickness ?? 3,
        waterAttenuation: file.header.waterAttenuation), workers: Workers()
    ).reconstruct(
      onto: ReconstructionGrid().grid(planned: file.header.image, scan: file.scan),
      reference: file.header.reference)
    #expect(direct == back)
  }

  /// A file holds no time of writing: HDF5's is in whole seconds, which pass between these two.
  @Test func equalScansAreEqualBytes() throws {
    let (first, second) = (files.path("first.h5"), files.path("second.h5"))
    _ = try write(first)
    Thread.sleep(forTimeInterval: 1.1)
    _ = try write(second)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: first))
    #expect(try Data(contentsOf: URL(fileURLWithPath: second)) == bytes)
  }

  @Test func headerComesBack() throws {
    let path = files.path("scan.h5")
    let header = try write(path)
    let back = try SinogramFile(path).header
    // The physics of the readings is in the readings; what remains of a scanner is its geometry.
    #expect(back.scan.firstAngle == header.scan.firstAngle)
    #expect(back.scan.firstHeight == header.scan.firstHeight)
    #expect(back.scan.viewCount == header.scan.viewCount)
    #expect(back.scan.feed == header.scan.feed)
    #expect(back.scan.scanner.channelAngle == header.scan.scanner.channelAngle)
    #expect(back.scan.scanner.centralChannel == header.scan.scanner.centralChannel)
    #expect(back.scanProtocol == header.scanProtocol)
    #expect(back.waterAttenuation == header.waterAttenuation)
    #expect(back.image == header.image)
  }

  /// An image on part of the planned grid, with its voxels, is that part of the whole image.
  @Test func partOfTheGridIsPartOfTheImage() throws {
    let path = files.path("scan.h5")
    _ = try write(path)
    let file = try SinogramFile(path)
    let reconstruction = HelicalReconstruction(
      source: file,
      settings: .init(
        kernel: .smooth, sliceThickness: 4, waterAttenuation: file.header.waterAttenuation),
      workers: Workers())
    let whole = try reconstruction.reconstruct(onto: grid, reference: grid)
    let part = grid.padded(before: [-10, -5, -2], after: [-4, -9, -1])
    let image = try reconstruction.reconstruct(onto: part, reference: grid)
    var worst: Float = 0
    for y in 0..<part.shape.y {
      for x in 0..<part.shape.x {
        for z in 0..<part.shape.z {
          worst = max(worst, abs(image[x, y, z] - whole[x + 10, y + 5, z + 2]))
        }
      }
    }
    // Positions are rounded differently, a relative 1e-7 of attenuation.
    #expect(worst < 0.05, "\(worst) HU")
  }

  /// Slices beyond the scan are refused, in one line with both ranges.
  @Test func slicesBeyondTheScanAreRefused() throws {
    let path = files.path("scan.h5")
    _ = try write(path)
    let file = try SinogramFile(path)
    let reconstruction = HelicalReconstruction(
      source: file, settings: .init(kernel: .smooth, sliceThickness: 4, waterAttenuation: 0.02),
      workers: Workers())
    let long = grid.padded(before: [0, 0, 0], after: [0, 0, 30])
    let error = #expect(throws: MaskCTError.self) {
      try reconstruction.reconstruct(onto: long, reference: grid)
    }
    #expect(error?.description.contains("the slices lie at 0.0 to 105.0 mm") == true)
  }

  /// Counts are what the logarithm was taken of: with one energy exactly `air exp(-line)`.
  @Test func countsAreReadings() throws {
    let scanner = try Scanner.load("rows16")
    let simulator = try CTSimulator(
      scanner: scanner, scanProtocol: ScanProtocol(name: "test", mas: 100))
    let scan = HelicalScan(scanner: scanner, pitch: 1, covering: 0...10, radius: 100)
    let counts = try simulator.counts(of: scan, stream: RandomStream(seed: 1))
    let readings = Readings(views: 1, of: scanner)
    let rows = readings[view: 0, channel: 400]
    for (row, line) in [Float(0), 1, 5].enumerated() { rows[row] = line }
    counts.apply(to: rows, channel: 400)
    for (count, line) in zip([rows[0], rows[1], rows[2]], [0.0, 1, 5]) {
      let expected = Double(counts.air[400]) * exponential(-line)
      #expect(abs(Double(count) / expected - 1) < 1e-6)
    }
    // With a spectrum a corrected line integral is more than what was read: the beam hardens.
    let hard = try CTSimulator(
      scanner: scanner, scanProtocol: ScanProtocol(name: "test", mas: 100, kvp: 120)
    ).counts(of: scan, stream: RandomStream(seed: 1))
    (rows[0], rows[1]) = (0, 5)
    hard.apply(to: rows, channel: 400)
    #expect(abs(rows[0] / hard.air[400] - 1) < 1e-4)
    #expect(Double(rows[1]) > 1.05 * Double(hard.air[400]) * exponential(-5))
  }

  /// Whatever happens while a file is written, no half of one has its name.
  @Test func aStoppedScanLeavesNoFile() throws {
    struct Stop: Error {}
    let simulator = try simulator()
    let source = try simulator.source(
      body(), reference: grid, noiseless: true, stream: RandomStream(seed: 3), workers: Workers())
    let header = SinogramHeader(
      scan: source.scan, scanProtocol: simulator.scanProtocol, waterAttenuation: 0.02, image: nil)
    #expect(throws: Stop.self) {
      try SinogramFile.write(source, header: header, to: files.path("stopped.h5")) { _ in
        throw Stop()
      }
    }
    #expect(files.names.isEmpty)
  }

  /// A lock that another program left on the file, or that the file system refuses, keeps nobody from reading.
  @Test func aLockedFileIsRead() throws {
    let path = files.path("scan.h5")
    let header = try write(path)
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    try #require(flock(descriptor, LOCK_EX) == 0)
    #expect(try SinogramFile(path).header.image == header.image)
  }

  /// Cut short at any place, of another kind or missing: one line that names the file.
  @Test func damagedFilesAreRefused() throws {
    let path = files.path("scan.h5")
    _ = try write(path)
    let bytes = try ByteFile.read(path)
    let damaged = files.path("damaged.h5")
    for part in [0, 7, 100, 1000, 3000, bytes.count / 2, bytes.count - 1] {
      try AtomicFile.write(Array(bytes[..<part]), to: damaged)
      let error = #expect(throws: MaskCTError.self) { _ = try SinogramFile(damaged) }
      #expect(error?.path == damaged && error?.remedy != nil)
    }
    try AtomicFile.write("no HDF5", to: damaged)
    #expect(throws: MaskCTError.self) { _ = try SinogramFile(damaged) }
    #expect(throws: MaskCTError.self) { _ = try SinogramFile(files.path("missing.h5")) }
    // A line integral that is none, at the end of the file's last data set.
    var holed = bytes
    let last = holed.count - 4
    holed.replaceSubrange(last..<last + 4, with: [0, 0, 0xC0, 0x7F])
    try AtomicFile.write(holed, to: damaged)
    let file = try SinogramFile(damaged)
    let views = file.scan.viewCount
    let error = #expect(throws: MaskCTError.self) {
      _ = try file.lineIntegrals(of: views - 1..<views)
    }
    #expect(error?.problem.contains("not finite") == true)
  }
}

/// Files that other programs wrote or could write.
@Suite struct ForeignSinogramTests {
  private static let fixture =
    "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/")
    + "/Fixtures/cylinder.h5"

  /// Written by `Fixtures/cylinder.py`: gzip, chunks, texts of variable length, no group `image`. The water
  /// cylinder of 80 mm about (50, 30) reads 0 HU and lies where it should.
  @Test func aFileOfH5PyIsReconstructed() throws {
    let file = try SinogramFile(Self.fixture)
    #expect(file.header.scanProtocol.kernel == "smooth" && file.header.image == nil)
    let whole = try ReconstructionGrid().grid(planned: nil, scan: file.scan)
    #expect(whole.shape.x == 512 && whole.shape.z >= 1)
    let heights = try #require(file.scan.coveredHeights(radius: 190))
    let grid = Grid(
      shape: [70, 70, 2], spacing: [5, 5, 1],
      center: [0, 0, (heights.lowerBound + heights.upperBound) / 2])
    let ct = try HelicalReconstruction(
      source: file,
      settings: .init(
        kernel: .smooth, sliceThickness: 5, waterAttenuation: file.header.waterAttenuation),
      workers: Workers()
    ).reconstruct(onto: grid, reference: file.header.reference)
    var inside: [Double] = []
    var (mass, moment) = (0.0, SIMD2(0.0, 0.0))
    for y in 0..<70 {
      for x in 0..<70 {
        let place = grid.affine.apply([Double(x), Double(y), 0])
        let (dx, dy) = (place.x - 50, place.y - 30)
        let value = Double(ct[x, y, 0])
        if dx * dx + dy * dy < 60 * 60 { inside.append(value) }
        mass += value + 1000
        moment += SIMD2(place.x, place.y) * (value + 1000)
      }
    }
    // 64 channels of 6.5 mm and 96 views: edges ring by some HU, the mean does not.
    #expect(abs(inside.reduce(0, +) / Double(inside.count)) < 5)
    #expect(inside.allSatisfy { abs($0) < 60 })
    let middle = moment / mass
    #expect(abs(middle.x - 50) < 0.5 && abs(middle.y - 30) < 0.5, "\(middle)")
  }

  @Test func wishesForAGridAreKept() throws {
    let file = try SinogramFile(Self.fixture)
    let planned = Grid(shape: [100, 80, 10], spacing: [2, 2, 3], center: [5, 6, 7])
    func grid(_ spacing: SIMD3<Double>?, _ shape: SIMD3<Int>?) throws -> Grid {
      try ReconstructionGrid(spacing: spacing, shape: shape)
        .grid(planned: planned, scan: file.scan)
    }
    #expect(try grid(nil, nil) == planned)
    let fine = try grid([1, 1, 1], nil)
    #expect(fine.shape == [200, 160, 30])
    for wish in [fine, try grid([0.7, 0.7, 1], [50, 51, 52])] {
      let middle = wish.affine.apply(SIMD3<Double>(wish.shape &- 1) * 0.5)
      #expect(((middle - [5, 6, 7]) * (middle - [5, 6, 7])).sum() < 1e-18)
    }
    #expect(throws: MaskCTError.self) { try grid([0.001, 1, 1], nil) }
  }
}

/// A folder that goes with its last reference.
private final class Folder {
  private let path = FileManager.default.temporaryDirectory.path + "/maskct-" + UUID().uuidString
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { path + "/" + name }
}
