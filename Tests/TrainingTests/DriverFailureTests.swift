import Testing
import Training

@Suite struct DriverFailureTests {
  @Test(
    "what nnU-Net says is told so that a user can act on it",
    arguments: [
      (
        "RuntimeError", "One or more background workers are no longer alive. Exiting.",
        "worker process"
      ),
      ("RuntimeError", "Some background worker is 6 feet under. Yuck.", "worker process"),
      ("NonFiniteLoss", "the loss is nan in epoch 3, iteration 7", "diverged"),
      ("OSError", "[Errno 28] No space left on device", "disk is full"),
      (
        "RuntimeError",
        "[enforce fail at inline_container.cc:671] . unexpected pos 7277760 vs 7277652",
        "disk is full"
      ),
      ("OutOfMemoryError", "CUDA out of memory.", "GPU's memory"),
      ("ModuleNotFoundError", "No module named 'torch'", "damaged"),
      ("no-configuration", "2d, 3d_fullres, small", "no such configuration"),
      ("KeyError", "'x'", "KeyError: 'x'"),
    ])
  func requests(kind: String, message: String, word: String) {
    let error = DriverFailure(kind: kind, message: message, log: "/x/a.log").error
    #expect(error.problem.contains(word))
    #expect(error.path == "/x/a.log")
    #expect(error.remedy != nil)
  }

  @Test func deaths() {
    #expect(DriverFailure(status: -9, log: "l").error.problem.contains("memory"))
    #expect(DriverFailure(status: -11, log: "l").error.problem.contains("SIGSEGV"))
    #expect(DriverFailure(status: 3, log: "l").error.problem.contains("code 3"))
  }
}
