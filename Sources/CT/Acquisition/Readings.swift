import Support

/// A number for every detector element of some views, `[view][channel][row]`: line integrals, or paths on the way
/// to them.
///
/// Rows are padded to whole vectors (`Scanner.rowStride`); the padding carries no meaning. Copies and parts share
/// memory, so that workers fill different views of the same readings. Here, and where kernels are called, are the
/// only pointers to readings in this module.
public struct Readings: @unchecked Sendable {
  // Unchecked: workers write to different views.

  /// Memory of its own.
  private final class Storage {
    let start: UnsafeMutablePointer<Float>

    init(count: Int) {
      start = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
        .bindMemory(to: Float.self, capacity: count)
    }

    deinit { UnsafeMutableRawPointer(start).deallocate() }
  }

  /// Number of views.
  public let views: Int
  /// Channels of a view.
  public let channels: Int
  /// Rows of a channel, without padding.
  public let rows: Int
  /// Elements from one channel to the next.
  public let rowStride: Int
  /// The first element, for kernels.
  let start: UnsafeMutablePointer<Float>
  /// Keeps the memory alive; `nil` where it is the caller's.
  private let storage: Storage?

  /// Elements from one view to the next.
  public var viewStride: Int { channels * rowStride }

  /// Readings in memory of their own, undefined at first.
  public init(views: Int, of scanner: Scanner) {
    let storage = Storage(count: max(1, views * scanner.viewStride))
    self.init(views: views, scanner: scanner, start: storage.start, storage: storage)
  }

  /// As many views of the same detector in memory of their own, undefined at first.
  init(shapedAs other: Readings) {
    let storage = Storage(count: max(1, other.views * other.viewStride))
    (views, channels, rows) = (other.views, other.channels, other.rows)
    rowStride = other.rowStride
    (start, self.storage) = (storage.start, storage)
  }

  /// Readings in the caller's memory, which has to outlive them.
  public init(views: Int, of scanner: Scanner, in memory: UnsafeMutableBufferPointer<Float>) {
    precondition(
      memory.count >= views * scanner.viewStride, "the memory holds every view of the readings")
    self.init(views: views, scanner: scanner, start: memory.baseAddress!, storage: nil)
  }

  private init(
    views: Int, scanner: Scanner, start: UnsafeMutablePointer<Float>, storage: Storage?
  ) {
    (self.views, channels, rows) = (views, scanner.channels, scanner.rows)
    rowStride = scanner.rowStride
    (self.start, self.storage) = (start, storage)
  }

  private init(_ whole: Readings, range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= whole.views, "the views are in the readings")
    (views, channels, rows) = (range.count, whole.channels, whole.rows)
    rowStride = whole.rowStride
    start = whole.start + range.lowerBound * whole.viewStride
    storage = whole.storage
  }

  /// All elements with their padding, for libraries in C; valid as long as the readings are.
  public var memory: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: start, count: views * viewStride)
  }

  /// Some of the views, in the same memory.
  public subscript(views range: Range<Int>) -> Readings { Readings(self, range: range) }

  /// One of the views, in the same memory.
  public subscript(view index: Int) -> Readings { Readings(self, range: index..<index + 1) }

  /// The rows of a channel.
  public subscript(view view: Int, channel channel: Int) -> Rows {
    precondition(
      0..<views ~= view && 0..<channels ~= channel, "the channel is one of the readings")
    return Rows(
      count: rows, padded: rowStride, start: start + view * viewStride + channel * rowStride)
  }

  /// The rows of one channel of one view.
  public struct Rows {
    /// Number of rows.
    public let count: Int
    /// The same with padding.
    public let padded: Int
    /// The first row, for kernels.
    let start: UnsafeMutablePointer<Float>

    /// The rows' indices.
    public var indices: Range<Int> { 0..<count }

    /// Fills the padding with the last row.
    public func repeatLast() {
      for row in count..<padded { self[row] = self[count - 1] }
    }

    /// The element in a row.
    public subscript(row: Int) -> Float {
      get {
        assert(0..<padded ~= row, "the row is one of the channel")
        return start[row]
      }
      nonmutating set {
        assert(0..<padded ~= row, "the row is one of the channel")
        start[row] = newValue
      }
    }
  }
}
