import FoundationEssentials
import Support
import Synchronization
import TestSupport
import Testing
import Training
import Volumes

@testable import Experiments

/// Arms that learn from real and simulated CT together, from images that are real in parts, and from what was measured.
@Suite(.serialized) struct MixedArmsTests {
  /// The phantoms' experiment with more arms, simulated as `constant` is.
  private static func run(
    _ folder: String, arms: [String], output: String = "/out", python: PythonEnvironment? = nil
  ) throws -> ExperimentRun {
    let phantoms = try PhantomExperiment(folder)
    let last = "  - {name: constant, recipe: coarse-constant.yaml, scanners: [./coarse.yaml]}"
    try phantoms.edit(
      last,
      ([last]
        + arms.map {
          "  - {\($0), recipe: coarse-constant.yaml, scanners: [./coarse.yaml]}"
        }).joined(separator: "\n"))
    return try ExperimentRun(
      experiment: try Experiment.load(phantoms.file, data: nil), folder: folder + output,
      workers: Workers(count: 2), python: python)
  }

  private static func perform(_ names: [String], _ run: ExperimentRun) async throws
    -> [ExperimentRun.Outcome]
  {
    var outcomes: [ExperimentRun.Outcome] = []
    for name in names {
      let step = try #require(ExperimentStep.all(of: run.experiment).first { $0.name == name })
      outcomes.append(try await run.run(only: step) { _ in })
    }
    return outcomes
  }

  private static func volumes(_ run: ExperimentRun, arm: String, _ name: String) throws -> (
    image: Volume<Float>, labels: LabelMap
  ) {
    let dataset = try run.layout.dataset(arm: arm, seed: 1)
    return (
      try NIfTI.readVolume(dataset.image(of: name), workers: Workers()).volume,
      try NIfTI.readLabelMap(dataset.label(of: name), workers: Workers()).labels
    )
  }

  @Test func realAndSimulatedCasesShareADataset() async throws {
    try await withTemporaryFolder { folder in
      let run = try Self.run(
        folder, arms: ["name: both, images: train/images, real: 2, share: 0.6, cases: 6"])
      #expect(try await Self.perform(["test", "dataset:both:1"], run).allSatisfy { $0.isComplete })
      let dataset = try run.layout.dataset(arm: "both", seed: 1)
      let real = dataset.cases.filter { $0.hasPrefix("real_") }
      // 0.6 to 0.4: nine real for six simulated, so two patients four or five times; four and a half is rounded up.
      #expect(dataset.cases.count - real.count == 6)
      #expect(real.count == 10 || real.count == 8)
      let patients = Set(real.map { $0.split(separator: "_").prefix(3).joined(separator: "_") })
      #expect(patients.count == 2)
      #expect(try dataset.description().structures == ["liver", "spleen"])
      // A real case is the user's image, and its repetitions are the same.
      let name = try #require(patients.sorted().first)
      let own = try Self.volumes(run, arm: "both", name)
      let again = try Self.volumes(run, arm: "both", name + "_again1")
      let source = try NIfTI.readVolume(
        folder + "/train/images/\(name.dropFirst("real_".count))_0000.nii.gz", workers: Workers()
      ).volume
      #expect(zip(own.image.values, source.values).allSatisfy { abs($0 - $1) <= 0.51 })
      #expect(own.image.values == again.image.values && own.labels.values == again.labels.values)
      // Simulated cases have air of their own: what the phantoms' "real CT" do not have is noise in the lungs.
      let simulated = try Self.volumes(run, arm: "both", "torso_0")
      #expect(simulated.image.values != source.values)
    }
  }

