import FoundationEssentials
import Support
import TestSupport
import Testing
import Volumes
@testable import Evaluation

@Suite struct HUStatisticsRunTests {
  private let liver = EvaluatedStructure(name: "liver", prediction: [1], reference: [1])
  private let spleen = EvaluatedStructure(name: "spleen", prediction: [2], reference: [2])
  private let workers = Workers(count: 2)

  private func write(image path: String, hu: Float, shape: SIMD3<Int> = [12, 12, 12]) throws {
    let image = Volume<Float>(grid: Grid(shape: shape, spacing: [1, 1, 1]), repeating: hu)
    try NIfTI.write(
      image, to: path, frame: .canonical(image.grid), workers: Workers(count: 1))
  }

  private func write(labels path: String) throws {
    let labels = labelMap([12, 12, 12], [(id: 1, lower: [2, 2, 2], upper: [9, 9, 9])])
    try NIfTI.write(
      labels, to: path, frame: .canonical(labels.grid), workers: Workers(count: 1))
  }

  @Test func measuresEveryCaseThatHasBoth() throws {
    try withTemporaryFolder { folder in
      let (images, labels) = (folder + "/images", folder + "/labels")
      for path in [images, labels] {
        try FileManager.default.createDirectory(
          atPath: path, withIntermediateDirectories: true)
      }
      for (name, hu) in [("a", 40), ("b", 60), ("c", 80)] as [(String, Float)] {
        try write(image: "\(images)/\(name)_0000.nii.gz", hu: hu)
        if name != "c" { try write(labels: "\(labels)/\(name).nii") }
      }
      let run = try HUStatisticsRun(images: images, labels: labels, structures: [liver, spleen])
      let summary = run.run(workers: workers)
      #expect(summary.cases.map(\.name) == ["a", "b"] && summary.failures.isEmpty)
      #expect(summary.cases.map { $0.structures[0]?.voxels } == [125, 125])
      #expect(summary.cases.allSatisfy { $0.structures[1] == nil })
      let means = summary.statistics(\.mean, structure: 0)
      #expect(means.count == 2 && means.mean == 50)
      #expect(abs(means.deviation - 200.0.squareRoot()) < 1e-9)
      #expect(summary.statistics(\.mean, structure: 1).count == 0)
    }
  }

  @Test func anotherGridIsAFailureOfTheCase() throws {
    try withTemporaryFolder { folder in
      try write(image: folder + "/x_0000.nii.gz", hu: 1, shape: [12, 12, 11])
      try write(labels: folder + "/x.nii")
      let run = try HUStatisticsRun(
        images: folder + "/x_0000.nii.gz", labels: folder + "/x.nii", structures: [liver])
      let summary = run.run(workers: workers)
      #expect(summary.cases.isEmpty)
      #expect(summary.failures.first?.problem.contains("x.nii: lies on another grid") == true)
    }
  }
}
