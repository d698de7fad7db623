import Support
internal import Textures
import Volumes

/// What fills a structure: one value, or a texture.
enum Paint: Sendable {
  /// The same HU everywhere.
  case constant(Float)
  /// A clip, matched to the structure's distribution; `origin` is the painting voxel at the origin
  /// of the field. Bones may have their texture laid out by depth.
  case texture(TextureField, HistogramMatch, origin: SIMD3<Int>, cortex: Cortex? = nil)
}

/// A label map's structures, each with its paint.
struct PaintLayer: Sendable {
  /// One structure.
  struct Fill: Sendable {
    var ids: [UInt16]
    var box: LabelBoxes.Box
    var paint: Paint
    /// Factor of the weight: above 1 the structure reaches beyond its label, see `MembershipRule.weight`.
    var weight: Float = 1
    /// HU that contrast medium makes.
    var contrast: Float = 0
  }

  var labels: LabelLayer
  var fills: [Fill]

  /// The same structures, filled with the HU of their contrast medium.
  var contrastAlone: PaintLayer {
    var layer = self
    for index in fills.indices { layer.fills[index].paint = .constant(fills[index].contrast) }
    return layer
  }

  /// Every id that has a paint, and the box of them all.
  var painted: (selection: LabelSelection, box: LabelBoxes.Box)? {
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

/// Paints layers over each other with smooth edges.
///
/// For every structure l with membership `p_l` and value `v_l`,
///
///     HU = sum_l w_l v_l,   w_l = c_l p_l^g / sum_m c_m p_m^g
///
/// where the sum runs over the structures of a layer and what lies below it, whose membership is
/// that of the voxels without paint. The factor c_l is 1, or moves the surface of the structure off its
/// label. The weights add up to 1 everywhere. Works in slabs of rows,
/// each from its own part of the label map: memory does not grow with the number of structures.
enum Compositor {
  /// Rows of the painting grid worked on at once.
  static let slabRows = 16

  /// Paints the layers, the first at the bottom.
  static func composite(
    grid: Grid, base: PaintBase, layers: [PaintLayer], workers: Workers
  ) -> Volume<Float> {
    let values = [Float](unsafeUninitializedCapacity: grid.count) { out, count in
      count = grid.count
      nonisolated(unsafe) let result = out.baseAddress!
      workers.forEachRange(grid.shape.y, chunk: slabRows) { rows in
        let slab = result + grid.offset(0, rows.lowerBound, 0)
        fill(slab, rows, grid, base)
        for layer in layers { paint(slab, rows, grid, layer) }
      }
    }
    return Volume(grid: grid, values: values)
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

  private static func paint(
    _ slab: UnsafeMutablePointer<Float>, _ rows: Range<Int>, _ grid: Grid, _ layer: PaintLayer
  ) {
    guard let all = layer.painted else { return }
    let width = grid.shape.x
    let height = grid.shape.z
    let count = rows.count * width * height
    let sums = UnsafeMutablePointer<Float>.allocate(capacity: 2 * count + height)
    defer { sums.deallocate() }
    sums.update(repeating: 0, count: 2 * count)
    let weights = sums + count
    let texture = sums + 2 * count
    let members = MembershipSlab(layer: layer.labels, rows: rows)
    let steps = Float(MembershipRule.steps)

    layer.labels.rule.table.withUnsafeBufferPointer { table in
      for fill in layer.fills {
        var columns: TextureColumns?
        if case .texture(let field, _, let origin, _) = fill.paint {
          columns = TextureColumns(field, z: -origin.z..<height - origin.z)
        }
        members.forEachColumn(.ids(fill.ids), box: fill.box) { x, y, z, p in
          let place = ((y - rows.lowerBound) * width + x) * height + z.lowerBound
          let sum = sums + place
          let weight = weights + place
          // Rounding by adding 2^23 keeps this loop free of checked conversions.
          for k in 0..<z.count {
            p[k] =
              fill.weight * table[Int((min(1, max(0, p[k])) * steps + 0x1p23).bitPattern & 0x1FFF)]
          }
          switch fill.paint {
          case .constant(let value):
            for k in 0..<z.count {
              sum[k] += p[k] * value
              weight[k] += p[k]
            }
          case .texture(_, let match, let origin, let cortex):
            columns!.fill(
              texture, x: x - origin.x, y: y - origin.y,
              z: z.lowerBound - origin.z..<z.upperBound - origin.z)
            cortex?.blend(texture, x: x, y: y, z: z)
            match.apply(UnsafeMutableBufferPointer(start: texture, count: z.count))
            for k in 0..<z.count {
              sum[k] += p[k] * texture[k]
              weight[k] += p[k]
            }
          }
        }
      }
      // What lies below has the membership of all voxels without paint.
      members.forEachColumn(all.selection, box: all.box) { x, y, z, p in
        let place = ((y - rows.lowerBound) * width + x) * height + z.lowerBound
        let sum = sums + place
        let weight = weights + place
        let out = slab + place
        for k in 0..<z.count {
          p[k] = table[Int((min(1, max(0, 1 - p[k])) * steps + 0x1p23).bitPattern & 0x1FFF)]
        }
        for k in 0..<z.count {
          out[k] = (sum[k] + p[k] * out[k]) / max(weight[k] + p[k], 1e-20)
        }
      }
    }
  }
}
