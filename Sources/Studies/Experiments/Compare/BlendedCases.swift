import Anatomy
import Generation
import Support
import Volumes

/// Images that are real on one side of the targets' surfaces and simulated on the other.
///
///     v = w v_inside + (1 - w) v_outside
///
/// w is 1 inside a target and 0 outside, smoothed by half a voxel, so that no line runs along a contour. Both images lie
/// on one grid and show one patient: nothing may move the labels (`Recipe.unmoved`).
struct BlendedCases: CaseFinishing {
  private let blend: Experiment.Blend
  private let real: [String: RealCase]

  /// Finds the real CT.
  ///
  /// - Throws: `MaskCTError` where a folder is unusable or no label map has an image.
  init(_ blend: Experiment.Blend, sources: [Experiment.Source]) throws {
    self.blend = blend
    let cases = try RealCases.find(images: blend.images, sources: sources).cases
    real = Dictionary(cases.map { ($0.item.paths[0], $0) }) { first, _ in first }
  }

  /// Puts both images together; see `CaseFinishing`.
  func finish(_ made: inout GeneratedCase, of plan: CasePlan, workers: Workers) throws {
    guard let item = real[plan.item.paths[0]] else {
      throw MaskCTError(
        .input, path: plan.item.paths[0], "has no image in \(blend.images)",
        remedy: "name the image as the label map")
    }
    try item.check()
    let (image, grid) = (
      try NIfTI.readVolume(item.image, workers: workers).volume, made.image.grid
    )
    // A label map that was mirrored before it was painted no longer lies on its image.
    let targets = try Target.resolve(made.record.targets)
    let own = try item.references(targets, workers: workers).labels
      .resampledByMajority(to: grid, workers: workers)
    let differing = zip(own.values, made.labels.values).count { $0 != $1 }
    let labelled = own.values.count { $0 != 0 }
    guard differing * 10 <= labelled else {
      throw MaskCTError(
        .input, path: item.item.paths[0], "does not lie on its image as it was painted",
        remedy: "correct the orientation in its header, or take the case out")
    }
    let reals = image.resampled(to: grid, outside: .edge, workers: workers)
    let weights = made.labels.map { Float($0 == 0 ? 0 : 1) }
      .gaussianFiltered(sigma: 0.5 * grid.spacing, workers: workers)
    let inside = blend.inside == .real ? reals : made.image
    let outside = blend.outside == .real ? reals : made.image
    for index in 0..<grid.count {
      let weight = weights.values[index]
      made.image.values[index] =
        weight * inside.values[index] + (1 - weight) * outside.values[index]
    }
  }
}
