import Support
internal import Textures
import Volumes

/// Which part of a structure is where: the one layout from which every channel takes its values.
///
/// Parts are laid over each other. With the cover `a_i` of part i (0...1 at every voxel, 1 for the first) and its value
/// `v_i` in a channel,
///
///     v = v_0,  then for i = 1, 2, ...:  v += a_i (v_i - v)
///
/// A channel is a table of one value a part; the covers are the same for all.
struct TissueLayout: Sendable {
  /// Where a part lies.
  private struct Place: Sendable {
    /// The material of the lumen that it belongs to; `nil` for the organ itself.
    var material: Int?
    var from: Float?
    var to: Float?
    var pattern: Pattern?
  }

  private enum Pattern: Sendable {
    /// `field < threshold`, with a slope that makes the edge as wide as it is drawn.
    case lobules(NoiseColumns, threshold: Float, slope: Float)
    /// `sqrt(f² + g²) < radius`.
    case vessels(NoiseColumns, NoiseColumns, radius: Float, slope: Float)
    /// `|f| < half`.
    case sheets(NoiseColumns, half: Float, slope: Float)
  }

  /// The parts in the order in which they are laid: those of the structure, then those of every material in it.
  let parts: [PartDraw]
  private let places: [Place]
  private let depth: DepthField?
  private let contents: LaidContents?
  private let origin: SIMD3<Int>
  private let spacing: Float

  /// Lays the parts of a structure out.
  ///
  /// - Parameters:
  ///   - draw: with parts, contents or both.
  ///   - up: against gravity, in patient coordinates.
  ///   - origin: the painting voxel from which fields count.
  init(
    _ draw: FillDraw, up: SIMD3<Double>, ids: [UInt16], box: BoundingBox, layer: LabelLayer,
    origin: SIMD3<Int>, workers: Workers
  ) {
    let mm = layer.painting.spacing
    let own =
      draw.parts
      ?? [
        PartDraw(
          tissue: draw.structure, mean: draw.mean, deviation: draw.deviation,
          contrast: draw.contrast, magnetic: draw.magnetic)
      ]
    var parts: [PartDraw] = []
    var places: [Place] = []
    func add(_ part: PartDraw, material: Int?) {
      parts.append(part)
      places.append(
        Place(
          material: material, from: part.from.map { Float($0) }, to: part.to.map { Float($0) },
          pattern: part.pattern.map { Self.pattern($0, spacing: mm) }))
    }
    for part in own { add(part, material: nil) }
    for (index, material) in (draw.contents?.materials ?? []).enumerated() {
      for part in material { add(part, material: index) }
    }
    self.parts = parts
    self.places = places
    self.origin = origin
    spacing = Float(mm.z)
    let needsDepth = draw.contents != nil || parts.contains { $0.from != nil || $0.to != nil }
    let depth =
      needsDepth
      ? DepthField(ids: ids, box: box, layer: layer, offset: draw.offset ?? 0, workers: workers)
      : nil
    self.depth = depth
    contents = draw.contents.map {
      LaidContents($0, up: up, ids: ids, box: box, layer: layer, depth: depth!)
    }
  }

  private static func pattern(_ draw: PatternDraw, spacing: SIMD3<Double>) -> Pattern {
    switch draw {
    case .lobules(let share, let edge, let noise):
      // The field's slope is 1 / length on average along any direction, sqrt(3) times that along its own.
      let width = max(edge, spacing.z) * 3.0.squareRoot() / noise.length
      return .lobules(
        NoiseColumns(noise, spacing: spacing),
        threshold: Float(SmoothNoise.threshold(share: share, width: width)),
        slope: Float(1 / width))
    case .vessels(let radius, let noise):
      // The centre line is 1 / (pi length²) long per volume: tubes of that radius have the share radius² / length².
      let width = spacing.z * 2.0.squareRoot() / noise.length
      let share = 1 - exponential(-radius * radius / (noise.length * noise.length))
      return .vessels(
        NoiseColumns(noise, spacing: spacing), NoiseColumns(noise, spacing: spacing, twin: true),
        radius: Float(SmoothNoise.tubeRadius(share: share, width: width)), slope: Float(1 / width))
    case .sheets(let thickness, let noise):
      // The surface has 2 / (pi length) mm² a mm³.
      let width = spacing.z * 2 / (noise.length * (Double.pi / 2).squareRoot())
      let share = min(1, 2 * thickness / (.pi * noise.length))
      return .sheets(
        NoiseColumns(noise, spacing: spacing),
        half: Float(SmoothNoise.sheetLevel(share: share, width: width)), slope: Float(1 / width))
    }
  }

