package import Support

/// What went wrong in the Python process, as an error that a user can act on.
package struct DriverFailure {
  /// The name of the Python exception, or of the refusal; empty if the process died.
  package var kind: String
  /// The exception's text.
  package var message: String
  /// The log file.
  package var log: String
  /// The exit status, if the process died; negative is a signal.
  package var status: Int32?
  /// What the message calls the program.
  package var program: String

  /// A request that failed.
  package init(kind: String, message: String, log: String, program: String = "nnU-Net") {
    self.program = program
    self.kind = kind
    self.message = message
    self.log = log
  }

  /// A process that died before it answered.
  package init(status: Int32, log: String, program: String = "nnU-Net") {
    self.program = program
    kind = ""
    message = ""
    self.log = log
    self.status = status
  }

  /// One line with the log's path and a remedy.
  package var error: MaskCTError {
    if let status {
      if status == -9 {
        return failure(
          "\(program) was killed (SIGKILL), most often because memory ran out",
          "close other programs or use fewer threads, then run the same command again to resume")
      }
      let how = status < 0 ? "was ended by \(signalName(-status))" : "ended with code \(status)"
      return failure("\(program) \(how)", "see the end of this log for the reason")
    }
    let text = message.lowercased()
    switch kind {
    case "NonFiniteLoss":
      return failure(
        "the training diverged: \(message)",
        "check the images for values that are not HU, or train with a smaller learning rate "
          + "and 'maskct train --overwrite'")
    case "no-cuda":
      return failure(message, "use --device cpu, or 'maskct setup' on a machine with an NVIDIA GPU")
    case "no-configuration":
      return failure(
        "nnU-Net planned no such configuration for this dataset", "choose one of: \(message)")
    case "damaged":
      return MaskCTError(
        .input, path: message, "is not what nnU-Net writes",
        remedy: "remove this file and run the step again")
    case "locked":
      return failure(message, "wait for it to end, or stop it")
    case "OutOfMemoryError":
      return failure(
        "the GPU's memory ran out", "free the GPU, or choose a smaller configuration such as small")
    default: break
    }
    if text.contains("no longer alive") || text.contains("6 feet under")
      || text.contains("background worker")
    {
      return failure(
        "a worker process of nnU-Net died, most often because memory ran out",
        "use fewer threads, then run the same command again to resume")
    }
    // PyTorch's own writer does not say why it could write less than it wanted to.
    if text.contains("no space left") || kind == "OSError" && text.contains("errno 28")
      || text.contains("unexpected pos") || text.contains("pytorchstreamwriter failed")
    {
      return failure("the disk is full", "free some space, then run the same command again")
    }
    if kind == "MemoryError" || text.contains("can't allocate memory")
      || text.contains("cannot allocate memory")
    {
      return failure("memory ran out", "close other programs or use fewer threads")
    }
    if kind == "ModuleNotFoundError" || kind == "ImportError" {
      return failure(
        "the Python environment is damaged: \(message)",
        "recreate it with 'maskct setup --overwrite'")
    }
    let what = message.isEmpty ? kind : "\(kind): \(message)"
    return failure("\(program) failed: \(what)", "see this log for the details")
  }

  private func failure(_ problem: String, _ remedy: String) -> MaskCTError {
    MaskCTError(.environment, path: log, problem, remedy: remedy)
  }
}
