import Anatomy
import ArgumentParser
import Reporting
import Support
import Volumes

/// `maskct view`: pictures of cases.
struct ViewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Draw axial, coronal and sagittal slices with label outlines.",
    discussion: """
      Each case is a row of three slices through its target, true to scale, with a scale bar and the names \
      of the labels. Radiological convention: the patient's right is on the left of axial and coronal \
      slices; anterior is on the left of sagittal ones. For an image in a folder imagesTr (or images...), \
      the labels in labelsTr (or labels...) beside it are outlined; predictions are dashed.

      A path is an image, a label map, a folder of them, an nnU-Net dataset, or DATASET/CASE.

      EXAMPLES
        Draw one generated case:
          maskct view nnUNet_raw/Dataset503_LiverVideo/case_0001 \\
            --output case.png

        Draw the first 6 cases of a dataset, through the liver:
          maskct view nnUNet_raw/Dataset503_LiverVideo --limit 6 \\
            --target liver --output cases.png

        Draw real CT with reference and prediction:
          maskct view ct/images --labels ct/labels \\
            --prediction predictions --output check.png

        Draw a label map with names, and a CT in a lung window:
          maskct view label0001.nii.gz --scheme btcv --output labels.png
          maskct view ct.nii.gz --window lung --output lung.png
      """)

  @Argument(
    help: ArgumentHelp(
      "Images, label maps, folders of them, datasets or DATASET/CASE.", valueName: "case-or-file"))
  var paths: [String]

  @Option(name: .shortAndLong, help: ArgumentHelp("Picture to write (PNG).", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Label map to outline, or a folder with one per case. (default: those beside the images)",
      valueName: "path"))
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "Predicted label map to outline dashed, or a folder with one per case.", valueName: "path"))
  var prediction: String?

  @Option(
    help: ArgumentHelp(
      "Structure that the slices pass through, by name or id. Repeatable. (default: all labels)",
      valueName: "name"))
  var target: [String] = []

  @Option(
    help: ArgumentHelp(
      "Label scheme that names the labels. (default: dataset.json beside the files)",
      valueName: "name-or-file"))
  var scheme: String?

  @Option(
    help: ArgumentHelp(
      "Grey-level window: soft (MR: up to the brightest voxels), lung, bone or LEVEL,WIDTH in HU.",
      valueName: "window"))
  var window: String = "soft"

  @Option(help: ArgumentHelp("Width of the picture in pixels.", valueName: "pixels"))
  var width: Int = 1200

  @Option(help: ArgumentHelp("Maximum number of cases.", valueName: "n"))
  var limit: Int = 12

  @OptionGroup var overwrite: OverwriteOptions
  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if paths.isEmpty { throw ValidationError("Name at least one case or file") }
    if !(600...8000).contains(width) { throw ValidationError("--width must be 600 to 8000 pixels") }
    if limit < 1 { throw ValidationError("--limit must be 1 or more") }
  }

  func run() async throws {
    let montage = Montage(
      window: try DisplayWindow(parsing: window), width: width, sliceHeight: width * 2 / 5)
    let names = try scheme.map { name throws(MaskCTError) in
      try LabelScheme.load(name).structures
    }
    let loader = CaseLoader(
      labels: labels, prediction: prediction, names: names ?? [:], targets: target)
    try overwrite.check(output)

    var failures = 0
    var cases: [CaseFinder.Files] = []
    for path in paths {
      do { cases += try CaseFinder.cases(at: path) } catch {
        Failure.report(error)
        failures += 1
      }
    }
    if cases.isEmpty { throw ExitCode(1) }
    let shown = cases.prefix(limit)
    var rows: [Picture] = []
    let progress = ProgressLine("Drawing", total: shown.count)
    for (index, files) in shown.enumerated() {
      do { rows.append(montage.row(try loader.load(files, workers: threads.workers))) } catch {
        Failure.report(error)
        failures += 1
      }
      progress.update(index + 1, detail: files.name)
    }
    progress.finish()
    if !rows.isEmpty {
      try PNG.write(montage.picture(stacking: rows), to: output)
      print("picture: \(output)")
      if shown.count < cases.count {
        print("note: the first \(shown.count) of \(cases.count) cases; --limit changes that")
      }
    }
    if failures > 0 { throw ExitCode(1) }
  }
}
