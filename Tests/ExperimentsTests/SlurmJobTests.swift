import Testing

@testable import Experiments

@Suite struct SlurmJobTests {
  @Test func theShellReadsNothingOfTheArguments() {
    var job = Slurm.Job(name: "n", command: ["/bin/echo", "it's $HOME; `x` \\"], log: "/l")
    #expect(job.script == "#!/bin/sh\nexec '/bin/echo' 'it'\\''s $HOME; `x` \\'\n")
    job.command = ["a", "\(Slurm.Job.task)/8"]
    #expect(job.script == "#!/bin/sh\nexec 'a' ''\"$SLURM_ARRAY_TASK_ID\"'/8'\n")
  }

  @Test func dependenciesAndArraysAreOptions() {
    let job = Slurm.Job(
      name: "n", command: [], log: "/l", after: [3, 4], tasks: 5, options: ["--partition=x"])
    #expect(job.arguments.contains("--dependency=afterok:3:4"))
    #expect(job.arguments.contains("--array=1-5"))
    #expect(job.arguments.last == "--partition=x")
  }
}
