package import Support
import Synchronization
public import Volumes

/// A label map with the names of its structures, in RAS+.
public struct AnatomicalMap: Sendable {
  /// The case's name: `label0001`, `s0327`.
  public var name: String
  /// The label map; 0 is background.
  public var labels: LabelMap {
    didSet { counted = CensusOnce() }
  }
  /// What the CT is to show, on the grid of `labels`: 0 where it shows air. `nil` for all of it.
  public var region: LabelMap?
  /// The slices that labels were drawn on; `nil` for all. Those beyond were added by `FieldOfView`: nothing but
  /// cut tubes is labelled there, and the body completion draws what the map cannot know.
  public internal(set) var labelledSlices: Range<Int>?
  /// Structures that are drawn as labels on the slices beyond (`CutTubes`).
  var continuedStructures: Set<String> = []
  /// The canonical structure of every id present (0 excluded).
  public var structures: [UInt16: String]
  /// The id of what a lesion lies in, for every id that `adding` made.
  public internal(set) var hosts: [UInt16: UInt16] = [:]
  /// Order and direction of the axes of the file that the map came from, for writing it back.
  public var frame: FileFrame
  /// What was put right or looks odd, one sentence each, for the case's record.
  public var notes: [String]

  private var counted = CensusOnce()

  /// Creates a map; without a frame, one that was not read from a file.
  public init(
    name: String, labels: LabelMap, structures: [UInt16: String], frame: FileFrame? = nil,
    notes: [String] = []
  ) {
    self.name = name
    self.labels = labels
    self.structures = structures
    self.frame = frame ?? .canonical(labels.grid)
    self.notes = notes
  }

  /// Which ids `labels` holds and where, counted when first asked for.
  ///
  /// Reading, the orientation check, the body fit and painting all need it; copies of the map share it until their
  /// labels change.
  package func census(workers: Workers) -> LabelCensus {
    counted.value { LabelCensus(labels, workers: workers) }
  }

  /// The ids whose structure is `structure`, ascending.
  public func ids(of structure: String) -> [UInt16] {
    structures.filter { $0.value == structure }.keys.sorted()
  }

  /// The ids that only say "inside the body" (`StructureCatalog.isEnvelope`), ascending.
  public var envelopeIDs: [UInt16] {
    structures.filter { StructureCatalog.isEnvelope($0.value) }.keys.sorted()
  }

  /// The map with `before` slices added below and `after` above, by mirror reflection along z.
  ///
  /// The first and the last slice are not repeated: slices run `2 1 | 0 1 2 ... n-1 | n-2 n-3`. A
  /// margin longer than the volume is reflected again at the other end. The region is dropped.
  public func extended(before: Int, after: Int) -> AnatomicalMap {
    precondition(before >= 0 && after >= 0, "an extension adds slices, it takes none away")
    let grid = labels.grid
    let depth = grid.shape.z
    let padded = grid.padded(before: [0, 0, before], after: [0, 0, after])
    let height = padded.shape.z
    let source = (0..<height).map { Self.reflect($0 - before, depth) }
    var values = [UInt16](repeating: 0, count: padded.count)
    labels.values.withUnsafeBufferPointer { from in
      values.withUnsafeMutableBufferPointer { to in
        for column in 0..<grid.columns {
          let a = column * depth
          let b = column * height
          for z in 0..<height { to[b + z] = from[a + source[z]] }
        }
      }
    }
    var map = self
    map.labels = LabelMap(grid: padded, values: values)
    map.region = nil
    map.frame = frame.adapted(to: padded)
    return map
  }

  /// The heights that labels were drawn on, mm from the first slice: `0...extent` where that is the whole map.
  var labelledHeights: ClosedRange<Double> {
    guard let slices = labelledSlices else { return 0...labels.grid.extent.z }
    let step = labels.grid.spacing.z
    return Double(slices.lowerBound) * step...Double(slices.upperBound) * step
  }

  /// Index `z` of an endlessly mirrored line of `count` samples.
  static func reflect(_ z: Int, _ count: Int) -> Int {
    if count == 1 { return 0 }
    let period = 2 * (count - 1)
    let folded = ((z % period) + period) % period
    return folded < count ? folded : period - folded
  }
}

/// A census that is counted once and then kept.
private final class CensusOnce: Sendable {
  private let census = Mutex<LabelCensus?>(nil)

  func value(_ count: () -> LabelCensus) -> LabelCensus {
    census.withLock { census in
      if let census { return census }
      let counted = count()
      census = counted
      return counted
    }
  }
}
