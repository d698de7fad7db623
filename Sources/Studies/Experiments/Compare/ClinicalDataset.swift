import Anatomy
import Datasets
import Generation
import Support
import Volumes

/// Writes an nnU-Net dataset of real CT and their labels: what the synthetic arms are compared with.
struct ClinicalDataset {
  let arm: Experiment.Arm
  let sources: [Experiment.Source]
  let targets: [String]
  let dataset: NNUNetDataset

  /// Writes all cases; those that are there already are kept.
  ///
  /// - Returns: cases that were left out, and why.
  /// - Throws: `MaskCTError` if there is none at all, or the disk does not take them.
  func write(
    workers: Workers, progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws -> [String] {
    var (cases, missing) = try RealCases.find(images: arm.images!, sources: sources)
    if let limit = arm.cases { cases = Array(cases.prefix(limit)) }
    var failures = missing.map(\.description)
    let resolved = try Target.resolve(targets)
    for folder in [dataset.imagesFolder, dataset.labelsFolder] {
      try createFolder(folder)
      AtomicFile.removeLeftovers(in: folder)
    }
    for (index, item) in cases.enumerated() {
      try progress(index, cases.count, item.name)
      // The label map is written last: a case with one is complete.
      if exists(dataset.label(of: item.name)) { continue }
      do {
        try item.check()
        var (image, frame) = try NIfTI.readVolume(item.image, workers: workers)
        var labels = try item.references(resolved, workers: workers).labels
        labels.grid = image.grid
        if let spacing = arm.spacing {
          let grid = image.grid.resampled(
            spacing: spacing.count == 1
              ? [spacing[0], spacing[0], spacing[0]] : [spacing[0], spacing[1], spacing[2]])
          image = image.resampled(to: grid, outside: .edge, workers: workers)
          labels = labels.resampledByMajority(to: grid, workers: workers)
          frame = frame.adapted(to: grid)
        }
        try NIfTI.write(image, to: dataset.image(of: item.name), frame: frame, workers: workers)
        try NIfTI.write(labels, to: dataset.label(of: item.name), frame: frame, workers: workers)
      } catch let error as MaskCTError where error.kind != .output {
        failures.append(error.description)
      }
    }
    guard !dataset.cases.isEmpty else {
      throw MaskCTError(
        .input, path: arm.images, "no case can be used",
        remedy: failures.first ?? "check images and labels")
    }
    try dataset.writeDescription(
      structures: resolved.map(\.name), comment: "real CT with its labels, by maskct \(toolVersion)"
    )
    return failures
  }
}
