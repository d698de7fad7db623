import FoundationEssentials
import Subprocess
import Support
import SystemPackage

/// A running Python process that carries out requests, by default `Resources/maskct_nnunet.py`.
///
/// Requests and events are JSON lines on its standard input and output; what the libraries print
/// goes into a log file. When this process dies, its end of the pipe closes and the child ends too.
package final class Driver {
  private let send: (String) async throws -> Void
  private let receive: () async throws -> String?
  private let log: String
  private let program: DriverProgram

  private init(
    log: String, program: DriverProgram, send: @escaping (String) async throws -> Void,
    receive: @escaping () async throws -> String?
  ) {
    self.log = log
    self.program = program
    self.send = send
    self.receive = receive
  }

  /// The child ended before it answered; why is known once its exit status is.
  private struct Ended: Error {}
  /// A request did not reach the child, which ended or is about to.
  private struct BrokenPipe: Error {}

  /// Sends a request and waits for its end, handing every event before that to `onEvent`.
  ///
  /// - Throws: `MaskCTError` if the request failed, from `DriverFailure`.
  @discardableResult
  package func request<Request: DriverRequest>(
    _ request: Request, onEvent: (Request.Event) throws -> Void = { _ in }
  ) async throws -> Request.Answer {
    try Task.checkCancellation()
    try await send(JSONFile.line(Line(request: request)) + "\n")
    while let line = try await receive() {
      guard let head = JSONFile.line(Head.self, line) else { continue }
      switch head.event {
      case "done":
        guard let answer = JSONFile.line(Request.Answer.self, line) else {
          throw DriverFailure(
            kind: "unexpected answer", message: "\(Request.command): \(line)", log: log,
            program: program
          ).error
        }
        return answer
      case "failed":
        throw DriverFailure(
          kind: head.kind ?? "", message: head.message ?? "", log: log, program: program
        ).error
      default:
        guard let event = JSONFile.line(Request.Event.self, line) else { continue }
        try onEvent(event)
      }
    }
    throw Ended()
  }

  /// What every line from the child says: whether it is an event, the answer or a failure.
  private struct Head: Decodable {
    /// `done`, `failed`, or the name of an event.
    var event: String
    /// Of a failure: the name of the exception or refusal.
    var kind: String?
    /// Of a failure: its text.
    var message: String?
  }

  /// The command and its arguments side by side.
  private struct Line<Request: DriverRequest>: Encodable {
    var request: Request
    private enum CodingKeys: CodingKey { case command }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(Request.command, forKey: .command)
      try request.encode(to: encoder)
    }
  }

  /// Starts the child, runs `body`, and ends the child.
  ///
  /// - Parameters:
  ///   - python: The managed Python environment.
  ///   - variables: More environment variables for the child.
  ///   - log: The file to which what the child prints is appended.
  ///   - program: What to run, and what errors say of it.
  /// - Throws: What `body` throws; `MaskCTError` with the log's path if the child died.
  package static func run<Result>(
    python: PythonEnvironment, variables: [String: String], log: String,
    program: DriverProgram = .nnUNet,
    body: (Driver) async throws -> Result
  ) async throws -> Result {
    try createFolder(parent(log))
    var environment: [String: String?] = variables
    environment["nnUNet_extTrainer"] = python.scripts
    environment["MPLBACKEND"] = "agg"
    environment["PYTHONUNBUFFERED"] = "1"
    // Threads that spin while they wait for each other triple the CPU time of a step as soon as
    // another program runs; sleeping costs next to nothing.
    if ProcessInfo.processInfo.environment["OMP_WAIT_POLICY"] == nil {
      environment["OMP_WAIT_POLICY"] = "passive"
    }
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(
        FilePath(log), .writeOnly, options: [.create, .append, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch {
      throw MaskCTError(
        .output, path: log, "the log cannot be written",
        remedy: "check free space and permissions of its folder")
    }
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(3))
    ]
    var failure: (any Error)?
    var result: Result?
    let status: TerminationStatus
    do {
      let outcome = try await Subprocess.run(
        .path(FilePath(python.python)), arguments: [python.scripts + "/" + program.script],
        environment: ChildProcess.childEnvironment(environment), platformOptions: options,
        input: .inputWriter, output: .sequence,
        error: .fileDescriptor(file, closeAfterSpawningProcess: true)
      ) { execution in
        let writer = execution.standardInputWriter
        var lines = execution.standardOutput.strings().makeAsyncIterator()
        let driver = Driver(
          log: log, program: program,
          send: { text in
            do {
              _ = try await writer.write(text)
            } catch  where !(error is CancellationError) {
              throw BrokenPipe()
            }
          },
          receive: { try await lines.next() })
        do {
          result = try await body(driver)
          try await writer.finish()
        } catch {
          failure = error
          // The child may still be at work on a request that this side gave up.
          if !(error is Ended) { await execution.teardown(using: options.teardownSequence) }
        }
      }
      status = outcome.terminationStatus
      // What a dead child had started would outlive it.
      if failure != nil { endGroup(outcome.processIdentifier.value) }
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      if let failure, !(failure is Ended), !(failure is BrokenPipe) { throw failure }
      throw MaskCTError(
        .environment, path: python.python, "cannot be run: \(error)",
        remedy: "the Python environment is damaged: \(program.repair)")
    }
    try Task.checkCancellation()
    if let failure {
      // A pipe that broke in the middle of a request is a child that died, too; all else is the caller's own.
      guard failure is Ended || failure is BrokenPipe else { throw failure }
      throw DriverFailure(status: ChildProcess.code(status), log: log, program: program).error
    }
    return result!
  }
}
