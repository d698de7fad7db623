import Experiments
import Synchronization

/// Turns what a download tells into a progress line.
final class DownloadLine: Sendable {
  private let line = Mutex<ProgressLine?>(nil)

  func show(_ event: TotalSegmentatorData.Event) {
    switch event {
    case .record(let title, let file, let bytes):
      Terminal.error("\(title): \(file), \(bytes / 1_000_000) MB\n")
    case .downloading(let done, let total):
      line.withLock { line in
        if line == nil { line = ProgressLine("Downloading MB", total: total) }
        line?.update(done)
      }
    case .unpacking(let file):
      finish()
      Terminal.error("unpacking \(file)\n")
    }
  }

  func finish() {
    line.withLock { line in
      line?.finish()
      line = nil
    }
  }
}
