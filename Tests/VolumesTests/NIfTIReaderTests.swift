import FoundationEssentials
import Support
import TestSupport
import Testing
import Volumes

/// A file built byte by byte from the offsets in nifti1.h and nifti2.h, independent of the writer.
struct RawNIfTI {
  var isVersion2 = false
  var isBigEndian = false
  var dim: [Int] = [3, 2, 3, 4, 1, 1, 1, 1]
  var datatype = 4
  var pixdim: [Double] = [1, 0.5, 2, 3, 1, 1, 1, 1]
  var offset: Double?
  var slope = 0.0, intercept = 0.0
  var units = 2
  var qformCode = 0, sformCode = 1
  var quaternion: [Double] = [0, 0, 0, 0, 0, 0]
  var rows: [Double] = [0.5, 0, 0, -10, 0, 2, 0, 20, 0, 0, 3, 30]
  /// The voxels as they stand in the file.
  var voxels: [UInt8] = []

  func integer(_ value: Int, _ count: Int) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? bytes.reversed() : bytes
  }

  func real(_ value: Double) -> [UInt8] {
    isVersion2
      ? integer(Int(truncatingIfNeeded: value.bitPattern), 8)
      : integer(Int(Float(value).bitPattern), 4)
  }

  var bytes: [UInt8] {
    let start = isVersion2 ? 544 : 352
    var file = [UInt8](repeating: 0, count: start)
    func put(_ bytes: [UInt8], _ place1: Int, _ place2: Int) {
      let place = isVersion2 ? place2 : place1
      file.replaceSubrange(place..<place + bytes.count, with: bytes)
    }
    let wide = isVersion2
    put(integer(wide ? 540 : 348, 4), 0, 0)
    put(dim.flatMap { integer($0, wide ? 8 : 2) }, 40, 16)
    put(integer(datatype, 2), 70, 12)
    put(pixdim.flatMap(real), 76, 104)
    put(wide ? integer(Int(offset ?? 544), 8) : real(offset ?? 352), 108, 168)
    put(real(slope) + real(intercept), 112, 176)
    put(integer(units, wide ? 4 : 1), 123, 500)
    put(integer(qformCode, wide ? 4 : 2), 252, 344)
    put(integer(sformCode, wide ? 4 : 2), 254, 348)
    put(quaternion.flatMap(real), 256, 352)
    put(rows.flatMap(real), 280, 400)
    put(
      wide ? [0x6E, 0x2B, 0x32, 0, 0x0D, 0x0A, 0x1A, 0x0A] : [0x6E, 0x2B, 0x31, 0], 344, 4)
    return file + voxels
  }
}

@Suite struct NIfTIReaderTests {
  let workers = Workers(count: 2)

  /// Writes the bytes as a file and calls `body` with its path.
  func withFile<T>(
    _ bytes: [UInt8], name: String = "v.nii", _ body: (String) throws -> T
  ) throws -> T {
    try withTemporaryFolder { folder in
      // Without the flush to the disk, which takes most of the time of these tests.
      try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
      return try body("\(folder)/\(name)")
    }
  }

