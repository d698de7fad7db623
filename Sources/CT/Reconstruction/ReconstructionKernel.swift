public import Support

/// A reconstruction kernel: the window that the ramp filter is multiplied with.
///
/// `W(f) = (1 + boost sin²(pi f / f_c)) cos²(pi f / 2 f_c)` up to the cut-off `f_c`, 0 beyond; f in line
/// pairs per mm. The window is the design curve of the modulation transfer function along the fan.
public struct ReconstructionKernel: Equatable, Sendable {
  /// The kernel's name in protocols and on the command line.
  public let name: String
  /// Frequency from which on nothing passes, lp/mm.
  public let cutoff: Double
  /// Edge enhancement; 0 for none.
  public let boost: Double

  /// Soft tissue at low noise: 50 % at 0.33 lp/mm.
  public static let smooth = ReconstructionKernel(name: "smooth", cutoff: 0.65, boost: 0)
  /// The body kernel of every day: 50 % at 0.43 lp/mm, 10 % at 0.68 lp/mm.
  public static let standard = ReconstructionKernel(name: "standard", cutoff: 0.85, boost: 0)
  /// Lung: edges enhanced, 50 % at 0.75 lp/mm.
  public static let sharp = ReconstructionKernel(name: "sharp", cutoff: 1.25, boost: 0.5)
  /// Fine bone: edges enhanced to more than they are, 50 % at 0.9 lp/mm.
  public static let bone = ReconstructionKernel(name: "bone", cutoff: 1.4, boost: 0.9)
  /// All kernels, from smooth to bone.
  public static let all = [smooth, standard, sharp, bone]

  init(name: String, cutoff: Double, boost: Double) {
    self.name = name
    self.cutoff = cutoff
    self.boost = boost
  }

  /// The kernel of that name.
  ///
  /// - Throws: `MaskCTError` naming the kernels there are.
  public init(named name: String) throws(MaskCTError) {
    guard let kernel = Self.all.first(where: { $0.name == name }) else {
      let names = Self.all.map(\.name).joined(separator: ", ")
      throw MaskCTError(
        .usage, "unknown reconstruction kernel '\(name)'", remedy: "choose one of \(names)")
    }
    self = kernel
  }

  /// The window's value at frequency `f` (lp/mm).
  public func window(_ f: Double) -> Double {
    guard f < cutoff else { return 0 }
    let half = cosine(.pi * f / (2 * cutoff))
    let full = sine(.pi * f / cutoff)
    return (1 + boost * full * full) * half * half
  }

  /// The kernel for an image of this voxel size (mm): its cut-off is at most twice the voxels' Nyquist
  /// frequency, so that coarse images are smooth instead of aliased.
  public func limited(toVoxel size: Double) -> ReconstructionKernel {
    ReconstructionKernel(name: name, cutoff: min(cutoff, 1 / size), boost: boost)
  }
}
