import Acquisition
import Evaluation
import Generation
import Reporting
import Support
import Training
import Volumes

/// Gathers what the report of an experiment shows: its own cases, curves, histograms and settings.
struct ExperimentReport {
  let run: ExperimentRun
  let comparison: Comparison
  let facts: ExperimentFacts

  private var experiment: Experiment { run.experiment }
  private var layout: ExperimentLayout { run.layout }
  private var workers: Workers { run.workers }

  /// Reads what is needed and puts the report together.
  ///
  /// A picture that cannot be made leaves a note instead.
  func make(
    progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws -> ComparisonReport {
    var notes = self.notes
    let scored = comparison.arms.indices.filter { comparison.arms[$0].summary != nil }
    let total = scored.count + 2
    var examples: [CaseExample] = []
    for (index, arm) in scored.enumerated() {
      try progress(index, total, comparison.arms[arm].name)
      do {
        examples += try self.examples(arm: arm)
      } catch {
        notes.append("No cases of arm \(comparison.arms[arm].name) are shown: \(error).")
      }
    }
    try progress(scored.count, total, "histograms")
    let histograms = HUHistograms(run: run).panels()
    try progress(scored.count + 1, total, "method")
    return ComparisonReport(
      title: experiment.title, description: experiment.description, comparison: comparison,
      published: experiment.published.map {
        PublishedResult(arm: $0.arm, structure: $0.structure, dice: $0.dice, source: $0.source)
      }, method: method(), histograms: histograms, curves: curves, examples: examples,
      settings: settings, notes: notes, methods: facts.methodsText,
      checklist: ClaimChecklist(facts: facts).items, checklistSource: ClaimChecklist.source,
      version: toolVersion)
  }

  // MARK: - Parts

  private var notes: [String] {
    var notes: [String] = []
    for arm in comparison.arms {
      for note in arm.summary?.notes ?? [] { notes.append("\(arm.title): \(note).") }
    }
    for step in ExperimentStep.all(of: experiment) {
      guard let record = StepRecord.read(step, in: layout.steps) else { continue }
      let place = step.arm.map { "\($0): " } ?? ""
      notes += (record.notes + record.failures).map { "\(place)\($0)." }
    }
    return notes
  }

  /// The best, the median and the worst case of an arm's first run, by the mean Dice of a case.
  private func examples(arm: Int) throws -> [CaseExample] {
    let name = comparison.arms[arm].name
    guard let first = experiment.runs(of: name).first else { return [] }
    let scores = comparison.arms[arm].summary!.cases
      .map { (case: $0, dice: Statistics($0.scores.map { $0[.dice] }).mean) }
      .filter { $0.dice.isFinite }
      .sorted { ($0.dice, $0.case.name) > ($1.dice, $1.case.name) }
    guard !scores.isEmpty else { return [] }
    let chosen: [(CaseExample.Rank, Int)] = [
      (.best, 0), (.median, scores.count / 2), (.worst, scores.count - 1),
    ]
    return try chosen.map { rank, index in
      let (scored, dice) = scores[index]
      return CaseExample(
        arm: name, rank: rank, caseName: scored.name, dice: dice,
        stack: SliceStack(
          try run.testCase(scored.name, predictedBy: first), structures: comparison.structures))
    }
  }

  private var curves: [LearningCurve] {
    experiment.runs.compactMap { armRun in
      guard let history = try? run.model(of: armRun).history, !history.isEmpty else { return nil }
      return LearningCurve(
        arm: armRun.name(in: experiment),
        points: history.map {
          .init(
            epoch: $0.epoch, trainLoss: $0.trainLoss, validationLoss: $0.validationLoss,
            dice: $0.meanDice)
        })
    }
  }

  /// The stages of one generated case beside a real one; empty where none can be shown.
  private func method() -> [MethodFigure] {
    let arms = experiment.arms.filter { !$0.isClinical }
    // The arm whose pictures say most: the last one that is complete, as recipes rise in realism.
    for arm in arms.reversed() {
      guard let first = experiment.runs(of: arm.name).first,
        let summary = comparison.arms.first(where: { $0.name == arm.name })?.summary,
        let dataset = try? layout.dataset(arm: arm.name, seed: first.seed),
        let name = dataset.cases.first
      else { continue }
      let scores = summary.cases.map { ($0.name, Statistics($0.scores.map { $0[.dice] }).mean) }
        .filter { $0.1.isFinite }.sorted { $0.1 < $1.1 }
      guard !scores.isEmpty,
        let real = try? run.testCase(scores[scores.count / 2].0, predictedBy: first),
        let figures = try? MethodFigures(
          dataset: dataset, caseName: name, names: run.labelNames, workers: workers
        ).figures(
          scan: real, kind: experiment.phantoms == nil ? "Real CT" : "Test scan",
          arm: arm.displayTitle)
      else { continue }
      return figures
    }
    return []
  }

  // MARK: - Settings

  private var settings: [SettingsSection] {
    func row(_ key: String, _ value: String) -> SettingsSection.Row {
      .init(key: key, value: value)
    }
    let budget = experiment.training
    let defaults = run.trainingSettings(experiment.runs[0])
    var sections = [
      SettingsSection(
        title: "Experiment",
        rows: [
          row("structures", comparison.structures.joined(separator: ", "))
        ] + data.map { row($0, $1) } + [
          row("tolerance of the NSD", "\(experiment.tolerance) mm"),
          row(
            "predictions",
            experiment.largestComponent ? "largest part of every structure" : "as they are"),
          row("baseline", experiment.baseline ?? "none"),
        ]
          + (experiment.selection.map { selection in
            [
              row(
                "selection",
                """
                \(selection.training) to train on, \(selection.test) to test, seed \
                \(selection.seed), at least \(selection.volume) ml of every target, test scans of \
                at least \(selection.height) mm
                """)
            ]
          } ?? [])),
      SettingsSection(
        title: "Training, the same for every arm",
        rows: [
          row("configuration", budget.configuration),
          row("epochs", "\(defaults.budget.epochs)"),
          row("iterations an epoch", "\(defaults.budget.iterations)"),
          row("voxels of the region", budget.voxels.map { "\($0)" } ?? "the configuration's"),
          row("folds", budget.folds.joined(separator: ", ")),
          row("seeds", budget.seeds.map(String.init).joined(separator: ", ")),
          row("device", budget.device),
        ]),
    ]
    for arm in experiment.arms { sections.append(section(of: arm)) }
    sections.append(
      SettingsSection(
        title: "Versions",
        rows: [
          row("maskct", toolVersion), row("instruction set", InstructionSet.current),
        ]
          + PythonEnvironment.pinned(["nnunetv2", "torch", "numpy"]).map {
            row($0.name, $0.version)
          }))
    return sections
  }

  /// Where the cases to test on come from.
  private var data: [(String, String)] {
    guard let phantoms = experiment.phantoms else {
      return [("test images", experiment.test.images), ("test labels", experiment.test.labels)]
    }
    return [
      (
        "phantoms",
        "\(phantoms.training) to learn from, \(phantoms.test) to test on, seed \(phantoms.seed), "
          + phantoms.shape.map(String.init).joined(separator: " x ")
          + " voxels of \(phantoms.spacing) mm"
      ),
      (
        "test scans",
        "recipe \(phantoms.scans.recipe), scanner \(phantoms.scans.scanner), "
          + "protocol \(phantoms.scans.protocol)"
      ),
    ]
  }

  private func section(of arm: Experiment.Arm) -> SettingsSection {
    var rows: [SettingsSection.Row] = []
    func add(_ key: String, _ value: String) { rows.append(.init(key: key, value: value)) }
    if let images = arm.images { add("images", images) }
    if let real = arm.real { add("real CT", "\(real), drawn by the seed") }
    if let share = arm.share { add("share of real CT", "\(share)") }
    for source in experiment.sources(of: arm) {
      add("label maps", source.path + (source.scheme.map { " (scheme \($0))" } ?? ""))
    }
    if let recipe = arm.recipe { add("recipe", recipe) }
    if let without = arm.without { add("without", without.joined(separator: ", ")) }
    if let phases = arm.phases { add("phases", phases.joined(separator: ", ")) }
    if let blend = arm.blend {
      add("blend", "inside \(blend.inside.rawValue), outside \(blend.outside.rawValue)")
    }
    if let measured = arm.measured { add("measured", measured.values.rawValue) }
    if let imaging = arm.imaging { add("imaging", imaging) }
    if !arm.isClinical, let video = arm.video ?? experiment.video { add("clips", video) }
    if let scanners = arm.scanners { add("scanners", scanners.joined(separator: ", ")) }
    if let modality = arm.modality { add("modality", modality) }
    if let protocols = arm.protocols { add("protocols", protocols.joined(separator: ", ")) }
    if let spacing = arm.spacing {
      add("spacing", spacing.map { "\($0)" }.joined(separator: " x ") + " mm")
    }
    for seed in experiment.training.seeds {
      if let dataset = try? layout.dataset(arm: arm.name, seed: seed) {
        add("dataset", "\(dataset.name), \(dataset.cases.count) cases")
      }
    }
    for step in ExperimentStep.all(of: experiment) where step.arm == arm.name {
      guard let record = StepRecord.read(step, in: layout.steps), let ended = record.ended else {
        continue
      }
      add(step.name, "\(Int(record.seconds.rounded())) s, ended \(ended)")
    }
    return SettingsSection(title: "Arm: \(arm.displayTitle)", rows: rows)
  }
}
