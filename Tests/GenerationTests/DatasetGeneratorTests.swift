import Acquisition
import Anatomy
import Datasets
import FoundationEssentials
import Painting
import Support
import TestSupport
import Testing
import Volumes
@testable import Generation

/// Small phantoms through the whole chain with a coarse scanner: seconds a case.
@Suite(.serialized) struct DatasetGeneratorTests {
  static let scanner = Scanner(
    name: "coarse", sourceToIsocenter: 541, sourceToDetector: 949, channels: 120, fanAngle: 54.9,
    rows: 16, rowHeight: 2.5, viewsPerRotation: 120, photonsPerMas: 900_000)

  static func labels(in folder: String, cases: Int) throws -> String {
    let path = folder + "/labels"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for index in 0..<cases {
      let map = TorsoPhantom.map(
        name: "torso", grid: Grid(shape: [64, 52, 20], spacing: [6, 6, 6]),
        stream: RandomStream(seed: 3).split(index), workers: Workers())
      try NIfTI.write(
        map.labels, to: "\(path)/torso_\(index).nii.gz", frame: map.frame, workers: Workers())
    }
    return path
  }

  static func settings(
    _ labels: String, recipe: String = "constant", target: String = "liver", cases: Int? = nil
  ) throws -> GenerationSettings {
    var coarse = try Recipe.load(recipe)
    // Painted on voxels as large as those of the label maps: the same steps at a fraction of the time.
    (coarse.paint.grid.finest, coarse.paint.grid.coarsest) = (4, 8)
    return GenerationSettings(
      sources: [.init(path: labels, scheme: TorsoPhantom.scheme)], targets: [target],
      recipe: coarse, texture: recipe == "constant" ? nil : .deadLeaves(5),
      cases: cases, seed: 11, scanners: [scanner],
      protocols: recipe == "maskct" ? [] : [try ScanProtocol.load("abdomen")])
  }

  static func dataset(_ folder: String, _ name: String = "Dataset901_Test") throws -> NNUNetDataset
  {
    try NNUNetDataset(folder: "\(folder)/nnUNet_raw/\(name)", environment: [:])
  }

