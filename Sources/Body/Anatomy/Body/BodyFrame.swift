import Support

/// Where a body lies in a volume: the map from the reference torso to millimetres of the canvas.
///
/// The reference torso is an adult of average size, lying on the back. Its origin is the centroid of
/// the first lumbar vertebra (arch included); X grows to the patient's right, Y to the front, Z to
/// the head, in mm. Its figures are those of whole-body label maps in such coordinates, rounded and
/// made symmetric where the body is: the liver reaches from Z = -68 to its dome at 89, the kidneys lie
/// at X = +-72, the bladder at Z = -250.
struct BodyFrame: Sendable, Equatable {
  /// The midline: canvas x of X = 0, mm.
  var middle: Double
  /// Canvas y of Y = 0, mm.
  var spine: Double
  /// Canvas z of Z = 0, mm.
  var level: Double
  /// Size along x, y and z relative to the reference torso.
  var scale: SIMD3<Double>
  /// Sideways curve of the spine: amplitude in mm, and phase.
  var bow: SIMD2<Double> = [0, 0]

  /// The place of a reference point, canvas mm.
  func place(_ p: SIMD3<Double>) -> SIMD3<Float> {
    SIMD3<Float>(
      SIMD3(middle + scale.x * p.x, spine + scale.y * p.y, level + scale.z * p.z))
  }

  /// The place of a reference point, canvas mm.
  func place(_ x: Double, _ y: Double, _ z: Double) -> SIMD3<Float> { place([x, y, z]) }

  /// The reference height Z of a canvas height (mm).
  func height(of z: Double) -> Double { (z - level) / scale.z }

  /// The axis about which the body is described in polar coordinates, canvas mm: X = 0, Y = 43.
  var axis: SIMD2<Float> { [Float(middle), Float(spine + scale.y * Self.axisY)] }

  /// Y of the polar axis: half way between back and front of the reference torso.
  static let axisY = 43.0

  /// Y of the vertebrae's centroids by height: lordosis of the loins, kyphosis of the chest.
  private static let curve: [(z: Double, y: Double)] = [
    (-290, -45), (-240, -52), (-190, -33), (-154, -6), (-129, 3), (-98, 7), (-68, 5), (-34, 2),
    (0, 0), (32, -2), (62, -6), (90, -12), (115, -15), (139, -17), (164, -17), (189, -16),
    (214, -13), (237, -6), (259, 3), (279, 17), (295, 30), (340, 45),
  ]

  /// Reference X and Y of the vertebrae's centroids at a reference height.
  func vertebra(_ z: Double) -> SIMD2<Double> {
    [bow.x * sine(z / 90 + bow.y), Self.interpolate(Self.curve.map { ($0.z, $0.y) }, z)]
  }

  /// Vertebrae by name and the reference height of their centroids, from the sacrum upwards.
  static let vertebrae: [(name: String, z: Double)] = [
    ("vertebrae_L5", -135), ("vertebrae_L4", -104), ("vertebrae_L3", -70), ("vertebrae_L2", -35),
    ("vertebrae_L1", 0), ("vertebrae_T12", 33), ("vertebrae_T11", 64), ("vertebrae_T10", 92),
    ("vertebrae_T9", 118), ("vertebrae_T8", 143), ("vertebrae_T7", 167), ("vertebrae_T6", 191),
    ("vertebrae_T5", 215), ("vertebrae_T4", 238), ("vertebrae_T3", 259), ("vertebrae_T2", 279),
    ("vertebrae_T1", 297),
  ]

  /// Linear interpolation in a table sorted by its first column; held at both ends.
  static func interpolate(_ table: [(Double, Double)], _ x: Double) -> Double {
    guard let first = table.first, let last = table.last else { return 0 }
    if x <= first.0 { return first.1 }
    if x >= last.0 { return last.1 }
    let next = table.firstIndex { $0.0 > x } ?? table.count - 1
    let (a, b) = (table[next - 1], table[next])
    return a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0)
  }
}
