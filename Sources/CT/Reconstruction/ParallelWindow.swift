internal import Acquisition
internal import Kernels
internal import Support

/// A window of filtered parallel views that slides along the scan.
///
/// Fan views are pulled from the source in batches, rebinned, filtered and packed as 16-bit integers with a
/// unit a view, and kept in a ring until the window moves on.
struct ParallelWindow {
  let rebinning: Rebinning
  private let source: any ViewSource
  private let filter: RampFilter
  private let workers: Workers
  /// Integers from one sample of a packed view to the next.
  let packedStride: Int
  /// Integers of a packed view.
  private let viewLength: Int
  private var ring: AlignedBuffer<Int16>
  private var units: [Float]
  /// A batch of views before they are packed.
  private let work: AlignedBuffer<Float>
  private let fan: AlignedBuffer<Float>
  private let fanCapacity: Int
  private let batch = 64
  /// Views in the ring: `produced` holds parallel views, `fetched` fan views.
  private var produced: Range<Int>
  private var fetched: Range<Int>

  init(
    source: any ViewSource, kernel: ReconstructionKernel, sliceThickness: Double, plateau: Double,
    workers: Workers
  ) {
    let scanner = source.scan.scanner
    let rebinning = Rebinning(
      scanner: scanner, sliceThickness: sliceThickness,
      interleaving: RayInterleaving(
        for: kernel, scanner: scanner, pitch: source.scan.pitch, plateau: plateau))
    self.rebinning = rebinning
    self.source = source
    self.workers = workers
    filter = RampFilter(
      samples: rebinning.samples, step: rebinning.step, kernel: kernel,
      rebinning: rebinning.correctedTransfer)
    packedStride = Self.packedStride(rows: scanner.rows)
    viewLength = rebinning.samples * packedStride
    ring = AlignedBuffer(count: 0)
    units = []
    work = AlignedBuffer(count: batch * rebinning.samples * scanner.rowStride)
    fanCapacity = batch + rebinning.offsets.count
    fan = AlignedBuffer(count: fanCapacity * scanner.viewStride)
    let first = -rebinning.offsets.lowerBound
    produced = first..<first
    fetched = 0..<0
  }

  /// The filtered parallel views whose sources (at p = 0) lie in `heights`, as far as the scan goes.
  ///
  /// Call with rising heights: views below the window are dropped.
  mutating func advance(
    heights: ClosedRange<Double>
  ) throws -> (first: Int, views: [mct_packed_view]) {
    let scan = source.scan
    let perView = scan.feed / Double(scan.scanner.viewsPerRotation)
    let available =
      -rebinning.offsets.lowerBound..<(scan.viewCount - rebinning.offsets.upperBound)
    let wanted =
      Int(((heights.lowerBound - scan.firstHeight) / perView).rounded(.up))..<Int(
        ((heights.upperBound - scan.firstHeight) / perView).rounded(.down)) + 1
    let needed = wanted.clamped(to: available)
    if ring.count < wanted.count * viewLength {
      // Once: later slabs are no higher, and a batch to spare covers the rounding of their ends.
      precondition(produced.isEmpty, "the ring is made for the highest slab, which comes first")
      ring = AlignedBuffer(count: (wanted.count + batch) * viewLength)
      units = [Float](repeating: 0, count: wanted.count + batch)
    }
    let slots = units.count
    produced =
      max(produced.lowerBound, needed.lowerBound)..<max(produced.upperBound, needed.lowerBound)
    while produced.upperBound < needed.upperBound {
      let end = min(needed.upperBound, produced.upperBound + batch)
      try make(produced.upperBound..<end)
      produced = produced.lowerBound..<end
    }
    return (
      needed.lowerBound,
      needed.map {
        mct_packed_view(samples: ring.base + $0 % slots * viewLength, unit: units[$0 % slots])
      }
    )
  }

  /// Rebins, filters and packs parallel views `views` into the ring.
  private mutating func make(_ views: Range<Int>) throws {
    let scanner = source.scan.scanner
    let fanStride = scanner.viewStride
    let needed =
      views.lowerBound + rebinning.offsets.lowerBound..<views.upperBound
      + rebinning.offsets.upperBound
    if fetched.upperBound < needed.lowerBound { fetched = needed.lowerBound..<needed.lowerBound }
    while fetched.upperBound < needed.upperBound {
      let slot = fetched.upperBound % fanCapacity
      let end = min(needed.upperBound, fetched.upperBound + fanCapacity - slot)
      try source.read(
        fetched.upperBound..<end,
        into: Readings(
          views: end - fetched.upperBound, of: scanner,
          in: UnsafeMutableBufferPointer(
            start: fan.base + slot * fanStride, count: (end - fetched.upperBound) * fanStride)))
      fetched = fetched.lowerBound..<end
    }
    let viewFloats = rebinning.samples * scanner.rowStride
    nonisolated(unsafe) let (work, fanBase) = (work.base, fan.base)
    let (rebinning, fanCapacity) = (rebinning, fanCapacity)
    workers.forEachRange(views.count, chunk: 4) { part in
      for index in part {
        let first = views.lowerBound + index + rebinning.offsets.lowerBound
        let pointers = (0..<rebinning.offsets.count).map {
          UnsafePointer(fanBase + (first + $0) % fanCapacity * fanStride) as UnsafePointer<Float>?
        }
        rebinning.rebin(pointers, scanner: scanner, out: work + index * viewFloats)
      }
    }
    let groups = views.indices.flatMap { index in
      stride(from: 0, to: scanner.rowStride, by: 16).map {
        work + (index - views.lowerBound) * viewFloats + $0
      }
    }
    filter.apply(
      groups: groups, samples: rebinning.samples, stride: scanner.rowStride, workers: workers)
    pack(views)
  }

  /// Moves filtered views into the ring.
  private mutating func pack(_ views: Range<Int>) {
    let (scanner, samples, slots) = (source.scan.scanner, rebinning.samples, units.count)
    let (viewLength, packedStride, workers) = (viewLength, packedStride, workers)
    nonisolated(unsafe) let (work, ring) = (work.base, ring.base)
    units.withUnsafeMutableBufferPointer { units in
      nonisolated(unsafe) let units = units
      workers.forEachRange(views.count, chunk: 4) { part in
        for index in part {
          let slot = (views.lowerBound + index) % slots
          units[slot] = kernels.pack(
            Int32(samples), Int32(scanner.rows), scanner.rowStride,
            work + index * samples * scanner.rowStride, packedStride, ring + slot * viewLength)
        }
      }
    }
  }

  /// Memory of the window once it holds the views of so many mm.
  func byteCount(heights: Double) -> Int {
    let scanner = source.scan.scanner
    let views = heights / source.scan.feed * Double(scanner.viewsPerRotation)
    return (Int(min(views, Double(source.scan.viewCount))) + batch) * viewBytes
  }

  /// Memory of a view in the window.
  var viewBytes: Int { viewLength * MemoryLayout<Int16>.stride }

  /// Rows as back-projection looks them up: in one, two or four registers.
  static func packedStride(rows: Int) -> Int { rows <= 32 ? 32 : rows <= 64 ? 64 : 128 }
}
