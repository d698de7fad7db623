import Anatomy
import Datasets
import FoundationEssentials
import Support
import TestSupport
import Testing
import Training
import Volumes

@testable import Exchange

/// The way of a planning archive through the commands, as the tutorial shows it, with a network that learns nothing.
@Suite(.serialized) struct PlanningArchiveTests {
  private static let isInstalled = Requirement.allows(
    exists(ExchangeEnvironment.folder(home: PythonEnvironment.Location().home)))

  @Test(
    "contours of an archive become a dataset, a model, and contours on a clinic's series",
    .enabled(if: isInstalled))
  func wayOfTheTutorial() async throws {
    let folder = try TemporaryFolder()
    let stub = try StubNNUNet(folder("stub"))
    func maskct(_ arguments: String...) async throws -> String {
      let outcome = try await Command.run(
        arguments, environment: ["MASKCT_PYTHON": stub.python, "CI": ""])
      #expect(outcome.code == 0, "maskct \(arguments.joined(separator: " ")): \(outcome.errors)")
      return outcome.output
    }
    try AtomicFile.write(PhantomExperiment.coarseScanner, to: folder("coarse.yaml"))
    try folder.folder("phantoms")
    let map = TorsoPhantom.map(
      name: "torso", grid: Grid(shape: [64, 52, 20], spacing: [6, 6, 6]),
      stream: RandomStream(seed: 3), workers: Workers())
    try NIfTI.write(
      map.labels, to: folder("phantoms/torso.nii.gz"), frame: map.frame, workers: Workers())

    // The archive: a series with contours on it, as a planning system exports them.
    let source = folder("nnUNet_raw/Dataset901_Source")
    _ = try await maskct(
      "generate", "--labels", folder("phantoms"), "--scheme", TorsoPhantom.scheme, "--target",
      "liver", "--target", "spleen", "--recipe", "constant", "--scanner", folder("coarse.yaml"),
      "--output", source)
    _ = try await maskct(
      "export", source, "--format", "rtstruct", "--output", folder("planning-archive"))
    #expect(folder.exists("planning-archive/torso/ct/0001.dcm"))

    let imported = try await maskct(
      "import", folder("planning-archive"), "--output", folder("masks"), "--images")
    #expect(imported.contains("1 of 1 cases") && imported.contains("1 of 1 images"))
    let original = try Self.labels(source + "/labelsTr/torso.nii.gz")
    let masks = try Self.labels(folder("masks/labels/torso.nii.gz"))
    #expect(masks.grid.matches(original.grid, tolerance: 1e-3))
    #expect(masks.values == original.values)

    let dataset = folder("nnUNet_raw/Dataset510_Liver")
    _ = try await maskct(
      "generate", "--labels", folder("masks"), "--target", "liver", "--recipe", "constant",
      "--cases", "2", "--scanner", folder("coarse.yaml"), "--output", dataset)
    _ = try await maskct("train", "--dataset", dataset, "--epochs", "1", "--iterations", "1")

    // The clinic's series, and every format on it.
    let series = folder("planning-archive/torso/ct")
    _ = try await maskct(
      "predict", "--dataset", dataset, "--input", series, "--output", folder("nifti"))
    let predicted = try Self.labels(folder("nifti/torso.nii.gz"))
    #expect(predicted.grid.matches(original.grid, tolerance: 1e-3))
    #expect(predicted.values.contains(1))
    _ = try await maskct(
      "predict", "--dataset", dataset, "--input", series, "--format", "rtstruct", "--output",
      folder("contours"))
    _ = try await maskct(
      "pack", "--dataset", dataset, "--output", folder("liver.zip"), "--masks", "ours")
    for format in ["dicom-seg", "nrrd"] {
      _ = try await maskct(
        "predict", "--model", folder("liver.zip"), "--input", series, "--format", format,
        "--output", folder(format))
    }
    // Each comes back with the voxels of the NIfTI file. The contours need their series for its grid.
    for (name, file) in [
      ("dicom-seg", "torso.seg.dcm"), ("nrrd", "torso.seg.nrrd"),
      ("contours", "torso.rtstruct.dcm"),
    ] {
      #expect(folder.exists("\(name)/\(file)"))
      try folder.folder("back/\(name)/in")
      try FileManager.default.copyItem(
        atPath: folder("\(name)/\(file)"), toPath: folder("back/\(name)/in/\(file)"))
      for slice in names(in: series) where name == "contours" {
        try FileManager.default.copyItem(
          atPath: series + "/" + slice, toPath: folder("back/\(name)/in/\(slice)"))
      }
      _ = try await maskct(
        "import", folder("back/\(name)/in"), "--output", folder("back/\(name)/out"))
      let cases = names(in: folder("back/\(name)/out/labels"))
      #expect(cases.count == 1)
      let back = try Self.labels(folder("back/\(name)/out/labels/\(cases[0])"))
      #expect(Self.volume(back) == Self.volume(predicted), "\(name)")
      #expect(readText(folder("back/\(name)/out/scheme.yaml"))?.contains("1: liver") == true)
    }
  }

  private static func labels(_ path: String) throws -> LabelMap {
    try NIfTI.readLabelMap(path, workers: Workers(count: 1)).labels
  }

  /// Voxels of label 1, wherever their axes run and however far the grid reaches beyond them.
  private static func volume(_ labels: LabelMap) -> Int { labels.values.count { $0 == 1 } }
}
