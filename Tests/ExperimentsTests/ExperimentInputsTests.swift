import Acquisition
import FoundationEssentials
import Generation
import Support
import TestSupport
import Testing
@testable import Experiments

/// A step is stale when something that it reads has changed, and only then.
///
/// Nothing here is a volume: inputs are listed by name and counted by bytes.
@Suite struct ExperimentInputsTests {
  /// A change of one input, and the steps that it makes stale; those after them follow.
  struct Change: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var stale: Set<String>
    var make: @Sendable (_ folder: String) throws -> Void

    init(
      _ name: String, stales steps: Set<String>,
      _ make: @escaping @Sendable (_ folder: String) throws -> Void
    ) {
      testDescription = name
      stale = steps
      self.make = make
    }

    /// Other text in a file.
    static func edit(_ file: String, stales steps: Set<String>) -> Change {
      Change("edit \(file)", stales: steps) {
        try AtomicFile.write((readText($0 + "/" + file) ?? "") + "#\n", to: $0 + "/" + file)
      }
    }

    /// Another value of a key in a YAML file.
    static func replace(
      _ old: String, _ new: String, in file: String, stales steps: Set<String>
    ) -> Change {
      Change("\(old) -> \(new) in \(file)", stales: steps) {
        let text = try #require(readText($0 + "/" + file))
        #expect(text.contains(old))
        try AtomicFile.write(text.replacing(old, with: new), to: $0 + "/" + file)
      }
    }

