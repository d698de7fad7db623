import Datasets
import Support
import TestSupport
import Testing

@testable import Generation

@Suite struct DatasetCardTests {
  @Test("manifest and card say what a dataset was made of; an author's words stay until it changes")
  func manifestAndCard() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      let dataset = try DatasetGeneratorTests.dataset(folder)
      var settings = try DatasetGeneratorTests.settings(labels)
      settings.recipeName = "/home/me/mine.yaml"
      func run(_ existing: DatasetGenerator.Existing) throws {
        _ = try DatasetGenerator(settings: settings, dataset: dataset, workers: Workers())
          .run(existing: existing) { _ in }
      }
      try run(.refuse)
      let file = dataset.rawFolder + "/manifest.json"
      let manifest = try JSONFile.read(Manifest.self, path: file)
      #expect(manifest.kind == "dataset" && manifest.name == "Dataset901_Test")
      #expect(manifest.versions == ["maskct": toolVersion])
      #expect(manifest.inputs.map(\.path) == [labels + "/torso_0.nii.gz"])
      #expect(
        manifest.inputs[0].sha256 == (try SHA256.hex(ofFile: labels + "/torso_0.nii.gz")))
      #expect(
        manifest.outputs.map(\.path) == [
          "dataset.json", "imagesTr/torso_0_0000.nii.gz", "labelsTr/torso_0.nii.gz",
        ])
      for output in manifest.outputs {
        let path = dataset.rawFolder + "/" + output.path
        #expect(output.sha256 == (try SHA256.hex(ofFile: path)))
        #expect(output.bytes == (try ByteFile.size(path)))
      }
      #expect(manifest.seconds["scanning"] ?? 0 > 0, "\(manifest.seconds.keys.sorted())")

      let path = dataset.rawFolder + "/DATASET_CARD.md"
      let card = try #require(readText(path))
      for line in [
        "1 simulated CT scans with labels of liver", "| 1 | liver |",
        "* recipe: `mine.yaml` (", "* scanners: coarse (1)", "* texture: none",
        "* label maps: 1, from labels", "* tube current times time: 200 mAs",
      ] {
        #expect(card.contains(line), "\(line)\n\(card)")
      }
      #expect(!card.contains(folder) && !card.contains("/home"))

      try AtomicFile.write(card + "Licence: ours\n", to: path)
      // A label map that was away when the manifest was written is read again; the author's card stays.
      var away = manifest
      away.inputs[0].sha256 = nil
      try JSONFile.write(away, to: file)
      try run(.resume)
      #expect(try JSONFile.read(Manifest.self, path: file).inputs == manifest.inputs)
      #expect(readText(path)?.hasSuffix("Licence: ours\n") == true)
      settings.seed += 1
      try run(.overwrite)
      #expect(readText(path)?.contains("* seed: \(settings.seed)\n") == true)
    }
  }
}
