import Support

/// The weights of a Gaussian at 0, 1, ... `radius` steps from its middle, `exp(-i^2 / (2 variance))`, not normalised.
///
/// The one source of Gaussian kernels. How far they reach is the caller's choice, because it shows: the filter of
/// volumes goes to 4 sigma, outlines of bodies, which are smoothed by a few steps, to 3, memberships, which are
/// evaluated at every voxel, to 2.7.
///
/// - Parameter variance: in steps squared.
/// - Precondition: the variance is above 0, the radius not negative.
public func gaussianTaps(variance: Double, radius: Int) -> [Double] {
  precondition(variance > 0 && radius >= 0, "a Gaussian has a width")
  return (0...radius).map { exponential(-0.5 * Double($0 * $0) / variance) }
}