  /// Covers of the parts of one column after the other; holds the scratch memory. One a thread.
  struct Columns {
    private let layout: TissueLayout
    private var depth: [Float]
    private var cover: [Float]
    private var fields: [Float]
    private var materials: [Float]

    /// - Parameter height: the longest column, voxels.
    init(_ layout: TissueLayout, height: Int) {
      self.layout = layout
      depth = [Float](repeating: 0, count: layout.depth == nil ? 0 : height)
      cover = [Float](repeating: 0, count: height)
      // Two fields of a pattern side by side.
      fields = [Float](repeating: 0, count: 2 * height)
      materials = [Float](
        repeating: 0, count: height * (layout.contents?.materials ?? 0))
    }

    /// Calls `emit` for every part but the first that occurs in a part of a column, with its index and its cover.
    mutating func forEachPart(
      x: Int, y: Int, z: Range<Int>, _ emit: (_ part: Int, _ cover: UnsafePointer<Float>) -> Void
    ) {
      let count = z.count
      let layout = layout
      let steep = 1 / layout.spacing
      depth.withUnsafeMutableBufferPointer { depth in
        cover.withUnsafeMutableBufferPointer { cover in
          fields.withUnsafeMutableBufferPointer { fields in
            materials.withUnsafeMutableBufferPointer { materials in
              if let field = layout.depth { field.fill(depth.baseAddress!, x: x, y: y, z: z) }
              if let contents = layout.contents, contents.materials > 0 {
                contents.fill(
                  materials.baseAddress!, depth: depth.baseAddress!, x: x, y: y, z: z)
              }
              for index in layout.parts.indices.dropFirst() {
                let place = layout.places[index]
                let a = cover.baseAddress!
                if let material = place.material {
                  let region = materials.baseAddress! + material * count
                  guard (0..<count).contains(where: { region[$0] > 0 }) else { continue }
                  a.update(from: region, count: count)
                } else {
                  a.update(repeating: 1, count: count)
                }
                if let from = place.from {
                  for k in 0..<count { a[k] *= min(1, max(0, (depth[k] - from) * steep + 0.5)) }
                }
                if let to = place.to {
                  for k in 0..<count { a[k] *= min(1, max(0, (to - depth[k]) * steep + 0.5)) }
                }
                if let pattern = place.pattern {
                  guard (0..<count).contains(where: { a[$0] > 0 }) else { continue }
                  layout.apply(pattern, to: a, fields.baseAddress!, x: x, y: y, z: z)
                }
                emit(index, a)
              }
            }
          }
        }
      }
    }
  }

  /// Multiplies a cover by a pattern; `scratch` holds two columns.
  private func apply(
    _ pattern: Pattern, to cover: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>, x: Int, y: Int, z: Range<Int>
  ) {
    let count = z.count
    let (x, y) = (x - origin.x, y - origin.y)
    let z = z.lowerBound - origin.z..<z.upperBound - origin.z
    switch pattern {
    case .lobules(let field, let threshold, let slope):
      field.fill(scratch, x: x, y: y, z: z)
      for k in 0..<count {
        cover[k] *= min(1, max(0, (threshold - scratch[k]) * slope + 0.5))
      }
    case .vessels(let field, let other, let radius, let slope):
      field.fill(scratch, x: x, y: y, z: z)
      let second = scratch + count
      other.fill(second, x: x, y: y, z: z)
      for k in 0..<count {
        let r = (scratch[k] * scratch[k] + second[k] * second[k]).squareRoot()
        cover[k] *= min(1, max(0, (radius - r) * slope + 0.5))
      }
    case .sheets(let field, let half, let slope):
      field.fill(scratch, x: x, y: y, z: z)
      for k in 0..<count { cover[k] *= min(1, max(0, (half - abs(scratch[k])) * slope + 0.5)) }
    }
  }
}
