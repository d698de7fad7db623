public import Acquisition

/// How much finer than its channels a helical scan with a quarter offset samples, row by row.
///
/// With the detector shifted by a quarter of a channel, the rays of the opposite side, half a turn later, lie
/// midway between those of a parallel view. A view that has its own samples, doubled, and zeros for those
/// of the other side, on a grid of half the step, repeats its spectrum about `1 / d` with positive
/// sign, and the opposite view with negative sign. Back-projection adds the two, each at its own height, and what is
/// left is the spectrum up to twice the Nyquist frequency of the channels, `1 / d`.
///
/// That asks for equal weights on both sides. In a helical scan of pitch p a voxel is seen at q, and from the
/// other side at `q + (2k + 1) p`. So only a share of every row is doubled that way, and the rest is
/// interpolated between its own channels:
///
///     a(q) = min(1, O(q + p) / O(q))        O(q) = sum over k of W(q + 2 k p)
///
/// Then both sides carry the same doubled part, `O(q) a(q) = O(q + p) a(q + p)`, and images repeat nothing; where
/// no opposite ray sees a voxel its row is interpolated as usual. Beyond the channels' Nyquist frequency images have
/// the mean of `2 min(O(q), O(q + p)) / (O(q) + O(q + p))` of the contrast: 0.67 at pitch 1. It holds for the
/// axis; away from it the height of opposite rays differs, and a little of the repetition is left.
struct RayInterleaving: Equatable, Sendable {
  /// a: share of every row that is interleaved with the other side.
  let shares: [Double]
  /// The part of contrast beyond the Nyquist frequency of the channels that images have on the mean.
  let mean: Double

  /// The shares of a scan; `nil` where there is nothing to gain.
  ///
  /// Twice the samples cost twice the time and memory in rebinning and filter, so they are made only for a kernel
  /// whose cut-off is at least 95 % of the Nyquist frequency of the channels, so that it passes much of what folds back
  /// from beyond it, and for a detector whose opposite rays
  /// lie midway between its channels, within a twentieth. A detector of less than eight rows has too few of them for
  /// shares that change along it.
  ///
  /// - Parameter plateau: Q of the weight along the rows; see `HelicalReconstruction.Settings`.
  init?(for kernel: ReconstructionKernel, scanner: Scanner, pitch: Double, plateau: Double) {
    let nyquist = 0.5 / (scanner.sourceToIsocenter * scanner.channelAngle)
    let offset = abs(scanner.channelOffset).truncatingRemainder(dividingBy: 0.5)
    guard scanner.rows >= 8, kernel.cutoff > 0.95 * nyquist, abs(offset - 0.25) < 0.05 else {
      return nil
    }
    let weights = RowWeights(pitch: pitch, plateau: plateau)
    shares = (0..<scanner.rows).map { row in
      weights.share((2 * Double(row) + 1) / Double(scanner.rows) - 1)
    }
    // Over one period of heights, half a feed.
    let steps = 400
    mean =
      (0..<steps).reduce(0.0) { sum, step in
        let q = pitch * ((Double(step) + 0.5) / Double(steps) - 0.5)
        let (own, other) = (weights.seen(q), weights.seen(q + pitch))
        return sum + 2 * min(own, other) / max(own + other, 1e-6)
      } / Double(steps)
  }
}

extension ReconstructionKernel {
  /// The modulation transfer that images of a scan are meant to have near the axis at `f` (lp/mm).
  ///
  /// The window, and beyond the channels' Nyquist frequency at most what opposite rays give: at pitches above
  /// 1.25 less than the window. The filter makes up for what interpolation between channels takes on the mean over the
  /// field of view; near the axis it takes more of what opposite rays do not carry, in `rows64` by 8 % at 0.7 lp/mm.
  public func transfer(_ f: Double, scanner: Scanner, pitch: Double, plateau: Double = 0.6)
    -> Double
  {
    let rebinning = Rebinning(
      scanner: scanner, sliceThickness: scanner.rowHeight,
      interleaving: RayInterleaving(for: self, scanner: scanner, pitch: pitch, plateau: plateau))
    return window(f) * rebinning.axisTransfer(f) / rebinning.correctedTransfer(f)
  }
}
