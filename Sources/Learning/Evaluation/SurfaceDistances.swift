/// The distances from every surface element of one mask to the surface of another, both ways.
///
/// The measures on top follow Nikolov et al., *Clinically applicable segmentation of head and neck
/// anatomy for radiotherapy* (J. Med. Internet Res. 23, 2021): each element counts with its area, so
/// that they do not depend on how finely or unevenly the grid samples the surface.
public struct SurfaceDistances: Equatable, Sendable {
  /// A piece of surface.
  public struct Element: Equatable, Sendable {
    /// Euclidean distance to the other surface, mm.
    public var distance: Float
    /// The piece's area, mm^2.
    public var area: Float

    /// Creates an element.
    public init(distance: Float, area: Float) {
      self.distance = distance
      self.area = area
    }
  }

  /// The elements of the predicted surface, nearest to the reference first.
  public let prediction: [Element]
  /// The elements of the reference surface, nearest to the prediction first.
  public let reference: [Element]

  /// Creates the distances from the elements of both surfaces, in any order.
  public init(prediction: [Element], reference: [Element]) {
    self.prediction = prediction.sorted { ($0.distance, $0.area) < ($1.distance, $1.area) }
    self.reference = reference.sorted { ($0.distance, $0.area) < ($1.distance, $1.area) }
  }

  /// The area of the predicted surface, mm^2.
  public var predictionArea: Double { Self.area(prediction) }

  /// The area of the reference surface, mm^2.
  public var referenceArea: Double { Self.area(reference) }

  /// Normalised surface Dice at a tolerance in mm: the part of both surfaces, by area, that lies
  /// within the tolerance of the other one.
  ///
  /// A distance counts as within up to a thousandth of a millimetre above the tolerance, so that
  /// rounding does not decide about surfaces exactly one tolerance apart.
  /// NaN where both masks are empty, 0 where one is.
  public func normalisedSurfaceDice(tolerance: Double) -> Double {
    let limit = Float(tolerance) + 1e-3
    let within =
      Self.area(prediction.prefix { $0.distance <= limit })
      + Self.area(reference.prefix { $0.distance <= limit })
    return within / (predictionArea + referenceArea)
  }

  /// The robust Hausdorff distance, mm: the distance that the fraction `quantile` of a surface's area
  /// does not exceed, the larger one of both directions.
  ///
  /// With 1 it is the Hausdorff distance itself. NaN where both masks are empty, infinite where one is.
  public func hausdorff(quantile: Double) -> Double {
    if prediction.isEmpty && reference.isEmpty { return .nan }
    return max(Self.distance(prediction, at: quantile), Self.distance(reference, at: quantile))
  }

  /// The mean surface distance, mm: the distances of both directions, averaged by area.
  ///
  /// Also called average symmetric surface distance. NaN where both masks are empty, infinite where
  /// one is.
  public var mean: Double {
    if prediction.isEmpty && reference.isEmpty { return .nan }
    var sum = 0.0
    for element in prediction { sum += Double(element.distance) * Double(element.area) }
    for element in reference { sum += Double(element.distance) * Double(element.area) }
    return sum / (predictionArea + referenceArea)
  }

  private static func area(_ elements: some Sequence<Element>) -> Double {
    elements.reduce(0) { $0 + Double($1.area) }
  }

  private static func distance(_ elements: [Element], at quantile: Double) -> Double {
    guard let last = elements.last else { return .infinity }
    let target = quantile * area(elements)
    var sum = 0.0
    for element in elements {
      sum += Double(element.area)
      if sum >= target { return Double(element.distance) }
    }
    return Double(last.distance)
  }
}
