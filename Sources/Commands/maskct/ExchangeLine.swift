import Support

/// A progress line whose length is known only once the first case is done.
final class ExchangeLine {
  private let stage: String
  private var line: ProgressLine?

  init(_ stage: String) { self.stage = stage }

  func show(_ name: String, _ failure: MaskCTError?, _ count: Int, _ total: Int) {
    if line == nil { line = ProgressLine(stage, total: total) }
    if let failure { Failure.report(failure) }
    line?.update(count, detail: name)
    if count == total { finish() }
  }

  func finish() {
    line?.finish()
    line = nil
  }
}
