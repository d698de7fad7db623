import Acquisition
import Foundation
import Support
import Workload

/// The whole of W1 in a process of its own, so that its peak of memory is of nothing else: the allocator keeps
/// what earlier work has freed.
enum Chain {
  private static let command = "--chain"

  /// How many bodies, end to end, this process is to scan and reconstruct; `nil` if it was not told.
  static func bodies(arguments: [String]) -> Int? {
    guard arguments.count == 3, arguments[1] == command else { return nil }
    return Int(arguments[2])
  }

  /// Scans and reconstructs, and prints the seconds and the peak of memory in GiB.
  static func run(bodies: Int, workers: Workers) throws {
    var workload = Workload()
    workload.slices *= bodies
    let source = SimulatedScan(
      scan: workload.scan, body: workload.object(workers: workers), noise: workload.noise,
      workers: workers)
    let seconds = try time { try workload.reconstruct(source, workers: workers) }
    print(seconds, peakMemory())
  }

  /// Has another process do it.
  static func inItsOwnProcess(bodies: Int) throws -> (seconds: Double, peak: Double) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [command, String(bodies)]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard process.terminationStatus == 0, numbers.count == 2 else {
      throw MaskCTError(.environment, "the process that scans \(bodies) bodies failed")
    }
    return (numbers[0], numbers[1])
  }
}
