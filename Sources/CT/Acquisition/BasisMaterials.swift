/// A body as water, bone and iodine: what a spectrum needs to know of HU values.
///
/// HU are taken to be those of a monoenergetic scan at `referenceEnergy`. Up to `softest` a voxel is water of
/// that density; from there to compact bone it is a mixture by volume of the two, and beyond it denser
/// bone. What contrast medium adds to the HU of a voxel is given beside them, and is iodine. At the reference
/// energy the parts add up to the HU they came from.
public struct BasisMaterials: Sendable {
  /// The energy at which HU values are those of the volume, keV.
  public static let referenceEnergy = 70.0
  /// Where bone begins, HU: soft tissue with contrast agent lies below.
  static let softest = 100.0

  /// HU of compact bone at the reference energy.
  let compact: Float
  private let soft = Float(Self.softest)
  /// Density of iodine that makes one HU, g/cm³.
  private let iodineOfHU: Float

  /// What 1 mg/mL of iodine adds at the reference energy, HU.
  public static let iodineHU =
    Material.iodine.massAttenuation(at: referenceEnergy)
    / Material.water.massAttenuation(at: referenceEnergy)

  /// Prepares the decomposition.
  public init() {
    let ratio =
      Material.bone.attenuation(at: Self.referenceEnergy)
      / Material.water.attenuation(at: Self.referenceEnergy)
    compact = Float(1000 * (ratio - 1))
    iodineOfHU = Float(0.001 / Self.iodineHU)
  }

  /// Density of iodine in a voxel of which contrast medium makes so many HU, g/cm³.
  @inline(__always)
  public func iodine(_ contrast: Float) -> Float { max(0, contrast) * iodineOfHU }

  /// Density of water in a voxel without contrast medium, g/cm³.
  @inline(__always)
  public func water(_ hu: Float) -> Float {
    if hu <= soft { return max(0, 1 + hu / 1000) }
    return (1 + soft / 1000) * max(0, 1 - (hu - soft) / (compact - soft))
  }

  /// Density of bone in a voxel without contrast medium, g/cm³.
  @inline(__always)
  public func bone(_ hu: Float) -> Float {
    if hu <= soft { return 0 }
    let density = Float(Material.bone.density)
    if hu <= compact { return density * (hu - soft) / (compact - soft) }
    return density * (1 + hu / 1000) / (1 + compact / 1000)
  }
}
