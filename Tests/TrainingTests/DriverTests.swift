import TestSupport
import FoundationEssentials
import Support
import Testing
import Training

/// What the scripts below are asked.
private struct Ask: DriverRequest {
  static let command = "ask"
  var a: Int
  struct Answer: Decodable { var x: Int }
}

extension RunAlone {
  /// The conversation with the child process, held by a shell script in place of Python.
  @Suite(.timeLimit(.minutes(1))) struct DriverTests {
    @Test("events are handed on in order, the answer ends the request, prints go to the log")
    func conversation() async throws {
      try await withScript(
        """
        while read -r line; do
          echo "got $line" >&2
          echo '{"event": "case", "done": 1}'
          echo 'no JSON'
          echo '{"event": "case", "done": 2}'
          echo '{"event": "done", "x": 7}'
        done
        echo bye >&2
        """
      ) { python, log in
        var seen: [Int] = []
        let answers = try await Driver.run(python: python, variables: [:], log: log) { driver in
          [
            try await driver.request(Ask(a: 1)) { seen.append($0.done!) },
            try await driver.request(Ask(a: 2)),
          ]
        }
        #expect(seen == [1, 2])
        #expect(answers.map(\.x) == [7, 7])
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(
          text == "got {\"a\":1,\"command\":\"ask\"}\ngot {\"a\":2,\"command\":\"ask\"}\nbye\n")
      }
    }

    @Test("a request that fails is an error with the log's path")
    func failure() async throws {
      try await withScript(
        #"read -r line; echo '{"event": "failed", "kind": "NonFiniteLoss", "message": "nan"}'; read -r line"#
      ) { python, log in
        let error = await #expect(throws: MaskCTError.self) {
          try await Driver.run(python: python, variables: [:], log: log) {
            try await $0.request(Ask(a: 1))
          }
        }
        #expect(error?.path == log)
        #expect(error?.problem.contains("diverged") == true)
      }
    }

    @Test("a child that is killed is an error at once, not a wait", arguments: ["KILL", "SEGV"])
    func killed(signal: String) async throws {
      try await withScript("read -r line; kill -\(signal) $$") { python, log in
        let error = await #expect(throws: MaskCTError.self) {
          try await Driver.run(python: python, variables: [:], log: log) {
            try await $0.request(Ask(a: 1))
          }
        }
        #expect(error?.problem.contains("SIG\(signal)") == true)
      }
    }

    @Test("a child that dies is an error also while its own children hold the pipe")
    func orphans() async throws {
      try await withScript(
        "read -r line; sleep 1000 & echo $! > \"$0.pid\"; kill -KILL $$"
      ) { python, log in
        let began = ContinuousClock.now
        let error = await #expect(throws: MaskCTError.self) {
          try await Driver.run(python: python, variables: [:], log: log) {
            try await $0.request(Ask(a: 1))
          }
        }
        #expect(error?.problem.contains("SIGKILL") == true)
        // The child's own child sleeps for 1000 s; a busy machine may take its time.
        #expect(ContinuousClock.now - began < .seconds(500))
        let file = python.scripts + "/maskct_nnunet.py.pid"
        try await expectGone(try String(contentsOfFile: file, encoding: .utf8).filter(\.isNumber))
      }
    }

    @Test("an answer of another shape is an error that repeats it")
    func unexpected() async throws {
      try await withScript(#"read -r line; echo '{"event": "done", "y": 7}'; read -r line"#) {
        python, log in
        let error = await #expect(throws: MaskCTError.self) {
          try await Driver.run(python: python, variables: [:], log: log) {
            try await $0.request(Ask(a: 1))
          }
        }
        #expect(error?.problem.contains("unexpected answer") == true)
      }
    }

    /// A process that was ended takes a moment to vanish.
    private func expectGone(_ pid: String) async throws {
      for _ in 0..<250 {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
          !status.contains("State:\tZ")
        else { return }
        try await Task.sleep(for: .milliseconds(20))
      }
      Issue.record("process \(pid) is still there")
    }

    @Test("a child that ends before it is asked is an error, not a broken pipe")
    func ended() async throws {
      try await withScript("exit 3") { python, log in
        let error = await #expect(throws: MaskCTError.self) {
          try await Driver.run(python: python, variables: [:], log: log) { driver in
            try await Task.sleep(for: .milliseconds(300))
            return try await driver.request(Ask(a: 1))
          }
        }
        #expect(error?.problem.contains("code 3") == true)
      }
    }

    @Test("cancelling ends the child and what it started")
    func cancelled() async throws {
      try await withScript(
        "read -r line; sleep 1000 & echo $! > \"$0.pid\"; echo '{\"event\": \"case\"}'; wait"
      ) { python, log in
        let task = Task {
          try await Driver.run(python: python, variables: [:], log: log) {
            try await $0.request(Ask(a: 1))
          }
        }
        let file = python.scripts + "/maskct_nnunet.py.pid"
        var pid = ""
        while pid.isEmpty {
          try await Task.sleep(for: .milliseconds(20))
          pid = ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").filter(\.isNumber)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await expectGone(pid)
      }
    }

    @Test("an interpreter that is not there is an error with a remedy")
    func missing() async throws {
      try await withTemporaryFolder { folder in
        let python = PythonEnvironment(python: folder + "/python", scripts: folder)
        let error = await #expect(throws: MaskCTError.self) {
          try await Driver.run(python: python, variables: [:], log: folder + "/log") {
            try await $0.request(Ask(a: 1))
          }
        }
        #expect(error?.remedy?.contains("maskct setup") == true)
      }
    }

    private func withScript(
      _ script: String, _ body: (PythonEnvironment, String) async throws -> Void
    ) async throws {
      try await withTemporaryFolder { folder in
        try write(script + "\n", to: folder + "/maskct_nnunet.py")
        try await body(PythonEnvironment(python: "/bin/sh", scripts: folder), folder + "/log/a.log")
      }
    }
  }
}