  /// The one-line message with which reading these bytes fails.
  func failure(_ bytes: [UInt8], name: String = "v.nii") throws -> String {
    try withFile(bytes, name: name) { path in
      let error = #expect(throws: MaskCTError.self) {
        try NIfTI.readVolume(path, workers: workers)
      }
      #expect(error?.kind == .input)
      #expect(error?.path == path)
      #expect(error?.remedy != nil)
      return error.map { $0.problem } ?? ""
    }
  }

  @Test(arguments: [false, true], [false, true])
  func everyTypeAndByteOrder(isVersion2: Bool, isBigEndian: Bool) throws {
    var raw = RawNIfTI(isVersion2: isVersion2, isBigEndian: isBigEndian)
    let numbers = (0..<24).map { 5 * $0 }
    /// Integer codes with their bytes, then the two floating point ones.
    let integers = [2: 1, 256: 1, 4: 2, 512: 2, 8: 4, 768: 4, 1024: 8, 1280: 8]
    for code in integers.keys.sorted() + [16, 64] {
      raw.datatype = code
      raw.voxels = numbers.flatMap { number in
        switch code {
        case 16: raw.integer(Int(Float(number).bitPattern), 4)
        case 64: raw.integer(Int(truncatingIfNeeded: Double(number).bitPattern), 8)
        default: raw.integer(number, integers[code]!)
        }
      }
      try withFile(raw.bytes) { path in
        let (volume, frame) = try NIfTI.readVolume(path, workers: workers)
        #expect(volume.grid.shape == [2, 3, 4])
        #expect(frame.orientation == "RAS")
        for (index, number) in numbers.enumerated() {
          let (x, y, z) = (index % 2, index / 2 % 3, index / 6)
          #expect(volume[x, y, z] == Float(number), "datatype \(code)")
        }
        let labels = try NIfTI.readLabelMap(path, workers: workers).labels
        #expect(labels.values.map(Float.init) == volume.values)
      }
    }
  }

  @Test func negativeNumbersKeepTheirSign() throws {
    var raw = RawNIfTI(dim: [3, 1, 1, 2, 1, 1, 1, 1])
    for (code, bytes) in [(256, 1), (4, 2), (8, 4), (1024, 8)] {
      raw.datatype = code
      raw.voxels = raw.integer(-100, bytes) + raw.integer(100, bytes)
      let values = try withFile(raw.bytes) {
        try NIfTI.readVolume($0, workers: workers).volume.values
      }
      #expect(values == [-100, 100])
    }
  }

  @Test func scalingIsApplied() throws {
    var raw = RawNIfTI(dim: [3, 1, 1, 2, 1, 1, 1, 1], slope: 0.5, intercept: -1024)
    raw.voxels = raw.integer(0, 2) + raw.integer(3, 2)
    let values = try withFile(raw.bytes) {
      try NIfTI.readVolume($0, workers: workers).volume.values
    }
    #expect(values == [-1024, -1022.5])
    raw.slope = .nan
    let plain = try withFile(raw.bytes) {
      try NIfTI.readVolume($0, workers: workers).volume.values
    }
    #expect(plain == [0, 3], "a slope of NaN means that no scaling is meant")
  }

  @Test func flippedAndPermutedAxesBecomeCanonical() throws {
    // First axis towards inferior, second posterior, third left: as KiTS19 has it.
    var raw = RawNIfTI(datatype: 2)
    raw.rows = [0, 0, -3, 5, 0, -2, 0, 6, -0.5, 0, 0, 7]
    raw.voxels = (0..<24).map { UInt8($0) }
    try withFile(raw.bytes) { path in
      let (volume, frame) = try NIfTI.readVolume(path, workers: workers)
      #expect(frame.orientation == "IPL")
      #expect(volume.grid.shape == [4, 3, 2])
      #expect(frame.fileShape == [2, 3, 4])
      #expect(volume.grid.spacing == [3, 2, 0.5])
      // File voxel (i, j, k) lies at (5 - 3k, 6 - 2j, 7 - i/2) mm.
      let corner: SIMD3<Double> = [5 - 9, 6 - 4, 7 - 0.5]
      #expect(volume.grid.affine.apply([0, 0, 0]) == corner)
      #expect(volume[0, 0, 0] == 23 && volume[3, 2, 1] == 0 && volume[3, 2, 0] == 1)
      #expect(frame.fileAffine.apply([1, 2, 3]) == volume.grid.affine.apply([0, 0, 0]))
      // And back: the same header numbers, the same voxels.
      let copy = path + ".nii.gz"
      try NIfTI.write(volume, to: copy, frame: frame, as: .uint8, workers: workers)
      let again = try NIfTI.readVolume(copy, workers: workers)
      #expect(again.volume == volume)
      #expect(again.frame == frame)
    }
  }

  @Test func anAdaptedFrameKeepsTheFilesAxes() throws {
    var raw = RawNIfTI(datatype: 2)
    raw.rows = [0, 0, -3, 5, 0, -2, 0, 6, -0.5, 0, 0, 7]
    raw.voxels = (0..<24).map { UInt8($0) }
    try withFile(raw.bytes) { path in
      let (volume, frame) = try NIfTI.readVolume(path, workers: workers)
      let part = volume.cropped(to: BoundingBox(lower: [1, 0, 0], upper: [4, 2, 1]))
      let copy = path + ".nii"
      try NIfTI.write(part, to: copy, frame: frame, workers: workers)
      let again = try NIfTI.readVolume(copy, workers: workers)
      #expect(again.volume == part)
      #expect(again.frame.orientation == "IPL")
    }
  }

  @Test func theMatrixComesBeforeTheQuaternionBeforeTheSpacing() throws {
    var raw = RawNIfTI(datatype: 2, qformCode: 1, voxels: [UInt8](repeating: 0, count: 24))
    // Half a turn about z: x and y flipped.
    raw.quaternion = [0, 0, 1, 1, 2, 3]
    func grid() throws -> Grid { try withFile(raw.bytes) { try NIfTI.readHeader($0).grid } }
    func isFirstVoxel(at place: SIMD3<Double>) throws -> Bool {
      try grid().affine.translation == place
    }
    #expect(try isFirstVoxel(at: [-10, 20, 30]))
    raw.sformCode = 0
    #expect(try isFirstVoxel(at: [1 - 0.5, 2 - 4, 3]))
    raw.pixdim[0] = -1  // qfac: the third axis runs the other way
    #expect(try isFirstVoxel(at: [1 - 0.5, 2 - 4, 3 - 9]))
    raw.qformCode = 0
    #expect(try isFirstVoxel(at: [0, 0, 0]))
    let spacing = try grid().spacing
    #expect(spacing == [0.5, 2, 3])
    raw.units = 3  // micrometres
    let small = try grid().spacing
    #expect(small == spacing * 0.001)
  }

  @Test func slicesAndSingleFramesAreVolumes() throws {
    var raw = RawNIfTI(dim: [2, 2, 3, 0, 0, 0, 0, 0], datatype: 2)
    raw.pixdim[3] = 0
    raw.rows = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    raw.voxels = [1, 2, 3, 4, 5, 6]
    let slice = try withFile(raw.bytes) { try NIfTI.readVolume($0, workers: workers).volume }
    #expect(slice.grid.shape == [2, 3, 1] && slice.grid.spacing == [1, 1, 1])
    raw = RawNIfTI(dim: [5, 2, 3, 1, 1, 1, 1, 1], datatype: 2, voxels: raw.voxels)
    let frame = try withFile(raw.bytes) { try NIfTI.readVolume($0, workers: workers).volume }
    #expect(frame.values == slice.values)
    raw.dim = [4, 2, 1, 1, 3, 1, 1, 1]
    #expect(try failure(raw.bytes) == "holds 3 frames, not one volume")
  }

  @Test func labelsMustBeIntegers() throws {
    var raw = RawNIfTI(dim: [3, 1, 1, 3, 1, 1, 1, 1], datatype: 16)
    for (value, isLabel) in [
      (Float(2.0005), true), (2.5, false), (-1, false), (65536, false), (65535, true),
      (.nan, false), (.infinity, false),
    ] {
      raw.voxels = [0, 1, value].flatMap { raw.integer(Int($0.bitPattern), 4) }
      try withFile(raw.bytes) { path in
        if isLabel {
          let labels = try NIfTI.readLabelMap(path, workers: workers).labels
          #expect(labels.values == [0, 1, UInt16(value)])
        } else {
          let error = #expect(throws: MaskCTError.self) {
            try NIfTI.readLabelMap(path, workers: workers)
          }
          #expect(error?.problem.contains("\(Double(value)) at voxel (0, 0, 2)") == true)
        }
      }
    }
  }

  @Test func valuesThatAreNoNumbersAreNamed() throws {
    var raw = RawNIfTI(dim: [3, 1, 2, 1, 1, 1, 1, 1], datatype: 16)
    raw.voxels = [Float(0), .nan].flatMap { raw.integer(Int($0.bitPattern), 4) }
    #expect(try failure(raw.bytes) == "holds the value nan at voxel (0, 1, 0), which is no HU")
  }

  @Test func otherFilesAreRecognised() throws {
    let png = PNG.encode(Picture(width: 2, height: 2))
    #expect(try failure(png) == "is not a NIfTI file: it is a PNG picture")
    #expect(try failure(Array("hello\n".utf8)) == "is not a NIfTI file: it is text")
    #expect(try failure([]) == "is not a NIfTI file: it is empty")
    let zipped = Gzip.compress(Array("hello".utf8), workers: workers).flatMap { $0 }
    #expect(try failure(zipped, name: "v.nii.gz").hasPrefix("is not a NIfTI file"))
    var pair = RawNIfTI().bytes
    pair[345] = 0x69
    #expect(try failure(pair) == "is one half of a .hdr/.img pair")
  }

  @Test func promisesAreChecked() throws {
    func failure(_ change: (inout RawNIfTI) -> Void) throws -> String {
      var raw = RawNIfTI(datatype: 2, voxels: [UInt8](repeating: 0, count: 24))
      change(&raw)
      return try self.failure(raw.bytes)
    }
    #expect(try failure { $0.voxels.removeLast() } == "is cut short: 375 bytes of 376")
    #expect(try failure { $0.dim[1] = 0 } == "has a count of 0 along axis 1")
    #expect(try failure { $0.dim[3] = -4 } == "has a count of -4 along axis 3")
    #expect(try failure { $0.dim[0] = 9 }.hasPrefix("has 9 axes"))
    #expect(
      try failure { $0.dim = [3, 32767, 32767, 32767, 1, 1, 1, 1] }.hasPrefix("is cut short"))
    #expect(try failure { $0.datatype = 128 }.hasPrefix("holds RGB colour voxels"))
    #expect(try failure { $0.datatype = 77 }.hasPrefix("holds voxels of unknown type 77"))
    #expect(try failure { $0.rows[0] = .nan }.hasSuffix("(sform) that is not finite"))
    #expect(try failure { $0.rows[0] = 0 }.hasSuffix("(sform) that cannot be inverted"))
    #expect(try failure { $0.pixdim[2] = .infinity }.hasPrefix("has a spacing (pixdim) of inf"))
    #expect(
      try failure {
        $0.sformCode = 0
        $0.pixdim[2] = 0
      }.hasSuffix("(pixdim) that cannot be inverted"))
    #expect(
      try failure {
        ($0.sformCode, $0.qformCode) = (0, 1)
        $0.quaternion = [1, 1, 1, 0, 0, 0]
      }.hasPrefix("has a qform quaternion"))
    #expect(try failure { $0.rows[0] = 1e20 }.hasPrefix("has voxels of"))
    #expect(try failure { $0.rows[3] = 1e20 }.hasPrefix("has voxels of"))
    #expect(try failure { $0.offset = 100 }.hasPrefix("has its voxels at byte 100"))
    #expect(try failure { ($0.slope, $0.intercept) = (2, .nan) }.hasPrefix("has scl_slope 2.0"))
    #expect(
      try failure {
        $0.isVersion2 = true
        $0.dim = [3, 1 << 40, 1 << 40, 1 << 40, 1, 1, 1, 1]
      }.hasPrefix("claims"))
  }

  @Test func aHugePromiseInASmallFileIsRefusedBeforehand() throws {
    var raw = RawNIfTI(isVersion2: true, datatype: 2)
    raw.dim = [3, 1 << 15, 1 << 15, 1 << 15, 1, 1, 1, 1]
    let zipped = Gzip.compress(raw.bytes, workers: workers).flatMap { $0 }
    #expect(try failure(zipped) == "holds less than its header promises")
    try withFile(zipped) { path in
      _ = #expect(throws: MaskCTError.self) { try NIfTI.readHeader(path) }
    }
  }

  @Test func cutAndDamagedGzipIsRefused() throws {
    var raw = RawNIfTI(dim: [3, 50, 50, 50, 1, 1, 1, 1], datatype: 2)
    var stream = RandomStream(seed: 1)
    raw.voxels = (0..<125_000).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
    let zipped = Gzip.compress(raw.bytes, workers: workers).flatMap { $0 }
    let problem = "is gzip data cut short or damaged"
    #expect(try failure(Array(zipped.dropLast(5000)), name: "v.nii.gz") == problem)
    var damaged = zipped
    damaged[zipped.count - 5] ^= 1  // in the checksum
    #expect(try failure(damaged, name: "v.nii.gz") == problem)
    // The header is at the start and still to be had.
    let shape = try withFile(Array(zipped.dropLast(5000))) { try NIfTI.readHeader($0).grid.shape }
    #expect(shape == [50, 50, 50])
  }

  @Test func noChangeOfBytesCrashes() throws {
    var stream = RandomStream(seed: 2)
    for version2 in [false, true] {
      let sound = RawNIfTI(isVersion2: version2, voxels: [UInt8](repeating: 7, count: 48)).bytes
      for _ in 0..<300 {
        var bytes = sound
        for _ in 0..<3 {
          let place = Int(stream.next() % UInt64(bytes.count))
          bytes[place] = UInt8(truncatingIfNeeded: stream.next())
        }
        if stream.next() % 4 == 0 { bytes.removeLast(Int(stream.next() % UInt64(bytes.count))) }
        try withFile(bytes) { path in
          _ = try? NIfTI.readHeader(path)
          _ = try? NIfTI.readVolume(path, workers: workers)
          _ = try? NIfTI.readLabelMap(path, workers: workers)
        }
      }
    }
  }

  @Test(.enabled(if: SharedData.isPresent, "needs ../shared/data"))
  func realLabelMapsOfFourOrientations() throws {
    for (name, orientation) in [
      ("lits/segmentation-014", "LAS"), ("btcv/label0005", "LPS"), ("kits19/case_00010", "IPL"),
      ("totalsegmentator/s0328", "RAS"),
    ] {
      let path = SharedData.path("masks/\(name).nii.gz")
      let (grid, frame, type) = try NIfTI.readHeader(path)
      #expect(frame.orientation == orientation)
      #expect(type == .uint8)
      for axis in 0..<3 {
        #expect(grid.affine.columns[axis][axis] > 0, "canonical axes run towards R, A, S")
      }
    }
    // The liver lies on the right, the left kidney on the left, both in front of the back's skin.
    let (labels, _) = try NIfTI.readLabelMap(
      SharedData.path("masks/3dircadb1/ircad_05.nii.gz"), workers: workers)
    let census = LabelCensus(labels, workers: workers)
    func middle(_ label: UInt16) throws -> SIMD3<Double> {
      let box = try #require(census.entries[label]).box
      return labels.grid.affine.apply(SIMD3<Double>(box.lower &+ box.upper &- 1) * 0.5)
    }
    let (liver, right, left) = (try middle(6), try middle(8), try middle(9))
    #expect(liver.x > left.x && right.x > left.x, "x runs towards the patient's right")
    #expect(liver.y > right.y, "kidneys lie behind the liver: y runs towards anterior")
    #expect(liver.z > right.z, "and below it: z runs towards superior")
  }
}
