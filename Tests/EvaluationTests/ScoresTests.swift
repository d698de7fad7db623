import Support
import Testing
import Volumes
@testable import Evaluation

@Suite struct ScoresTests {
  let liver = EvaluatedStructure(name: "liver", prediction: [1], reference: [6])

  @Test func aShiftedCubeOverlapsByCounting() {
    // 10^3 voxels, moved by 3 along x: 7 x 10 x 10 in common.
    let a = labelMap([20, 14, 12], [(1, [2, 2, 1], [12, 12, 11])])
    let b = labelMap([20, 14, 12], [(6, [5, 2, 1], [15, 12, 11]), (3, [0, 0, 0], [2, 2, 2])])
    let score = compare(a, b, [liver])[0]
    #expect(score.overlap.truePositives == 700)
    #expect(score.overlap.falsePositives == 300)
    #expect(score.overlap.falseNegatives == 300)
    #expect(score.overlap.trueNegatives == 20 * 14 * 12 - 1300)
    #expect(score.overlap.predicted == 1000 && score.overlap.referenced == 1000)
    #expect(score.overlap.dice == 0.7)
    #expect(score.overlap.iou == 700.0 / 1300)
    #expect(score.hausdorff95 == 3)
  }

  @Test func severalIdsMakeOneStructure() {
    let a = labelMap([8, 8, 8], [(4, [0, 0, 0], [4, 8, 8]), (5, [4, 0, 0], [6, 8, 8])])
    let b = labelMap([8, 8, 8], [(2, [0, 0, 0], [6, 8, 8])])
    let both = EvaluatedStructure(name: "lungs", prediction: [4, 5], reference: [2])
    let one = EvaluatedStructure(name: "left", prediction: [5], reference: [2])
    let scores = compare(a, b, [both, one])
    #expect(scores[0].overlap.dice == 1)
    #expect(scores[0].normalisedSurfaceDice == 1)
    #expect(scores[1].overlap.dice == 0.5)
  }

  @Test func emptyMasksAreSpecified() {
    let empty = labelMap([8, 8, 8], [])
    let some = labelMap([8, 8, 8], [(1, [1, 1, 1], [3, 3, 3]), (6, [4, 4, 4], [6, 6, 6])])
    let neither = compare(empty, empty, [liver])[0]
    #expect(neither.overlap.dice.isNaN && neither.overlap.iou.isNaN)
    #expect(neither.normalisedSurfaceDice.isNaN && neither.hausdorff95.isNaN)
    for score in [compare(empty, some, [liver])[0], compare(some, empty, [liver])[0]] {
      #expect(score.overlap.dice == 0 && score.overlap.iou == 0)
      #expect(score.normalisedSurfaceDice == 0)
      #expect(score.hausdorff95 == .infinity && score.meanSurfaceDistance == .infinity)
    }
  }

  @Test func theTallyKnowsTheBox() {
    let a = labelMap([20, 14, 12], [(1, [2, 3, 1], [5, 6, 4])])
    let b = labelMap([20, 14, 12], [(6, [9, 2, 2], [11, 4, 11])])
    let tally = LabelTally(prediction: a, reference: b, workers: Workers(count: 2))
    #expect(
      tally.box(prediction: [1], reference: [6])
        == BoundingBox(lower: [2, 2, 1], upper: [11, 6, 11]))
    #expect(tally.box(prediction: [2], reference: [2]) == nil)
    #expect(tally.entries.values.reduce(0) { $0 + $1.count } == 20 * 14 * 12)
  }

  @Test func resultsDoNotDependOnThreads() {
    var random = RandomStream(seed: 3)
    let grid = Grid(shape: [19, 23, 17], spacing: [1, 2, 3])
    let maps = (0..<2).map { _ in
      LabelMap(
        grid: grid, values: (0..<grid.count).map { _ in UInt16(random.uniform(0...2.4)) })
    }
    let structures = [
      EvaluatedStructure(name: "a", prediction: [1], reference: [1]),
      EvaluatedStructure(name: "b", prediction: [2], reference: [2]),
    ]
    let one = compare(maps[0], maps[1], structures, workers: 1)
    #expect(one == compare(maps[0], maps[1], structures, workers: 4))
  }

  private func compare(
    _ prediction: LabelMap, _ reference: LabelMap, _ structures: [EvaluatedStructure],
    workers: Int = 2
  ) -> [StructureScores] {
    StructureScores.compare(
      prediction: prediction, reference: reference, structures: structures, tolerance: 2,
      workers: Workers(count: workers))
  }
}
