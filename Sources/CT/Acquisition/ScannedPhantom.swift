/// A phantom of geometric solids that can be scanned.
///
/// `AnalyticPhantom` adds up solids that lie wholly inside one another, `LayeredPhantom` lets a later one take the
/// place of earlier ones.
public protocol ScannedPhantom: Sendable {
  /// The phantom at another place; mm.
  func moved(by offset: SIMD3<Double>) -> Self

  /// HU at a point; mm.
  func value(at point: SIMD3<Double>) -> Double

  /// Its line integrals.
  ///
  /// - Parameter quantity: of HU, for example attenuation in 1/mm or the density of a basis material.
  func object(of quantity: (Float) -> Float) -> any ScannedObject

  /// The phantom without its contrast medium.
  var withoutContrast: Self { get }

  /// The contrast medium of the phantom alone; where there is none, 0 HU. `nil` for a phantom without.
  var contrastAlone: Self? { get }
}

extension ScannedPhantom {
  /// The phantom itself: it holds no contrast medium.
  public var withoutContrast: Self { self }

  /// None.
  public var contrastAlone: Self? { nil }
}

/// Where a ball lies to a solid; `edge` if that is not sure.
enum Side { case inside, outside, edge }
