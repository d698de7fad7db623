import Testing

/// Wrong calls answer with one line that says what is wrong, and exit code 2.
@Suite struct FailureTests {
  @Test func wrongCallsAreOneLine() async throws {
    let calls: [(arguments: [String], said: String)] = [
      (["evalute"], "there is no command 'evalute'; did you mean 'evaluate'?"),
      (["xyzzy"], "there is no command 'xyzzy'; see 'maskct --help'"),
      (
        ["evaluate"],
        "Missing expected argument '--prediction <path>'; see 'maskct evaluate --help'"
      ),
      (
        ["view", "a", "-o", "b", "--limit", "0"],
        "--limit must be 1 or more; see 'maskct view --help'"
      ),
      (
        ["view", "a", "-o", "b", "--window", "fat"], "'fat' is not a window; write soft, lung, bone"
      ),
      (["view", "a", "-o", "b", "--scheme", "btvc"], "did you mean 'btcv'?"),
      (
        ["evaluate", "--prediction", "a", "--reference", "b", "--structure", "liver"],
        "structure 'liver' has no '='; write NAME=ID"
      ),
    ]
    for call in calls {
      let outcome = try await Command.run(call.arguments)
      #expect(outcome.code == 2)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.errors.hasPrefix("maskct: error: "))
      #expect(outcome.errors.contains(call.said), "\(outcome.errors)")
    }
  }

  /// Kernels that were asked for and cannot run are an error, whatever the command: a mistyped name must not test the
  /// best ones instead.
  @Test func anUnknownInstructionSetIsOneLine() async throws {
    let files = try TemporaryFolder()
    try files.writeImage("a.nii")
    let scan = ["scan", "--input", files("a.nii"), "--output", files("ct.nii"), "--noiseless"]
    let wrong = try await Command.run(scan, environment: ["MASKCT_SIMD": "avx1024"])
    #expect(wrong.code == 2 && wrong.errorLines.count == 1, "\(wrong.errors)")
    #expect(wrong.errors.contains("MASKCT_SIMD is 'avx1024', which this CPU cannot run"))
    #expect(wrong.errors.contains("set it to one of portable"))
    #expect(!files.exists("ct.nii"))
    for name in ["portable", ""] {
      let right = try await Command.run(
        scan + ["--overwrite"], environment: ["MASKCT_SIMD": name])
      #expect(right.code == 0, "\(right.errors)")
    }
  }

  @Test func aMissingOutputFolderIsToldBeforeAnyWork() async throws {
    let files = try TemporaryFolder()
    try files.writeImage("a.nii")
    let outcome = try await Command.run(["view", files("a.nii"), "-o", files("no/out.png")])
    #expect(outcome.code == 1)
    #expect(
      outcome.errors
        == "maskct: error: \(files("no/out.png")): cannot be written: its folder does not exist; "
        + "create the folder first\n")
  }

  @Test func missingFilesAreOneLine() async throws {
    for arguments in [
      [
        "evaluate", "--prediction", "/nowhere/p", "--reference", "/nowhere/r", "--structure", "a=1",
      ],
      ["view", "/nowhere/p", "-o", "/tmp/nowhere-out.png"],
    ] {
      let outcome = try await Command.run(arguments)
      #expect(outcome.code == 1)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.errors.contains("/nowhere/p: does not exist; "))
    }
  }
}
