import Training
import Anatomy
import CTScan
import Generation
import MRScan
import Painting
import Tissues
import Acquisition
import ArgumentParser
import Sinograms
import Support
import Volumes

/// `maskct scan`: any HU volume through the simulated scanner, back onto its own grid.
struct ScanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Scan an HU volume in the simulated CT scanner, or a label map in the MR scanner.",
    discussion: """
      Projects the volume along every ray of a helical multi-row scan, adds photon and electronic noise, \
      and reconstructs the readings by weighted filtered back-projection onto the volume's own grid. The \
      body is assumed to continue unchanged beyond the first and the last slice. --sinogram keeps the \
      readings (HDF5, docs/reference/sinograms.md) for 'maskct reconstruct' and for other programs.

      --modality mr takes a label map instead, named by --scheme: each voxel is the average tissue of its \
      structure, and what has no label is air.

      EXAMPLES
        A labelled map by T2-weighted MR:
          maskct scan --modality mr --input labels.nii.gz --scheme btcv \\
            --protocol t2-haste --output mr.nii.gz

        A routine abdominal scan:
          maskct scan --input phantom.nii.gz --output ct.nii.gz

        Low dose on a 16-row scanner with a sharp kernel:
          maskct scan --input phantom.nii.gz --output ct.nii.gz --scanner rows16 \\
            --mas 40 --kernel sharp --seed 3

        At 80 kVp, with beam hardening and the water correction:
          maskct scan --input phantom.nii.gz --output ct.nii.gz --kvp 80

        Contrast medium at 80 kVp, from a map of iodine concentration:
          maskct scan --input phantom.nii.gz --iodine iodine.nii.gz \\
            --output ct.nii.gz --kvp 80

        Choose the mAs for 12 HU of noise; more current through the shoulders:
          maskct scan --input phantom.nii.gz --output ct.nii.gz \\
            --noise-index 12 --modulation combined

        Geometry and kernel only, without noise:
          maskct scan --input phantom.nii.gz --output ct.nii.gz --noiseless

        Only the readings:
          maskct scan --input phantom.nii.gz --sinogram scan.h5
      """)

  @Option(help: ArgumentHelp("HU volume, or for MR a label map (NIfTI).", valueName: "file"))
  var input: String

  @Option(help: ArgumentHelp("What scans: ct or mr.", valueName: "name"))
  var modality: String = "ct"

  @Option(
    help: ArgumentHelp("Label scheme that names the ids of a map for MR.", valueName: "name|file"))
  var scheme: String?

  @Option(help: ArgumentHelp("CT volume to write (NIfTI, int16 HU).", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("Sinogram to write (HDF5).", valueName: "file"))
  var sinogram: String?

  @Flag(help: "Also write the detector's counts to the sinogram.")
  var counts = false

  @OptionGroup var acquisition: ScannerOptions

  @Option(
    help: ArgumentHelp("Reconstruction kernel: smooth, standard, sharp or bone.", valueName: "name")
  )
  var kernel: String?

  @Option(help: ArgumentHelp("Dose: tube current times rotation time.", valueName: "mAs"))
  var mas: Double?

  @Option(
    help: ArgumentHelp(
      "Choose the mAs for this noise in the middle of the image.", valueName: "HU"))
  var noiseIndex: Double?

  @Option(
    help: ArgumentHelp(
      "Tube current modulation: angular, longitudinal or combined. (default: the protocol's)",
      valueName: "name"),
    transform: {
      guard let modulation = CurrentModulation(rawValue: $0) else {
        let names = CurrentModulation.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("there is no modulation '\($0)'; choose one of \(names)")
      }
      return modulation
    })
  var modulation: CurrentModulation?

  @Option(
    help: ArgumentHelp(
      "Tube voltage of a polychromatic scan, 70 to 150. (default: a single energy, the protocol's)",
      valueName: "kVp"))
  var kvp: Double?

  @Option(
    help: ArgumentHelp(
      "Iodine concentration, mg/mL (NIfTI, on the grid of --input). The input's HU must include its "
        + "enhancement at 70 keV. Needs a tube voltage. (default: none)", valueName: "file"))
  var iodine: String?

  @Option(
    help: ArgumentHelp(
      "Table feed per rotation divided by the collimation, 0.3 to 1.5.", valueName: "x"))
  var pitch: Double?

  @Option(
    help: ArgumentHelp("Slice thickness. (default: the slice spacing)", valueName: "mm"))
  var sliceThickness: Double?

  @Flag(help: "Omit the noise.")
  var noiseless = false

  @Option(help: ArgumentHelp("Seed of the noise and the start angle.", valueName: "n"))
  var seed: UInt64 = 1

  @OptionGroup var overwrite: OverwriteOptions
  @OptionGroup var resources: ResourceOptions

  func validate() throws {
    if output == nil, sinogram == nil {
      throw ValidationError("give --output for a CT volume, --sinogram for readings, or both")
    }
    if mas != nil, noiseIndex != nil {
      throw ValidationError("give --mas or --noise-index, not both")
    }
    if counts, sinogram == nil { throw ValidationError("--counts needs --sinogram") }
  }

  func run() async throws {
    let modalities = try ImageModality.parse(modality)
    guard modalities.count == 1 else {
      throw MaskCTError(.usage, "one modality scans at a time", remedy: "give ct or mr")
    }
    if modalities == [.mr] { return try scanMR() }
    let (scanner, scanProtocol) = try acquisition.load()
    var user = ProtocolOverrides()
    (user.kernel, user.mas, user.noiseIndex) = (kernel, mas, noiseIndex)
    (user.modulation, user.kvp) = (modulation, kvp)
    (user.pitch, user.sliceThickness) = (pitch, sliceThickness)
    let settings = try scanProtocol.overridden(by: user)
    if iodine != nil {
      try IodineMap.check(settings, option: "--iodine", voltage: "--kvp 120")
    }
    let simulator = try CTSimulator(scanner: scanner, scanProtocol: settings)
    if let output {
      try checkNIfTIName(output)
      try overwrite.check(output)
    }
    if let sinogram { try overwrite.check(sinogram) }
    let (volume, frame) = try NIfTI.readHounsfield(input, workers: resources.workers)
    switch volume {
    case .float(let volume): try scan(volume, frame: frame, with: simulator)
    case .int16(let volume): try scan(volume, frame: frame, with: simulator)
    }
  }

  private func scanMR() throws {
    guard let output, sinogram == nil else {
      throw MaskCTError(
        .usage, "MR has images and no sinogram", remedy: "give --output, and no --sinogram")
    }
    guard let scheme else {
      throw MaskCTError(
        .usage, path: input, "needs a label scheme to name its numbers", remedy: "give --scheme")
    }
    try checkNIfTIName(output)
    try overwrite.check(output)
    let settings = try acquisition.loadMR()
    let source = try LabelSource(path: input, scheme: try LabelScheme.load(scheme))
    guard source.cases.count == 1 else {
      throw MaskCTError(
        .usage, path: input, "holds \(source.cases.count) cases", remedy: "name one file")
    }
    let workers = resources.workers
    let map = try source.load(source.cases[0], workers: workers)
    let stream = RandomStream(seed: seed)
    let scanner = try MRScanner(scanProtocol: settings, fields: .draw(stream.split("fields")))
    let body = try Body(labelled: map, channels: scanner.channels, phase: .portalVenous)
    let progress = ProgressLine("Scanning", total: 100)
    let image = try scanner.scan(
      body, onto: map.labels.grid, noiseless: noiseless, stream: stream, workers: workers
    ) { progress.update($0 * 100) }
    progress.finish()
    try NIfTI.write(image, to: output, frame: map.frame, workers: workers)
    print(output)
  }

  private func scan<Number: HounsfieldNumber & Comparable>(
    _ volume: Volume<Number>, frame: FileFrame, with simulator: CTSimulator
  ) throws {
    let (low, high) = (volume.values.min()!.hounsfield, volume.values.max()!.hounsfield)
    if let warning = HounsfieldRange.warning(file: input, minimum: low, maximum: high) {
      Failure.warn(warning)
    }
    let stream = RandomStream(seed: seed)
    let contrast = try iodine.map {
      try IodineMap.contrast($0, on: volume.grid, workers: resources.workers)
    }
    let readings = try simulator.source(
      volume, contrast: contrast, reference: volume.grid, noiseless: noiseless, stream: stream,
      workers: resources.workers)
    var settings = simulator.scanProtocol
    settings.mas = readings.tubeCurrent?.mas ?? settings.mas
    let dose = try DoseIndex.volume(scanner: simulator.scanner, scanProtocol: settings)
    let chosen = settings.noiseIndex == nil ? "" : ", \((settings.mas * 10).rounded() / 10) mAs"
    let timing = settings.rotationTime.map { time in
      let turns = Double(readings.scan.viewCount) / Double(readings.scan.scanner.viewsPerRotation)
      return ", \(Int((settings.mas / time).rounded())) mA, \((turns * time * 10).rounded() / 10) s"
    }
    Terminal.error("CTDIvol \((dose * 10).rounded() / 10) mGy (32 cm)\(chosen)\(timing ?? "")\n")
    // From the file where there is one: nothing is projected twice, and the bytes are the same.
    var source: any ViewSource = readings
    if let sinogram {
      let progress = ProgressLine("Scanning", total: 100)
      try SinogramFile.write(
        readings,
        header: SinogramHeader(
          scan: readings.scan, scanProtocol: settings,
          waterAttenuation: simulator.waterAttenuation, image: volume.grid),
        counts: counts
          ? try simulator.counts(of: readings.scan, mas: settings.mas, stream: stream) : nil,
        to: sinogram
      ) { progress.update($0 * 100) }
      progress.finish()
      print(sinogram)
      source = try SinogramFile(sinogram)
    }
    guard let output else { return }
    try write(
      simulator.reconstruction(of: source, onto: volume.grid, workers: resources.workers),
      to: output, frame: frame, label: sinogram == nil ? "Scanning" : "Reconstructing",
      resources.workers)
    print(output)
  }
}
