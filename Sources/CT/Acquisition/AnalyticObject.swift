/// The exact line integrals of a quantity that follows from HU, over an analytic phantom.
///
///     line = sum over solids of (q(hu) - q(surroundings)) * length of the ray inside
public struct AnalyticObject: ScannedObject {
  private let solids: [(shape: AnalyticPhantom.Shape, value: Double)]

  /// The object that a phantom describes.
  ///
  /// - Parameters:
  ///   - phantom: in the gantry frame, mm.
  ///   - quantity: of HU, for example attenuation in 1/mm or the density of a basis material.
  public init(_ phantom: AnalyticPhantom, quantity: (Float) -> Float) {
    solids = phantom.solids.compactMap { solid in
      let value = Double(quantity(Float(solid.hu)) - quantity(Float(solid.surroundings)))
      return value == 0 ? nil : (solid.shape, value)
    }
  }

  /// Attenuation, `mu = mu_water (1 + HU / 1000)`, 1/mm.
  public init(_ phantom: AnalyticPhantom, waterAttenuation: Double) {
    self.init(phantom) { max(0, ($0 + 1000) * Float(waterAttenuation / 1000)) }
  }

  /// Writes exact line integrals; see `ScannedObject`.
  public func project(
    _ sources: [SourcePosition], scanner: Scanner, planesPerBlock: Int?,
    into readings: Readings
  ) {
    let slopes = scanner.rowSlopes
    var sums = [Double](repeating: 0, count: scanner.rowStride)
    scanner.forEachChannel(of: sources, into: readings) { start, direction, target in
      for row in sums.indices { sums[row] = 0 }
      for solid in solids {
        solid.shape.addLengths(
          start: start, direction: direction, slopes: slopes, weight: solid.value, to: &sums)
      }
      for row in sums.indices { target[row] = Float(sums[row]) }
    }
  }
}

extension AnalyticPhantom.Shape {
  /// Adds `weight` times the length inside of every ray of a fan along z.
  ///
  /// A ray is at `start + t (direction, slope)`, t in mm of the plane.
  ///
  /// - Parameter direction: in the plane, of length 1.
  func addLengths(
    start: SIMD3<Double>, direction: SIMD2<Double>, slopes: [Double], weight: Double,
    to sums: inout [Double]
  ) {
    switch self {
    case .cylinder(let center, let radius, let heights):
      let offset = SIMD2(start.x, start.y) - center
      let along = (offset * direction).sum()
      let square = radius * radius - (offset * offset).sum() + along * along
      guard square > 0 else { return }
      let half = square.squareRoot()
      Self.addSlab(
        (-along - half, -along + half), heights: heights, start: start.z, slopes: slopes,
        weight: weight, to: &sums)
    case .box(let center, let half):
      var (first, last) = (-Double.infinity, Double.infinity)
      for axis in 0..<2 {
        let offset = start[axis] - center[axis]
        guard abs(direction[axis]) > 1e-12 else {
          if abs(offset) >= half[axis] { return }
          continue
        }
        let a = (-half[axis] - offset) / direction[axis]
        let b = (half[axis] - offset) / direction[axis]
        (first, last) = (max(first, min(a, b)), min(last, max(a, b)))
      }
      guard first < last else { return }
      Self.addSlab(
        (first, last), heights: center.z - half.z...center.z + half.z, start: start.z,
        slopes: slopes, weight: weight, to: &sums)
    case .ellipsoid(let center, let radii):
      // |o + t d|² = 1 in units of the half axes; the part of the plane is common to all rows.
      let o = (start - center) / radii
      let d = direction / SIMD2(radii.x, radii.y)
      let (a, b) = ((d * d).sum(), o.x * d.x + o.y * d.y)
      let c = o.x * o.x + o.y * o.y - 1
      guard b * b > a * c else { return }
      for (row, slope) in slopes.enumerated() {
        let rise = slope / radii.z
        let (a, b, c) = (a + rise * rise, b + o.z * rise, c + o.z * o.z)
        let discriminant = b * b - a * c
        guard discriminant > 0 else { continue }
        sums[row] += weight * 2 * discriminant.squareRoot() / a * (1 + slope * slope).squareRoot()
      }
    }
  }

  /// The part of rays between two distances in the plane that lies between two heights.
  private static func addSlab(
    _ span: (Double, Double), heights: ClosedRange<Double>, start: Double, slopes: [Double],
    weight: Double, to sums: inout [Double]
  ) {
    for (row, slope) in slopes.enumerated() {
      var (first, last) = span
      if abs(slope) > 1e-12 {
        let a = (heights.lowerBound - start) / slope
        let b = (heights.upperBound - start) / slope
        (first, last) = (max(first, min(a, b)), min(last, max(a, b)))
      } else if !heights.contains(start) {
        continue
      }
      if last > first { sums[row] += weight * (last - first) * (1 + slope * slope).squareRoot() }
    }
  }
}
