public import Support
public import Volumes

/// Built-in torsos: label maps of people who do not exist, for the demo and for tests.
///
/// About 90 structures with TotalSegmentator v2 names and ids, from the pelvis to the neck where the
/// grid reaches that far. Size, shape and place of every organ are drawn from the stream; no two
/// streams give the same body.
public struct TorsoPhantom: Sendable {
  /// The scheme of the phantoms' ids.
  public static let scheme = "totalsegmentator-v2"

  /// Draws a torso on a grid.
  ///
  /// The body fills about 85 % of the grid's width; the middle of a grid shorter than the trunk lies
  /// at the liver, of a taller one at the trunk's middle. Every structure's edge is smooth at any
  /// spacing: shapes are evaluated at voxel centres.
  public static func map(
    name: String, grid: Grid, stream: RandomStream, workers: Workers
  ) -> AnatomicalMap {
    var draw = Variation(stream.split("frame"))
    let spacing = grid.spacing
    let field = SIMD3<Double>(grid.shape &- 1) * spacing
    var build = BodyEnvelope.Build(stream: stream.split("build"))
    build.fat = min(build.fat, 0.07 * field.x)
    let side = 0.5 * draw.around(0.86, 0.03) * field.x
    let scale = min(max((side - 14 - build.fat) / 134, 0.5), 1.35)
    let deep = scale * draw.size(0.05)
    let height = draw.around(1, 0.05)
    let isTall = field.z > 460
    let frame = BodyFrame(
      middle: 0.5 * field.x + draw.around(0, 5),
      spine: 0.5 * field.y - BodyFrame.axisY * deep + draw.around(0, 6),
      level: 0.5 * field.z - (isTall ? 0 : 18 * height) + draw.around(0, 10),
      scale: [scale, deep, height], bow: [draw.around(0, 3), draw.uniform(0...6.28)])
    let canvas = Canvas(
      shape: grid.shape, spacing: SIMD3<Float>(spacing), origin: [0, 0, 0], workers: workers)
    let slices = (0..<grid.shape.z).map { canvas.place(2, $0) }
    let envelope = BodyEnvelope(
      frame: frame, build: build, need: nil, slices: slices, spacing: canvas.spacing.z, limit: nil)
    var painter = TorsoPainter(canvas: canvas, frame: frame, envelope: envelope)
    painter.layers()
    let (z0, dz) = (canvas.origin.z, canvas.spacing.z)
    let slice = { (z: Float) in (z - z0) / dz }
    let diaphragm = Diaphragm(
      frame: frame, envelope: envelope, canvas: painter.canvas, slice: slice, organs: nil,
      lungs: nil,
      isLiverComplete: false, stream: stream.split("diaphragm"))
    painter.lungs(diaphragm, hasLungs: true, stream: stream.split("mediastinum"))
    let inside = painter
    let skeleton = Skeleton.pieces(
      .all, frame: frame, envelope: envelope, stream: stream.split("skeleton"), slice: slice)
    let bowel = Bowel.pieces(
      frame: frame, stream: stream.split("bowel"), showsGas: false,
      inside: { inside.isInside($0, $1) })
    let organs = TorsoOrgans.pieces(frame: frame, stream: stream.split("organs"))
      .filter { $0.structure != "bowel_gas" }
    let ceiling = diaphragm.heights.map { $0 - 2 }
    painter.paint(
      skeleton.filter { $0.layer == .muscle } + bowel + organs
        + skeleton.filter { $0.layer != .muscle }, ceiling: ceiling)
    return numbered(painter.canvas, frame: frame, name: name, grid: grid, workers: workers)
  }

  /// The canvas with TotalSegmentator's ids; what its classes do not name becomes background.
  private static func numbered(
    _ canvas: Canvas, frame: BodyFrame, name: String, grid: Grid, workers: Workers
  ) -> AnatomicalMap {
    var ids: [String: UInt16] = [:]
    if let scheme = try? LabelScheme.load(scheme) {
      for (id, structure) in scheme.structures { ids[structure] = id }
    }
    let table = (0..<256).map { value in
      value < canvas.names.count ? ids[canvas.names[value]] ?? 0 : 0
    }
    let left = canvas.names.firstIndex(of: "lung_left").map(UInt8.init) ?? 255
    let right = canvas.names.firstIndex(of: "lung_right").map(UInt8.init) ?? 255
    let lobes = [
      "lung_upper_lobe_left", "lung_lower_lobe_left", "lung_upper_lobe_right",
      "lung_middle_lobe_right", "lung_lower_lobe_right",
    ].map { ids[$0] ?? 0 }
    let shape = canvas.shape
    let origin = canvas.origin
    let spacing = canvas.spacing
    let values = [UInt16](unsafeUninitializedCapacity: grid.count) { target, filled in
      nonisolated(unsafe) let target = target
      canvas.values.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source
        workers.forEachRange(shape.y, chunk: 8) { rows in
          for y in rows {
            // The oblique fissure runs from high behind to low in front.
            let py = (Double(origin.y + spacing.y * Float(y)) - frame.spine) / frame.scale.y
            let oblique = frame.place(0, 0, 228 - (py + 45) * 0.86).z
            let horizontal = frame.place(0, 0, 158 + 0.1 * py).z
            for x in 0..<shape.x {
              let column = (y * shape.x + x) * shape.z
              for z in 0..<shape.z {
                let value = source[column + z]
                var id = table[Int(value)]
                if value == left || value == right {
                  let pz = origin.z + spacing.z * Float(z)
                  let isLower = pz < oblique
                  id =
                    value == left
                    ? lobes[isLower ? 1 : 0] : lobes[isLower ? 4 : pz < horizontal ? 3 : 2]
                }
                target[column + z] = id
              }
            }
          }
        }
      }
      filled = grid.count
    }
    var map = AnatomicalMap(
      name: name, labels: LabelMap(grid: grid, values: values), structures: [:])
    let census = map.census(workers: workers)
    for (structure, id) in ids where census.entries[id] != nil { map.structures[id] = structure }
    return map
  }
}
