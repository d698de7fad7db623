import Reconstruction
import ArgumentParser
import Sinograms
import Support
import Volumes

/// `maskct reconstruct`: a sinogram file, also one of another program, back to CT.
struct ReconstructCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract: "Reconstruct a sinogram file.",
    discussion: """
      Reads a sinogram from 'maskct scan --sinogram', or from another program that writes the same \
      format (HDF5, docs/reference/sinograms.md), and reconstructs it by weighted filtered \
      back-projection. By default the image has the grid and the kernel that the scan was planned with; \
      if the file has no grid, 512 x 512 voxels cover the whole field of view.

      EXAMPLES
        The image that 'maskct scan --output' writes:
          maskct reconstruct --sinogram scan.h5 --output ct.nii.gz

        The same readings with a sharper kernel and thinner slices:
          maskct reconstruct --sinogram scan.h5 --output lung.nii.gz \\
            --kernel sharp --spacing 0.6,0.6,1

        On the grid of another image:
          maskct reconstruct --sinogram scan.h5 --output ct.nii.gz \\
            --like labels.nii.gz
      """)

  @Option(help: ArgumentHelp("Sinogram to reconstruct (HDF5).", valueName: "file"))
  var sinogram: String

  @Option(help: ArgumentHelp("CT volume to write (NIfTI, int16 HU).", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "Reconstruction kernel: smooth, standard, sharp or bone. (default: the kernel in the file)",
      valueName: "name"))
  var kernel: String?

  @Option(
    help: ArgumentHelp(
      "Slice thickness. (default: the value in the file, else the slice spacing)", valueName: "mm"))
  var sliceThickness: Double?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Correct the shading that the cone angle causes, or not. (default: as the file says, else on for \
      wide detectors)
      """)
  var coneCorrection: Bool?

  @Option(help: ArgumentHelp("Image whose grid to reconstruct on (NIfTI).", valueName: "file"))
  var like: String?

  @Option(
    help: ArgumentHelp(
      "Voxel spacing; the planned image's centre stays where it is.", valueName: "x,y,z"))
  var spacing: Triple?

  @Option(help: ArgumentHelp("Number of voxels along each axis.", valueName: "x,y,z"))
  var shape: Triple?

  @OptionGroup var overwrite: OverwriteOptions
  @OptionGroup var resources: ResourceOptions

  func validate() throws {
    if like != nil, spacing != nil || shape != nil {
      throw ValidationError("--like gives the whole grid; leave out --spacing and --shape")
    }
    if let spacing, !(0..<3).allSatisfy({ (0.05...50).contains(spacing.values[$0]) }) {
      throw ValidationError("--spacing takes three numbers from 0.05 to 50 mm, as in 0.7,0.7,2")
    }
    if let shape,
      !(0..<3).allSatisfy({
        (1...8192).contains(shape.values[$0]) && shape.values[$0] == shape.values[$0].rounded()
      })
    {
      throw ValidationError("--shape takes three whole numbers from 1 to 8192, as in 512,512,80")
    }
  }

  func run() async throws {
    try checkNIfTIName(output)
    try overwrite.check(output)
    let file = try GuardedSinogram(
      sinogram, program: "/proc/self/exe", arguments: ["read-sinogram", "--"])
    var settings = file.header.scanProtocol
    if let sliceThickness { settings.sliceThickness = sliceThickness }
    try settings.validate()
    let reference = file.header.reference
    let frame: FileFrame
    if let like {
      frame = try NIfTI.readHeader(like).frame
    } else {
      let wish = ReconstructionGrid(
        spacing: spacing?.values, shape: shape.map { SIMD3<Int>($0.values) })
      frame = .canonical(
        try naming(sinogram) { try wish.grid(planned: file.header.image, scan: file.scan) })
    }
    var choice = HelicalReconstruction.Settings(
      kernel: try kernel.map { try ReconstructionKernel(named: $0) }
        ?? naming(sinogram) { try ReconstructionKernel(named: settings.kernel) },
      sliceThickness: settings.sliceThickness ?? frame.grid.spacing.z,
      resolution: settings.resolution, waterAttenuation: file.header.waterAttenuation)
    choice.correctsCone =
      coneCorrection ?? settings.correctsCone(of: file.scan.scanner)
    let reconstruction = HelicalReconstruction(
      source: file, settings: choice, workers: resources.workers)
    try naming(sinogram) {
      try write(reconstruction, to: output, frame: frame, reference: reference, resources.workers)
    }
    print(output)
  }
}

/// Reconstructs and writes slab by slab, with a progress line.
func write(
  _ reconstruction: HelicalReconstruction, to output: String, frame: FileFrame,
  reference: Grid? = nil, label: String = "Reconstructing", _ workers: Workers
) throws {
  let progress = ProgressLine(label, total: 100)
  try NIfTI.write(to: output, frame: frame, workers: workers) { receive in
    try reconstruction.reconstruct(
      onto: frame.grid, reference: reference, progress: { progress.update($0 * 100) },
      receive: receive)
  }
  progress.finish()
}

/// Three numbers with commas between.
struct Triple: ExpressibleByArgument {
  let values: SIMD3<Double>

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { Double($0) }
    guard numbers.count == 3, let x = numbers[0], let y = numbers[1], let z = numbers[2] else {
      return nil
    }
    values = [x, y, z]
  }
}

/// Refuses an output that is no NIfTI file by its name.
func checkNIfTIName(_ path: String) throws(MaskCTError) {
  guard path.hasSuffix(".nii") || path.hasSuffix(".nii.gz") else {
    throw MaskCTError(
      .usage, path: path, "is not the name of a NIfTI file", remedy: "end it in .nii or .nii.gz")
  }
}

/// Runs what fails because of a file's content, so that the failure names the file.
private func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch var error as MaskCTError {
    if error.path == nil { error.path = path }
    if error.kind == .usage { error.kind = .input }
    throw error
  }
}
