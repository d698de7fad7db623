public import Support
import Volumes

/// A lesion that is put into a label map: a lobed ellipsoid, cut off where its host ends.
///
/// With u the direction from the centre in the lesion's own axes, the surface lies at
///
///     r(u) = f(u) / |u / a|,   f(u) = 1 + s sum_k cos(w_k . u + p_k)
///
/// `a` the half-axes, `w_k` six random vectors and `p_k` random phases: lesions are round but never quite.
public struct Lesion: Codable, Equatable, Sendable {
  /// The structure that it is painted as: `liver_tumor`.
  public var structure: String
  /// The structure or group that it lies in; nothing else becomes lesion.
  public var host: String
  /// Its centre, mm from the middle of the label map.
  public var center: SIMD3<Double>
  /// Its half-axes, mm.
  public var halfAxes: SIMD3<Double>
  /// Left-handed turns about x, y and z, radians; applied in this order.
  public var rotation: SIMD3<Double>
  /// Seed of its lobes.
  public var seed: UInt64

  /// Creates a lesion.
  public init(
    structure: String, host: String, center: SIMD3<Double>, halfAxes: SIMD3<Double>,
    rotation: SIMD3<Double> = .zero, seed: UInt64 = 0
  ) {
    self.structure = structure
    self.host = host
    self.center = center
    self.halfAxes = halfAxes
    self.rotation = rotation
    self.seed = seed
  }

  /// The ids of a map that a lesion of this structure may replace, ascending: those of the host and, where it is a
  /// group, of its members.
  ///
  /// - Throws: `MaskCTError` for a host that is neither a structure nor a group.
  public static func hosts(
    _ host: String, of structure: String, in map: AnatomicalMap
  ) throws(MaskCTError) -> [UInt16] {
    let names = Set(try StructureCatalog.standard.target(named: host).structures)
    return map.structures.filter { names.contains($0.value) && $0.value != structure }.keys.sorted()
  }
}

/// The surface of a lesion, ready to be asked for many places.
struct LesionShape {
  private let inverse: Affine
  private let waves: [(vector: SIMD3<Double>, phase: Double)]
  /// No place farther from the centre than this is inside, mm.
  let reach: Double

  /// Six waves of this amplitude deviate by 10 % (standard deviation), by a third at most.
  private static let amplitude = 0.06

  init(_ lesion: Lesion) {
    // A lesion's angles count the other way round: as the records of cases have them.
    inverse = Rotation.aboutXYZ(-lesion.rotation).scaled(by: lesion.halfAxes).inverse
    var stream = RandomStream(seed: lesion.seed).split("lobes")
    waves = (0..<6).map { _ in
      let vector = SIMD3<Double>(
        stream.gaussian(mean: 0, deviation: 2), stream.gaussian(mean: 0, deviation: 2),
        stream.gaussian(mean: 0, deviation: 2))
      return (vector, stream.uniform(0...2 * Double.pi))
    }
    reach = lesion.halfAxes.max() * (1 + 6 * Self.amplitude)
  }

  /// Whether a place is inside; mm from the centre.
  func holds(_ place: SIMD3<Double>) -> Bool {
    let p = inverse.apply(place)
    let length = (p * p).sum().squareRoot()
    if length < 1 - 6 * Self.amplitude { return true }
    if length > 1 + 6 * Self.amplitude { return false }
    let u = p / length
    return length
      < waves.reduce(1) { $0 + Self.amplitude * cosine(($1.vector * u).sum() + $1.phase) }
  }
}

extension AnatomicalMap {
  /// The map with lesions in it, each with an id of its own for every structure that it lies in (`hosts`).
  ///
  /// Where two overlap the first counts.
  ///
  /// - Throws: `MaskCTError` for an unknown host.
  public func adding(_ lesions: [Lesion]) throws(MaskCTError) -> AnatomicalMap {
    var map = self
    for lesion in lesions {
      // Of the map as it was, so that no lesion replaces another.
      let replaceable = try Lesion.hosts(lesion.host, of: lesion.structure, in: self)
      map.add(lesion, replacing: Set(replaceable))
    }
    return map
  }

  private mutating func add(_ lesion: Lesion, replacing replaceable: Set<UInt16>) {
    let shape = LesionShape(lesion)
    let grid = labels.grid
    let middle = SIMD3<Double>(grid.shape &- 1) * 0.5
    let center = lesion.center / grid.spacing + middle
    let reach = SIMD3<Double>(repeating: shape.reach) / grid.spacing
    func range(_ axis: Int) -> Range<Int> {
      let low = max(0, Int((center[axis] - reach[axis]).rounded(.up)))
      let high = min(grid.shape[axis] - 1, Int((center[axis] + reach[axis]).rounded(.down)))
      return low..<max(low, high + 1)
    }
    for y in range(1) {
      for x in range(0) {
        for z in range(2) {
          let id = labels[x, y, z]
          guard replaceable.contains(id) else { continue }
          let place = (SIMD3(Double(x), Double(y), Double(z)) - center) * grid.spacing
          if shape.holds(place), let own = self.id(of: lesion.structure, in: id) {
            labels[x, y, z] = own
          }
        }
      }
    }
  }

  /// The id of lesions of a structure in a host, made where there is none; `nil` where all 65 535 are taken.
  private mutating func id(of structure: String, in host: UInt16) -> UInt16? {
    if let found = hosts.first(where: { $0.value == host && structures[$0.key] == structure }) {
      return found.key
    }
    guard let last = structures.keys.max(), last < .max else { return nil }
    structures[last + 1] = structure
    hosts[last + 1] = host
    return last + 1
  }
}
