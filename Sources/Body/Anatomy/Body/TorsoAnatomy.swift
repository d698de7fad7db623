import Configuration
import Support

/// The numbers of the reference torso (`reference-torso.yaml`, where they are described). Tables are sorted by
/// their first column, a height Z except for `diaphragm`.
struct TorsoAnatomy: Decodable, Sendable {
  struct Vertebra: Decodable, Sendable {
    var structure: String
    var z: Double
  }

  struct Rib: Decodable, Sendable {
    var start, end, reach: Double
  }

  struct Ilium: Decodable, Sendable {
    var crest, root: [SIMD3<Double>]
    var bulge: SIMD3<Double>
    var radii: [Double]
  }

  var vertebrae: [Vertebra]
  var spine, vertebra_width, vertebra_depth: [SIMD2<Double>]
  var ribs: [Rib]
  var sternal: [Double]
  var sacrum: [SIMD4<Double>]
  var ilium: Ilium
  var sacrum_wings, pelvis, muscles, crura, buttocks: [DrawnPart]
  var cavity, trunk, fat, diaphragm: [SIMD2<Double>]
  var back_spread, back_radius, back_groove: [SIMD2<Double>]
  var landmarks: [Landmark]
  var edges: [LandmarkEdge]

  /// What a frame is fitted to: every landmark, followed by the edges of its structure, and the vertebrae.
  ///
  /// Sums of floating-point numbers depend on their order, and the frame of every body on these.
  var features: [BodyFrameFit.Feature] {
    typealias Feature = BodyFrameFit.Feature
    let frame = BodyFrame(middle: 0, spine: 0, level: 0, scale: [1, 1, 1])
    return landmarks.flatMap { mark in
      Feature.center(mark.structure, mark.at, mark.deviation)
        + edges.filter { $0.structure == mark.structure }.map(\.feature)
    }
      + vertebrae.flatMap {
        Feature.center($0.structure, [0, frame.vertebra($0.z).y, $0.z], [5, 4, 4])
      }
  }

  /// The anatomy that ships with the tool, read once.
  static let standard: TorsoAnatomy = {
    do {
      return try YAML.decode(
        TorsoAnatomy.self,
        text: String(decoding: PackageResources.reference_torso_yaml, as: UTF8.self),
        name: "reference-torso.yaml")
    } catch {
      preconditionFailure("the shipped anatomy is valid: \(error)")
    }
  }()
}
