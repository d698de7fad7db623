import ArgumentParser
import Exchange
import Training

/// `maskct doctor`: what is installed and what is missing.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check what is installed, and print the command that installs what is missing.",
    discussion: """
      FFmpeg and nnU-Net are needed for the main job. The environment for DICOM and Slurm are optional: a \
      line says what each is for, and that it is missing is no failure.
      """)

  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let report = await DoctorReport.complete(workers: threads.workers)
    let width = report.items.map(\.name.count).max() ?? 0
    for item in report.items {
      let name = item.name + String(repeating: " ", count: width - item.name.count)
      print("\(Self.mark(item.state))  \(name)  \(item.detail)")
      if let remedy = item.remedy {
        print(String(repeating: " ", count: width + 11) + "-> \(remedy)")
      }
    }
    if !report.isComplete { throw ExitCode(1) }
  }

  private static func mark(_ state: DoctorReport.Item.State) -> String {
    switch state {
    case .fine: "ok     "
    case .note: "note   "
    case .missing: "MISSING"
    }
  }
}
