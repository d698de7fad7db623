import Configuration
import Support

/// The numbers of the reference torso's organs (`reference-organs.yaml`, where they are described).
struct OrganAnatomy: Decodable, Sendable {
  private var solids: [String: [String: DrawnEllipsoid]]
  /// Z of the left kidney's centre.
  var left_kidney: Double
  private var tubes: [String: [SIMD4<Double>]]
  private var along_spine: [String: [SIMD4<Double>]]

  /// A part of an organ.
  func solid(_ organ: String, _ part: String) -> DrawnEllipsoid {
    guard let found = solids[organ]?[part] else {
      preconditionFailure("the reference anatomy has a solid '\(part)' of '\(organ)'")
    }
    return found
  }

  /// A tube's points and radii (x, y, z, radius).
  func tube(_ name: String) -> [SIMD4<Double>] {
    guard let found = tubes[name] else {
      preconditionFailure("the reference anatomy has a tube '\(name)'")
    }
    return found
  }

  /// A tube's points along the spine: height, places beside and before the vertebra's centroid, and radius.
  func alongSpine(_ name: String) -> [SIMD4<Double>] {
    guard let found = along_spine[name] else {
      preconditionFailure("the reference anatomy has a tube '\(name)' along the spine")
    }
    return found
  }

  /// The anatomy that ships with the tool, read once.
  static let standard: OrganAnatomy = {
    do {
      return try YAML.decode(
        OrganAnatomy.self,
        text: String(decoding: PackageResources.reference_organs_yaml, as: UTF8.self),
        name: "reference-organs.yaml")
    } catch {
      preconditionFailure("the shipped anatomy is valid: \(error)")
    }
  }()
}
