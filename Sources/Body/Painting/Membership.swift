#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Support
import Volumes

/// How the hard voxels of a label map become smooth surfaces on a painting grid.
///
/// The membership of a structure is its one-hot map `L` smoothed by a Gaussian, `p = G * L`. Where
/// smoothing would take a voxel from its structure (a vessel a voxel wide) or add one, it is turned
/// back: `p' = max(p, 1 - p)` inside, `min(p, 1 - p)` outside. So the surface never leaves the
/// layer between labelled and unlabelled voxel centres, thin structures survive, and in between
/// the surface is as smooth as the Gaussian makes it: a plane cut into voxels comes back a plane.
/// In layers and gaps one voxel thick, where smoothing leaves about a half, `|p' - 1/2|` is at least
/// 0.3: a skin keeps its contrast.
/// `p'` is interpolated linearly to the painting grid and sharpened by a power `g` that makes an edge
/// about one painting voxel wide.
struct MembershipRule: Sendable {
  /// Standard deviation of the Gaussian, label voxels, along x, y and z.
  let sigma: SIMD3<Double>
  /// The power `g`.
  let power: Double
  /// Half lengths of the smoothing kernels, label voxels.
  let radius: SIMD3<Int>
  /// The kernels, `2 radius + 1` weights that add up to 1, along x, y and z.
  let kernels: [[Float]]
  /// `p^g` for `p = i / steps`.
  let table: [Float]
  static let steps = 4096
  /// Least distance from a half in layers and gaps of one voxel.
  static let thinMargin: Float = 0.3

  /// The rule for a label grid painted at another spacing.
  ///
  /// Measured on tilted planes, spheres and tubes cut into voxels of 1.5 mm, 0.7 x 0.7 x 1, 1.6, 3
  /// and 5 mm (`docs/background/painting.md`): 0.75 voxels along every axis are best, in the plane a little
  /// more where slices are thick, since a sloping surface moves far from slice to slice.
  init(labels: SIMD3<Double>, painting: SIMD3<Double>, edges: EdgeSettings) {
    let inPlane = max(labels.x, labels.y)
    let slopes = min(labels.z / 3, 1.0)
    var sigma = SIMD3<Double>()
    for axis in 0..<3 {
      var width = edges.smoothing * labels[axis]
      if axis < 2, labels.z > 1.5 * inPlane { width = max(width, slopes * edges.smoothing / 0.75) }
      sigma[axis] = max(width, 0.5 * painting[axis]) / labels[axis]
    }
    // Thick slices keep what resolution along z they have.
    if labels.z > 1.5 * inPlane { sigma.z = max(0.5 * painting.z / labels.z, 0.55) }
    self.sigma = sigma
    // Of p^g / (p^g + (1 - p)^g) with p = Phi(d / sigma), 10-90 % is 2.75 sigma / g wide.
    let width = min(sigma.x * labels.x, sigma.y * labels.y)
    power = min(8, max(1.5, 2.75 * width / (edges.width * min(painting.x, painting.y))))
    var radius = SIMD3<Int>()
    var kernels: [[Float]] = []
    for axis in 0..<3 {
      radius[axis] = max(1, Int((2.7 * sigma[axis]).rounded(.up)))
      let half = gaussianTaps(variance: sigma[axis] * sigma[axis], radius: radius[axis])
      let weights = (-radius[axis]...radius[axis]).map { half[abs($0)] }
      let sum = weights.reduce(0, +)
      kernels.append(weights.map { Float($0 / sum) })
    }
    self.radius = radius
    self.kernels = kernels
    let power = power
    table = (0...Self.steps).map { Float(pow(Double($0) / Double(Self.steps), power)) }
  }
}

extension MembershipRule {
  /// The factor of a structure's weight that moves its surface outwards, mm.
  ///
  /// With `p = Phi(d / sigma)`, nearly the logistic function of `1.702 d / sigma`, a factor
  /// `exp(1.702 g offset / sigma)` moves the place where two weights are equal by `offset`. Labels are
  /// smoothed by so little that offsets beyond half a label voxel are not reached in full.
  func weight(offset: Double, labels: SIMD3<Double>) -> Float {
    let width = min(sigma.x * labels.x, sigma.y * labels.y)
    return Float(exponential(1.702 * power * offset / width))
  }
}

/// How edges between structures are drawn.
public struct EdgeSettings: Codable, Equatable, Sendable {
  /// Standard deviation of the Gaussian that smooths label surfaces, label voxels.
  public var smoothing: Double
  /// Width of an edge from 10 to 90 %, painting voxels.
  public var width: Double

  /// Creates settings.
  public init(smoothing: Double = 0.75, width: Double = 1) {
    self.smoothing = smoothing
    self.width = width
  }
}
