import Anatomy
import FoundationEssentials
import Generation
import Support
import Volumes

/// A small experiment on phantoms in a folder: two arms, three cases to train on, two to test.
///
/// "Real" CT are the phantoms' label maps with a value a label and some noise.
public struct PhantomExperiment {
  /// Where everything lies.
  public let folder: String
  /// The experiment's YAML file.
  public var file: String { folder + "/experiment.yaml" }

  /// A scanner with few channels and views: a scan takes less than a second.
  public static let coarseScanner = """
    name: coarse
    description: few channels, for tests
    source_to_isocenter: 541
    source_to_detector: 949
    channels: 120
    fan_angle: 54.9
    channel_offset: 0.25
    rows: 16
    row_height: 2.5
    views_per_rotation: 120
    quanta_per_mas: 900000
    electronic_noise: 5
    bowtie_diameter: 320
    """

  /// Writes phantoms and the YAML file.
  public init(_ folder: String) throws {
    self.folder = folder
    for part in ["train/images", "train/labels", "test/images", "test/labels"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
    }
    // Phantoms 0 to 2 are for training, 3 and 4 for testing.
    for index in 0..<5 { try write(index, to: folder + (index < 3 ? "/train" : "/test")) }
    try AtomicFile.write(Self.coarseScanner, to: folder + "/coarse.yaml")
    // Painted about as coarsely as the label maps are: finer voxels would cost time and show nothing more.
    let lines = try Recipe.presets.source("constant").text.split(
      separator: "\n", omittingEmptySubsequences: false)
    let recipe = lines.map { $0.hasPrefix("grid:") ? "grid: {finest: 4, coarsest: 8}" : $0 }
    precondition(recipe != lines, "the recipe states its grid")
    try AtomicFile.write(recipe.joined(separator: "\n"), to: folder + "/coarse-constant.yaml")
    try AtomicFile.write(
      """
      title: Phantoms
      targets: [liver, spleen]
      labels:
        - {path: train/labels, scheme: totalsegmentator-v2}
      test: {images: test/images, labels: test/labels, scheme: totalsegmentator-v2}
      training: {voxels: 8000, epochs: 1, iterations: 2, folds: [all], device: cpu}
      baseline: clinical
      arms:
        - {name: clinical, images: train/images}
        - {name: constant, recipe: coarse-constant.yaml, scanners: [./coarse.yaml]}
      """, to: file)
  }

  private func write(_ index: Int, to part: String) throws {
    let name = "torso_\(index)"
    let map = TorsoPhantom.map(
      name: name, grid: Grid(shape: [48, 40, 16], spacing: [8, 8, 10]),
      stream: RandomStream(seed: 21).split(index), workers: Workers())
    var stream = RandomStream(seed: 22).split(index)
    let image = map.labels.map { label in
      label == 0
        ? Float(-1000) : Float(label % 7) * 30 + Float(stream.gaussian(mean: 0, deviation: 20))
    }
    try NIfTI.write(
      map.labels, to: "\(part)/labels/\(name).nii.gz", frame: map.frame, workers: Workers())
    try NIfTI.write(
      image, to: "\(part)/images/\(name)_0000.nii.gz", frame: map.frame, workers: Workers())
  }

  /// Replaces a text of the YAML file.
  public func edit(_ old: String, _ new: String) throws {
    let text = String(decoding: try ByteFile.read(file), as: UTF8.self)
    precondition(text.contains(old))
    try AtomicFile.write(text.replacing(old, with: new), to: file)
  }
}
