import ArgumentParser
import Exchange
import Generation
import Support

/// `maskct export`: label maps and simulated CT as DICOM.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write datasets and label maps as DICOM or for 3D Slicer.",
    discussion: """
      A dataset becomes one folder per case: its simulated CT as a DICOM series, marked as simulated, with \
      kVp, mAs, pitch, kernel and slice thickness in the header, and its labels as DICOM that references \
      it. Label maps become DICOM-SEG or RTSTRUCT that reference the series given with --series, which \
      must have the same grid, or .seg.nrrd. Structures carry SNOMED CT codes and colours.

      EXAMPLES
          maskct export 503 --output dicom
          maskct export masks/labels --scheme masks/scheme.yaml \\
            --series planning-archive --format rtstruct --output contours
      """)

  @Argument(
    help: ArgumentHelp(
      "Number, name or folder of a dataset; or a folder of label maps, or one file.",
      valueName: "input"))
  var input: String

  @Option(help: ArgumentHelp("Folder to write into.", valueName: "folder"))
  var output: String

  @Option(help: ArgumentHelp("Format: dicom-seg, rtstruct or nrrd.", valueName: "format"))
  var format: String = "dicom-seg"

  @Option(
    help: ArgumentHelp(
      "Folder or zip of the DICOM series that the label maps belong to.", valueName: "path"))
  var series: String?

  @Option(
    help: ArgumentHelp("Label scheme that names the numbers of label maps.", valueName: "name|file")
  )
  var scheme: String?

  @Flag(help: "Replace output files that exist.")
  var overwrite = false

  func run() async throws {
    let export = LabelExport(
      input: input, output: output, format: try FormatOption.parse(format), series: series,
      scheme: scheme, overwrite: overwrite, version: toolVersion)
    let progress = ExchangeLine("Exporting")
    let outcome = try await Interrupt.cancelling {
      try await export.run { event in
        switch event {
        case .installing(let text): Terminal.error(text + "\n")
        case .done(let name, let failure, let count, let total):
          progress.show(name, failure, count, total)
        }
      }
    }
    progress.finish()
    print("\(outcome.written) of \(outcome.total) cases in \(output)")
    if outcome.written < outcome.total {
      Terminal.error("maskct: error: \(outcome.total - outcome.written) cases were left out\n")
      throw ExitCode(1)
    }
  }
}

/// A format as a user names it.
enum FormatOption {
  static func parse(_ text: String) throws(MaskCTError) -> LabelFormat {
    guard let format = LabelFormat(rawValue: text) else {
      let known = LabelFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw MaskCTError(.usage, "there is no format '\(text)'", remedy: "choose one of \(known)")
    }
    return format
  }
}
