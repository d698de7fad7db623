import Acquisition
import Anatomy
import Datasets
import FoundationEssentials
import Support
import TestSupport
import Testing
import Volumes

@testable import Generation

/// Fields of view of whole cases: image and labels lie on the drawn grid, voxel for voxel.
@Suite(.serialized) struct FieldOfViewCaseTests {
  /// Recipe `maskct` with a field of view in every case and nothing that bends or moves labels.
  private static func settings(_ labels: String, cases: Int = 1) throws -> GenerationSettings {
    var settings = try DatasetGeneratorTests.settings(labels, recipe: "maskct", cases: cases)
    settings.recipe.variation.deformation = nil
    settings.recipe.variation.dropout = nil
    settings.recipe.variation.lesions = nil
    settings.recipe.variation.fieldOfView!.probability = 1
    // Fine enough to place what lies off the axis.
    settings.scanners = [try Scanner.load("rows16").halved]
    return settings
  }

  private static func generator(_ settings: GenerationSettings) throws -> CaseGenerator {
    try CaseGenerator(
      settings: settings,
      textures: try GenerationSettings.Texture.open(settings.texture, workers: Workers()),
      workers: Workers())
  }

  /// Five cases of one label map: wherever the image lies, its labels are those of the map at the same millimetre, none
  /// beyond it; what is labelled reads like liver, and what lies beyond the scanner's field of view is air.
  @Test func imagesAndLabelsLieOnTheDrawnGrid() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      let settings = try Self.settings(labels, cases: 5)
      let generator = try Self.generator(settings)
      let plans = try settings.plans()
      let map = try plans[0].source.load(plans[0].item, workers: Workers())
      let liver = Set(map.ids(of: "liver"))
      let inverse = map.labels.grid.affine.inverse
      var grids: Set<String> = []
      for plan in plans {
        let made = try generator.generate(plan)
        let grid = made.labels.grid
        grids.insert(grid.description)
        #expect(made.image.grid == grid && made.frame.grid == grid)
        let view = try #require(made.record.draw.fieldOfView)
        #expect(grid.matches(view.grid(of: map.labels.grid), tolerance: 1e-6))
        var (wrong, count, sum) = (0, 0, 0.0)
        for y in 0..<grid.shape.y {
          for x in 0..<grid.shape.x {
            for z in 0..<grid.shape.z {
              let q = inverse.apply(grid.affine.apply([Double(x), Double(y), Double(z)]))
              let p = SIMD3<Int>(q.rounded(.toNearestOrEven))
              let isLiver =
                map.labels.grid.contains(p.x, p.y, p.z)
                && liver.contains(map.labels[p.x, p.y, p.z])
              if (made.labels[x, y, z] == 1) != isLiver { wrong += 1 }
              if isLiver {
                count += 1
                sum += Double(made.image[x, y, z])
              }
            }
          }
        }
        #expect(wrong == 0)
        #expect(
          count > 0 && (0...180).contains(sum / Double(count)),
          "\(sum / Double(count)) HU in \(count) voxels, \(view)")
      }
      // Boxes of the label map, and others.
      #expect(grids.count >= 2)
    }
  }

  /// A field of view shows the patient that the label map's box shows: the same liver at the same place.
  @Test func theBodyDoesNotMove() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      let settings = try Self.settings(labels)
      let generator = try Self.generator(settings)
      let plan = try settings.plans()[0]
      var draw = try generator.generate(plan).record.draw
      draw.fieldOfView = nil
      let plain = try generator.generate(plan, rendering: draw)
      draw.fieldOfView = FieldOfView(before: [-8, 3, -2], after: [-10, 4, 6], axis: [6, -12])
      let other = try generator.generate(plan, rendering: draw)
      #expect(other.image.grid.shape == [46, 59, 24])
      // Soft tissue inside both: another point of view of the same voxels, with noise of its own.
      var (sum, squares, count) = (0.0, 0.0, 0.0)
      for y in 0..<52 {
        for x in 8..<54 {
          for z in 2..<20 where plain.labels[x, y, z] == 1 {
            #expect(other.labels[x - 8, y + 3, z - 2] == 1)
            let step = Double(plain.image[x, y, z] - other.image[x - 8, y + 3, z - 2])
            (sum, squares, count) = (sum + step, squares + step * step, count + 1)
          }
        }
      }
      #expect(count > 500)
      // A mean of 10 HU would be another value; a shift by a voxel would put fat and lung into the liver's edge.
      #expect(abs(sum / count) < 10)
      #expect((squares / count).squareRoot() < 120)
    }
  }

  @Test func aRecordBringsTheCaseBack() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      let settings = try Self.settings(labels, cases: 2)
      let dataset = try DatasetGeneratorTests.dataset(folder)
      _ = try DatasetGenerator(settings: settings, dataset: dataset, workers: Workers())
        .run(existing: .refuse) { _ in }
      for name in dataset.cases {
        let record = try CaseRecord(path: dataset.rawFolder + "/records/\(name).json")
        #expect(record.draw.fieldOfView != nil)
        try record.replay(to: folder + "/again", workers: Workers())
        #expect(
          try ByteFile.read(folder + "/again/\(name)_0000.nii.gz")
            == ByteFile.read(dataset.image(of: name)))
        #expect(
          try ByteFile.read(folder + "/again/\(name).nii.gz")
            == ByteFile.read(dataset.label(of: name)))
      }
      // Shards make the same cases.
      let parts = try DatasetGeneratorTests.dataset(folder, "Dataset902_Parts")
      for index in [2, 1] {
        _ = try DatasetGenerator(settings: settings, dataset: parts, workers: Workers())
          .run(existing: .resume, shard: try Shard(parsing: "\(index)/2")) { _ in }
      }
      #expect(try DatasetGeneratorTests.bytes(parts) == DatasetGeneratorTests.bytes(dataset))
    }
  }

  /// Where a region says what images show, no field of view reaches beyond the label map.
  @Test func aRegionStaysInTheBox() throws {
    try withTemporaryFolder { folder in
      let labels = try DatasetGeneratorTests.labels(in: folder, cases: 1)
      let grid = try NIfTI.readHeader(labels + "/torso_0.nii.gz").grid
      var region = LabelMap(grid: grid, repeating: 1)
      for y in 0..<grid.shape.y {
        for x in 0..<20 { for z in 0..<grid.shape.z { region[x, y, z] = 0 } }
      }
      try FileManager.default.createDirectory(
        atPath: folder + "/regions", withIntermediateDirectories: true)
      try NIfTI.write(
        region, to: folder + "/regions/torso_0.nii.gz", frame: .canonical(grid),
        workers: Workers())
      var settings = try Self.settings(labels, cases: 4)
      settings.sources[0].region = folder + "/regions"
      let generator = try Self.generator(settings)
      for plan in try settings.plans() {
        let made = try generator.generate(plan)
        let view = try #require(made.record.draw.fieldOfView)
        #expect(view.before.max() <= 0 && view.after.max() <= 0)
        let first = -view.before.x
        for x in 0..<made.image.grid.shape.x where x + first < 20 {
          #expect(made.image[x, 20 + view.before.y, 3] == -1000)
        }
      }
    }
  }
}
