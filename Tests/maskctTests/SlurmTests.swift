import FoundationEssentials
import Support
import TestSupport
import Testing

/// `maskct compare --engine slurm` on a real cluster of one node, with a stub of nnU-Net.
///
/// It mostly waits for jobs, and no moment counts: it runs beside the others.
@Suite struct SlurmTests {
  @Test(
    .enabled(
      if: OneNodeCluster.obstacle == nil,
      "needs Slurm: \(OneNodeCluster.obstacle ?? "")"), .timeLimit(.minutes(20)))
  func stepsAreJobsAndAnArmThatFailsStopsNoOther() async throws {
    try await withTemporaryFolder { folder in
      let cluster = try await Requirement.provide("a Slurm cluster") {
        try await OneNodeCluster(folder: folder + "/cluster")
      }
      do {
        try await check(cluster, folder: folder)
      } catch {
        await cluster.stop()
        throw error
      }
      await cluster.stop()
    }
  }

  private func check(_ cluster: OneNodeCluster, folder: String) async throws {
    // A quote and a space in a path: the script must not read them.
    let place = folder + "/it's here"
    try FileManager.default.createDirectory(
      atPath: place, withIntermediateDirectories: true)
    let phantoms = try PhantomExperiment(place)
    // One arm whose clips do not exist.
    try phantoms.edit(
      "  - {name: constant,",
      "  - {name: broken, recipe: video, video: nowhere}\n  - {name: constant,")
    let stub = try StubNNUNet(folder + "/stub")
    let outcome = try await Command.run(
      [
        "compare", phantoms.file, "--output", place + "/out", "--engine", "slurm",
        "--array-size", "2", "--threads", "1",
      ],
      environment: cluster.environment.merging(["MASKCT_PYTHON": stub.python]) { $1 })
    #expect(outcome.code == 1, "\(outcome.errors)")
    let failures = outcome.errorLines.filter { $0.contains("broken") }
    #expect(failures.contains { $0.contains("nowhere") }, "\(outcome.errors)")
    let table = try #require(readText(place + "/out/table.csv"))
    for arm in ["clinical", "constant"] {
      #expect(table.contains("\(arm),all structures,Dice,2,"), "\(table)\n\(outcome.errors)")
    }
    // The dataset of two shards is that of one run.
    let local = try await Command.run([
      "compare", phantoms.file, "--output", place + "/local", "--step", "dataset:constant:1",
    ])
    #expect(local.code == 0, "\(local.errors)")
    for name in ["torso_0", "torso_1", "torso_2"] {
      let file = "/nnUNet_raw/Dataset703_Constant/imagesTr/\(name)_0000.nii.gz"
      #expect(try ByteFile.read(place + "/out" + file) == ByteFile.read(place + "/local" + file))
    }
    // Everything is done: only the broken arm is tried again.
    let again = try await Command.run(
      ["compare", phantoms.file, "--output", place + "/out", "--dry-run"],
      environment: cluster.environment)
    #expect(again.output.contains("done            evaluate:constant:1:all"), "\(again.output)")
  }
}
