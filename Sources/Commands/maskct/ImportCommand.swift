import ArgumentParser
import Exchange
import Support

/// `maskct import`: label maps from DICOM, NRRD and MetaImage.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Turn RTSTRUCT, DICOM-SEG, NRRD or MHA labels into label maps.",
    discussion: """
      Takes a file, or a folder or zip with any number of patients: RTSTRUCT with or without the series it \
      was drawn on, DICOM-SEG, Slicer's .seg.nrrd, .nrrd, .mha, .mhd. Writes labels/CASE.nii.gz and \
      scheme.yaml, which 'maskct generate --labels' reads.

      Structure names are matched to those that MaskCT knows, in several languages: Parotid_L, PAROTIS LI \
      and a SNOMED code are the same structure. matched.csv lists the match of each name: correct its \
      column 'structure' and run the same command with --overwrite. report.csv has the volume of every \
      structure, and what was left out and why.

      CT series become images/CASE.nii.gz in HU with --images, or if the input has no labels.

      The first run installs pydicom, highdicom and SimpleITK in $MASKCT_HOME.

      EXAMPLES
        From a planning archive to a dataset:
          maskct import planning-archive --output masks
          maskct generate --labels masks --target parotid_gland_left \\
            --output nnUNet_raw/Dataset510_Parotid

        Labels and CT of a zip file:
          maskct import export.zip --output patients --images
      """)

  @Argument(help: ArgumentHelp("File, folder or zip.", valueName: "input"))
  var input: String

  @Option(help: ArgumentHelp("Folder to write into.", valueName: "folder"))
  var output: String

  @Flag(help: "Also convert CT series to NIfTI in HU.")
  var images = false

  @Option(
    help: ArgumentHelp(
      "Table of names to use. (default: matched.csv in the output folder, if it exists)",
      valueName: "file"))
  var table: String?

  @Option(
    help: ArgumentHelp(
      "In-plane voxel size for contours without their series, in mm.", valueName: "mm"))
  var spacing: Double = 1

  @Flag(help: "Replace an earlier import.")
  var overwrite = false

  func validate() throws {
    guard (0.1...10).contains(spacing) else {
      throw ValidationError("--spacing must be from 0.1 to 10 mm")
    }
  }

  func run() async throws {
    var settings = LabelImport.Settings()
    settings.images = images
    settings.spacing = spacing
    settings.table = table
    settings.overwrite = overwrite
    let task = LabelImport(input: input, output: output, settings: settings)
    let progress = ExchangeLine("Importing")
    let outcome = try await Interrupt.cancelling {
      try await task.run { event in
        switch event {
        case .installing(let text): Terminal.error(text + "\n")
        case .found: break
        case .note(let text): Failure.warn(text)
        case .done(let name, let failure, let count, let total):
          progress.show(name, failure, count, total)
        }
      }
    }
    progress.finish()
    show(outcome)
    if outcome.cases < outcome.allCases || outcome.images < outcome.allImages {
      Terminal.error("maskct: error: some cases were left out; \(output)/report.csv says why\n")
      throw ExitCode(1)
    }
  }

  private func show(_ outcome: LabelImport.Outcome) {
    if outcome.allCases > 0 {
      print(
        "\(outcome.cases) of \(outcome.allCases) cases in \(output)/labels, "
          + "\(outcome.structures.count) structures")
    }
    if outcome.allImages > 0 {
      print("\(outcome.images) of \(outcome.allImages) images in \(output)/images")
    }
    if !outcome.unmatched.isEmpty {
      let some = outcome.unmatched.prefix(5).joined(separator: ", ")
      let more = outcome.unmatched.count > 5 ? ", ..." : ""
      print(
        "\(outcome.unmatched.count) names are not known structures (\(some)\(more)): name them in "
          + "\(output)/matched.csv and run again with --overwrite")
    }
    if outcome.skipped > 0 {
      print("\(outcome.skipped) files were left out: \(output)/report.csv says why")
    }
    if let first = outcome.structures.first, outcome.cases > 0 {
      print("next: maskct generate --labels \(output) --target \(first) --output nnUNet_raw/...")
    }
  }
}
