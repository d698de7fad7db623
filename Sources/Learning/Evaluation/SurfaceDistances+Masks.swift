import Support
import Volumes

extension SurfaceDistances {
  /// Measures the surfaces of a structure in two label maps on the same grid.
  ///
  /// Work and memory go with the volume of `box`, which must hold the structure in both.
  init(
    prediction: LabelMap, ids predictionIDs: Set<UInt16>, reference: LabelMap,
    ids referenceIDs: Set<UInt16>, box: BoundingBox, workers: Workers
  ) {
    let spacing = reference.grid.spacing
    let areas = SurfaceElementAreas(spacing: spacing).areas
    let a = MaskSurface(of: prediction, ids: predictionIDs, box: box, workers: workers)
    let b = MaskSurface(of: reference, ids: referenceIDs, box: box, workers: workers)
    self.init(
      prediction: a.elements(towards: b, spacing: spacing, areas: areas, workers: workers),
      reference: b.elements(towards: a, spacing: spacing, areas: areas, workers: workers))
  }
}

extension MaskSurface {
  /// The elements of this surface with their areas and their distances to another surface.
  fileprivate func elements(
    towards other: MaskSurface, spacing: SIMD3<Double>, areas: [Float], workers: Workers
  ) -> [SurfaceDistances.Element] {
    if offsets.isEmpty { return [] }
    if other.offsets.isEmpty {
      return codes.map { .init(distance: .infinity, area: areas[Int($0)]) }
    }
    var lattice = Mask(grid: Grid(shape: shape, spacing: spacing), repeating: 0)
    for offset in other.offsets { lattice.values[offset] = 1 }
    let distances = DistanceTransform.distance(to: lattice, workers: workers).values
    return zip(offsets, codes).map { offset, code in
      .init(distance: distances[offset], area: areas[Int(code)])
    }
  }
}
