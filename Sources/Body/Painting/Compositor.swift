import Support
internal import Textures
import Volumes

/// What a texture lays out in a structure: luminance by clip and place.
struct FillTexture: Sendable {
  var field: TextureField
  /// The painting voxel at the origin of the field.
  var origin: SIMD3<Int>
}

/// What a structure of several parts is laid out by: the parts' places, and the texture inside them.
struct FillLayout: Sendable {
  var layout: TissueLayout
  /// The rank of the texture's luminance as standard deviations off the mean; `nil` where parts have no texture.
  var texture: (FillTexture, HistogramMatch)?
}

/// How one channel of a structure follows from its texture.
enum ChannelPaint: Sendable {
  /// The same value everywhere.
  case constant(Float)
  /// The value that a distribution has at the rank of the texture's luminance.
  case ranked(HistogramMatch)
  /// Mean and deviation of every part of the layout.
  case composed([PartValue])

  /// What one channel of a part is.
  struct PartValue: Sendable {
    var mean: Float
    /// From voxel to voxel, along the ranks of the texture.
    var deviation: Float
  }
}

/// A label map's structures, each with its paint.
struct PaintLayer: Sendable {
  /// One structure.
  struct Fill: Sendable {
    var ids: [UInt16]
    var box: BoundingBox
    /// Needed where a channel is ranked.
    var texture: FillTexture?
    /// Needed where a channel is composed.
    var layout: FillLayout?
    /// One for each channel that is painted, in their order.
    var paints: [ChannelPaint]
    /// Factor of the weight: above 1 the structure reaches beyond its label, see `MembershipRule.weight`.
    var weight: Float = 1
  }

  var labels: LabelLayer
  var fills: [Fill]

  /// Every id that has a paint, and the box of them all.
  var painted: (selection: LabelSelection, box: BoundingBox)? {
    guard var box = fills.first?.box else { return nil }
    for fill in fills { box = box.union(fill.box) }
    let ids = fills.flatMap(\.ids)
    if ids.count <= 2 { return (.ids(ids), box) }
    var table = [UInt8](repeating: 0, count: 65536)
    for id in ids { table[Int(id)] = 1 }
    return (.table(table), box)
  }
}

/// What lies below all layers.
enum PaintBase: Sendable {
  /// One value.
  case constant(Float)
  /// A cylinder of texture in one value.
  case cylinder(PaintedCylinder, outside: Float)
}

/// Paints layers over each other with smooth edges, all channels of a body in one pass.
///
/// For every structure l with membership `p_l` and value `v_l`,
///
///     v = sum_l w_l v_l,   w_l = c_l p_l^g / sum_m c_m p_m^g
///
/// where the sum runs over the structures of a layer and what lies below it, whose membership is
/// that of the voxels without paint. The factor c_l is 1, or moves the surface of the structure off its
/// label. The weights add up to 1 everywhere, and are the same for every channel: a voxel half filled with a
/// structure has half of each of its properties. Works in slabs of rows,
/// each from its own part of the label map: memory does not grow with the number of structures.
enum Compositor {
  /// Rows of the painting grid worked on at once.
  static let slabRows = 16

  /// Paints the layers, the first at the bottom.
  ///
  /// - Parameter bases: what lies below all layers, one for each channel.
  /// - Returns: the channels, in the order of `bases`.
  static func composite(
    grid: Grid, bases: [PaintBase], layers: [PaintLayer], workers: Workers
  ) -> [Volume<Float>] {
    uninitialized(bases.count, grid) { volumes in
      nonisolated(unsafe) let volumes = volumes
      workers.forEachRange(grid.shape.y, chunk: slabRows) { rows in
        let slabs = volumes.map { $0 + grid.offset(0, rows.lowerBound, 0) }
        for (slab, base) in zip(slabs, bases) { fill(slab, rows, grid, base) }
        for layer in layers { paint(slabs, rows, grid, layer) }
      }
    }
  }

  /// As many volumes as asked for, whose memory `body` writes.
  private static func uninitialized(
    _ count: Int, _ grid: Grid, _ opened: [UnsafeMutablePointer<Float>] = [],
    _ body: ([UnsafeMutablePointer<Float>]) -> Void
  ) -> [Volume<Float>] {
    guard opened.count < count else {
      body(opened)
      return []
    }
    var rest: [Volume<Float>] = []
    let values = [Float](unsafeUninitializedCapacity: grid.count) { out, written in
      written = grid.count
      rest = uninitialized(count, grid, opened + [out.baseAddress!], body)
    }
    return [Volume(grid: grid, values: values)] + rest
  }

  private static func fill(
    _ slab: UnsafeMutablePointer<Float>, _ rows: Range<Int>, _ grid: Grid, _ base: PaintBase
  ) {
    switch base {
    case .constant(let value):
      slab.update(repeating: value, count: rows.count * grid.shape.x * grid.shape.z)
    case .cylinder(let cylinder, let outside):
      cylinder.paint(slab, rows: rows, grid: grid, outside: outside)
    }
  }

