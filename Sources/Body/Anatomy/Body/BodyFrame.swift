import Support

/// Where a body lies in a volume: the map from the reference torso to millimetres of the canvas.
///
/// The reference torso (`TorsoAnatomy`) is an adult of average size, lying on the back. Its origin is the
/// centroid of the first lumbar vertebra; X grows to the patient's right, Y to the front, Z to the head, in mm.
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
  /// How far the spine lies off that of the reference torso.
  var course = SpineCourse()

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

  /// Reference X and Y of the vertebrae's centroids at a reference height.
  func vertebra(_ z: Double) -> SIMD2<Double> {
    [bow.x * sine(z / 90 + bow.y), Self.interpolate(TorsoAnatomy.standard.spine, z)]
      + course.shift(z)
  }

  /// Linear interpolation in a table sorted by its first column; held at both ends.
  static func interpolate(_ table: [SIMD2<Double>], _ x: Double) -> Double {
    guard let first = table.first, let last = table.last else { return 0 }
    if x <= first.x { return first.y }
    if x >= last.x { return last.y }
    let next = table.firstIndex { $0.x > x } ?? table.count - 1
    let (a, b) = (table[next - 1], table[next])
    return a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x)
  }
}
