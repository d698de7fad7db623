public import Acquisition
internal import Support

/// The noise of an image near the axis, from the noise of the readings.
///
/// Readings of independent noise s² become an image of attenuation with the variance
///
///     var = (2 pi² / N) s² Z integral of f² W(f)² R(f) L(f) / (T(f)² sinc(f d)⁴) df        f both signs
///
/// with N views a rotation, W the window of the kernel and d the step of the samples (Kak and Slaney, *Principles of
/// computerized tomographic imaging*, chapter 5, for filtered back-projection of noise). What interpolation does to
/// noise is not what it does to signal, which the filter makes up for:
///
///     L = (2 + cos(2 pi f d)) / 3                  linear interpolation along p, mean over places
///     R = d mean over q of sum of w_k² |G_k(f)|²   rebinning and the weights of the rays of one voxel and angle
///     Z = 2/3 sum of t_j² + 1/3 sum of t_j t_j+1   the box t of the slice thickness, interpolated linearly
///
/// G is the transform of what one channel adds to the samples about the axis. Rebinning along the views does
/// nothing there, where all views meet; a few centimetres off it takes away some of the finest grain.
public struct NoisePropagation: Equatable, Sendable {
  /// Variance of the image's attenuation, 1/mm², over the variance of a reading.
  public let gain: Double

  /// The propagation of a scan and its reconstruction.
  ///
  /// - Parameters:
  ///   - kernel: as it is used, limited to the image's voxels.
  ///   - sliceThickness: mm.
  public init(
    scanner: Scanner, pitch: Double, kernel: ReconstructionKernel, sliceThickness: Double,
    plateau: Double = 0.6
  ) {
    let interleaving = RayInterleaving(
      for: kernel, scanner: scanner, pitch: pitch, plateau: plateau)
    let rebinning = Rebinning(
      scanner: scanner, sliceThickness: sliceThickness, interleaving: interleaving)
    let weights = RowWeights(pitch: pitch, plateau: plateau)
    let step = rebinning.step

    // The rays of one voxel: their share and how much of them is interleaved, over a period of heights.
    let heights = 64
    let rays = (0..<heights).flatMap { index -> [(square: Double, share: Double)] in
      let q = pitch * ((Double(index) + 0.5) / Double(heights) - 0.5)
      let sum = weights.seen(q) + weights.seen(q + pitch)
      return weights.places(of: q).map { place in
        let weight = weights(place) / sum
        return (
          weight * weight / Double(heights), interleaving == nil ? 0 : weights.share(place)
        )
      }
    }
    let steps = 400
    let limit = min(kernel.cutoff, 0.5 / step)
    var integral = 0.0  // over positive frequencies
    for index in 0..<steps {
      let f = limit * (Double(index) + 0.5) / Double(steps)
      let x = .pi * f * step
      let sinc = sine(x) / x
      let linear = (2 + cosine(2 * x)) / 3
      let (plain, opposite) = rebinning.channelTransforms(f)
      let power = rays.reduce(0.0) { sum, ray in
        let g = plain * (1 - ray.share) + opposite * ray.share
        return sum + ray.square * (g * g).sum()
      }
      let value = f * kernel.window(f) / (rebinning.correctedTransfer(f) * sinc * sinc)
      integral += value * value * power * linear * limit / Double(steps)
    }
    let taps = rebinning.taps.map(Double.init)
    let squares = taps.reduce(0.0) { $0 + $1 * $1 }
    let neighbours = zip(taps, taps.dropFirst()).reduce(0.0) { $0 + $1.0 * $1.1 }
    let height = (2 * squares + neighbours) / 3
    // A fine sample counts for its own step, and there are as many more of them as a channel has.
    let density = step * step / (scanner.sourceToIsocenter * scanner.channelAngle)
    gain = 4 * .pi * .pi / Double(scanner.viewsPerRotation) * height * density * integral
  }

  /// Standard deviation of an image, HU, where readings have this variance.
  ///
  /// - Parameter waterAttenuation: attenuation of water that HU are relative to, 1/mm.
  public func noise(ofReadings variance: Double, waterAttenuation: Double) -> Double {
    1000 / waterAttenuation * (variance * gain).squareRoot()
  }
}
