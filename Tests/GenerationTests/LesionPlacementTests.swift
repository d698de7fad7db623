import FoundationEssentials
import Support
import TestSupport
import Testing
import Volumes
@testable import Anatomy
@testable import Generation
@testable import Painting

@Suite(.serialized) struct LesionPlacementTests {
  private static let livers = LesionSettings(
    structure: "hepatic tumor", host: "liver", probability: 1, count: [2, 5], radius: 8...16)

  private static func torso() -> AnatomicalMap {
    TorsoPhantom.map(
      name: "torso", grid: Grid(shape: [64, 52, 20], spacing: [6, 6, 6]),
      stream: RandomStream(seed: 3), workers: Workers())
  }

  /// Centres lie in the host, sizes within the limits, and as often as was asked.
  @Test func drawsWhatTheSettingsSay() throws {
    let map = Self.torso()
    let liver = Set(map.ids(of: "liver"))
    let shape = SIMD3<Double>(map.labels.grid.shape &- 1)
    var counts: [Int: Int] = [:]
    var settings = Self.livers
    settings.probability = 0.5
    for case_ in 0..<200 {
      let stream = RandomStream(seed: 5).split(case_)
      let lesions = try [settings].draw(in: map, without: [], stream: stream) ?? []
      #expect(try lesions == [settings].draw(in: map, without: [], stream: stream) ?? [])
      counts[lesions.count, default: 0] += 1
      for lesion in lesions {
        let voxel = lesion.center / map.labels.grid.spacing + shape * 0.5
        let id = map.labels[
          Int(voxel.x.rounded()), Int(voxel.y.rounded()), Int(voxel.z.rounded())]
        #expect(liver.contains(id))
        let size = power(lesion.halfAxes.x * lesion.halfAxes.y * lesion.halfAxes.z, 1 / 3)
        #expect((7.99...16.01).contains(size))
        #expect(lesion.structure == "liver_tumor")
      }
    }
    // 200 draws at a half: 100 +- 7; a quarter of the rest each: 25 +- 5. Limits at four deviations.
    #expect((72...128).contains(counts[0] ?? 0))
    #expect(Set(counts.keys) == [0, 2, 3, 4, 5])
    #expect(counts.filter { $0.key > 0 }.values.allSatisfy { (5...45).contains($0) })
  }

  @Test func aLesionIsSmallBesideItsHost() throws {
    let map = Self.torso()
    var settings = Self.livers
    settings.radius = 90...100
    let liver = Set(map.ids(of: "liver"))
    let voxels = map.labels.values.filter(liver.contains).count
    let volume = Double(voxels) * 216
    for lesion in try [settings].draw(in: map, without: [], stream: RandomStream(seed: 1)) ?? [] {
      let axes = lesion.halfAxes
      let own: Double = 4 / 3 * Double.pi * axes.x * axes.y * axes.z
      #expect(own < 0.126 * volume)
    }
  }

  @Test func whatIsLeftOutHasNone() throws {
    let map = Self.torso()
    #expect(
      try [Self.livers].draw(in: map, without: ["liver"], stream: RandomStream(seed: 1)) == nil)
    // Where they are to be learned, their host stays.
    var recipe = try Recipe.load("maskct")
    recipe.variation.dropout = 1
    recipe.variation.lesions = [Self.livers]
    let learned = try MapVariation.draw(
      recipe.variation, map: map, targets: ["liver_tumor"], stream: RandomStream(seed: 1))
    #expect(learned?.dropped.contains("liver") == false && learned?.lesions != nil)
    let other = try MapVariation.draw(
      recipe.variation, map: map, targets: ["spleen"], stream: RandomStream(seed: 1))
    #expect(other?.dropped.contains("liver") == true && other?.lesions == nil)
  }

  /// From label maps without a single tumour to images and labels of tumours; the record brings the case back, and the
  /// organ's own labels are those of the recipe without lesions.
  @Test func aWholeCaseWithLesions() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      var settings = try DatasetGeneratorTests.settings(labels)
      let plain = try DatasetGeneratorTests.dataset(folder, "Dataset901_Plain")
      _ = try DatasetGenerator(settings: settings, dataset: plain, workers: Workers())
        .run(existing: .refuse) { _ in }

      settings.recipe.variation.lesions = [Self.livers]
      let same = try DatasetGeneratorTests.dataset(folder, "Dataset902_Same")
      _ = try DatasetGenerator(settings: settings, dataset: same, workers: Workers())
        .run(existing: .refuse) { _ in }
      let (a, b) = try (DatasetGeneratorTests.bytes(plain), DatasetGeneratorTests.bytes(same))
      #expect(a["torso_0 label"] == b["torso_0 label"])
      #expect(a["torso_0 image"] != b["torso_0 image"])

      settings.targets = ["liver", "liver_tumor"]
      let dataset = try DatasetGeneratorTests.dataset(folder, "Dataset903_Tumours")
      let outcome = try DatasetGenerator(settings: settings, dataset: dataset, workers: Workers())
        .run(existing: .refuse) { _ in }
      #expect(outcome.failed.isEmpty)
      let label = try NIfTI.readLabelMap(dataset.label(of: "torso_0"), workers: Workers()).labels
      #expect(Set(label.values) == [0, 1, 2])
      // Tumours are painted by their own prior, not as liver.
      let record = try CaseRecord(path: dataset.rawFolder + "/records/torso_0.json")
      #expect(record.draw.paint.structures.contains { $0.structure == "liver_tumor" })
      #expect((2...5).contains(record.draw.variation?.lesions?.count ?? 0))
      #expect(!record.structures.values.contains("liver_tumor"))

      try record.replay(to: folder + "/again", workers: Workers())
      let bytes = try DatasetGeneratorTests.bytes(dataset)
      #expect(try ByteFile.read(folder + "/again/torso_0_0000.nii.gz") == bytes["torso_0 image"])
      #expect(try ByteFile.read(folder + "/again/torso_0.nii.gz") == bytes["torso_0 label"])

      settings.recipe.variation.lesions = nil
      let refused = try DatasetGeneratorTests.dataset(folder, "Dataset904_Refused")
      #expect(throws: MaskCTError.self) {
        try DatasetGenerator(settings: settings, dataset: refused, workers: Workers())
          .run(existing: .refuse) { _ in }
      }
    }
  }
}