  static func bytes(_ dataset: NNUNetDataset) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in dataset.cases {
      files[name + " image"] = try ByteFile.read(dataset.image(of: name))
      files[name + " label"] = try ByteFile.read(dataset.label(of: name))
    }
    return files
  }

  @Test(arguments: ["maskct", "cylinder", "constant", "video"])
  func makesImagesLabelsAndRecords(recipe: String) throws {
    try withTemporaryFolder { folder in
      let labels = try Self.labels(in: folder, cases: 1)
      let dataset = try Self.dataset(folder)
      let outcome = try DatasetGenerator(
        settings: try Self.settings(labels, recipe: recipe), dataset: dataset, workers: Workers()
      ).run(existing: .refuse) { _ in }
      #expect(outcome.made == ["torso_0"] && outcome.failed.isEmpty)
      let image = try NIfTI.readVolume(dataset.image(of: "torso_0"), workers: Workers()).volume
      let label = try NIfTI.readLabelMap(dataset.label(of: "torso_0"), workers: Workers()).labels
      #expect(image.grid == label.grid)
      #expect(Set(label.values) == [0, 1])
      // The liver reads like liver: its prior is 55 to 115 HU by phase, spread and noise beside.
      var (sum, count) = (0.0, 0.0)
      for (value, id) in zip(image.values, label.values) where id == 1 {
        sum += Double(value)
        count += 1
      }
      #expect((0...180).contains(sum / count), "the liver reads \(sum / count) HU")
      #expect(try dataset.description().structures == ["liver"])
      _ = try CaseRecord(path: dataset.rawFolder + "/records/torso_0.json")
    }
  }

  /// Beyond its region a CT shows air; inside it is the CT without one, bent alike. Replaying the
  /// record brings both back.
  @Test(arguments: ["constant", "maskct"]) func regionCutsTheImageOnly(recipe: String) throws {
    try withTemporaryFolder { folder in
      let labels = try Self.labels(in: folder, cases: 1)
      let path = labels + "/torso_0.nii.gz"
      let grid = try NIfTI.readHeader(path).grid
      var region = LabelMap(grid: grid, values: [UInt16](repeating: 1, count: grid.count))
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          for z in 0..<grid.shape.z where z < 5 || x < 20 { region[x, y, z] = 0 }
        }
      }
      try FileManager.default.createDirectory(
        atPath: folder + "/regions", withIntermediateDirectories: true)
      try NIfTI.write(
        region, to: folder + "/regions/torso_0.nii.gz", frame: .canonical(grid),
        workers: Workers())
      let whole = try Self.dataset(folder)
      let cut = try Self.dataset(folder, "Dataset902_Cut")
      var settings = try Self.settings(labels, recipe: recipe)
      // With a region, a field of view stays inside the label map.
      settings.recipe.variation.fieldOfView = nil
      _ = try DatasetGenerator(settings: settings, dataset: whole, workers: Workers())
        .run(existing: .refuse) { _ in }
      settings.sources[0].region = folder + "/regions"
      _ = try DatasetGenerator(settings: settings, dataset: cut, workers: Workers())
        .run(existing: .refuse) { _ in }
      let (a, b) = try (Self.bytes(whole), Self.bytes(cut))
      #expect(a["torso_0 label"] == b["torso_0 label"])

      let first = try NIfTI.readVolume(whole.image(of: "torso_0"), workers: Workers()).volume
      let second = try NIfTI.readVolume(cut.image(of: "torso_0"), workers: Workers()).volume
      let record = try CaseRecord(path: cut.rawFolder + "/records/torso_0.json")
      let bent =
        record.draw.variation?.deformation.map {
          Deformation($0, extent: grid.extent, workers: Workers()).deform(
            region, workers: Workers())
        } ?? region
      #expect((bent == region) == (recipe == "constant"))
      for index in 0..<grid.count {
        let expected = bent.values[index] == 0 ? -1000 : first.values[index]
        #expect(second.values[index] == expected)
        if second.values[index] != expected { break }
      }

      try record.replay(to: folder + "/again", workers: Workers())
      #expect(try ByteFile.read(folder + "/again/torso_0_0000.nii.gz") == b["torso_0 image"])
    }
  }

  @Test func interruptedAndResumedIsTheSameBytes() throws {
    try withTemporaryFolder { folder in
      let labels = try Self.labels(in: folder, cases: 2)
      let settings = try Self.settings(labels, cases: 3)
      let whole = try Self.dataset(folder, "Dataset901_Whole")
      _ = try DatasetGenerator(settings: settings, dataset: whole, workers: Workers())
        .run(existing: .refuse) { _ in }
      #expect(whole.cases == ["torso_0", "torso_0_2", "torso_1"])

      struct Stop: Error {}
      let resumed = try Self.dataset(folder, "Dataset902_Resumed")
      let generator = DatasetGenerator(
        settings: settings, dataset: resumed, workers: Workers(count: 1))
      #expect(throws: Stop.self) {
        try generator.run(existing: .refuse) { event in
          if case .stage(.scanning, let done) = event, done > 0, resumed.cases.count == 1 {
            throw Stop()
          }
        }
      }
      #expect(resumed.cases.count == 1)
      #expect(!FileManager.default.fileExists(atPath: resumed.descriptionFile))
      // A record that is lost regenerates its case.
      try FileManager.default.removeItem(atPath: resumed.rawFolder + "/records/torso_0.json")
      _ = try generator.run(existing: .resume) { _ in }
      #expect(try Self.bytes(whole) == Self.bytes(resumed))
    }
  }

  @Test(arguments: ["video", "maskct"])
  func replaysFromTheRecordAlone(recipe: String) throws {
    try withTemporaryFolder { folder in
      let labels = try Self.labels(in: folder, cases: 1)
      let dataset = try Self.dataset(folder)
      _ = try DatasetGenerator(
        settings: try Self.settings(labels, recipe: recipe), dataset: dataset, workers: Workers()
      ).run(existing: .refuse) { _ in }
      let record = try CaseRecord(path: dataset.rawFolder + "/records/torso_0.json")
      #expect((record.draw.variation != nil) == (recipe == "maskct"))
      try record.replay(to: folder + "/again", workers: Workers(count: 1))
      #expect(
        try ByteFile.read(dataset.image(of: "torso_0"))
          == ByteFile.read(folder + "/again/torso_0_0000.nii.gz"))
      #expect(
        try ByteFile.read(dataset.label(of: "torso_0"))
          == ByteFile.read(folder + "/again/torso_0.nii.gz"))
    }
  }

  @Test func variationIsDrawnFromTheRecipe() throws {
    let recipe = try Recipe.load("maskct")
    let map = TorsoPhantom.map(
      name: "torso", grid: Grid(shape: [64, 52, 20], spacing: [6, 6, 6]),
      stream: RandomStream(seed: 3), workers: Workers())
    let targets: Set = ["liver", "vertebrae_L1"]
    let bends = try #require(recipe.variation.deformation)
    let scans = try #require(recipe.acquisition)
    var dropped = 0
    var kernels: Set<String> = []
    var thick = 0
    let parts = map.removableParts.filter { targets.isDisjoint(with: $0) }
    for index in 0..<40 {
      let stream = RandomStream(seed: 8).split(index)
      let variation = try #require(
        try MapVariation.draw(
          recipe.variation, map: map, targets: targets, stream: stream))
      let draw = try #require(variation.deformation)
      #expect(
        bends.amplitude.contains(draw.amplitude) && bends.smoothness.contains(draw.smoothness))
      #expect(draw.scale.min() > 0.82 && draw.scale.max() < 1.21)
      #expect(draw.rotation.max() < 0.123 && draw.rotation.min() > -0.123)
      // Targets stay, and with them what cannot be left out alone.
      #expect(targets.isDisjoint(with: variation.dropped))
      #expect(!variation.dropped.contains("vertebrae_L2"))
      dropped += parts.count { variation.dropped.contains($0[0]) }
      let taken = scans.draw(stream)
      let noise = try #require(taken.noiseIndex)
      #expect(scans.noiseIndex?.contains(noise) == true && scans.pitch.contains(taken.pitch))
      if let window = taken.window, let windows = scans.window {
        #expect(windows.lower.contains(window.lowerBound))
        #expect(windows.upper.contains(window.upperBound))
      }
      kernels.insert(taken.kernel)
      if let thickness = taken.sliceThickness {
        thick += 1
        #expect(scans.sliceThickness.range.contains(thickness))
      }
    }
    #expect(kernels == Set(scans.kernels))
    // Binomial, p = 0.2 and 0.4: five standard deviations.
    let n = Double(40 * parts.count)
    #expect(abs(Double(dropped) - 0.2 * n) < 5 * (0.16 * n).squareRoot(), "\(dropped) of \(n)")
    #expect((4...28).contains(thick))
    #expect(
      try MapVariation.draw(
        try Recipe.load("video").variation, map: map, targets: targets,
        stream: RandomStream(seed: 1)) == nil)
  }

  @Test func scannersAreTheUsersOrElseTheRecipes() throws {
    let maskct = try Recipe.load("maskct")
    let plain = try Recipe.load("constant")
    let drawn = try GenerationSettings.acquisition(of: maskct)
    #expect(drawn.scanners.map(\.name) == ["rows64", "rows16"] && drawn.protocols.isEmpty)
    let named = try GenerationSettings.acquisition(
      of: maskct, scanners: ["rows16"], protocols: ["low-dose"])
    #expect(named.scanners.map(\.name) == ["rows16"])
    #expect(named.protocols.map(\.name) == ["low-dose"])
    let usual = try GenerationSettings.acquisition(of: plain)
    #expect(usual.scanners.map(\.name) == ["rows64"])
    #expect(usual.protocols.map(\.name) == ["abdomen"])
    var odd = maskct
    odd.acquisition?.kernels = ["smoth"]
    #expect(throws: MaskCTError.self) { try odd.validate() }
  }

  @Test func aBadCaseIsToldAndTheOthersGoOn() throws {
    try withTemporaryFolder { folder in
      let labels = try Self.labels(in: folder, cases: 1)
      try AtomicFile.write("no label map", to: labels + "/broken.nii.gz")
      let dataset = try Self.dataset(folder)
      let outcome = try DatasetGenerator(
        settings: try Self.settings(labels), dataset: dataset, workers: Workers()
      ).run(existing: .refuse) { _ in }
      #expect(outcome.made == ["torso_0"])
      #expect(outcome.failed.map(\.name) == ["broken"])
      #expect(outcome.failed[0].error.description.contains("broken.nii.gz"))
      #expect(try dataset.description().cases == 1)
    }
  }

  @Test func refusesWhatWouldLoseOrMixWork() throws {
    try withTemporaryFolder { folder in
      let labels = try Self.labels(in: folder, cases: 1)
      let dataset = try Self.dataset(folder)
      let settings = try Self.settings(labels)
      func run(_ settings: GenerationSettings, _ existing: DatasetGenerator.Existing) throws {
        _ = try DatasetGenerator(settings: settings, dataset: dataset, workers: Workers())
          .run(existing: existing) { _ in }
      }
      try run(settings, .refuse)
      #expect(throws: MaskCTError.self) { try run(settings, .refuse) }
      var other = settings
      other.seed = 12
      let error = #expect(throws: MaskCTError.self) { try run(other, .resume) }
      #expect(error?.problem.contains("seed") == true)
      try run(other, .overwrite)
      #expect(dataset.cases == ["torso_0"])
    }
  }

  @Test func aTargetThatNoCaseHoldsIsRefusedAtOnce() throws {
    try withTemporaryFolder { folder in
      let labels = try Self.labels(in: folder, cases: 1)
      let dataset = try Self.dataset(folder)
      let settings = try Self.settings(labels, target: "prostate")
      let error = #expect(throws: MaskCTError.self) {
        _ = try DatasetGenerator(settings: settings, dataset: dataset, workers: Workers())
          .run(existing: .refuse) { _ in }
      }
      #expect(error?.problem.contains("prostate") == true)
    }
  }

  @Test func shardsGiveTheBytesOfOneRun() throws {
    try withTemporaryFolder { folder in
      let labels = try Self.labels(in: folder, cases: 3)
      let whole = try Self.dataset(folder, "Dataset901_Whole")
      let parts = try Self.dataset(folder, "Dataset902_Parts")
      let settings = try Self.settings(labels)
      _ = try DatasetGenerator(settings: settings, dataset: whole, workers: Workers())
        .run(existing: .refuse) { _ in }
      for number in [2, 1] {
        #expect(!FileManager.default.fileExists(atPath: parts.descriptionFile))
        let outcome = try DatasetGenerator(settings: settings, dataset: parts, workers: Workers())
          .run(existing: .resume, shard: Shard(parsing: "\(number)/2")) { _ in }
        #expect(outcome.made.count == (number == 1 ? 2 : 1))
      }
      #expect(try Self.bytes(whole) == Self.bytes(parts))
      #expect(
        try ByteFile.read(whole.descriptionFile) == ByteFile.read(parts.descriptionFile))
    }
  }

  @Test(arguments: ["0/2", "3/2", "1", "a/b", "1/2/3", ""])
  func refusesWhatIsNoShard(text: String) {
    #expect(throws: MaskCTError.self) { try Shard(parsing: text) }
  }
}
