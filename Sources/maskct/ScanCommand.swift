import Acquisition
import ArgumentParser
import Reconstruction
import Segmentation
import Volumes

/// `maskct scan`: any HU volume through the simulated scanner, back onto its own grid.
struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Scan an HU volume in the simulated helical CT scanner.",
    discussion: """
      The volume is projected along every ray of a helical multi-row scan, quanta and electronic noise \
      are added, and the readings are reconstructed by weighted filtered back-projection onto the \
      volume's own grid. Beyond its first and last slice the body is taken to go on unchanged.

      EXAMPLES
        A routine abdominal scan of a phantom:
          maskct scan --input phantom.nii.gz --output ct.nii.gz

        Low dose on a 16-row scanner with a sharp kernel:
          maskct scan --input phantom.nii.gz --output ct.nii.gz --scanner rows16 \\
            --mas 40 --kernel sharp --seed 3

        At 80 kVp, with beam hardening and its correction for water:
          maskct scan --input phantom.nii.gz --output ct.nii.gz --kvp 80

        What geometry and kernel do, without noise:
          maskct scan --input phantom.nii.gz --output ct.nii.gz --noiseless
      """)

  @Option(help: ArgumentHelp("HU volume (NIfTI).", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("CT volume to write (NIfTI, int16 HU).", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Scanner: rows16, rows64, or a YAML file.", valueName: "name|file"))
  var scanner: String = "rows64"

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      "Protocol: abdomen, low-dose, or a YAML file.", valueName: "name|file"))
  var scanProtocol: String = "abdomen"

  @Option(
    help: ArgumentHelp("Reconstruction kernel: smooth, standard or sharp.", valueName: "name"))
  var kernel: String?

  @Option(help: ArgumentHelp("Dose: tube current times rotation time, mAs.", valueName: "mAs"))
  var mas: Double?

  @Option(
    help: ArgumentHelp(
      "Tube voltage of a polychromatic scan, 70 to 150. (default: one energy, the protocol's)",
      valueName: "kVp"))
  var kvp: Double?

  @Flag(help: "Leave the noise out.")
  var noiseless = false

  @Option(help: ArgumentHelp("Seed of noise and start angle.", valueName: "n"))
  var seed: UInt64 = 1

  @OptionGroup var overwrite: OverwriteOptions
  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    let scanner = try Scanner.load(scanner)
    var settings = try ScanProtocol.load(scanProtocol)
    if let kernel { settings.kernel = kernel }
    if let mas { settings.mas = mas }
    if let kvp { settings.kvp = kvp }
    let simulator = try CTSimulator(scanner: scanner, scanProtocol: settings)
    guard output.hasSuffix(".nii") || output.hasSuffix(".nii.gz") else {
      throw MaskCTError(
        .usage, path: output, "is not the name of a NIfTI file",
        remedy: "end it in .nii or .nii.gz")
    }
    try overwrite.check(output)
    let (volume, frame) = try NIfTI.readVolume(input, workers: threads.workers)
    let (low, high) = volume.values.reduce(into: (Double.infinity, -Double.infinity)) {
      $0 = (min($0.0, Double($1)), max($0.1, Double($1)))
    }
    if let warning = HounsfieldRange.warning(file: input, minimum: low, maximum: high) {
      Failure.warn(warning)
    }
    let progress = ProgressLine("Scanning", total: 100)
    let ct = try simulator.scan(
      volume, onto: volume.grid, noiseless: noiseless, stream: RandomStream(seed: seed),
      workers: threads.workers
    ) { progress.update($0 * 100) }
    progress.finish()
    try NIfTI.write(ct, to: output, frame: frame, workers: threads.workers)
    print(output)
  }
}
