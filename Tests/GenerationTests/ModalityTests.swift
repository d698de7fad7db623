import Anatomy
import Datasets
import FoundationEssentials
import MRScan
import Painting
import Support
import TestSupport
import Testing
import Volumes

@testable import Generation

/// CT and MR of the same body.
@Suite(.serialized) struct ModalityTests {
  private func make(
    _ labels: String, _ name: String, _ modalities: [ImageModality], in folder: String,
    recipe: String = "constant", protocols: [String] = ["t2-spir"]
  ) throws -> NNUNetDataset {
    var settings = try DatasetGeneratorTests.settings(labels, recipe: recipe)
    try settings.image(modalities, mrProtocols: protocols)
    let dataset = try DatasetGeneratorTests.dataset(folder, name)
    let outcome = try DatasetGenerator(settings: settings, dataset: dataset, workers: Workers())
      .run(existing: .refuse) { _ in }
    #expect(outcome.made == ["torso_0"] && outcome.failed.isEmpty)
    return dataset
  }

  @Test(
    "a pair holds the CT that would be alone, byte for byte, and an MR of the same body, and replays"
  )
  func pairs() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      let ct = try make(labels, "Dataset901_CT", [.ct], in: folder)
      let both = try make(labels, "Dataset903_Both", [.ct, .mr], in: folder)
      #expect(try ct.description().channels == ["CT"])
      #expect(try both.description().channels == ["CT", "MR"])
      let name = "torso_0"
      let pair = (0..<2).map { both.image(of: name, channel: $0) }
      #expect(try ByteFile.read(pair[0]) == ByteFile.read(ct.image(of: name)))
      let images = try pair.map { try NIfTI.readVolume($0, workers: Workers()).volume }
      #expect(images[0].grid == images[1].grid)
      // Air is dark in both, and soft tissue bright: the body lies in the same voxels.
      let places = zip(images[0].values, images[1].values)
      func mean(_ range: ClosedRange<Float>) -> Double {
        let values = places.filter { range.contains($0.0) }.map { Double($0.1) }
        return values.reduce(0, +) / Double(max(1, values.count))
      }
      let (air, body) = (mean(-1100 ... -900), mean(-150...200))
      #expect(body > 4 * air, "\(body) \(air)")
      let record = try CaseRecord(path: both.rawFolder + "/records/\(name).json")
      #expect(record.draw.acquisitions.map(\.modality) == [.ct, .mr])
      let again = try record.replay(workers: Workers())
      for (image, read) in zip(again.images, images) {
        let worst = zip(image.values, read.values).map { abs($0 - $1) }.max()!
        #expect(worst <= 0.5)
      }
      let card = try #require(readText(both.rawFolder + "/DATASET_CARD.md"))
      #expect(card.contains("pairs of CT and MR") && card.contains("MR protocols: t2-spir (1)"))
    }
  }

  @Test(
    "organs have the order of brightness of their sequence", arguments: ["t2-spir", "t1-in-phase"])
  func order(_ name: String) throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      let dataset = try make(labels, "Dataset904_MR", [.mr], in: folder, protocols: [name])
      let image = try NIfTI.readVolume(dataset.image(of: "torso_0"), workers: Workers()).volume
      let map = try NIfTI.readLabelMap(labels + "/torso_0.nii.gz", workers: Workers()).labels
      let scheme = try LabelScheme.load(TorsoPhantom.scheme)
      func mean(_ structure: String) -> Double {
        let ids = scheme.structures.filter { $0.value == structure }.keys
        var (sum, count) = (0.0, 0.0)
        for (value, id) in zip(image.values, map.values) where ids.contains(id) {
          sum += Double(value)
          count += 1
        }
        return sum / count
      }
      let (liver, spleen) = (mean("liver"), mean("spleen"))
      #expect(name == "t2-spir" ? spleen > 1.1 * liver : liver > 1.1 * spleen, "\(liver) \(spleen)")
    }
  }

  @Test("the recipe draws protocols within their ranges, each of which can be run")
  func draws() throws {
    for name in ["maskct", "random-contrast"] {
      let recipe = try #require(try Recipe.load(name).mr)
      let protocols = try recipe.protocols.map { try MRProtocol.load($0) }
      var names: Set<String> = []
      for index in 0..<200 {
        let drawn = recipe.draw(from: protocols, RandomStream(seed: 9).split(index))
        try drawn.validate()
        names.insert(drawn.name)
        #expect([1.5, 3].contains(drawn.fieldStrength))
      }
      #expect(names.count == protocols.count)
    }
  }

  @Test("random contrast gives tissues any brightness and CT what it was")
  func randomContrast() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      var settings = try DatasetGeneratorTests.settings(labels, recipe: "random-contrast")
      try settings.image([.mr], mrProtocols: [])
      let dataset = try DatasetGeneratorTests.dataset(folder)
      _ = try DatasetGenerator(settings: settings, dataset: dataset, workers: Workers())
        .run(existing: .refuse) { _ in }
      let record = try CaseRecord(path: dataset.rawFolder + "/records/torso_0.json")
      let densities = Set(
        record.draw.paint.surroundings.compactMap { $0.magnetic?.tissue.protonDensity })
      #expect(densities.count > 5)
    }
  }

  @Test("a recipe of HU alone is refused for MR in one line")
  func cylinder() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      var settings = try DatasetGeneratorTests.settings(labels, recipe: "cylinder")
      try settings.image([.mr], mrProtocols: ["t2-spir"])
      let dataset = try DatasetGeneratorTests.dataset(folder)
      let error = #expect(throws: MaskCTError.self) {
        _ = try DatasetGenerator(settings: settings, dataset: dataset, workers: Workers())
          .run(existing: .refuse) { _ in }
      }
      #expect(error?.description.contains("\n") == false)
    }
  }

  @Test("modalities and protocols are distinguished")
  func parsing() throws {
    #expect(try ImageModality.parse("ct,mr") == [.ct, .mr])
    for text in ["", "mri", "ct,ct", "ct,"] {
      #expect(throws: MaskCTError.self) { try ImageModality.parse(text) }
    }
    let split = try GenerationSettings.split(
      protocols: ["abdomen", "t2-haste", "low-dose"], for: [.ct, .mr])
    #expect(split.ct == ["abdomen", "low-dose"] && split.mr == ["t2-haste"])
  }
}
