/// One vertebra: body, arch, and processes, with the disc below it.
struct Vertebra: Sendable {
  /// The part of the spine, which decides the shape of the processes.
  enum Kind: Sendable { case cervical, thoracic, lumbar }

  var name: String
  var kind: Kind
  /// The vertebra's centroid (between body and arch), canvas mm.
  var center: SIMD3<Float>
  /// Half the body's width and depth, mm.
  var width: Float
  var depth: Float
  /// Distance between neighbouring vertebrae, mm.
  var pitch: Float
  /// Size relative to the average.
  var size: Float

  /// How far the canal's middle lies behind the centroid, mm.
  static let canalOffset: Float = 9.5

  /// How far the middle of the body lies before the centroid in chest and loins, mm.
  static let bodyOffset: Float = 17

  /// Disc, body, and arch in the order in which they are painted.
  var pieces: [Piece] {
    var pieces: [Piece] = []
    // In the neck and the loins the body lies further before the canal than it is deep.
    let front: Float = kind == .cervical ? 10 : Self.bodyOffset
    func at(_ x: Float, _ y: Float, _ z: Float) -> SIMD3<Float> { center + SIMD3(x, y, z) * size }
    func solid(_ structure: String, _ place: SIMD3<Float>, _ radii: SIMD3<Float>, _ square: Float) {
      pieces.append(
        Piece(
          structure: structure, layer: .bone,
          shape: .solid(
            Solid(adds: [Ellipsoid(center: place, radii: radii, squareness: square)]))))
    }
    func tube(_ points: [SIMD3<Float>], _ radii: [Float], _ stretch: Float = 1) {
      pieces.append(
        Piece(
          structure: name, layer: .bone,
          shape: .tube(.smooth(points, radii.map { $0 * size }, stretch: stretch))))
    }
    solid(
      "intervertebral_discs", at(0, front, 0) - SIMD3(0, 0, pitch / 2 - 1),
      [width * 0.97, depth * 0.97, pitch * 0.2], 0.7)
    // A disc is a quarter to a third of the height of a body in the neck, a fifth in the chest.
    solid(
      name, at(0, front, 1), [width, depth, pitch * (kind == .lumbar ? 0.4 : 0.45)], 0.85)
    switch kind {
    case .lumbar, .thoracic:
      let isLumbar = kind == .lumbar
      for side: Float in [-1, 1] {
        tube([at(side * 13, 6, 5), at(side * 15, -7, 4)], [5.5, 5], 1.3)
        tube([at(side * 15, -7, 2), at(side * 8, -19, -4), at(0, -23, -8)], [4.5, 4, 4], 1.7)
        tube(
          [at(side * 15, -8, 3), at(side * (isLumbar ? 40 : 31), isLumbar ? -14 : -24, 5)],
          [4.5, 3.6])
        // Joint processes reach over the disc to the next vertebra.
        tube([at(side * 15, -12, -12), at(side * 15, -10, 12)], [4.2, 4.2])
      }
      let tip = isLumbar ? at(0, -46, -14) : at(0, -40, -30)
      tube([at(0, -22, -6), tip], [3.6, 3.2], isLumbar ? 2.4 : 1.4)
    case .cervical:
      for side: Float in [-1, 1] {
        tube([at(side * 9, 4, 1), at(side * 18, 1, 0)], [4.5, 4.5])
        // The joint processes stand upon each other: one pillar on either side.
        tube([at(side * 17.5, -1, -9), at(side * 17.5, -5, 9)], [6, 6])
        tube([at(side * 16, -7, -1), at(side * 9, -19, -3), at(0, -23, -4)], [3.5, 3.2, 3.2], 1.7)
      }
      tube([at(0, -22, -4), at(0, -36, -9)], [3.5, 3], 1.6)
    }
    return pieces
  }
}
