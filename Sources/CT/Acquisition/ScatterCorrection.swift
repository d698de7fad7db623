import Support

/// Subtracts the scatter that a model estimates from the readings themselves.
///
/// It looks for the S that the model F gives for the readings less S, `S = F(Q' - S)`. Where scatter over primary
/// is s, F falls by `k = s (p - 1) / p` for every 1 that S rises, behind the middle of a body. The steps are relaxed,
/// `S + (F(Q' - S) - S) / (1 + r)`, with r the ratio that the scanner states: then an error shrinks to `(r - k) /
/// (1 + r)` of itself, below a half for any r up to 1, where plain steps would grow from s = 1.2 on. Four steps are
/// taken. The correction leaves the noise that scattered photons have brought.
struct ScatterCorrection: DetectorStage {
  private let scatter: Scatter
  private static let steps = 4

  init(_ scatter: Scatter) { self.scatter = scatter }

  /// Takes the estimated scatter from the signal, at most nine tenths of a reading.
  func apply(to view: DetectorView) {
    guard scatter.correction > 0 else { return }
    let measured = Scatter.transmitted(view.signal)
    var estimate = [Float](repeating: 0, count: measured.count)
    for step in 0..<Self.steps {
      let next = scatter.photons(primary: zip(measured, estimate).map { max(0.1 * $0, $0 - $1) })
      let pace = step == 0 ? 1 : 1 / (1 + scatter.ratio)
      for channel in estimate.indices {
        estimate[channel] += pace * (next[channel] - estimate[channel])
      }
    }
    for channel in estimate.indices {
      let rows = view.signal[view: 0, channel: channel]
      let scattered = Double(scatter.correction * estimate[channel])
      for row in rows.indices {
        let part = scattered * exponential(Double(rows[row]))
        rows[row] -= Float(logarithm(max(0.1, 1 - part)))
      }
    }
  }
}
