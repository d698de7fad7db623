internal import Acquisition
internal import Kernels
internal import Volumes

/// A window of filtered parallel views that slides along the scan.
///
/// Fan views are pulled from the source in batches, rebinned and filtered, and kept in a ring until the
/// window moves on.
struct ParallelWindow {
  let rebinning: Rebinning
  private let source: any ViewSource
  private let filter: RampFilter
  private let workers: Workers
  private let viewFloats: Int
  private var ring: AlignedBuffer
  private var fan: AlignedBuffer
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
    viewFloats = rebinning.samples * scanner.rowStride
    ring = AlignedBuffer(count: 0)
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
  ) throws -> (first: Int, pointers: [UnsafePointer<Float>?]) {
    let scan = source.scan
    let perView = scan.feed / Double(scan.scanner.viewsPerRotation)
    let available =
      -rebinning.offsets.lowerBound..<(scan.viewCount - rebinning.offsets.upperBound)
    let wanted =
      Int(((heights.lowerBound - scan.firstHeight) / perView).rounded(.up))..<Int(
        ((heights.upperBound - scan.firstHeight) / perView).rounded(.down)) + 1
    let needed = wanted.clamped(to: available)
    if ring.count < wanted.count * viewFloats {
      // Once: later slabs are no higher, and a batch to spare covers the rounding of their ends.
      precondition(produced.isEmpty, "the ring is made for the highest slab, which comes first")
      ring = AlignedBuffer(count: (wanted.count + batch) * viewFloats)
    }
    let slots = ring.count / viewFloats
    produced =
      max(produced.lowerBound, needed.lowerBound)..<max(produced.upperBound, needed.lowerBound)
    while produced.upperBound < needed.upperBound {
      let end = min(needed.upperBound, produced.upperBound + batch)
      try make(produced.upperBound..<end, slots: slots)
      produced = produced.lowerBound..<end
    }
    return (
      needed.lowerBound,
      needed.map { UnsafePointer(ring.base + $0 % slots * viewFloats) }
    )
  }

  /// Rebins and filters parallel views `views` into the ring.
  private mutating func make(_ views: Range<Int>, slots: Int) throws {
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
        into: UnsafeMutableBufferPointer(
          start: fan.base + slot * fanStride, count: (end - fetched.upperBound) * fanStride))
      fetched = fetched.lowerBound..<end
    }
    let rowStride = scanner.rowStride
    let outputs = views.map { ring.base + $0 % slots * viewFloats }
    nonisolated(unsafe) let (targets, fanBase) = (outputs, fan.base)
    let (rebinning, fanCapacity) = (rebinning, fanCapacity)
    workers.forEachRange(views.count, chunk: 4) { part in
      for index in part {
        let first = views.lowerBound + index + rebinning.offsets.lowerBound
        let pointers = (0..<rebinning.offsets.count).map {
          UnsafePointer(fanBase + (first + $0) % fanCapacity * fanStride) as UnsafePointer<Float>?
        }
        rebinning.rebin(pointers, scanner: scanner, out: targets[index])
      }
    }
    let groups = outputs.flatMap { output in
      stride(from: 0, to: rowStride, by: 16).map { output + $0 }
    }
    filter.apply(
      groups: groups, samples: rebinning.samples, stride: rowStride, workers: workers)
  }
}

/// Floats, freed with the last reference.
final class AlignedBuffer: @unchecked Sendable {
  // Unchecked: the window that owns a buffer decides who writes where.
  let base: UnsafeMutablePointer<Float>
  let count: Int

  init(count: Int) {
    self.count = count
    base = allocateLargeMemory(byteCount: max(count, 1) * 4)
      .bindMemory(to: Float.self, capacity: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }
}
