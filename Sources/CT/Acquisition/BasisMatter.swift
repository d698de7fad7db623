/// A body in its basis materials, as a polychromatic scan projects it; densities in g/cm³ (`BasisMaterials`).
public struct BasisMatter: Sendable {
  /// Water.
  public let water: any ScannedMatter
  /// Bone.
  public let bone: any ScannedMatter
  /// Iodine; `nil` for a body without contrast medium.
  public let iodine: (any ScannedMatter)?

  /// Puts a body together.
  ///
  /// - Parameters:
  ///   - tissue: the body without contrast medium, as matter of any quantity that follows from HU.
  ///   - contrast: the HU of contrast medium alone, likewise; `nil` for none.
  public init(
    tissue: (_ quantity: @escaping @Sendable (Float) -> Float) -> any ScannedMatter,
    contrast: ((_ quantity: @escaping @Sendable (Float) -> Float) -> any ScannedMatter)? = nil
  ) {
    let basis = BasisMaterials()
    water = tissue(basis.water)
    bone = tissue(basis.bone)
    iodine = contrast?(basis.iodine)
  }
}
