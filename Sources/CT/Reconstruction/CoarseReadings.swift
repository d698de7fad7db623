internal import Acquisition
internal import Support
internal import Synchronization

/// The readings of a scan, averaged over neighbouring channels and successive views, and over rows for thick slices.
///
/// What is smooth in the plane is all in them, at a fifth to a twentieth of the size. What a cone angle does to an image changes
/// from slice to slice, so rows are kept as long as a slice is not as high as five of them. Readings are recorded while a reconstruction asks for the fine ones
/// (`recording`), so that nothing is projected twice; those that nobody asked for are read when they are needed.
final class CoarseReadings: ViewSource {
  /// The geometry of the means.
  let scan: HelicalScan
  private let fine: any ViewSource
  private let workers: Workers
  /// Fine channels, views and rows in a mean.
  private let factors: (channels: Int, views: Int, rows: Int)
  /// Means in units of `unit`, `[view][channel][row]`.
  private let means: AlignedBuffer<Int16>
  /// Whether a fine view is in them.
  private let recorded: Mutex<[Bool]>

  /// Far below the noise of a mean; integrals beyond 16 are cut, behind which no photon is left.
  private static let unit: Float = 1 / 2048
  /// Width of a channel at the isocentre, in voxels of the images that are made of them.
  private static let channelWidth = 0.9
  /// Views of a rotation that are enough for such images, times their voxel, mm.
  private static let viewsTimesVoxel = 480.0
  /// Means of rows that a slice is at least as high as.
  private static let rowsPerSlice = 2.5

  /// Prepares the means of `fine`.
  ///
  /// - Parameters:
  ///   - voxel: size in the plane of the voxels that they are for, mm.
  ///   - sliceThickness: of the image that they are for, mm.
  init(of fine: any ViewSource, voxel: Double, sliceThickness: Double, workers: Workers) throws {
    let (scan, scanner) = (fine.scan, fine.scan.scanner)
    let channels = max(
      1,
      Int(
        (Self.channelWidth * voxel / (scanner.sourceToIsocenter * scanner.channelAngle)).rounded()))
    let enough = Int(Self.viewsTimesVoxel / voxel)
    let views =
      (1...max(1, scanner.viewsPerRotation / enough)).last {
        scanner.viewsPerRotation.isMultiple(of: 2 * $0)
      } ?? 1
    let rows =
      (1...max(1, Int(sliceThickness / (Self.rowsPerSlice * scanner.rowHeight)))).last {
        scanner.rows.isMultiple(of: $0)
      } ?? 1
    var coarse = scanner
    coarse.rows = scanner.rows / rows
    coarse.rowHeight = scanner.rowHeight * Double(rows)
    coarse.channels = scanner.channels / channels
    coarse.fanAngle =
      scanner.fanAngle / Double(scanner.channels) * Double(coarse.channels * channels)
    let central = (scanner.centralChannel - Double(channels - 1) / 2) / Double(channels)
    coarse.channelOffset = 0.5 * Double(coarse.channels - 1) - central
    coarse.viewsPerRotation = scanner.viewsPerRotation / views
    // The middle of the views that are averaged.
    let ahead = Double(views - 1) / 2 / Double(scanner.viewsPerRotation)
    self.scan = HelicalScan(
      scanner: coarse, pitch: scan.feed / coarse.collimation,
      firstAngle: scan.firstAngle + 2 * .pi * ahead,
      firstHeight: scan.firstHeight + scan.feed * ahead, viewCount: scan.viewCount / views)
    self.fine = fine
    self.workers = workers
    factors = (channels, views, rows)
    recorded = Mutex([Bool](repeating: false, count: scan.viewCount))
    let count = self.scan.viewCount * coarse.channels * coarse.rows
    try workers.reserve(count * MemoryLayout<Int16>.stride, for: "the readings for cone correction")
    means = AlignedBuffer(count: count)
    means.fill(with: 0)
  }

  /// The fine readings, which are recorded as they are read.
  var recording: any ViewSource { RecordedSource(fine: fine, coarse: self) }

  /// Writes means; see `ViewSource`. Fine views that were not recorded are read first.
  func read(_ range: Range<Int>, into readings: Readings) throws {
    try fetch(range.lowerBound * factors.views..<range.upperBound * factors.views)
    let scanner = scan.scanner
    workers.forEachRange(range.count * scanner.channels, chunk: 1024) { part in
      for line in part {
        let (view, channel) = line.quotientAndRemainder(dividingBy: scanner.channels)
        let rows = readings[view: view, channel: channel]
        let first = mean(view: range.lowerBound + view, channel: channel)
        for row in rows.indices { rows[row] = Float(means[first + row]) * Self.unit }
        rows.repeatLast()
      }
    }
  }