  @Test func moreRealCasesHoldTheFewer() throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(
        folder,
        arms: (1...3).map { "name: both\($0), images: train/images, real: \($0)" }
          + ["name: both9, images: train/images, real: 9"])
      func chosen(_ arm: String, seed: Int) throws -> Set<String> {
        let arm = run.arm(arm)
        return Set(
          try ClinicalDataset(
            arm: arm, sources: run.experiment.sources(of: arm), targets: run.experiment.targets,
            dataset: try run.layout.dataset(arm: arm.name, seed: 1), seed: seed
          ).chosen().cases.map(\.name))
      }
      var firsts: Set<Set<String>> = []
      for seed in 1...8 {
        let sets = try (1...3).map { try chosen("both\($0)", seed: seed) }
        #expect(sets.map(\.count) == [1, 2, 3])
        #expect(sets[0].isSubset(of: sets[1]) && sets[1].isSubset(of: sets[2]))
        firsts.insert(sets[0])
      }
      #expect(firsts.count > 1, "another seed draws other patients")
      let error = #expect(throws: MaskCTError.self) { try chosen("both9", seed: 1) }
      #expect(error?.description.contains("asks for 9") == true)
    }
  }

  /// The same simulated cases are not made twice, and a real test case beside them is found all the same.
  @Test func simulatedCasesAreShared() async throws {
    try await withTemporaryFolder { folder in
      let run = try Self.run(folder, arms: ["name: both, images: train/images"])
      let outcomes = try await Self.perform(
        ["test", "dataset:constant:1", "dataset:both:1", "separation:both:1"], run)
      #expect(outcomes.allSatisfy { $0.isComplete })
      let (one, other) = (
        try run.layout.dataset(arm: "constant", seed: 1),
        try run.layout.dataset(arm: "both", seed: 1)
      )
      func number(_ path: String) throws -> UInt64? {
        try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? UInt64
      }
      for name in one.cases {
        #expect(try number(one.image(of: name)) == number(other.image(of: name)))
        #expect(exists(other.rawFolder + "/records/\(name).json"))
      }
      #expect(other.cases.count == 6)
      // A test case among the real ones.
      for (part, file) in [("labels", "torso_3.nii.gz"), ("images", "torso_3_0000.nii.gz")] {
        try FileManager.default.copyItem(
          atPath: "\(folder)/test/\(part)/\(file)", toPath: "\(folder)/train/\(part)/x\(file)")
      }
      let again = try await Self.perform(["dataset:both:1", "separation:both:1"], run)
      #expect(again.last?.failures.first?.error.description.contains("torso_3") == true)
    }
  }

  /// Voxels three or more off every contour are those of one image or the other.
  @Test func aBlendIsRealOnOneSide() async throws {
    try await withTemporaryFolder { folder in
      let run = try Self.run(
        folder,
        arms: [
          "name: organ, blend: {images: train/images, inside: real, outside: painted}",
          "name: frame, blend: {images: train/images, inside: painted, outside: real}",
        ])
      #expect(
        try await Self.perform(
          [
            "test", "dataset:constant:1", "dataset:organ:1", "dataset:frame:1",
            "separation:organ:1",
          ], run
        ).allSatisfy { $0.isComplete })
      try checkBlend(run, arm: "organ", inside: "real", folder)
      try checkBlend(run, arm: "frame", inside: "painted", folder)
    }
  }

  private func checkBlend(
    _ run: ExperimentRun, arm: String, inside: String, _ folder: String
  ) throws {
    let painted = try Self.volumes(run, arm: "constant", "torso_1")
    let blend = try Self.volumes(run, arm: arm, "torso_1")
    let real = try NIfTI.readVolume(
      folder + "/train/images/torso_1_0000.nii.gz", workers: Workers()
    ).volume
    #expect(blend.labels.values == painted.labels.values)
    let shape = real.grid.shape
    var counts = (inside: 0, outside: 0)
    for y in 2..<shape.y - 2 {
      for x in 2..<shape.x - 2 {
        for z in 2..<shape.z - 2 {
          var (least, most) = (UInt16(1), UInt16(0))
          for j in -2...2 {
            for i in -2...2 {
              for k in -2...2 {
                let isTarget: UInt16 = blend.labels[x + i, y + j, z + k] == 0 ? 0 : 1
                (least, most) = (min(least, isTarget), max(most, isTarget))
              }
            }
          }
          guard least == most else { continue }
          let isReal = (least == 1) == (inside == "real")
          if least == 1 { counts.inside += 1 } else { counts.outside += 1 }
          let expected = isReal ? real[x, y, z] : painted.image[x, y, z]
          // Images are written as whole HU.
          #expect(abs(blend.image[x, y, z] - expected) <= 1.01)
        }
      }
    }
    #expect(counts.inside > 20 && counts.outside > 1000, "\(counts)")
  }

  /// Inside the liver the mean, and with `histograms` the spread, are those of a patient of the real CT; far from it nothing
  /// has changed.
  @Test func organsReadAsMeasured() async throws {
    try await withTemporaryFolder { folder in
      let kinds = ["means", "histograms"]
      let run = try Self.run(
        folder, arms: kinds.map { "name: \($0), measured: {images: train/images, values: \($0)}" })
      #expect(
        try await Self.perform(
          ["test", "dataset:constant:1"] + kinds.map { "dataset:\($0):1" }, run
        ).allSatisfy { $0.isComplete })
      let patients = try (0..<3).map { index in
        let image = try NIfTI.readVolume(
          folder + "/train/images/torso_\(index)_0000.nii.gz", workers: Workers()
        ).volume
        let labels = try NIfTI.readLabelMap(
          folder + "/train/labels/torso_\(index).nii.gz", workers: Workers()
        ).labels.map { UInt16($0 == 5 ? 1 : 0) }
        return try #require(MeasuredCases.measure(image, labels, count: 1)[0])
      }
      func spread(_ measured: MeasuredCases.Distribution) -> Float {
        measured.quantiles[840] - measured.quantiles[160]
      }
      for (values, name) in kinds.flatMap({ kind in (0..<3).map { (kind, "torso_\($0)") } }) {
        let (image, labels) = try Self.volumes(run, arm: values, name)
        let own = try #require(MeasuredCases.measure(image, labels, count: 2)[0])
        let nearest = try #require(
          patients.min { abs($0.mean - own.mean) < abs($1.mean - own.mean) })
        // Weights are smoothed over the surface: the outermost voxels of the inside are changed by nearly all of it.
        #expect(abs(own.mean - nearest.mean) < 6, "\(own.mean) and \(nearest.mean) HU")
        if values == "histograms" {
          #expect(abs(spread(own) / spread(nearest) - 1) < 0.2)
        }
        let plain = try Self.volumes(run, arm: "constant", name)
        let shape = image.grid.shape
        var changed = 0
        for y in 0..<shape.y {
          for z in 0..<shape.z where labels[0, y, z] == 0 && labels[3, y, z] == 0 {
            if image[0, y, z] != plain.image[0, y, z] { changed += 1 }
          }
        }
        #expect(changed == 0)
      }
    }
  }

  @Test func aDistributionMapsRanksToRanks() throws {
    #expect(MeasuredCases.Distribution([Float](repeating: 1, count: 10)) == nil)
    let narrow = try #require(MeasuredCases.Distribution((0..<1001).map { Float($0) / 100 }))
    let wide = try #require(MeasuredCases.Distribution((0..<1001).map { 50 + Float($0) / 10 }))
    for value in stride(from: Float(0), through: 10, by: 0.7) {
      #expect(abs(narrow.value(value, in: wide) - (50 + 10 * value)) < 0.01)
    }
    #expect(narrow.value(-5, in: wide) == 50 && narrow.value(50, in: wide) == 150)
  }

  /// From the datasets to the report on a stub of nnU-Net; stopped in the dataset of both, it comes to the same.
  @Test(.timeLimit(.minutes(5))) func theWholeChainWithBoth() async throws {
    struct Stop: Error {}
    try await withTemporaryFolder { folder in
      let stub = try StubNNUNet(folder + "/stub")
      let python = PythonEnvironment(python: stub.python, scripts: stub.folder)
      let arms = ["name: both, images: train/images, real: 1, share: 0.5"]
      let run = try Self.run(folder, arms: arms, python: python)
      let stopped = Mutex(false)
      await #expect(throws: Stop.self) {
        _ = try await run.run { event in
          guard case .progress(_, _, let name) = event, name.hasPrefix("torso") else { return }
          // The first of the real cases beside simulated ones.
          guard exists(try run.layout.dataset(arm: "both", seed: 1).descriptionFile) else { return }
          stopped.withLock { $0 = true }
          throw Stop()
        }
      }
      #expect(stopped.withLock { $0 })
      let outcome = try await run.run { _ in }
      #expect(outcome.isComplete)
      #expect(outcome.comparison?.arms.allSatisfy { $0.summary?.cases.count == 2 } == true)
      #expect(try run.layout.dataset(arm: "both", seed: 1).cases.count == 6)
      let report = String(
        decoding: try ByteFile.read(run.layout.folder + "/report.html"), as: UTF8.self)
      #expect(report.contains("share of real CT"))
    }
  }
}
