import FoundationEssentials
import Support
import Synchronization
import TestSupport
import Testing
@testable import Experiments

/// Experiments that bring their own data, as the demo does.
@Suite struct PhantomDataTests {
  /// Three phantoms to learn from and two to test on, few voxels, few channels.
  private static func run(_ folder: String) throws -> ExperimentRun {
    _ = try PhantomExperiment(folder)  // For its coarse recipe and scanner.
    try AtomicFile.write(
      """
      title: Bodies
      targets: [liver]
      phantoms:
        training: 3
        test: 2
        shape: [48, 40, 20]
        spacing: 8
        scans: {recipe: coarse-constant.yaml, scanner: coarse.yaml, protocol: low-dose}
      training: {voxels: 8000, epochs: 1, iterations: 2, folds: [all], device: cpu}
      arms:
        - {name: constant, recipe: coarse-constant.yaml, scanners: [coarse.yaml]}
      """, to: folder + "/bodies.yaml")
    return try ExperimentRun(
      experiment: try Experiment.load(folder + "/bodies.yaml", data: nil),
      folder: folder + "/out", workers: Workers(count: 2))
  }

  @Test func theDemoIsAShippedExperiment() throws {
    let demo = try Experiment.load("demo", data: nil)
    #expect(demo.arms.map(\.recipe) == ["cylinder", "constant", "video"])
    #expect(ExperimentStep.all(of: demo).prefix(2) == [.phantoms, .test])
    try withTemporaryFolder { folder in
      // Its plan can be shown before anything has been drawn.
      let run = try ExperimentRun(experiment: demo, folder: folder, workers: Workers(count: 2))
      let plan = run.plan()
      #expect(plan.allSatisfy { $0.problem == nil && !$0.isDone && $0.seconds != nil })
    }
  }

  @Test func bodiesAreDrawnScannedAndToldApart() async throws {
    try await withTemporaryFolder { folder in
      let run = try Self.run(folder)
      let events = Mutex<(pictures: [String], skipped: [String])>(([], []))
      func perform() async throws -> [ExperimentRun.Outcome] {
        var outcomes: [ExperimentRun.Outcome] = []
        let steps = ExperimentStep.all(of: run.experiment).prefix {
          if case .train = $0 { false } else { true }
        }
        for step in steps {
          outcomes.append(
            try await run.run(only: step) { event in
              switch event {
              case .picture(let file): events.withLock { $0.pictures.append(file) }
              case .skipped(let step): events.withLock { $0.skipped.append(step.name) }
              default: break
              }
            })
        }
        return outcomes
      }
      let outcomes = try await perform()
      #expect(outcomes.allSatisfy { $0.isComplete }, "\(outcomes.flatMap(\.failures))")
      #expect(names(in: folder + "/out/phantoms/training").count == 3)
      #expect(
        names(in: run.layout.testLabels) == ["torso_4.nii.gz", "torso_5.nii.gz"])
      #expect(
        events.withLock { $0.pictures.map(lastComponent) }
          == ["first.png", "dataset-constant-1.png"])
      #expect(events.withLock { $0.pictures.allSatisfy { exists($0) } })

      // All is up to date, until something is lost.
      _ = try await perform()
      let all = ["phantoms", "test", "dataset:constant:1", "separation:constant:1"]
      #expect(events.withLock { $0.skipped } == all)
      try remove(folder + "/out/phantoms/testing/torso_5.nii.gz")
      events.withLock { $0.skipped = [] }
      _ = try await perform()
      #expect(events.withLock { $0.skipped } == Array(all.dropFirst()))
      #expect(exists(folder + "/out/phantoms/testing/torso_5.nii.gz"))
    }
  }

  @Test func phantomsBesideOwnDataAreRefused() throws {
    try withTemporaryFolder { folder in
      _ = try Self.run(folder)
      let text = try #require(readText(folder + "/bodies.yaml"))
      try AtomicFile.write(
        text + "\ntest: {images: a, labels: b}\n", to: folder + "/both.yaml")
      let error = #expect(throws: MaskCTError.self) {
        try Experiment.load(folder + "/both.yaml", data: nil)
      }
      #expect(error?.problem.contains("both 'phantoms' and data") == true)
    }
  }
}