  /// How far from the axis the recorded views meet material, mm: where the mean over the rows is beyond `integral`.
  func radius(ofObjectBeyond integral: Float) -> Double {
    let scanner = scan.scanner
    let threshold = Int(integral / Self.unit) * scanner.rows
    var seen = [Bool](repeating: false, count: scanner.channels)
    for view in 0..<scan.viewCount {
      for channel in 0..<scanner.channels where !seen[channel] {
        let first = mean(view: view, channel: channel)
        seen[channel] = (0..<scanner.rows).reduce(0) { $0 + Int(means[first + $1]) } > threshold
      }
    }
    return seen.indices.filter { seen[$0] }.map {
      scanner.sourceToIsocenter * abs(sine(scanner.angle(ofChannel: $0)))
    }.max() ?? 0
  }

  /// The index of the first row of a channel in the means.
  private func mean(view: Int, channel: Int) -> Int {
    (view * scan.scanner.channels + channel) * scan.scanner.rows
  }

  /// Reads and records the fine views of `range` that are missing.
  private func fetch(_ range: Range<Int>) throws {
    let missing = recorded.withLock { recorded in range.filter { !recorded[$0] } }
    var done = 0
    while done < missing.count {
      // A run of views without gap, some at a time.
      let first = missing[done]
      var end = first
      while done < missing.count, missing[done] == end, end - first < 32 {
        (done, end) = (done + 1, end + 1)
      }
      let readings = Readings(views: end - first, of: fine.scan.scanner)
      try fine.read(first..<end, into: readings)
      record(first..<end, readings)
    }
  }

  /// Adds fine views to the means they belong to.
  fileprivate func record(_ range: Range<Int>, _ readings: Readings) {
    let factors = factors
    let new = recorded.withLock { recorded in
      range.filter { view in
        // The last views may be too few for a mean.
        guard view / factors.views < scan.viewCount, !recorded[view] else { return false }
        recorded[view] = true
        return true
      }
    }
    let to = scan.scanner
    let scale = 1 / (Self.unit * Float(factors.channels * factors.views * factors.rows))
    let limit = Float(Int16.max) / Float(factors.views) - 1
    // By channel and not by view: the views of a mean must not be added at once.
    workers.forEachRange(to.channels, chunk: 16) { part in
      var sums = [Float](repeating: 0, count: readings.rows)
      for view in new {
        for channel in part {
          let line = view - range.lowerBound
          let first = readings[view: line, channel: channel * factors.channels]
          for row in first.indices { sums[row] = first[row] }
          for next in 1..<factors.channels {
            let rows = readings[view: line, channel: channel * factors.channels + next]
            for row in rows.indices { sums[row] += rows[row] }
          }
          if factors.rows > 1 {
            for row in 0..<to.rows {
              let start = row * factors.rows
              sums[row] = sums[start..<start + factors.rows].reduce(0, +)
            }
          }
          let place = mean(view: view / factors.views, channel: channel)
          // Rounded down after a number between 0 and 1 was added, another for each view and channel: the views
          // of a round body are all the same, and so would be their rounding, ring by ring.
          let dither = Float((view * 101 + channel * 59) % 256) / 256
          for row in 0..<to.rows {
            let value = min(max(sums[row] * scale, -limit), limit)
            // Positive, where truncation rounds down.
            means[place + row] += Int16(truncatingIfNeeded: Int32(value + dither + 32768) - 32768)
          }
        }
      }
    }
  }
}

/// Readings that are recorded as they are read.
private struct RecordedSource: ViewSource {
  let fine: any ViewSource
  let coarse: CoarseReadings

  var scan: HelicalScan { fine.scan }

  func read(_ range: Range<Int>, into readings: Readings) throws {
    try fine.read(range, into: readings)
    coarse.record(range, readings)
  }
}

/// A scan of which the middle rows alone are read.
struct MiddleRows: ViewSource {
  let scan: HelicalScan
  private let whole: any ViewSource

  /// - Parameter rows: as many less than the whole as leaves both sides the same.
  init(_ rows: Int, of whole: any ViewSource) {
    self.whole = whole
    scan = whole.scan.reading(rows: rows, of: whole.scan.scanner.rowHeight)
  }

  func read(_ range: Range<Int>, into middle: Readings) throws {
    let (from, to) = (whole.scan.scanner, scan.scanner)
    let first = (from.rows - to.rows) / 2
    let all = Readings(views: range.count, of: from)
    try whole.read(range, into: all)
    for view in 0..<range.count {
      for channel in 0..<to.channels {
        let (source, target) = (
          all[view: view, channel: channel], middle[view: view, channel: channel]
        )
        for row in target.indices { target[row] = source[first + row] }
        target.repeatLast()
      }
    }
  }
}

extension HelicalScan {
  /// The same helix, read by another detector about the same middle.
  func reading(rows: Int, of rowHeight: Double) -> HelicalScan {
    var scanner = scanner
    (scanner.rows, scanner.rowHeight) = (rows, rowHeight)
    return HelicalScan(
      scanner: scanner, pitch: feed / scanner.collimation, firstAngle: firstAngle,
      firstHeight: firstHeight, viewCount: viewCount)
  }
}
