import Anatomy
public import Support
import Training
import Volumes

/// A step with what is known of its time.
public struct PlannedStep: Sendable {
  /// The step.
  public var step: ExperimentStep
  /// Whether it is done and up to date.
  public var isDone: Bool
  /// Expected seconds; nil where nothing is known.
  public var seconds: Double?
  /// Why it cannot be done: an input is missing.
  public var problem: MaskCTError?
}

extension ExperimentRun {
  /// All steps, which of them are done, and how long the others may take.
  ///
  /// A step like one that was done in this experiment takes as long as that one. Otherwise generation
  /// is reckoned by voxels and the training of `small` by voxels and iterations, as measured on two
  /// cores (`docs/background/performance.md`); stock configurations are not reckoned.
  public func plan() -> [PlannedStep] {
    var inputs = ExperimentInputs(experiment: experiment, layout: layout)
    var files = FileDigests(path: layout.folder + "/digests.json")
    var isStale: Set<ExperimentStep> = []
    var plan: [PlannedStep] = []
    for step in ExperimentStep.all(of: experiment) {
      do {
        let record = StepRecord.read(step, in: layout.steps)
        let digest = try inputs.digest(of: step, files: &files)
        let isDone =
          record?.isDone == true && record?.inputs == digest && hasResult(step)
          && isStale.isDisjoint(with: step.sources(in: experiment))
        if !isDone { isStale.insert(step) }
        plan.append(
          PlannedStep(step: step, isDone: isDone, seconds: isDone ? nil : try expected(step)))
      } catch {
        isStale.insert(step)
        plan.append(PlannedStep(step: step, isDone: false, problem: error as? MaskCTError))
      }
    }
    files.save()
    return plan
  }

  /// Expected seconds of a step.
  private func expected(_ step: ExperimentStep) throws -> Double? {
    if let seconds = measured(like: step) { return seconds }
    let budget = experiment.training
    switch step {
    case .phantoms:
      let phantoms = experiment.phantoms!
      return 0.5 * Double(phantoms.training) + Double(phantoms.test)
        * (3 + 1.2e-6 * Self.voxels(phantoms))
    case .test where experiment.phantoms != nil: return Double(experiment.phantoms!.test)
    case .test:
      return 0.5 * Double(try TestSet(experiment: experiment, layout: layout).find().cases.count)
    case .dataset(let name, _):
      let arm = arm(name)
      let sources = experiment.sources(of: arm)
      var seconds = 0.0
      if let images = arm.images {
        seconds = 0.5 * Double(try RealCases.find(images: images, sources: sources).cases.count)
      }
      return try seconds + (arm.isClinical ? 0 : generation(arm, sources))
    case .separation: return 10
    case .train:
      guard budget.configuration == SmallConfiguration.name else { return nil }
      let iterations = Double((budget.epochs ?? 40) * ((budget.iterations ?? 25) + 4))
      let voxels = Double(budget.voxels ?? SmallConfiguration.voxels)
      let coarse = SmallConfiguration.coarsePart
      let cost = 1 - coarse + coarse * SmallConfiguration.coarseCost
      return 30 + iterations * cost * 0.6 * voxels / 160_000
    case .predict: return budget.configuration == SmallConfiguration.name ? 60 : nil
    case .evaluate, .report: return 20
    }
  }

  /// 3 s per case and 1.2 s per million voxels, from the first label maps' headers.
  private func generation(
    _ arm: Experiment.Arm, _ sources: [Experiment.Source]
  ) throws -> Double {
    var seconds = 0.0
    var maps = 0
    for entry in sources {
      if let phantoms = experiment.phantoms, entry.path == layout.phantomLabels {
        seconds += Double(phantoms.training) * (3 + 1.2e-6 * Self.voxels(phantoms))
        maps += phantoms.training
        continue
      }
      let source = try LabelSource(
        path: entry.path, scheme: try entry.scheme.map { try LabelScheme.load($0) })
      let sample = source.cases.prefix(3).compactMap { try? NIfTI.readHeader($0.paths[0]).grid }
      let voxels = sample.map { grid -> Double in
        let spacing = arm.spacing.map { $0.count == 1 ? [$0[0], $0[0], $0[0]] : $0 }
        guard let spacing else { return Double(grid.count) }
        return grid.extent.x * grid.extent.y * grid.extent.z
          / (spacing[0] * spacing[1] * spacing[2])
      }
      let mean = voxels.reduce(0, +) / Double(max(1, voxels.count))
      seconds += Double(source.cases.count) * (3 + 1.2e-6 * mean)
      maps += source.cases.count
    }
    return seconds * Double(arm.cases ?? maps) / Double(max(1, maps))
  }

  private static func voxels(_ phantoms: Experiment.Phantoms) -> Double {
    Double(phantoms.shape.reduce(1, *))
  }

  /// The time of the same step of another arm that was done, or of this one before its inputs changed.
  private func measured(like step: ExperimentStep) -> Double? {
    func isAlike(_ other: ExperimentStep) -> Bool {
      switch (step, other) {
      case (.dataset(let a, _), .dataset(let b, _)):
        a == b
          || !arm(a).isClinical && !arm(b).isClinical && arm(a).cases == arm(b).cases
            && arm(a).spacing == arm(b).spacing && arm(a).labels == arm(b).labels
      case (.train, .train), (.predict, .predict), (.evaluate, .evaluate),
        (.separation, .separation):
        true
      default: step == other
      }
    }
    let times = ExperimentStep.all(of: experiment).filter(isAlike)
      .compactMap { StepRecord.read($0, in: layout.steps) }.filter(\.isDone).map(\.seconds)
    return times.isEmpty ? nil : times.reduce(0, +) / Double(times.count)
  }
}
