/// A phantom of convex solids of which a later one takes the place of earlier ones where they overlap.
///
///     LayeredPhantom([
///       .init(.ellipsoid(center: [0, 0, 0], radii: [96, 120, 125]), hu: 800),
///       .init(.ellipsoid(center: [0, 0, 0], radii: [90, 114, 119]), hu: 50),
///     ])
public struct LayeredPhantom: ScannedPhantom, Equatable {
  /// A solid filled with one material.
  public struct Layer: Equatable, Sendable {
    /// Its form.
    public var solid: ConvexSolid
    /// HU inside.
    public var hu: Double

    /// Creates a layer.
    public init(_ solid: ConvexSolid, hu: Double) {
      self.solid = solid
      self.hu = hu
    }
  }

  /// The solids, the last on top; air beside them.
  public var layers: [Layer]

  /// Creates a phantom.
  public init(_ layers: [Layer]) { self.layers = layers }

  /// The phantom at another place.
  public func moved(by offset: SIMD3<Double>) -> LayeredPhantom {
    LayeredPhantom(layers.map { Layer($0.solid.moved(by: offset), hu: $0.hu) })
  }

  /// HU at a point: that of the last solid that holds it.
  public func value(at point: SIMD3<Double>) -> Double {
    layers.last { $0.solid.contains(point) }?.hu ?? -1000
  }

  /// The HU of a whole ball, mm; `nil` where it may meet an edge.
  public func value(within radius: Double, of point: SIMD3<Double>) -> Double? {
    for layer in layers.reversed() {
      switch layer.solid.side(of: point, margin: radius) {
      case .inside: return layer.hu
      case .outside: continue
      case .edge: return nil
      }
    }
    return -1000
  }

  /// The solids that reach into a box between two corners, mm: inside it they are the whole phantom.
  ///
  /// Values at many points are found faster from the few solids near them.
  public func crossing(low: SIMD3<Double>, high: SIMD3<Double>) -> LayeredPhantom {
    LayeredPhantom(
      layers.filter { layer in
        let (middle, half) = (layer.solid.center, layer.solid.halfWidths)
        return (0..<3).allSatisfy {
          middle[$0] + half[$0] >= low[$0] && middle[$0] - half[$0] <= high[$0]
        }
      })
  }

  /// Exact line integrals; see `LayeredObject`.
  public func object(of quantity: (Float) -> Float) -> any ScannedObject {
    LayeredObject(self, quantity: quantity)
  }
}
