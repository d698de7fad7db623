import Acquisition
import Anatomy
import Support
import TestSupport
import Testing
import Textures
import Volumes
@testable import Generation
@testable import Painting

@Suite struct DrawnAcquisitionTests {
  /// One of the voltages for every case, each now and then, and nothing else of a case depends on it.
  @Test func voltagesAreDrawn() throws {
    let plain = try #require(try Recipe.load("maskct").acquisition)
    var settings = plain
    settings.kvp = [80, 100, 120, 140]
    var seen: [Double: Int] = [:]
    for index in 0..<200 {
      let stream = RandomStream(seed: 5).split(index)
      var drawn = settings.draw(stream)
      let kvp = try #require(drawn.kvp)
      seen[kvp, default: 0] += 1
      drawn.kvp = nil
      #expect(drawn == plain.draw(stream))
    }
    // Binomial, n = 200, p = 1/4: standard deviation 6.1.
    #expect(seen.count == 4 && seen.values.allSatisfy { abs($0 - 50) < 25 }, "\(seen)")
  }

  /// The enhancement of a liver is that of iodine: more at 80 than at 140 kVp, and the rest of it stays.
  @Test func contrastFollowsTheVoltage() throws {
    let map = TorsoPhantom.map(
      name: "torso", grid: Grid(shape: [64, 52, 20], spacing: [6, 6, 6]),
      stream: RandomStream(seed: 3), workers: Workers())
    let source = LabelSource(
      labels: map.labels, frame: map.frame, name: "torso",
      scheme: try LabelScheme.load(TorsoPhantom.scheme))
    func liver(_ kvp: Double, phase: Int) throws -> (mean: Double, contrast: Double) {
      var settings = try DatasetGeneratorTests.settings("")
      settings.recipe.paint.phases = .init(
        native: phase == 0 ? 1 : 0, arterial: 0, portalVenous: phase == 0 ? 0 : 1)
      settings.protocols[0].kvp = kvp
      settings.protocols[0].mas = 2000
      let generator = try CaseGenerator(
        settings: settings, textures: DeadLeavesLibrary(seed: 1), workers: Workers())
      let made = try generator.generate(
        CasePlan(name: "case", source: source, item: source.cases[0]))
      let values = zip(made.image.values, made.labels.values).compactMap {
        $1 == 1 ? Double($0) : nil
      }
      let draw = made.record.draw.paint.structures.first { $0.structure == "liver" }
      return (values.reduce(0, +) / Double(values.count), draw?.contrast ?? 0)
    }
    let (low, high) = (try liver(80, phase: 1), try liver(140, phase: 1))
    #expect(low.contrast > 20 && low.contrast == high.contrast)
    // 42 and 23 HU a mg/mL behind 20 cm (`maskct qa`), less behind a torso, where 26 are those of 70 keV.
    let gained = (low.mean - high.mean) / low.contrast
    #expect((0.45...0.8).contains(gained), "\(low) \(high)")
    let native = (try liver(80, phase: 0), try liver(140, phase: 0))
    #expect(native.0.contrast == 0)
    #expect(abs(native.0.mean - native.1.mean) < 6, "\(native)")
  }
}
