import Configuration
import Support

/// The numbers of the reference head (`reference-head.yaml`, where they are described); `HeadNeck` draws them.
struct HeadNeckAnatomy: Decodable, Sendable {
  struct Outline: Decodable, Sendable {
    var chest, shoulders, neck, throat, cranium, face, chin, jaws, nose: DrawnEllipsoid
  }

  struct Teeth: Decodable, Sendable {
    var half_width, back, bulge, span: Double
    var count: Int
    var half_height: Double
    /// Height and radius of every row.
    var rows: [SIMD2<Double>]
  }

  struct Vertebra: Decodable, Sendable {
    var structure: String
    var z, half_width, half_depth: Double
  }

  /// Degrees.
  var tilt: Double
  /// Y by Z.
  var cord: [SIMD2<Double>]
  var landmarks: [Landmark]
  var edges: [LandmarkEdge]
  var outline: Outline
  var chest, neck, face: [DrawnGroup]
  var teeth: Teeth
  var palate, mouth: [DrawnGroup]
  var brain: [DrawnEllipsoid]
  var petrous, inside_skull: [DrawnGroup]
  var vertebrae: [Vertebra]
  var atlas: DrawnEllipsoid
  var dens: [SIMD4<Double>]
  var pharynx, larynx, trachea: [SIMD4<Double>]

  /// The anatomy that ships with the tool, read once.
  static let standard: HeadNeckAnatomy = {
    do {
      return try YAML.decode(
        HeadNeckAnatomy.self,
        text: String(decoding: PackageResources.reference_head_yaml, as: UTF8.self),
        name: "reference-head.yaml")
    } catch {
      preconditionFailure("the shipped anatomy is valid: \(error)")
    }
  }()
}
