/// A body in its basis materials, as a polychromatic scan projects it; densities in g/cm³ (`BasisMaterials`).
public struct BasisObject: Sendable {
  /// Water.
  public let water: any ScannedObject
  /// Bone.
  public let bone: any ScannedObject
  /// Iodine; `nil` for a body without contrast medium.
  public let iodine: (any ScannedObject)?

  /// Puts a body together.
  ///
  /// - Parameters:
  ///   - tissue: the body without contrast medium, as an object of any quantity that follows from HU.
  ///   - contrast: the HU of contrast medium alone, likewise; `nil` for none.
  public init(
    tissue: (_ quantity: @escaping @Sendable (Float) -> Float) -> any ScannedObject,
    contrast: ((_ quantity: @escaping @Sendable (Float) -> Float) -> any ScannedObject)? = nil
  ) {
    let basis = BasisMaterials()
    water = tissue(basis.water)
    bone = tissue(basis.bone)
    iodine = contrast?(basis.iodine)
  }
}
