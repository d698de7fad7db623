internal import FoundationEssentials
package import Kernels
public import Support

/// The instruction sets that the kernels are compiled for: `portable`, `avx2` and `avx512`.
///
/// The best one that this CPU can run is used, unless the environment variable MASKCT_SIMD names another.
public enum InstructionSet {
  /// Those that this CPU can run, the best last.
  public static var available: [String] {
    var names: [String] = []
    while let table = mct_kernels_at(Int32(names.count)) {
      names.append(String(cString: table.pointee.name))
    }
    return names
  }

  /// The one in use.
  public static var current: String { String(cString: kernels.name) }

  /// Makes sure that there are kernels to run; call it before anything else.
  ///
  /// - Throws: `MaskCTError` if MASKCT_SIMD names none that this CPU can run.
  public static func check() throws(MaskCTError) {
    guard mct_kernels() == nil else { return }
    throw MaskCTError(
      .usage,
      "MASKCT_SIMD is '\(ProcessInfo.processInfo.environment["MASKCT_SIMD"] ?? "")', "
        + "which this CPU cannot run",
      remedy: "unset it, or set it to one of \(available.joined(separator: ", "))")
  }
}

/// The kernels of the instruction set in use.
package var kernels: mct_table {
  guard let table = mct_kernels() else {
    preconditionFailure("MASKCT_SIMD names no instruction set; call InstructionSet.check() first")
  }
  return table.pointee
}
