/// A superellipsoid of the reference anatomy, in its coordinates (mm).
struct DrawnEllipsoid: Sendable {
  /// The centre.
  var at: SIMD3<Double>
  /// The semi-axes.
  var radii: SIMD3<Double>
  /// Yaw, pitch and roll, radians.
  var turn = SIMD3<Double>()
  /// From 0, an ellipsoid, to 1, close to a rounded box.
  var square: Float = 0
  /// Whether it is given in the frame of the Frankfurt plane.
  var isFrankfurt = false

  /// Its mirror image for `side` -1, itself for 1.
  func on(_ side: Double) -> DrawnEllipsoid {
    var other = self
    other.at.x *= side
    other.turn.x *= side
    other.turn.z *= side
    return other
  }
}

/// A part of the reference anatomy: a structure's name and its shape; written as `reference-head.yaml` describes.
struct DrawnPart: Sendable {
  /// The structure; `{side}` stands for `left` or `right`.
  var structure: String
  /// Points and radii (x, y, z, radius) of a tube; empty for a solid.
  var tube: [SIMD4<Double>] = []
  /// How much taller along z than wide a tube is.
  var stretch: Float = 1
  /// Whether the points of a tube are given in the frame of the Frankfurt plane.
  var isFrankfurt = false
  /// What a solid is made of, and what is taken out of it.
  var solid: [DrawnEllipsoid] = []
  var cuts: [DrawnEllipsoid] = []
  /// How far the parts of a solid melt into one another, mm.
  var blend: Float = 6
  /// How far a solid is bent, mm.
  var warp = 1.5
  /// What it is drawn over; `nil` for anything inside the skin.
  var over: Set<String>?
}

/// Parts in the order in which they are drawn.
enum DrawnGroup: Sendable {
  case single(DrawnPart)
  /// All of these on the right, then all of them on the left.
  case both([DrawnPart])
}

/// Where a labelled structure lies, for fitting a body to labels.
struct Landmark: Sendable {
  var structure: String
  /// The centroid, and its standard deviation between people; an axis with deviation 0 says nothing.
  var at: SIMD3<Double>
  var deviation: SIMD3<Double>
  var isFrankfurt = false
}

/// Where a labelled structure ends along one axis.
struct LandmarkEdge: Decodable, Sendable {
  enum Axis: String, Decodable, CaseIterable, Sendable { case x, y, z }
  enum Edge: String, Decodable, CaseIterable, Sendable { case low, high }

  var structure: String
  var axis: Axis
  var edge: Edge
  var at: Double
  var deviation: Double

  /// The edge as a feature that a frame is fitted to.
  var feature: BodyFrameFit.Feature {
    .init(
      structure: structure, axis: axis == .x ? 0 : axis == .y ? 1 : 2,
      part: edge == .low ? .low : .high, place: at, deviation: deviation)
  }
}

extension DrawnEllipsoid: Decodable {
  private enum Keys: String, CodingKey { case at, radii, turn, square, frankfurt }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: Keys.self)
    at = try keys.decode(SIMD3<Double>.self, forKey: .at)
    radii = try keys.decode(SIMD3<Double>.self, forKey: .radii)
    turn = try keys.decodeIfPresent(SIMD3<Double>.self, forKey: .turn) ?? .zero
    square = try keys.decodeIfPresent(Float.self, forKey: .square) ?? 0
    isFrankfurt = try keys.decodeIfPresent(Bool.self, forKey: .frankfurt) ?? false
  }
}

extension DrawnPart: Decodable {
  private enum Keys: String, CodingKey {
    case structure, tube, stretch, frankfurt, solid, cuts, blend, warp, over
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: Keys.self)
    structure = try keys.decode(String.self, forKey: .structure)
    tube = try keys.decodeIfPresent([SIMD4<Double>].self, forKey: .tube) ?? []
    stretch = try keys.decodeIfPresent(Float.self, forKey: .stretch) ?? 1
    isFrankfurt = try keys.decodeIfPresent(Bool.self, forKey: .frankfurt) ?? false
    solid = try keys.decodeIfPresent([DrawnEllipsoid].self, forKey: .solid) ?? []
    cuts = try keys.decodeIfPresent([DrawnEllipsoid].self, forKey: .cuts) ?? []
    blend = try keys.decodeIfPresent(Float.self, forKey: .blend) ?? 6
    warp = try keys.decodeIfPresent(Double.self, forKey: .warp) ?? 1.5
    over = (try keys.decodeIfPresent([String].self, forKey: .over)).map { Set($0) }
    guard tube.isEmpty != solid.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .tube, in: keys, debugDescription: "is either a tube or a solid")
    }
  }
}

extension DrawnGroup: Decodable {
  private enum Keys: String, CodingKey { case both }

  init(from decoder: any Decoder) throws {
    if let part = try? DrawnPart(from: decoder) {
      self = .single(part)
    } else {
      let keys = try decoder.container(keyedBy: Keys.self)
      self = .both(try keys.decode([DrawnPart].self, forKey: .both))
    }
  }
}

extension Landmark: Decodable {
  private enum Keys: String, CodingKey { case structure, at, deviation, frankfurt }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: Keys.self)
    structure = try keys.decode(String.self, forKey: .structure)
    at = try keys.decode(SIMD3<Double>.self, forKey: .at)
    deviation = try keys.decode(SIMD3<Double>.self, forKey: .deviation)
    isFrankfurt = try keys.decodeIfPresent(Bool.self, forKey: .frankfurt) ?? false
  }
}
