package import Support

/// A Python program that a `Driver` runs, and what errors say of it.
package struct DriverProgram: Sendable {
  /// What messages call it.
  package var name: String
  /// Its file in the environment's folder of scripts.
  package var script: String
  /// What to do where its environment lacks a package.
  package var repair: String

  /// Describes a program.
  package init(name: String, script: String, repair: String) {
    self.name = name
    self.script = script
    self.repair = repair
  }

  /// The one that trains and predicts.
  package static let nnUNet = DriverProgram(
    name: "nnU-Net", script: "maskct_nnunet.py",
    repair: "recreate it with 'maskct setup --overwrite'")
}

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
  /// The program.
  package var program: DriverProgram

  /// A request that failed.
  package init(kind: String, message: String, log: String, program: DriverProgram = .nnUNet) {
    self.program = program
    self.kind = kind
    self.message = message
    self.log = log
  }

  /// A process that died before it answered.
  package init(status: Int32, log: String, program: DriverProgram = .nnUNet) {
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
          "\(program.name) was killed (SIGKILL), most often because memory ran out",
          "close other programs or use fewer threads, then run the same command again to resume")
      }
      let how = status < 0 ? "was ended by \(signalName(-status))" : "ended with code \(status)"
      return failure("\(program.name) \(how)", "see the end of this log for the reason")
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
      return failure("the Python environment is damaged: \(message)", program.repair)
    }
    let what = message.isEmpty ? kind : "\(kind): \(message)"
    return failure("\(program.name) failed: \(what)", "see this log for the details")
  }

  private func failure(_ problem: String, _ remedy: String) -> MaskCTError {
    MaskCTError(.environment, path: log, problem, remedy: remedy)
  }
}
