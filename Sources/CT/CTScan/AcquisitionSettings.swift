public import Acquisition
import Reconstruction
public import Support

/// From what scanner and protocol are drawn for each case.
public struct AcquisitionSettings: Codable, Equatable, Sendable {
  /// Names or files of scanners.
  public var scanners: [String]
  /// Tube current times rotation time, mAs, drawn evenly in its logarithm; `nil` where `noiseIndex` is given.
  public var mas: ClosedRange<Double>?
  /// Noise near the axis, HU, drawn evenly in its logarithm: the mAs follow from the patient (`ScanProtocol.noiseIndex`).
  /// `nil` where `mas` is given.
  public var noiseIndex: ClosedRange<Double>?
  /// Table feed per rotation over collimation.
  public var pitch: ClosedRange<Double>
  /// Names of reconstruction kernels.
  public var kernels: [String]
  /// How often slices have a thickness of their own, and which.
  public var sliceThickness: Sometimes
  /// How often an image is reconstructed for smaller voxels than it has (`ScanProtocol.resolution`),
  /// and for which; never where it is missing.
  public var resolution: Sometimes?
  /// Tube voltages, kVp, of which one is drawn; one energy where this is missing.
  public var kvp: [Double]?
  /// How often an image keeps only a window of its values; never where this is missing.
  public var window: Window?
  /// How images come about; by a scan where this is missing.
  public var imaging: ScanProtocol.Imaging?

  /// Windows from which one is drawn (`ScanProtocol.window`).
  public struct Window: Codable, Equatable, Sendable {
    /// How often one is drawn.
    public var probability: Double
    /// Its ends, HU.
    public var lower, upper: ClosedRange<Double>
  }

  /// A figure that is drawn in some cases; in the others it follows from the label map.
  public struct Sometimes: Codable, Equatable, Sendable {
    /// How often it is drawn.
    public var probability: Double
    /// From what, mm.
    public var range: ClosedRange<Double>
  }

  /// Checks that all figures make sense.
  ///
  /// - Parameter name: what errors call the recipe.
  /// - Throws: `MaskCTError` with the first that does not, or for an unknown kernel.
  public func validate(name: String? = nil) throws(MaskCTError) {
    func check(_ holds: Bool, _ key: String, _ remedy: String) throws(MaskCTError) {
      if !holds {
        throw MaskCTError(.input, path: name, "'\(key)' is out of range", remedy: remedy)
      }
    }
    try check(
      !scanners.isEmpty && !kernels.isEmpty, "acquisition",
      "name at least one scanner and one kernel")
    for kernel in kernels { _ = try ReconstructionKernel(named: kernel) }
    try check(
      (mas == nil) != (noiseIndex == nil), "acquisition", "give either mas or noise_index")
    if let noiseIndex {
      try check(
        noiseIndex.lowerBound >= 0.5 && noiseIndex.upperBound <= 200, "acquisition.noise_index",
        "noise_index lies in 0.5...200 HU")
    }
    try check(
      mas.map { $0.lowerBound >= 0.1 && $0.upperBound <= 10_000 } ?? true
        && pitch.lowerBound >= 0.3 && pitch.upperBound <= 1.5
        && sliceThickness.range.lowerBound >= 0.1
        && sliceThickness.range.upperBound <= 20
        && (0...1).contains(sliceThickness.probability),
      "acquisition",
      "mas lies in 0.1...10000, pitch in 0.3...1.5, slice_thickness in 0.1...20 mm")
    if let resolution {
      try check(
        (0...1).contains(resolution.probability) && resolution.range.lowerBound >= 0.3
          && resolution.range.upperBound <= 20,
        "acquisition.resolution", "probability lies in 0...1, range in 0.3...20 mm")
    }
    if let window {
      try check(
        (0...1).contains(window.probability) && window.lower.lowerBound >= -1100
          && window.lower.upperBound < window.upper.lowerBound
          && window.upper.upperBound <= 30_000,
        "acquisition.window",
        "probability lies in 0...1, and lower below upper, within -1100...30000 HU")
    }
    if let kvp {
      try check(
        !kvp.isEmpty && kvp.allSatisfy((70...150).contains), "acquisition.kvp",
        "name at least one tube voltage, each in 70...150 kVp")
    }
  }

  /// Draws how one case is scanned and reconstructed.
  public func draw(_ stream: RandomStream) -> ScanProtocol {
    var stream = stream
    var drawn = ScanProtocol(name: "drawn", description: "drawn from the recipe's acquisition")
    if let mas { drawn.mas = stream.logUniform(mas) }
    if let noiseIndex { drawn.noiseIndex = stream.logUniform(noiseIndex) }
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
    drawn.imaging = imaging
    if let window {
      let isWindowed = stream.uniform() < window.probability
      let ends = stream.uniform(window.lower)...stream.uniform(window.upper)
      drawn.window = isWindowed ? ends : nil
    }
    // Last: nothing else of a case depends on whether there are voltages.
    drawn.kvp = kvp?.randomElement(using: &stream)
    return drawn
  }

  private enum CodingKeys: String, CodingKey {
    case scanners, mas, pitch, kernels, resolution, kvp, window, imaging
    case noiseIndex = "noise_index"
    case sliceThickness = "slice_thickness"
  }
}