    /// Another name of a file.
    static func move(_ file: String, to other: String, stales steps: Set<String>) -> Change {
      Change("rename \(file)", stales: steps) {
        try FileManager.default.moveItem(atPath: $0 + "/" + file, toPath: $0 + "/" + other)
      }
    }
  }

  private static let test: Set = ["test", "separation"]
  private static let real: Set = ["dataset:real", "separation:real", "train:real"]
  private static let video: Set = ["dataset:video", "separation:video", "train:video"]

  static let changes: [Change] = [
    // What all arms are tested on.
    .edit("test/images/a.nii.gz", stales: test),
    .edit("test/set/labelsTr/a.nii.gz", stales: test),
    .replace("spleen", "kidney_left", in: "test/set/dataset.json", stales: test),
    .move("test/set/labelsTr/b.nii.gz", to: "test/set/labelsTr/c.nii.gz", stales: test),
    // Real CT to learn from.
    .edit("images/p.nii.gz", stales: real),
    .edit("trees/p/segmentations/liver.nii.gz", stales: real),
    .move(
      "trees/p/segmentations/spleen.nii.gz", to: "trees/p/segmentations/stomach.nii.gz",
      stales: real),
    // Label maps to paint.
    .edit("maps/m.nii.gz", stales: video),
    .edit("regions/m.nii.gz", stales: video),
    .replace("spleen", "stomach", in: "scheme.yaml", stales: video),
    Change("rename a label map and its region, in the same order", stales: video) {
      for part in ["maps", "regions"] {
        try FileManager.default.moveItem(
          atPath: $0 + "/\(part)/n.nii.gz", toPath: $0 + "/\(part)/o.nii.gz")
      }
    },
    // What they are painted with, and scanned by.
    .edit("clips/a.mp4", stales: video),
    .edit("clips/deep/er/b.mp4", stales: video),
    .move("clips/deep/er/b.mp4", to: "clips/deep/b.mp4", stales: video),
    Change("a clip more in a subfolder", stales: video) {
      try AtomicFile.write("more", to: $0 + "/clips/deep/c.mkv")
    },
    Change("as many other bytes in a clip", stales: video) {
      try AtomicFile.write("b.mp4!", to: $0 + "/clips/deep/er/b.mp4")
    },
    .replace("spread: 1.25", "spread: 1.5", in: "recipe.yaml", stales: video),
    .replace("channels: 736", "channels: 700", in: "scanner.yaml", stales: video),
    .replace("mas: 200", "mas: 100", in: "protocol.yaml", stales: video),
    // The experiment itself.
    .replace(
      "epochs: 3", "epochs: 4", in: "experiment.yaml", stales: ["train:real", "train:video"]),
    .replace("tolerance: 2", "tolerance: 3", in: "experiment.yaml", stales: ["evaluate"]),
    .replace(
      "largest_component: false", "largest_component: true", in: "experiment.yaml",
      stales: ["predict"]),
    .replace("title: Inputs", "title: Others", in: "experiment.yaml", stales: []),
    // What no loader opens.
    Change("a note beside clips, a hidden file", stales: []) {
      try AtomicFile.write("note", to: $0 + "/clips/deep/readme.txt")
      try AtomicFile.write("note", to: $0 + "/clips/.hidden.mp4")
      try AtomicFile.write("note", to: $0 + "/maps/readme.txt")
    },
    .edit("scheme.yaml", stales: []),
    .edit("recipe.yaml", stales: []),
    Change("nothing", stales: []) { _ in },
    Change("the time of every file", stales: []) { folder in
      for file in try FileManager.default.subpathsOfDirectory(atPath: folder) {
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)],
          ofItemAtPath: folder + "/" + file)
      }
    },
  ]

  @Test(arguments: changes) func whatIsReadDecidesWhatIsStale(change: Change) throws {
    try withTemporaryFolder { folder in
      try Self.write(to: folder)
      let before = try Self.digests(folder)
      try change.make(folder)
      let after = try Self.digests(folder)
      #expect(before.keys == after.keys)
      for (step, digest) in before.sorted(by: { $0.key < $1.key }) where step != "report" {
        let isStale = digest != after[step]
        // A step's own change shows in those after it: predictions and scores follow tests and models.
        let expected =
          change.stale.contains { step == $0 || step.hasPrefix($0 + ":") }
          || step.hasPrefix("predict") && Self.precede(change, step, ["test", "train"])
          || step.hasPrefix("evaluate") && Self.precede(change, step, ["test", "train", "predict"])
        #expect(isStale == expected, "\(step)")
      }
    }
  }

  private static func precede(_ change: Change, _ step: String, _ verbs: [String]) -> Bool {
    let arm = step.split(separator: ":")[1]
    return change.stale.contains { stale in
      let parts = stale.split(separator: ":")
      return verbs.contains(String(parts[0])) && (parts.count < 2 || parts[1] == arm)
    }
  }

  /// The digests of all steps, with the memory of an earlier look.
  private static func digests(_ folder: String) throws -> [String: String] {
    let experiment = try Experiment.load(folder + "/experiment.yaml", data: nil)
    let out = folder + "/.out"
    try createFolder(out)
    var inputs = ExperimentInputs(
      experiment: experiment, layout: ExperimentLayout(folder: out, experiment: experiment))
    var files = FileDigests(path: out + "/digests.json")
    defer { files.save() }
    var digests: [String: String] = [:]
    for step in ExperimentStep.all(of: experiment) {
      digests[step.name] = try inputs.digest(of: step, files: &files)
    }
    return digests
  }

  private static func write(to folder: String) throws {
    for file in [
      "test/images/a.nii.gz", "test/images/b.nii.gz", "test/images/c.nii.gz",
      "test/set/labelsTr/a.nii.gz", "test/set/labelsTr/b.nii.gz", "images/p.nii.gz",
      "trees/p/segmentations/liver.nii.gz", "trees/p/segmentations/spleen.nii.gz",
      "maps/m.nii.gz", "maps/n.nii.gz", "regions/m.nii.gz", "regions/n.nii.gz", "clips/a.mp4",
      "clips/deep/er/b.mp4",
    ] {
      try createFolder(parent(folder + "/" + file))
      // Names differ, and so do the contents.
      try AtomicFile.write(lastComponent(file) + "\n", to: folder + "/" + file)
    }
    try AtomicFile.write(
      #"{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1, "spleen": 2}, "#
        + #""numTraining": 2, "file_ending": ".nii.gz"}"#,
      to: folder + "/test/set/dataset.json")
    try AtomicFile.write(
      "name: own\nlabels: {1: liver, 2: spleen}\n", to: folder + "/scheme.yaml")
    try AtomicFile.write(Recipe.presets.source("video").text, to: folder + "/recipe.yaml")
    try AtomicFile.write(Scanner.presets.source("rows64").text, to: folder + "/scanner.yaml")
    try AtomicFile.write(
      "name: own\ndescription: own\nmas: 200\npitch: 1\nkernel: standard\nenergy: 70\n",
      to: folder + "/protocol.yaml")
    try AtomicFile.write(
      """
      title: Inputs
      targets: [liver]
      labels: [{path: maps, scheme: scheme.yaml, region: regions}]
      video: clips
      test: {images: test/images, labels: test/set}
      training: {epochs: 3, folds: [all]}
      tolerance: 2
      largest_component: false
      arms:
        - {name: real, images: images, labels: [{path: trees}]}
        - {name: video, recipe: recipe.yaml, scanners: [scanner.yaml], protocols: [protocol.yaml]}

      """, to: folder + "/experiment.yaml")
  }
}
