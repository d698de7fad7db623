import FoundationEssentials
import Support

/// A Slurm cluster of this machine alone, in a folder of its own, while a test needs it.
///
/// Needs Debian's `slurm-wlm` and the right to start daemons as root.
struct OneNodeCluster {
  let folder: String
  /// What commands need to find it.
  var environment: [String: String] { ["SLURM_CONF": folder + "/slurm.conf"] }

  /// Why no cluster can be started here; nil if one can.
  static var obstacle: String? {
    for program in ["slurmctld", "slurmd", "sbatch", "squeue"] {
      let path = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin"
      if ChildProcess.find(program, path: path) == nil {
        return "\(program) is missing (apt-get install slurm-wlm)"
      }
    }
    guard let status = readText("/proc/self/status"), status.contains("Uid:\t0\t0") else {
      return "daemons need root"
    }
    return nil
  }

  init(folder: String) async throws {
    self.folder = folder
    for name in ["state", "spool"] { try createFolder("\(folder)/\(name)") }
    let host = try await ChildProcess.run("hostname", ["-s"]).output.split(
      whereSeparator: \.isNewline)[0]
    let port = 20_000 + Int.random(in: 0..<20_000)
    try AtomicFile.write(
      """
      ClusterName=test
      SlurmctldHost=\(host)(127.0.0.1)
      SlurmUser=root
      SlurmdUser=root
      SlurmctldPort=\(port)
      SlurmdPort=\(port + 1)
      AuthType=auth/none
      CredType=cred/none
      StateSaveLocation=\(folder)/state
      SlurmdSpoolDir=\(folder)/spool
      SlurmctldPidFile=\(folder)/slurmctld.pid
      SlurmdPidFile=\(folder)/slurmd.pid
      SlurmctldLogFile=\(folder)/slurmctld.log
      SlurmdLogFile=\(folder)/slurmd.log
      ProctrackType=proctrack/linuxproc
      TaskPlugin=task/none
      SwitchType=switch/none
      MpiDefault=none
      ReturnToService=2
      SchedulerType=sched/builtin
      SelectType=select/cons_tres
      SelectTypeParameters=CR_Core
      NodeName=\(host) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
      PartitionName=all Nodes=\(host) Default=YES MaxTime=INFINITE State=UP

      """, to: folder + "/slurm.conf")
    for daemon in ["/usr/sbin/slurmctld", "/usr/sbin/slurmd"] {
      let outcome = try await ChildProcess.run(
        daemon, ["-f", folder + "/slurm.conf"], environment: environment)
      guard outcome.succeeded else {
        throw MaskCTError(.environment, path: daemon, outcome.tail())
      }
    }
    for _ in 0..<120 {
      let state = try await ChildProcess.run(
        "sinfo", ["--noheader", "--format=%T"], environment: environment)
      if state.output.contains("idle") { return }
      try await Task.sleep(for: .milliseconds(500))
    }
    throw MaskCTError(.environment, path: folder, "the node does not come up")
  }

  /// Ends all jobs and the daemons.
  func stop() async {
    _ = try? await ChildProcess.run("scancel", ["--user=root"], environment: environment)
    for name in ["slurmd", "slurmctld"] {
      guard let text = readText("\(folder)/\(name).pid"),
        let pid = Int(text.filter(\.isNumber))
      else { continue }
      _ = try? await ChildProcess.run("kill", ["\(pid)"])
    }
  }
}
