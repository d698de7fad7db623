import Support
import Volumes

/// A label map on its way to a painting grid: where it lies and how its edges are drawn.
struct LabelLayer: Sendable {
  /// The labels; runs of identical slices are one slice (see `SliceGroups`).
  let labels: LabelMap
  /// Which ids `labels` holds, and where.
  let census: LabelCensus
  /// Painting to label indices along x and y.
  let axes: [AxisMap]
  let rule: MembershipRule
  let painting: Grid
  /// The label slice (continuous, mirrored coordinates, see `Mirror`) of every painting slice.
  let heights: [Double]
  /// The label slice below every painting slice, and the part of the way to the next.
  let below: [Int32]
  let fraction: [Float]

  init(labels: LabelMap, painting: Grid, edges: EdgeSettings, workers: Workers) {
    let groups = SliceGroups(labels, workers: workers)
    self.labels = groups.collapsed(labels)
    self.painting = painting
    census = LabelCensus(self.labels, workers: workers)
    let maps = AxisMap.axes(from: painting, to: labels.grid)
    axes = [maps[0], maps[1]]
    rule = MembershipRule(
      labels: self.labels.grid.spacing, painting: painting.spacing, edges: edges)
    heights = groups.positions((0..<painting.shape.z).map { maps[2]($0) })
    below = heights.map { Int32($0.rounded(.down)) }
    fraction = heights.map { Float($0 - $0.rounded(.down)) }
  }

  /// The painting slices whose label slice lies in `range`.
  func slices(within range: ClosedRange<Double>) -> Range<Int> {
    let first = firstSlice { heights[$0] >= range.lowerBound }
    let last = firstSlice { heights[$0] > range.upperBound }
    return first..<max(first, last)
  }

  /// The first painting slice at a label slice or above it.
  func slice(at height: Double) -> Int { firstSlice { heights[$0] >= height } }

  /// The painting voxel in the middle of a box of label voxels.
  func center(of box: BoundingBox) -> SIMD3<Int> {
    let middle = SIMD3<Double>(box.lower &+ box.last) * 0.5
    let height = slice(at: middle.z)
    return [
      Int(((middle.x - axes[0].offset) / axes[0].scale).rounded()),
      Int(((middle.y - axes[1].offset) / axes[1].scale).rounded()), height,
    ]
  }

  /// The first painting slice for which `holds`, which stays true above it.
  private func firstSlice(where holds: (Int) -> Bool) -> Int {
    var low = 0
    var high = heights.count
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
