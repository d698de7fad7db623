import FoundationEssentials
import Subprocess
import Support
import Testing
import Volumes

/// The built command, run as a user runs it.
enum Command {
  /// What a run left behind.
  struct Outcome {
    /// The exit code; -1 after a signal.
    var code: Int
    /// Standard output.
    var output: String
    /// Standard error.
    var errors: String
    /// The lines of standard error.
    var errorLines: [Substring] { errors.split(separator: "\n") }
  }

  /// The command beside the test bundle, wherever the build put both.
  static var path: String {
    let own =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    let folder = own.split(separator: "/").dropLast().joined(separator: "/")
    return "/\(folder)/maskct"
  }

  /// Runs the command with a terminal width of 80, so that help always wraps alike.
  static func run(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> Outcome {
    var variables: [Environment.Key: String?] = ["COLUMNS": "80"]
    for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
    let result = try await Subprocess.run(
      .path(.init(path)), arguments: Arguments(arguments),
      environment: .inherit.updating(variables),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let code: Int
    switch result.terminationStatus {
    case .exited(let status): code = Int(status)
    case .signaled: code = -1
    }
    return Outcome(
      code: code, output: result.standardOutput, errors: result.standardError)
  }
}

/// A folder that is removed when the test is done with it.
final class TemporaryFolder {
  let path = FileManager.default.temporaryDirectory.path + "/maskct-" + UUID().uuidString

  init() throws { try folder("") }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of something in the folder.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Creates a folder in it.
  func folder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: self(name), withIntermediateDirectories: true)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }

  /// Writes a label map of 1 mm voxels with a box of id 1 from (2, 2, 2) to `upper`.
  func writeLabels(_ name: String, upper: SIMD3<Int>, shape: SIMD3<Int> = [12, 10, 8]) throws {
    let grid = Grid(shape: shape, spacing: [1, 1, 1])
    var labels = LabelMap(grid: grid, repeating: 0)
    for y in 2..<upper.y {
      for x in 2..<upper.x {
        for z in 2..<upper.z { labels[x, y, z] = 1 }
      }
    }
    try NIfTI.write(
      labels, to: self(name), frame: .canonical(grid), workers: Workers(count: 1))
  }

  /// Writes a CT of a block of water in air.
  func writeImage(_ name: String, shape: SIMD3<Int> = [12, 10, 8], value: Float = 0) throws {
    let grid = Grid(shape: shape, spacing: [1, 1, 1])
    var image = Volume<Float>(grid: grid, repeating: -1000)
    for y in 1..<9 {
      for x in 1..<11 {
        for z in 0..<8 { image[x, y, z] = value }
      }
    }
    try NIfTI.write(image, to: self(name), frame: .canonical(grid), workers: Workers(count: 1))
  }
}
