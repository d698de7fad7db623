import Acquisition
import ArgumentParser
import Generation

/// The root command. A command is one file, `<Name>Command.swift`, and one line below; what it does lies
/// in the library modules.
@main struct MaskCT: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maskct",
    abstract: "Train CT segmentation networks from label masks, without CT images.",
    discussion: """
      MaskCT paints label maps with plausible attenuation, scans the painted bodies in a simulated \
      helical CT scanner, writes an nnU-Net dataset, trains the real nnU-Net on it and scores the model \
      on real CT. Volumes are NIfTI files (.nii, .nii.gz) in any orientation.

      Exit codes: 0 success, 1 failure (one line per failure, naming the file and the remedy), 2 usage \
      error, 130 interrupted.
      """,
    version: toolVersion,
    subcommands: [
      DemoCommand.self,
      ImportCommand.self,
      GenerateCommand.self,
      TrainCommand.self,
      PredictCommand.self,
      ExportCommand.self,
      PackCommand.self,
      EvaluateCommand.self,
      CompareCommand.self,
      FetchCommand.self,
      ScanCommand.self,
      ReconstructCommand.self,
      QACommand.self,
      ViewCommand.self,
      StatisticsCommand.self,
      ShowCommand.self,
      SetupCommand.self,
      DoctorCommand.self,
      ReadSinogramCommand.self,
    ])

  static func main() async {
    Interrupt.install()
    do {
      var command = try parseAsRoot()
      try InstructionSet.check()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.exit(with: error)
    }
  }
}
