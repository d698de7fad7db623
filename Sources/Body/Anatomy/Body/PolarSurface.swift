import Support
import Volumes

/// A closed surface around the body's long axis: a radius (mm) for every angle and slice.
///
/// `values[angle * depth + z]`; angle index `i` stands for `2 pi i / angles`, counted from the
/// patient's right (+x) over the front (+y). z is the slice of the canvas.
struct PolarSurface: Sendable {
  /// Number of angles: 2 degrees each, 5 mm along the skin of a large patient.
  static let angles = 180
  let depth: Int
  var values: [Float]

  init(depth: Int, repeating value: Float = 0) {
    self.depth = depth
    values = [Float](repeating: value, count: Self.angles * depth)
  }

  /// A surface from a function of the angle (radians) and the slice.
  init(depth: Int, _ radius: (Double, Int) -> Float) {
    self.init(depth: depth)
    for i in 0..<Self.angles {
      let angle = Self.angle(i)
      for z in 0..<depth { values[i * depth + z] = radius(angle, z) }
    }
  }

  /// The angle of an index, radians.
  static func angle(_ index: Int) -> Double { 2 * Double.pi * Double(index) / Double(angles) }

  /// The index of the angle at or below the direction (x, y), and the weight of the next.
  static func position(x: Float, y: Float) -> (index: Int, next: Int, weight: Float) {
    var turn = arctangent(y: Double(y), x: Double(x)) / (2 * Double.pi)
    if turn < 0 { turn += 1 }
    let place = turn * Double(angles)
    let index = min(Int(place), angles - 1)
    return (index, (index + 1) % angles, Float(place - Double(index)))
  }

  /// The radius in a direction at a slice (continuous, held at both ends).
  func radius(angle: Double, slice: Float) -> Float {
    let (i, j, w) = Self.position(x: Float(cosine(angle)), y: Float(sine(angle)))
    let z = min(max(slice, 0), Float(depth - 1))
    let k = min(Int(z), max(depth - 2, 0))
    let f = z - Float(k)
    let l = min(k + 1, depth - 1)
    func at(_ angle: Int) -> Float {
      values[angle * depth + k] * (1 - f) + values[angle * depth + l] * f
    }
    return at(i) * (1 - w) + at(j) * w
  }

  /// Applies a function of value, angle index and slice.
  mutating func update(_ body: (Float, Int, Int) -> Float) {
    for i in 0..<Self.angles {
      for z in 0..<depth { values[i * depth + z] = body(values[i * depth + z], i, z) }
    }
  }

  /// Gaussian smoothing with standard deviations in angle steps (around) and slices (ends held).
  func smoothed(angles: Float, slices: Float) -> PolarSurface {
    var result = self
    if angles > 0.05 {
      let kernel = Self.gaussian(angles)
      let radius = kernel.count / 2
      var out = [Float](repeating: 0, count: values.count)
      for i in 0..<Self.angles {
        for k in -radius...radius {
          let source = ((i + k) % Self.angles + Self.angles) % Self.angles * depth
          let weight = kernel[k + radius]
          for z in 0..<depth { out[i * depth + z] += weight * result.values[source + z] }
        }
      }
      result.values = out
    }
    if slices > 0.05 {
      let kernel = Self.gaussian(slices)
      let radius = kernel.count / 2
      var out = [Float](repeating: 0, count: values.count)
      for i in 0..<Self.angles {
        for z in 0..<depth {
          var sum: Float = 0
          for k in -radius...radius {
            sum += kernel[k + radius] * result.values[i * depth + min(max(z + k, 0), depth - 1)]
          }
          out[i * depth + z] = sum
        }
      }
      result.values = out
    }
    return result
  }

  /// The greatest value within a window of angle steps and slices.
  func dilated(angles: Int, slices: Int) -> PolarSurface {
    var result = self
    for i in 0..<Self.angles {
      for z in 0..<depth {
        var most = -Float.infinity
        for k in -angles...angles {
          most = max(most, values[((i + k) % Self.angles + Self.angles) % Self.angles * depth + z])
        }
        result.values[i * depth + z] = most
      }
    }
    let first = result
    for i in 0..<Self.angles {
      for z in 0..<depth {
        var most = -Float.infinity
        for k in max(0, z - slices)...min(depth - 1, z + slices) {
          most = max(most, first.values[i * depth + k])
        }
        result.values[i * depth + z] = most
      }
    }
    return result
  }

  /// The smallest smooth growth of this surface that holds `need` everywhere.
  ///
  /// What is missing is widened, smoothed and added; the rest that smoothing cut off is added in a
  /// second, narrower pass, and what then still sticks out is taken as it is.
  func holding(_ need: PolarSurface, angles: Float, slices: Float) -> PolarSurface {
    var result = self
    for pass in 0..<2 {
      let width: Float = pass == 0 ? 1 : 0.4
      var missing = need
      missing.update { value, i, z in max(0, value - result.values[i * depth + z]) }
      let grown = missing.dilated(
        angles: Int((angles * width).rounded()), slices: Int((slices * width).rounded())
      ).smoothed(angles: angles * width, slices: slices * width)
      result.update { value, i, z in value + grown.values[i * depth + z] }
    }
    result.update { value, i, z in max(value, need.values[i * depth + z]) }
    return result
  }

  /// The weights of a Gaussian from -3 to 3 standard deviations (in steps), with sum 1.
  static func gaussian(_ deviation: Float) -> [Float] {
    let radius = max(1, Int((3 * deviation).rounded(.up)))
    let half = gaussianTaps(variance: Double(deviation * deviation), radius: radius)
    let kernel = (-radius...radius).map { Float(half[abs($0)]) }
    let sum = kernel.reduce(0, +)
    return kernel.map { $0 / sum }
  }
}
