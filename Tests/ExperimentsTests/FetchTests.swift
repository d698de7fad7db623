import FoundationEssentials
import Support
import Synchronization
import TestSupport
import Testing
@testable import Experiments

extension RunAlone {
  /// Against a server on this machine that speaks as Zenodo does and can resume.
  @Suite struct FetchTests {
    /// Serves one record from a folder; `FAIL` bytes into a file it hangs up, once.
    private static let server = #"""
      import hashlib, http.server, json, os, re, sys
      folder, limit = sys.argv[1], int(sys.argv[2])
      broken = [limit >= 0]
      class Handler(http.server.BaseHTTPRequestHandler):
          protocol_version = "HTTP/1.1"
          def log_message(self, *arguments): pass
          def do_GET(self):
              port = self.server.server_address[1]
              if self.path == "/api/records/77":
                  files = []
                  for name in os.listdir(folder):
                      data = open(os.path.join(folder, name), "rb").read()
                      files.append({"key": name, "size": len(data),
                          "checksum": "md5:" + hashlib.md5(data).hexdigest(),
                          "links": {"self": f"http://127.0.0.1:{port}/files/{name}"}})
                  body = json.dumps({"metadata": {"title": "Subjects"}, "files": files}).encode()
                  start, code = 0, 200
              elif self.path.startswith("/files/"):
                  body = open(os.path.join(folder, self.path[7:]), "rb").read()
                  wanted = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
                  start, code = (int(wanted[1]), 206) if wanted else (0, 200)
                  with open(os.path.join(folder, "..", "requests"), "a") as log: log.write(f"{start}\n")
              else:
                  self.send_error(404); return
              part = body[start:]
              self.send_response(code)
              self.send_header("Content-Length", str(len(part)))
              if code == 206:
                  self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
              self.end_headers()
              if broken[0] and self.path.startswith("/files/"):
                  broken[0] = False
                  self.wfile.write(part[:limit]); self.wfile.flush()
                  self.close_connection = True
                  return
              self.wfile.write(part)
      server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
      with open(os.path.join(folder, "..", "port.part"), "w") as file:
          file.write(str(server.server_address[1]))
      os.rename(os.path.join(folder, "..", "port.part"), os.path.join(folder, "..", "port"))
      server.serve_forever()
      """#

    /// A folder with an archive of two subjects, and the server of it while `body` runs.
    private static func withServer(
      failingAfter limit: Int = -1, damaged: Bool = false,
      _ body: @escaping @Sendable (_ address: String, _ folder: String) async throws -> Void
    ) async throws {
      try await withTemporaryFolder { folder in
        let archive = folder + "/files/Totalsegmentator_dataset.zip"
        try createFolder(folder + "/files")
        for subject in ["s0001", "s0002"] {
          try createFolder(folder + "/set/\(subject)/segmentations")
          for file in ["ct.nii.gz", "segmentations/liver.nii.gz"] {
            // Bytes that do not compress, so that the archive is longer than what is cut off.
            var stream = RandomStream(seed: 5).split(subject + file)
            let bytes = (0..<40_000).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
            try AtomicFile.write(bytes, to: folder + "/set/\(subject)/\(file)")
          }
        }
        let zip = try await ChildProcess.run(
          "python3", ["-m", "zipfile", "-c", archive, folder + "/set/s0001", folder + "/set/s0002"])
        #expect(zip.succeeded, "\(zip.output)")
        try AtomicFile.write(Self.server, to: folder + "/server.py")
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            _ = try? await ChildProcess.run(
              "python3", [folder + "/server.py", folder + "/files", "\(limit)"])
          }
          var port: String?
          for _ in 0..<600 where port == nil {
            try await Task.sleep(for: .milliseconds(50))
            port = readText(folder + "/port")
          }
          try await body("http://127.0.0.1:\(try #require(port))", folder)
          group.cancelAll()
        }
      }
    }

    @Test func fetchesUnpacksAndIsDone() async throws {
      try await Self.withServer { address, folder in
        let data = TotalSegmentatorData(number: 77, server: address)
        let events = Mutex(0)
        let subjects = try await data.fetch(to: folder + "/out") { _ in events.withLock { $0 += 1 }
        }
        #expect(names(in: subjects) == ["s0001", "s0002"])
        #expect(
          try ByteFile.read(subjects + "/s0002/segmentations/liver.nii.gz")
            == ByteFile.read(folder + "/set/s0002/segmentations/liver.nii.gz"))
        #expect(names(in: folder + "/out") == ["totalsegmentator-77"], "nothing else is left")
        // Again: nothing to do, and no question to the server.
        #expect(try await data.fetch(to: folder + "/out") { _ in } == subjects)
        #expect(readText(folder + "/requests") == "0\n")
      }
    }

    @Test func goesOnWhereItWasCutOff() async throws {
      try await Self.withServer(failingAfter: 50_000) { address, folder in
        let data = TotalSegmentatorData(number: 77, server: address)
        // curl itself tries again, or this tool does when it is called again.
        var subjects: String?
        for _ in 0..<3 where subjects == nil {
          subjects = try? await data.fetch(to: folder + "/out") { _ in }
        }
        let found = try #require(subjects)
        #expect(names(in: found) == ["s0001", "s0002"])
        let starts = (readText(folder + "/requests") ?? "").split(separator: "\n")
        #expect(starts.first == "0" && starts.count >= 2)
        #expect(starts.dropFirst().allSatisfy { $0 == "50000" }, "\(starts)")
      }
    }

    @Test func refusesWhatIsNotWhatTheRecordSays() async throws {
      try await Self.withServer { address, folder in
        let file = ZenodoRecord.File(
          name: "a.zip", size: try ByteFile.size(folder + "/files/Totalsegmentator_dataset.zip"),
          md5: String(repeating: "0", count: 32),
          address: address + "/files/Totalsegmentator_dataset.zip")
        await #expect(throws: MaskCTError.self) {
          try await Download.fetch(file, to: folder + "/a.zip") { _ in }
        }
        #expect(!exists(folder + "/a.zip") && !exists(folder + "/a.zip.part"))
      }
    }

    @Test(arguments: [
      #"{"files": [{"key": "../a.zip", "size": 1, "checksum": "md5:00000000000000000000000000000000", "links": {"self": "https://x/a"}}]}"#,
      #"{"files": [{"key": "a.zip", "size": 1, "checksum": "sha1:00", "links": {"self": "https://x/a"}}]}"#,
      #"{"files": [{"key": "a.zip", "size": 1, "checksum": "md5:00000000000000000000000000000000", "links": {"self": "-o/etc/passwd"}}]}"#,
      #"{"files": [{"key": "a.txt", "size": 1, "checksum": "md5:00000000000000000000000000000000", "links": {"self": "https://x/a"}}]}"#,
      "<html>", "",
    ])
    func distrustsTheAnswer(text: String) {
      #expect(throws: MaskCTError.self) {
        try ZenodoRecord(json: Array(text.utf8), number: 1).archive()
      }
    }
  }
}
