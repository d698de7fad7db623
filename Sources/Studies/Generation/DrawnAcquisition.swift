public import Acquisition
public import Painting
import Reconstruction
public import Support

extension GenerationSettings {
  /// The scanners and protocols of a run: those that a user names, or else those of the recipe's
  /// `acquisition`, or else the scanner `rows64` and the protocol `abdomen`.
  ///
  /// - Parameters:
  ///   - scanners: names or files that the user gave.
  ///   - protocols: names or files that the user gave.
  /// - Returns: no protocol at all where each case draws its own from the recipe.
  /// - Throws: `MaskCTError` for an unknown name or a file that cannot be used.
  public static func acquisition(
    of recipe: Recipe, scanners: [String] = [], protocols: [String] = []
  ) throws(MaskCTError) -> (scanners: [Scanner], protocols: [ScanProtocol]) {
    for kernel in recipe.acquisition?.kernels ?? [] { _ = try ReconstructionKernel(named: kernel) }
    var loaded: (scanners: [Scanner], protocols: [ScanProtocol]) = ([], [])
    let names = scanners.isEmpty ? recipe.acquisition?.scanners ?? ["rows64"] : scanners
    for name in names { loaded.scanners.append(try Scanner.load(name)) }
    let protocols = protocols.isEmpty && recipe.acquisition == nil ? ["abdomen"] : protocols
    for name in protocols { loaded.protocols.append(try ScanProtocol.load(name)) }
    return loaded
  }
}

extension AcquisitionSettings {
  /// Draws how one case is scanned and reconstructed.
  func draw(_ stream: RandomStream) -> ScanProtocol {
    var stream = stream
    var drawn = ScanProtocol(name: "drawn", description: "drawn from the recipe's acquisition")
    drawn.mas = stream.logUniform(mas)
    drawn.pitch = stream.uniform(pitch)
    drawn.kernel = kernels[min(kernels.count - 1, Int(stream.uniform() * Double(kernels.count)))]
    let isThick = stream.uniform() < sliceThickness.probability
    let thickness = stream.uniform(sliceThickness.range)
    drawn.sliceThickness = isThick ? thickness : nil
    if let resolution {
      let isFine = stream.uniform() < resolution.probability
      let size = stream.logUniform(resolution.range)
      drawn.resolution = isFine ? size : nil
    }
    drawn.kvp = kvp?.randomElement(using: &stream)
    return drawn
  }
}
