import Anatomy
import Support
import TestSupport
import Testing
import Tissues
import Volumes
@testable import Painting

/// What may surround labels is known before a body is completed, so that all of it can be drawn first.
@Suite struct RepertoireTests {
  @Test func everyStructureOfItHasATissue() throws {
    for map in [torso, head] {
      for name in BodyCompletion.repertoire(for: map) {
        for phase in ContrastPhase.allCases {
          #expect(throws: Never.self, "\(name)") {
            try TissueTable.standard.prior(for: name, phase: phase)
          }
        }
      }
    }
  }

  @Test(arguments: 1...6) func holdsWhatCompletionsHold(seed: UInt64) throws {
    for map in [torso, head] {
      let known = Set(BodyCompletion.repertoire(for: map))
      let completion = try BodyCompletion().complete(
        map, marginBefore: 150, marginAfter: 150, stream: RandomStream(seed: seed),
        workers: Workers())
      #expect(Set(completion.structures.values).subtracting(known).isEmpty)
    }
  }

  private let torso = AnatomicalMap(
    name: "torso",
    labels: labelMap([48, 40, 30], [8, 8, 8]) {
      (($0 - [60, 0, 0]) * ($0 - [60, 0, 0])).sum() < 3600 ? 1 : 0
    },
    structures: [1: "liver"])

  private let head = AnatomicalMap(
    name: "head",
    labels: labelMap([60, 60, 40], [4, 4, 4]) { p in
      if ((p - [0, 0, 30]) * (p - [0, 0, 30])).sum() < 225 { return 1 }
      return ((p - [0, 70, -25]) * (p - [0, 70, -25])).sum() < 400 ? 2 : 0
    }, structures: [1: "brainstem", 2: "mandible"])
}
