import Datasets
import FoundationEssentials
import Support
import Synchronization
import TestSupport
import Testing
import Training
import Volumes
@testable import Experiments

@Suite(.serialized) struct ExperimentRunTests {
  private struct Stop: Error {}

  private static func run(
    _ phantoms: PhantomExperiment, output: String = "/out", python: PythonEnvironment? = nil
  ) throws -> ExperimentRun {
    try ExperimentRun(
      experiment: try Experiment.load(phantoms.file, data: nil), folder: phantoms.folder + output,
      workers: Workers(count: 2), python: python)
  }

  /// Does the named steps one by one.
  @discardableResult
  private static func perform(
    _ names: [String], _ run: ExperimentRun,
    onEvent: @escaping (ExperimentRun.Event) throws -> Void = { _ in }
  ) async throws -> [ExperimentRun.Outcome] {
    var outcomes: [ExperimentRun.Outcome] = []
    for name in names {
      let step = try #require(
        ExperimentStep.all(of: run.experiment).first { $0.name == name })
      outcomes.append(try await run.run(only: step, onEvent: onEvent))
    }
    return outcomes
  }

  @Test func datasetsOfBothKindsHaveTheTargets() async throws {
    try await withTemporaryFolder { folder in
      let run = try Self.run(try PhantomExperiment(folder))
      try await Self.perform(["test", "dataset:clinical:1", "dataset:constant:1"], run)
      for arm in ["clinical", "constant"] {
        let dataset = try run.layout.dataset(arm: arm, seed: 1)
        #expect(try dataset.description().structures == ["liver", "spleen"])
        #expect(dataset.cases.count == 3)
      }
      // The clinical arm's labels are the label maps' own, under the targets' numbers: in
      // TotalSegmentator v2 the liver is 5 and the spleen 1.
      let clinical = try run.layout.dataset(arm: "clinical", seed: 1)
      let labels = try NIfTI.readLabelMap(clinical.label(of: "torso_0"), workers: Workers()).labels
      let source = try NIfTI.readLabelMap(
        folder + "/train/labels/torso_0.nii.gz", workers: Workers()
      ).labels
      #expect(labels.values == source.values.map { $0 == 5 ? 1 : $0 == 1 ? 2 : 0 })
    }
  }

  @Test func aTestCaseAmongTheTrainingCasesIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      // Under another name, cut at the feet: still the same patient.
      let (labels, frame) = try NIfTI.readLabelMap(
        folder + "/test/labels/torso_3.nii.gz", workers: Workers())
      let box = BoundingBox(lower: [0, 0, 1], upper: labels.grid.shape)
      try NIfTI.write(
        labels.cropped(to: box), to: folder + "/train/labels/somebody.nii.gz", frame: frame,
        workers: Workers())
      let run = try Self.run(phantoms)
      let outcomes = try await Self.perform(
        ["test", "dataset:constant:1", "separation:constant:1"], run)
      let error = try #require(outcomes.last?.failures.first?.error.description)
      #expect(error.contains("somebody") && error.contains("torso_3"), "\(error)")
      // Without it all is well.
      try FileManager.default.removeItem(atPath: folder + "/train/labels/somebody.nii.gz")
      let again = try await Self.perform(["dataset:constant:1", "separation:constant:1"], run)
      #expect(again.flatMap { $0.failures }.isEmpty)
    }
  }

  @Test(arguments: ["train", "test"])
  func aCaseThatCannotBeComparedIsAFailure(part: String) async throws {
    try await withTemporaryFolder { folder in
      let run = try Self.run(try PhantomExperiment(folder))
      try await Self.perform(["test", "dataset:constant:1"], run)
      // It was learned from, or is tested on, and can no longer be looked at.
      let file = folder + "/\(part)/labels/torso_\(part == "train" ? 1 : 3).nii.gz"
      try AtomicFile.write("not a volume", to: file)
      let outcomes = try await Self.perform(["separation:constant:1"], run)
      let error = try #require(outcomes[0].failures.first?.error.description)
      #expect(error.hasPrefix(file) && error.contains("cannot be compared"), "\(error)")
      // Nothing to compare is no pass either.
      try FileManager.default.removeItem(
        atPath: part == "train"
          ? try run.layout.dataset(arm: "constant", seed: 1).labelsFolder : run.layout.testLabels)
      let empty = try await Self.perform(["separation:constant:1"], run)
      #expect(empty[0].failures.first?.error.description.contains("first") == true)
    }
  }

  @Test func aTestScanCutShortIsLeftOutWithItsReason() async throws {
    try await withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      let image = folder + "/test/images/torso_4_0000.nii.gz"
      let bytes = try ByteFile.read(image)
      try Data(bytes[..<(bytes.count / 2)]).write(to: URL(filePath: image))
      let run = try Self.run(phantoms)
      let outcomes = try await Self.perform(
        ["test", "dataset:constant:1", "separation:constant:1"], run)
      #expect(outcomes[0].leftOut.count == 1)
      #expect(outcomes[0].leftOut[0].contains("torso_4"))
      #expect(outcomes[2].failures.isEmpty)
    }
  }

  @Test func missingImagesAndArmsWithoutCasesAreToldInOneLine() async throws {
    try await withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      let files = FileManager.default
      try files.removeItem(atPath: folder + "/test/images/torso_4_0000.nii.gz")
      try files.removeItem(atPath: folder + "/train/images")
      try files.createDirectory(
        atPath: folder + "/train/images", withIntermediateDirectories: true)
      let outcomes = try await Self.perform(
        ["test", "dataset:clinical:1", "dataset:constant:1"], try Self.run(phantoms))
      #expect(outcomes[0].leftOut.count == 1)
      #expect(outcomes[0].leftOut[0].contains("torso_4"))
      #expect(try #require(outcomes[1].failures.first).error.description.contains("has no image"))
      #expect(outcomes[2].isComplete, "the other arm is complete")
    }
  }

  @Test func aStructureAbsentFromTheTestSetIsSaid() async throws {
    try await withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      try phantoms.edit("[liver, spleen]", "[liver, prostate]")
      let warnings = Mutex<[String]>([])
      try await Self.perform(["test"], try Self.run(phantoms)) { event in
        if case .warning(let text) = event { warnings.withLock { $0.append(text) } }
      }
      #expect(warnings.withLock { $0 }.contains { $0.contains("prostate") })
      try phantoms.edit("[liver, prostate]", "[prostate]")
      await #expect(throws: MaskCTError.self) {
        try await Self.perform(["test"], try Self.run(phantoms))
      }
    }
  }

  @Test func whatChangedIsDoneAgainAndNothingElse() async throws {
    try await withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      func skipped() async throws -> [String] {
        let names = Mutex<[String]>([])
        try await Self.perform(
          ["test", "dataset:clinical:1", "dataset:constant:1"], try Self.run(phantoms)
        ) { event in
          if case .skipped(let step) = event { names.withLock { $0.append(step.name) } }
        }
        return names.withLock { $0 }
      }
      #expect(try await skipped() == [])
      #expect(try await skipped() == ["test", "dataset:clinical:1", "dataset:constant:1"])
      // An image of the clinical arm's: the synthetic arm has never seen it.
      let image = folder + "/train/images/torso_1_0000.nii.gz"
      let (volume, frame) = try NIfTI.readVolume(image, workers: Workers())
      try NIfTI.write(volume.map { $0 + 1 }, to: image, frame: frame, workers: Workers())
      #expect(try await skipped() == ["test", "dataset:constant:1"])
      // A test case less: datasets do not depend on it.
      try FileManager.default.removeItem(atPath: folder + "/test/labels/torso_4.nii.gz")
      #expect(try await skipped() == ["dataset:clinical:1", "dataset:constant:1"])
    }
  }

  @Test func whatTheListenerThrowsStopsTheRun() async throws {
    try await withTemporaryFolder { folder in
      let run = try Self.run(try PhantomExperiment(folder))
      try await Self.perform(["test"], run)
      // Perfect predictions, as a model would leave them.
      let step = try #require(run.experiment.runs(of: "constant").first)
      try FileManager.default.createDirectory(
        atPath: run.layout.folder + "/predictions", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: run.layout.testLabels, toPath: run.layout.predictions(step))
      await #expect(throws: Stop.self) {
        try await Self.perform(["evaluate:constant:1:all"], run) { event in
          if case .progress = event { throw Stop() }
        }
      }
      #expect(!exists(run.layout.summary(step)))
      let outcome = try await Self.perform(["evaluate:constant:1:all"], run)
      #expect(outcome[0].isComplete && exists(run.layout.summary(step)))
    }
  }

  @Test func scoresOfOtherInputsAreNoResult() async throws {
    try await withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      var run = try Self.run(phantoms)
      try await Self.perform(["test"], run)
      let step = try #require(run.experiment.runs(of: "constant").first)
      try createFolder(run.layout.folder + "/predictions")
      try FileManager.default.copyItem(
        atPath: run.layout.testLabels, toPath: run.layout.predictions(step))
      try await Self.perform(["evaluate:constant:1:all"], run)
      // No model stands behind these predictions: they are not shown as if one did.
      #expect(run.comparison(failed: [:]).arms[1].problem?.contains("other inputs") == true)
      try AtomicFile.write("damaged", to: run.layout.summary(step))
      try phantoms.edit("baseline: clinical", "tolerance: 3\nbaseline: clinical")
      run = try Self.run(phantoms)
      #expect(run.comparison(failed: [:]).arms[1].runs.isEmpty)
    }
  }

  /// The whole chain on a stub of nnU-Net, once in one go and once stopped again and again.
  @Test(.timeLimit(.minutes(5))) func interruptedEverywhereItComesToTheSameTable() async throws {
    try await withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      let stub = try StubNNUNet(folder + "/stub")
      let python = PythonEnvironment(python: stub.python, scripts: stub.folder)
      let straight = try await Self.run(phantoms, output: "/straight", python: python).run { _ in }
      let table = try #require(straight.comparison)
      #expect(straight.isComplete)
      #expect(table.arms.allSatisfy { $0.summary?.cases.count == 2 })

      let run = try Self.run(phantoms, output: "/halting", python: python)
      var outcome: ExperimentRun.Outcome?
      var stops = 0
      while outcome == nil && stops < 60 {
        // In turn within a step, at its second piece of work, and after the second step that is done.
        let finished = Mutex(0)
        let isWithin = stops % 2 == 0
        do {
          outcome = try await run.run { event in
            switch event {
            case .progress(let done, _, _) where done == 1 && isWithin: throw Stop()
            case .finished(let step, _) where step != .report && !isWithin:
              let count = finished.withLock { count in
                count += 1
                return count
              }
              if count == 2 { throw Stop() }
            default: break
            }
          }
        } catch is Stop { stops += 1 }
      }
      #expect(stops >= 4)
      let halted = try #require(outcome?.comparison)
      for arm in table.arms.indices {
        #expect(
          halted.values(arm: arm, structure: nil, metric: .dice).map(\.value)
            == table.values(arm: arm, structure: nil, metric: .dice).map(\.value))
      }
      for file in [
        "report.html", "table.csv", "table.md", "table.tex", "scores.csv", "methods.tex",
        "references.bib", "experiment.json", "EXPERIMENT_CARD.md",
      ] {
        #expect(exists(run.layout.folder + "/" + file))
      }
      try checkManuscript(run, phantoms)
      #expect(
        try ByteFile.read(run.layout.folder + "/table.csv")
          == ByteFile.read(folder + "/straight/table.csv"))
    }
  }

  /// What stands beside the report of a finished experiment on phantoms.
  private func checkManuscript(_ run: ExperimentRun, _ phantoms: PhantomExperiment) throws {
    let folder = run.layout.folder
    let methods = readText(folder + "/methods.md") ?? ""
    #expect(methods.contains("learned from 3 real CT scans"), "\(methods)")
    #expect(
      methods.contains("learned from 3 simulated CT scans, made from label maps of train/labels"))
    #expect(methods.contains("on the same 2 CT scans of test/images"))
    #expect(methods.contains("none was the same patient"))
    #expect(readText(folder + "/claim.md")?.contains("| 20 | Level at which") == true)
    let page = readText(run.layout.report) ?? ""
    #expect(page.contains("id=\"methods\"") && page.contains("id=\"checklist\""))
    let manifest = try JSONFile.read(Manifest.self, path: folder + "/manifest.json")
    #expect(manifest.kind == "experiment" && manifest.versions["nnunetv2"] != nil)
    // Three label maps and images to learn from, the label maps shared by both arms; two of each to test on.
    #expect(manifest.inputs.count == 10)
    for input in manifest.inputs {
      #expect(input.sha256 == (try SHA256.hex(ofFile: input.path)) && input.bytes > 0)
    }
    #expect(manifest.seconds.keys.contains("evaluate:constant:1:all"))
    #expect(exists(folder + "/nnUNet_raw/Dataset702_Constant/DATASET_CARD.md"))
  }
}
