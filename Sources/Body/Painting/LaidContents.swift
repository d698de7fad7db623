import Support
import Volumes

/// The contents of a hollow structure on the painting grid: segments of its lumen, and the levels in them.
///
/// A voxel of the lumen belongs to the segment with the nearest place; folds as thick as the wall lie between two
/// segments. In a segment every layer takes its share of
/// the lumen's volume, counted on the label map, between two planes at right angles to gravity.
struct LaidContents: Sendable {
  /// A segment: its place (mm, painting voxel times spacing), and its layers from the bottom.
  private struct Segment {
    var place: SIMD3<Float>
    var layers: [Slab] = []
  }
  /// A layer between two heights, mm.
  private struct Slab {
    var material: Int
    var low: Float
    var high: Float
  }

  /// Depth at which the lumen begins, mm.
  let wall: Float
  /// Which material of the draw is where; the number of them.
  let materials: Int
  private let segments: [Segment]
  private let spacing: SIMD3<Float>
  /// Height in mm per mm along the axes of the painting grid.
  private let up: SIMD3<Float>

  /// Counts at most this many voxels of a structure.
  private static let sampleLimit = 200_000

  /// Finds the levels.
  ///
  /// - Parameter up: against gravity, in patient coordinates.
  init(
    _ draw: ContentsDraw, up: SIMD3<Double>, ids: [UInt16], box: BoundingBox, layer: LabelLayer,
    depth: DepthField
  ) {
    wall = Float(draw.wall)
    materials = draw.materials.count
    let painting = layer.painting
    let mm = painting.spacing
    spacing = SIMD3<Float>(mm)
    var axes = SIMD3<Float>()
    for axis in 0..<3 { axes[axis] = Float((painting.affine.columns[axis] * up).sum() / mm[axis]) }
    self.up = axes

    // The structure's voxels in the order of memory, in mm of the painting grid.
    let heights = (box.lower.z...box.last.z).map { e in
      Float(Double(layer.slice(at: Double(e))) * mm.z)
    }
    var voxels: [SIMD3<Float>] = []
    var depths: [Float] = []
    let volume = (box.upper &- box.lower)
    let step = max(1, volume.x * volume.y * volume.z / (4 * Self.sampleLimit))
    var number = 0
    for y in box.lower.y...box.last.y {
      for x in box.lower.x...box.last.x {
        let base = layer.labels.grid.offset(x, y, 0)
        for z in box.lower.z...box.last.z where ids.contains(layer.labels.values[base + z]) {
          number += 1
          guard number % step == 0 else { continue }
          voxels.append([
            Float((Double(x) - layer.axes[0].offset) / layer.axes[0].scale * mm.x),
            Float((Double(y) - layer.axes[1].offset) / layer.axes[1].scale * mm.y),
            heights[z - box.lower.z],
          ])
          depths.append(depth.depth(x: x, y: y, z: z))
        }
      }
    }
    var segments = draw.segments.map { segment in
      Segment(
        place: voxels.isEmpty
          ? .zero : voxels[min(voxels.count - 1, Int(segment.place * Double(voxels.count)))])
    }
    // The heights of every segment's lumen; of the whole segment where it is thinner than its walls.
    var lumen = [[Float]](repeating: [], count: segments.count)
    var whole = lumen
    for (voxel, depth) in zip(voxels, depths) {
      let index = Self.nearest(voxel, segments)
      let height = (voxel * axes).sum()
      whole[index].append(height)
      if depth > wall { lumen[index].append(height) }
    }
    for index in segments.indices {
      let counted = (lumen[index].isEmpty ? whole[index] : lumen[index]).sorted()
      guard !counted.isEmpty else { continue }
      var (below, low) = (0.0, -Float.greatestFiniteMagnitude)
      for (number, layer) in draw.segments[index].layers.enumerated() {
        below += layer.share
        let isLast = number == draw.segments[index].layers.count - 1
        let high =
          isLast
          ? Float.greatestFiniteMagnitude
          : counted[min(counted.count - 1, max(0, Int(below * Double(counted.count))))]
        segments[index].layers.append(Slab(material: layer.material, low: low, high: high))
        low = high
      }
    }
    self.segments = segments
  }

  private static func nearest(_ p: SIMD3<Float>, _ segments: [Segment]) -> Int {
    var (best, least) = (0, Float.greatestFiniteMagnitude)
    for index in segments.indices {
      let gap = p - segments[index].place
      let distance = (gap * gap).sum()
      if distance < least { (best, least) = (index, distance) }
    }
    return best
  }

  /// Writes how much of every voxel of a part of a column each material takes: `materials` runs of `z.count` values.
  ///
  /// - Parameter depth: of the voxels, mm.
  func fill(
    _ out: UnsafeMutablePointer<Float>, depth: UnsafePointer<Float>, x: Int, y: Int, z: Range<Int>
  ) {
    let count = z.count
    out.update(repeating: 0, count: materials * count)
    let soft = 1 / spacing.z
    let place = SIMD2<Float>(Float(x), Float(y)) * SIMD2(spacing.x, spacing.y)
    let base = place.x * up.x + place.y * up.y
    segments.withUnsafeBufferPointer { segments in
      for k in 0..<count {
        var lumen = min(1, max(0, (depth[k] - wall) * soft + 0.5))
        guard lumen > 0 else { continue }
        let height = Float(z.lowerBound + k) * spacing.z
        let p = SIMD3(place.x, place.y, height)
        var (best, least) = (0, Float.greatestFiniteMagnitude)
        var (other, second) = (0, Float.greatestFiniteMagnitude)
        for index in segments.indices {
          let gap = p - segments[index].place
          let distance = (gap * gap).sum()
          if distance < least {
            (other, second) = (best, least)
            (best, least) = (index, distance)
          } else if distance < second {
            (other, second) = (index, distance)
          }
        }
        if segments.count > 1 {
          // Distance to the plane halfway to the next segment.
          let axis = segments[other].place - segments[best].place
          let aside = (second - least) / (2 * max((axis * axis).sum().squareRoot(), 1e-3))
          lumen *= min(1, max(0, (aside - wall / 2) * soft + 0.5))
        }
        let h = base + height * up.z
        for layer in segments[best].layers {
          let above = min(1, max(0, (h - layer.low) * soft + 0.5))
          let part = above - min(1, max(0, (h - layer.high) * soft + 0.5))
          out[layer.material * count + k] += lumen * part
        }
      }
    }
  }
}
