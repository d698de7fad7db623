import Dispatch
import Synchronization

/// Shows how far a stage is: stage, number of all, percent, elapsed, time left.
///
/// On a terminal one line is redrawn in place, every second and with every update; elsewhere (logs,
/// pipes) a plain line is written every few seconds, and one when the stage ends:
///
///     Scoring 12/64  19 %  elapsed 0:41  left 2:57  case_0012
///
/// Time left is taken from the pace so far, so it needs the pieces of work to be alike, or their costs.
final class ProgressLine: Sendable {
  private struct State {
    var done = 0.0
    var detail = ""
    /// How long the stage had taken when `done` was set.
    var reached = Duration.zero
    /// When the last plain line was written, and how much was done then.
    var lastPlain: (time: ContinuousClock.Instant, done: Double)?
    var isFinished = false
  }

  private let stage: String
  private let total: Int
  private let costs: [Double]?
  private let first: Double
  private let start = ContinuousClock.now
  private let isInteractive: Bool
  private let interval: Duration
  private let state = Mutex(State())
  /// Safe from any thread, but not marked so.
  private nonisolated(unsafe) let timer: any DispatchSourceTimer

  /// Starts the line of a stage with `total` pieces of work.
  ///
  /// - Parameters:
  ///   - costs: of the pieces, relative to each other; `nil` where they are alike.
  ///   - first: how many pieces were done before, for work that goes on after an interruption.
  ///   - interval: between lines where standard error is not a terminal.
  init(
    _ stage: String, total: Int, costs: [Double]? = nil, first: Double = 0,
    interval: Duration = .seconds(5), isInteractive: Bool = Terminal.isInteractive
  ) {
    precondition(costs.map { $0.count == total } ?? true, "every piece has a cost")
    self.stage = stage
    self.total = total
    self.costs = costs
    self.first = first
    self.interval = interval
    self.isInteractive = isInteractive
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "maskct.progress"))
    timer.schedule(deadline: .now() + 1, repeating: 1)
    timer.setEventHandler { [weak self] in self?.show() }
    timer.resume()
    if isInteractive { show() }
  }

  deinit { timer.cancel() }

  /// Sets how many pieces are done; a fraction is progress within a piece.
  func update(_ done: Double, detail: String = "") {
    state.withLock {
      $0.done = min(max(0, done), Double(total))
      $0.detail = detail
      $0.reached = .now - start
    }
    show()
  }

  /// Sets how many pieces are done.
  func update(_ done: Int, detail: String = "") { update(Double(done), detail: detail) }

  /// Ends the line: clears it on a terminal, writes a last one elsewhere.
  func finish() {
    timer.cancel()
    state.withLock { state in
      guard !state.isFinished else { return }
      state.isFinished = true
      if isInteractive {
        Terminal.write("\r\u{1B}[K")
      } else if state.lastPlain?.done != Double(total) {
        Terminal.write(text(state, now: .now) + "\n")
      }
    }
  }

  private func show() {
    state.withLock { state in
      guard !state.isFinished else { return }
      let now = ContinuousClock.now
      if isInteractive {
        Terminal.write("\r\u{1B}[K" + text(state, now: now).prefix(Terminal.width - 1))
      } else if now - (state.lastPlain?.time ?? start) >= interval {
        state.lastPlain = (now, state.done)
        Terminal.write(text(state, now: now) + "\n")
      }
    }
  }

  private func text(_ state: State, now: ContinuousClock.Instant) -> String {
    Self.text(
      stage: stage, done: state.done, total: total, costs: costs, first: first,
      detail: state.detail, reached: state.reached, elapsed: now - start)
  }

  /// What part of the work the first `done` of `total` pieces are.
  static func share(of done: Double, total: Int, costs: [Double]?) -> Double {
    guard total > 0, done < Double(total) else { return 1 }
    guard let costs else { return done / Double(total) }
    let whole = Int(done)
    let sum = costs[..<whole].reduce(0, +) + costs[whole] * (done - Double(whole))
    return sum / costs.reduce(0, +)
  }

  /// The line for a state: `done` of `total` pieces after `reached`, shown after `elapsed`.
  ///
  /// What was left at the start takes `reached * (total - first) / (done - first)`, or longer if the next piece
  /// has already taken more than its share.
  static func text(
    stage: String, done: Double, total: Int, costs: [Double]? = nil, first: Double = 0,
    detail: String, reached: Duration, elapsed: Duration
  ) -> String {
    var parts = ["\(stage) \(Int(done))/\(total)"]
    let share = share(of: done, total: total, costs: costs)
    parts.append("\(Int(share * 100)) %")
    parts.append("elapsed \(clock(elapsed))")
    let before = Self.share(of: first, total: total, costs: costs)
    if share > before && share < 1 {
      let next = Self.share(of: done + 1, total: total, costs: costs)
      let whole = max(reached / (share - before), elapsed / (next - before)) * (1 - before)
      parts.append("left \(clock(whole - elapsed))")
    }
    if !detail.isEmpty { parts.append(detail) }
    return parts.joined(separator: "  ")
  }

  /// A duration as `m:ss` or `h:mm:ss`.
  static func clock(_ duration: Duration) -> String {
    let seconds = Int(duration.components.seconds)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return seconds < 3600
      ? "\(seconds / 60):\(two(seconds % 60))"
      : "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }
}
