import Anatomy
import Datasets
import Support
import Volumes

/// A real CT scan with its label map.
struct RealCase: Sendable {
  /// The label map's name; unique among cases of one list.
  var name: String
  /// The file of the image.
  var image: String
  /// Where the label map comes from.
  var source: LabelSource
  /// The label map.
  var item: LabelSource.Case

  /// Every file that reading the case opens: image, label map or masks.
  var files: [String] { [image] + item.files }

  /// Reads the label map with the labels of targets: k for the k-th, 0 elsewhere.
  ///
  /// Unlike a label map to be painted, this one belongs to an image and is never turned.
  /// - Throws: `MaskCTError` if it cannot be read.
  func references(_ targets: [Target], workers: Workers) throws -> (
    labels: LabelMap, frame: FileFrame
  ) {
    let map = try source.load(item, workers: workers)
    let table = Target.table(targets, for: map)
    return (map.labels.map { UInt16(table[Int($0)]) }, map.frame)
  }

  /// Reads image and labels, on voxels of `spacing` where that is given.
  ///
  /// - Parameter spacing: one number for all axes, or one for each, mm.
  /// - Throws: `MaskCTError` where they do not lie on one grid, or cannot be read.
  func volumes(_ targets: [Target], spacing: [Double]?, workers: Workers) throws -> (
    image: Volume<Float>, labels: LabelMap, frame: FileFrame
  ) {
    try check()
    let (image, frame) = try NIfTI.readVolume(self.image, workers: workers)
    var labels = try references(targets, workers: workers).labels
    labels.grid = image.grid
    guard let spacing else { return (image, labels, frame) }
    let grid = image.grid.resampled(
      spacing: spacing.count == 1
        ? [spacing[0], spacing[0], spacing[0]] : [spacing[0], spacing[1], spacing[2]])
    return (
      image.resampled(to: grid, outside: .edge, workers: workers),
      labels.resampledByMajority(to: grid, workers: workers), frame.adapted(to: grid)
    )
  }

  /// Checks that image and label map lie on one grid.
  ///
  /// - Throws: `MaskCTError` that names both and how they differ.
  func check() throws {
    let image = try NIfTI.readHeader(image).grid
    let labels = try NIfTI.readHeader(item.paths[0]).grid
    guard image.shape == labels.shape, image.matches(labels, tolerance: 0.1) else {
      throw MaskCTError(
        .input, path: item.paths[0],
        "lies on another grid (\(labels)) than its image \(self.image) (\(image))",
        remedy: "resample one of them")
    }
  }
}

/// Finds real CT and label maps that belong together.
enum RealCases {
  /// The cases of label sources with an image each, and a line for every label map without.
  ///
  /// An image is found by the label map's name (`CaseFiles`); `NAME/ct.nii.gz` counts as well.
  /// - Throws: `MaskCTError` where a folder is unusable or no label map has an image.
  static func find(
    images: String, sources: [Experiment.Source]
  ) throws -> (cases: [RealCase], missing: [MaskCTError]) {
    guard isFolder(images) else {
      throw MaskCTError(.input, path: images, "no such folder of images", remedy: "check the path")
    }
    let files = try CaseFiles(imagesAt: images, mayBeEmpty: true)
    var cases: [RealCase] = []
    var missing: [MaskCTError] = []
    for entry in sources {
      var source = try LabelSource(
        path: entry.path, scheme: try entry.scheme.map { try LabelScheme.load($0) })
      source.correctsOrientation = false
      for item in source.cases {
        if let image = files[item.name] {
          cases.append(RealCase(name: item.name, image: image, source: source, item: item))
        } else {
          missing.append(
            MaskCTError(
              .input, path: item.paths[0],
              "has no image in \(images)",
              remedy: "add \(item.name).nii.gz, or take the label map away"))
        }
      }
    }
    guard !cases.isEmpty else {
      throw missing.first
        ?? MaskCTError(.input, path: images, "holds no image", remedy: "check the path")
    }
    return (cases, missing)
  }
}
