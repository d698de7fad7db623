import Generation

/// Turns what a dataset generator tells into a progress line and messages.
struct GenerationProgress {
  private let line: ProgressLine

  init(total: Int, stage: String = "Generating") {
    line = ProgressLine(stage, total: total)
  }

  // The share of a case's time that is behind when a stage begins; scanning is most of it, because all cases but the
  // first are painted while another is scanned.
  private static let shares: [CaseGenerator.Stage: (begin: Double, share: Double)] = [
    .reading: (0, 0.02), .painting: (0.02, 0.08), .scanning: (0.1, 0.85), .writing: (0.95, 0.05),
  ]

  func show(_ event: DatasetGenerator.Event) throws {
    switch event {
    case .started(let name, let index, _): state.begin(name, index)
    case .stage(let stage, let fraction):
      let part = Self.shares[stage]!
      line.update(
        Double(state.index) + part.begin + part.share * fraction,
        detail: "\(state.name): \(stage.rawValue)")
    case .finished(let name, let notes):
      for note in notes { Failure.warn("\(name): \(note)") }
      line.update(state.index + 1)
    case .kept: line.update(state.index + 1)
    case .failed(let name, let error): Failure.warn("\(name) is left out: \(error)")
    case .warning(let error): Failure.warn(error.description)
    }
  }

  func finish() { line.finish() }

  private let state = Position()

  /// Which case the line stands at.
  private final class Position {
    var name = ""
    var index = 0
    func begin(_ name: String, _ index: Int) {
      self.name = name
      self.index = index
    }
  }
}
