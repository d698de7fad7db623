public import Acquisition
internal import CHDF5
internal import Support

/// A sinogram on disk, as a source of views: nothing but the views asked for is in memory.
///
/// The format is HDF5, described in docs/reference/sinograms.md, so that other programs can write it.
public final class SinogramFile: ViewSource, @unchecked Sendable {
  // Unchecked: handles are only used while HDF5's lock is held.
  /// What the file says besides its readings.
  public let header: SinogramHeader
  /// The file's name.
  public let path: String
  private let file: HDF5.Handle
  private let lines: FloatDataSet

  /// The geometry of the readings.
  public var scan: HelicalScan { header.scan }

  /// Opens a file and checks all that it says about itself.
  ///
  /// - Throws: `MaskCTError` that names the file, what is wrong and the remedy.
  public init(_ path: String) throws {
    self.path = path
    let size = try ByteFile.size(path)
    (file, header, lines) = try HDF5.call {
      guard let file = HDF5.file(path) else {
        throw MaskCTError(
          .input, path: path, "is no HDF5 file, or one that is cut short",
          remedy: "give a file of 'maskct scan --sinogram', or copy it again")
      }
      guard HDF5.text("format", of: file) == "maskct sinogram",
        let version = HDF5.numbers("version", of: file)?[0]
      else {
        throw MaskCTError(
          .input, path: path, "is an HDF5 file, but no sinogram",
          remedy: "set the attributes 'format' and 'version' that docs/reference/sinograms.md tells"
        )
      }
      guard version >= 1, version < Double(SinogramHeader.version + 1) else {
        throw MaskCTError(
          .input, path: path, "has version \(version) of the format",
          remedy: "this program reads version \(SinogramHeader.version): update it")
      }
      guard let geometry = HDF5.open("geometry", in: file, as: H5O_TYPE_GROUP) else {
        throw MaskCTError(
          .input, path: path, "has no group 'geometry'",
          remedy: "write it as docs/reference/sinograms.md says")
      }
      let lines = try FloatDataSet(
        opening: "line_integrals", in: file, fileSize: size, path: path)
      let header = try SinogramHeader(
        geometry: geometry, taken: HDF5.open("protocol", in: file, as: H5O_TYPE_GROUP),
        image: HDF5.open("image", in: file, as: H5O_TYPE_GROUP), shape: lines.shape, path: path)
      return (file, header, lines)
    }
  }

  /// Reads line integrals; see `ViewSource`. Padding rows repeat the last row.
  ///
  /// - Throws: `MaskCTError` where the file is damaged or holds something that is not a number.
  public func read(_ range: Range<Int>, into readings: Readings) throws {
    let scanner = scan.scanner
    let (channels, rows, stride) = (scanner.channels, scanner.rows, scanner.rowStride)
    precondition(readings.views == range.count, "the readings have as many views")
    let base = readings.memory.baseAddress!
    guard HDF5.call({ lines.read(range, into: base) }) else {
      throw MaskCTError(
        .input, path: path, "cannot be read at view \(range.lowerBound)",
        remedy: "the file is damaged: copy or write it again")
    }
    // From the last column on, so that no column is overwritten before it has moved to its place.
    for column in (0..<range.count * channels).reversed() {
      let (from, to) = (base + column * rows, base + column * stride)
      var sum: Float = 0
      for row in (0..<rows).reversed() {
        sum += from[row] - from[row]  // 0, or not a number
        to[row] = from[row]
      }
      for row in rows..<stride { to[row] = to[rows - 1] }
      guard sum == 0 else {
        throw MaskCTError(
          .input, path: path,
          "holds a line integral that is not finite, at view "
            + "\(range.lowerBound + column / channels), channel \(column % channels)",
          remedy: "where no photon arrives, write the largest line integral that can be read")
      }
    }
  }

  /// Writes a sinogram, some views at a time, under a temporary name until it is whole.
  ///
  /// - Parameters:
  ///   - source: the readings.
  ///   - counts: what the detector reads of a line integral; `nil` to leave counts out.
  ///   - progress: called with the fraction done; what it throws stops the writing.
  /// - Throws: `MaskCTError` of kind `.output` that names the file.
  public static func write(
    _ source: any ViewSource, header: SinogramHeader, counts: DetectorCounts? = nil,
    to path: String, progress: (Double) throws -> Void = { _ in }
  ) throws {
    let scan = source.scan
    let scanner = scan.scanner
    let failure = MaskCTError(
      .output, path: path, "cannot be written",
      remedy: "free some space or write to another folder")
    let shape = SIMD3(scan.viewCount, scanner.channels, scanner.rows)
    try AtomicFile.write(to: path) { temporary in
      let (file, sets) = try HDF5.call {
        guard let file = HDF5.file(temporary, new: true),
          header.write(
            to: file,
            create: { name in
              HDF5.Handle(H5Gcreate2(file.id, name, 0, 0, 0)) { H5Gclose($0) }
            }),
          let lines = FloatDataSet(creating: "line_integrals", in: file, shape: shape)
        else { throw failure }
        var sets = [lines]
        if let counts {
          guard let set = FloatDataSet(creating: "counts", in: file, shape: shape),
            let air = FloatDataSet(
              creating: "air_counts", in: file, shape: [1, scanner.channels, 1]),
            air.write(0..<1, from: counts.air)
          else { throw failure }
          sets.append(set)
        }
        return (file, sets)
      }
      // Some tens of megabytes at a time, so that the projector has whole groups of views to share.
      let batch = max(4, min(128, (32 << 20) / (scanner.viewStride * 4)) / 4 * 4)
      let buffer = Readings(views: batch, of: scanner)
      var packed = [Float](repeating: 0, count: batch * scanner.channels * scanner.rows)
      for first in stride(from: 0, to: scan.viewCount, by: batch) {
        let views = first..<min(scan.viewCount, first + batch)
        let readings = buffer[views: 0..<views.count]
        /// Writes the readings without their padding.
        func write(to set: FloatDataSet) throws {
          var next = 0
          for view in 0..<views.count {
            for channel in 0..<scanner.channels {
              let rows = readings[view: view, channel: channel]
              for row in rows.indices { packed[next + row] = rows[row] }
              next += scanner.rows
            }
          }
          guard HDF5.call({ set.write(views, from: packed) }) else { throw failure }
        }
        try source.read(views, into: readings)
        try write(to: sets[0])
        if let counts {
          for view in 0..<views.count {
            for channel in 0..<scanner.channels {
              counts.apply(to: readings[view: view, channel: channel], channel: channel)
            }
          }
          try write(to: sets[1])
        }
        try progress(Double(views.upperBound) / Double(scan.viewCount))
      }
      guard HDF5.call({ H5Fflush(file.id, H5F_SCOPE_GLOBAL) }) >= 0 else { throw failure }
    }
  }
}
