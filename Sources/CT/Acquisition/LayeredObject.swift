internal import Kernels

/// The exact line integrals of a quantity that follows from HU, over a layered phantom.
///
///     line = sum over solids of (q(hu) - q(air)) * length of the ray inside and in no later solid
///
/// Solids are taken from the last to the first; each counts where none before has covered the ray.
public struct LayeredObject: ScannedObject {
  /// An upright cylinder that holds a solid: most solids are told from it to be missed.
  private struct Bounds {
    let center: SIMD3<Double>
    /// Radius in the plane, mm.
    let reach: Double
    /// Half of the height, mm.
    let height: Double

    init(_ solid: ConvexSolid) {
      let half = solid.halfWidths
      center = solid.center
      reach = (half.x * half.x + half.y * half.y).squareRoot()
      height = half.z
    }

    /// The cylinder about the middle of others that holds them all.
    init(_ others: ArraySlice<Bounds>) {
      let middle = others.reduce(SIMD3(0, 0, 0)) { $0 + $1.center } / Double(others.count)
      center = middle
      reach =
        others.map {
          let offset = $0.center - middle
          return (offset.x * offset.x + offset.y * offset.y).squareRoot() + $0.reach
        }.max() ?? 0
      height = others.map { abs($0.center.z - middle.z) + $0.height }.max() ?? 0
    }

    /// The slopes at which rays may meet it; `nil` where their common path in the plane passes it by.
    func slopes(
      from start: SIMD3<Double>, along direction: SIMD2<Double>
    ) -> ClosedRange<Double>? {
      let offset = center - start
      let across = offset.x * direction.y - offset.y * direction.x
      let square = reach * reach - across * across
      guard square > 0 else { return nil }
      let along = offset.x * direction.x + offset.y * direction.y
      let (near, far) = (along - square.squareRoot(), along + square.squareRoot())
      guard near > 0 else { return -.infinity ... .infinity }
      let (low, high) = (offset.z - height, offset.z + height)
      return low / (low < 0 ? near : far)...high / (high < 0 ? far : near)
    }
  }

  /// Solids, what bounds them, and the quantity in them above that in air; from the last to the first.
  private let solids: [ConvexSolid]
  private let bounds: [Bounds]
  private let values: [Double]
  /// Neighbours in that order, which often are neighbours in space, as the bubbles of an ear are: one look tells that
  /// a ray misses them all.
  private let groups: [(bounds: Bounds, members: Range<Int>)]
  private static let groupSize = 16

  /// The object that a phantom describes.
  ///
  /// - Parameters:
  ///   - phantom: in the gantry frame, mm.
  ///   - quantity: of HU, for example attenuation in 1/mm or the density of a basis material.
  public init(_ phantom: LayeredPhantom, quantity: (Float) -> Float) {
    let air = quantity(-1000)
    let layers = phantom.layers.reversed()
    solids = layers.map(\.solid)
    bounds = solids.map(Bounds.init)
    values = layers.map { Double(quantity(Float($0.hu)) - air) }
    groups = stride(from: 0, to: bounds.count, by: Self.groupSize).map { [bounds] first in
      let members = first..<min(first + Self.groupSize, bounds.count)
      return (Bounds(bounds[members]), members)
    }
  }

  /// Writes exact line integrals; see `ScannedObject`.
  public func project(
    _ sources: [SourcePosition], scanner: Scanner, planesPerBlock: Int?,
    into readings: Readings
  ) {
    // Kernels take eight rows at a time: beyond the last row it goes on.
    var slopes = scanner.rowSlopes
    let reach = slopes[0]...slopes[slopes.count - 1]
    while slopes.count % 8 > 0 { slopes.append(reach.upperBound) }
    let lengths = slopes.map { (1 + $0 * $0).squareRoot() }
    var sums = [Double](repeating: 0, count: slopes.count)
    var layers: [mct_layer] = []
    var planes: [mct_plane] = []
    var work: [Double] = []
    scanner.forEachChannel(of: sources, into: readings) { start, direction, target in
      layers.removeAll(keepingCapacity: true)
      planes.removeAll(keepingCapacity: true)
      func meeting(_ bounds: Bounds) -> ClosedRange<Double>? {
        bounds.slopes(from: start, along: direction).flatMap { $0.overlaps(reach) ? $0 : nil }
      }
      for group in groups where meeting(group.bounds) != nil {
        for index in group.members {
          guard let met = meeting(bounds[index]) else { continue }
          layers.append(
            mct_layer(
              solid: mct_convex(
                solids[index], start: start, direction: direction, planes: &planes),
              value: values[index], lowest: met.lowerBound, highest: met.upperBound))
        }
      }
      for row in 0..<target.padded { target[row] = 0 }
      if layers.isEmpty { return }
      if work.count < 19 * layers.count { work = [Double](repeating: 0, count: 19 * layers.count) }
      kernels.layers(
        layers, Int32(layers.count), planes, slopes, Int32(scanner.rows), &work, &sums)
      for row in target.indices { target[row] = Float(sums[row] * lengths[row]) }
    }
  }
}