  /// Paints a layer over the slabs of all channels.
  private static func paint(
    _ slabs: [UnsafeMutablePointer<Float>], _ rows: Range<Int>, _ grid: Grid, _ layer: PaintLayer
  ) {
    guard let all = layer.painted else { return }
    let width = grid.shape.x
    let height = grid.shape.z
    let count = rows.count * width * height
    // The weights, then the weighted sums of every channel, then two columns of texture and one of every channel.
    let weights = UnsafeMutablePointer<Float>.allocate(
      capacity: (1 + slabs.count) * count + (2 + slabs.count) * height)
    defer { weights.deallocate() }
    weights.update(repeating: 0, count: (1 + slabs.count) * count)
    let sums = slabs.indices.map { weights + (1 + $0) * count }
    let luminance = weights + (1 + slabs.count) * count
    let ranked = luminance + height
    let values = slabs.indices.map { ranked + (1 + $0) * height }
    let members = MembershipSlab(layer: layer.labels, rows: rows)
    let steps = Float(MembershipRule.steps)

    layer.labels.rule.table.withUnsafeBufferPointer { table in
      for fill in layer.fills {
        var columns = fill.texture.map {
          TextureColumns($0.field, z: -$0.origin.z..<height - $0.origin.z)
        }
        var layout = fill.layout.map { ComposedColumns($0, height: height) }
        members.forEachColumn(.ids(fill.ids), box: fill.box) { x, y, z, p in
          let place = ((y - rows.lowerBound) * width + x) * height + z.lowerBound
          let weight = weights + place
          // Rounding by adding 2^23 keeps this loop free of checked conversions.
          for k in 0..<z.count {
            p[k] =
              fill.weight * table[Int((min(1, max(0, p[k])) * steps + 0x1p23).bitPattern & 0x1FFF)]
          }
          for k in 0..<z.count { weight[k] += p[k] }
          if let texture = fill.texture {
            columns!.fill(
              luminance, x: x - texture.origin.x, y: y - texture.origin.y,
              z: z.lowerBound - texture.origin.z..<z.upperBound - texture.origin.z)
          }
          layout?.fill(values, fill.paints, scratch: luminance, x: x, y: y, z: z)
          for (channel, paint) in fill.paints.enumerated() {
            let sum = sums[channel] + place
            switch paint {
            case .constant(0): break
            case .constant(let value):
              for k in 0..<z.count { sum[k] += p[k] * value }
            case .ranked(let match):
              ranked.update(from: luminance, count: z.count)
              match.apply(UnsafeMutableBufferPointer(start: ranked, count: z.count))
              for k in 0..<z.count { sum[k] += p[k] * ranked[k] }
            case .composed:
              let value = values[channel]
              for k in 0..<z.count { sum[k] += p[k] * value[k] }
            }
          }
        }
      }
      // What lies below has the membership of all voxels without paint.
      members.forEachColumn(all.selection, box: all.box) { x, y, z, p in
        let place = ((y - rows.lowerBound) * width + x) * height + z.lowerBound
        let weight = weights + place
        for k in 0..<z.count {
          p[k] = table[Int((min(1, max(0, 1 - p[k])) * steps + 0x1p23).bitPattern & 0x1FFF)]
        }
        for (slab, sum) in zip(slabs, sums) {
          let (out, sum) = (slab + place, sum + place)
          for k in 0..<z.count {
            out[k] = (sum[k] + p[k] * out[k]) / max(weight[k] + p[k], 1e-20)
          }
        }
      }
    }
  }
}

/// The values of a structure of several parts in one column after the other, all channels together.
private struct ComposedColumns {
  private var parts: TissueLayout.Columns
  private var texture: (columns: TextureColumns, origin: SIMD3<Int>, match: HistogramMatch)?

  init(_ fill: FillLayout, height: Int) {
    parts = TissueLayout.Columns(fill.layout, height: height)
    texture = fill.texture.map { texture, match in
      (
        TextureColumns(texture.field, z: -texture.origin.z..<height - texture.origin.z),
        texture.origin, match
      )
    }
  }

  /// Writes the values of the channels that are composed.
  ///
  /// - Parameter scratch: room for a column.
  mutating func fill(
    _ values: [UnsafeMutablePointer<Float>], _ paints: [ChannelPaint],
    scratch: UnsafeMutablePointer<Float>, x: Int, y: Int, z: Range<Int>
  ) {
    let count = z.count
    let hasTexture = texture != nil
    if let origin = texture?.origin {
      texture!.columns.fill(
        scratch, x: x - origin.x, y: y - origin.y,
        z: z.lowerBound - origin.z..<z.upperBound - origin.z)
      texture!.match.apply(UnsafeMutableBufferPointer(start: scratch, count: count))
    }
    @inline(__always) func lay(
      _ part: Int, _ body: (UnsafeMutablePointer<Float>, _ mean: Float, _ deviation: Float) -> Void
    ) {
      for (value, paint) in zip(values, paints) {
        if case .composed(let table) = paint {
          body(value, table[part].mean, hasTexture ? table[part].deviation : 0)
        }
      }
    }
    lay(0) { value, mean, deviation in
      if deviation == 0 {
        value.update(repeating: mean, count: count)
      } else {
        for k in 0..<count { value[k] = mean + deviation * scratch[k] }
      }
    }
    parts.forEachPart(x: x, y: y, z: z) { part, cover in
      lay(part) { value, mean, deviation in
        if deviation == 0 {
          for k in 0..<count { value[k] += cover[k] * (mean - value[k]) }
        } else {
          for k in 0..<count { value[k] += cover[k] * (mean + deviation * scratch[k] - value[k]) }
        }
      }
    }
  }
}
