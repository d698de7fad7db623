import Support
import Volumes

/// Finds the body frame that fits a label map's organs best.
///
/// Along each axis the organs' places `m` in the volume and `R` in the reference torso are tied by
/// `m = p + q R`. Place `p` and size `q` minimise
///
///     sum ((m - p - q R) / s)^2 + ((p - p0) / s_p)^2 + ((q - 1) / s_q)^2
///
/// over all organs that are there, `s` being how far an organ's place varies between people. The
/// last two terms are what is known without any organ: fields of view are centred on the body and
/// chosen so that it fills 73-95 % of their width (15 cases of 3D-IRCADb, mean 86 %).
struct BodyFrameFit {
  /// A feature of a structure along one axis: where it lies in the reference torso, and how surely.
  struct Feature: Sendable {
    enum Part { case centroid, low, high }
    var structure: String
    var axis: Int
    var part: Part
    var place: Double
    var deviation: Double
  }

  /// Extent and centroid of one structure of the map, canvas mm.
  struct Extent {
    var centroid: SIMD3<Double>
    var low: SIMD3<Double>
    var high: SIMD3<Double>
    /// Whether the volume ends below or above the structure.
    var isCutBelow: Bool
    var isCutAbove: Bool
  }

  /// Extents of the structures of a map that are large enough to tell something, canvas mm.
  static func extents(of map: AnatomicalMap, workers: Workers) -> [String: Extent] {
    let grid = map.labels.grid
    let spacing = grid.spacing
    if let labelled = map.labelledSlices, labelled != 0..<grid.shape.z {
      // What was drawn beyond the map says nothing about the patient.
      var own = map.cropped(
        before: [0, 0, -labelled.lowerBound], after: [0, 0, labelled.upperBound - grid.shape.z])
      own.labelledSlices = nil
      let shift = SIMD3<Double>(0, 0, Double(labelled.lowerBound) * spacing.z)
      return extents(of: own, workers: workers).mapValues { extent in
        var moved = extent
        moved.centroid += shift
        moved.low += shift
        moved.high += shift
        return moved
      }
    }
    var step = SIMD3<Int>(1, 1, 1)
    for axis in 0..<3 { step[axis] = max(1, Int(2.5 / spacing[axis])) }
    // Sampled, although a full census is at hand: the bodies of every published dataset were fitted to these figures.
    let census =
      step == [1, 1, 1]
      ? map.census(workers: workers) : LabelCensus(map.labels, stride: step, workers: workers)
    // Ids of one structure (or one that counts as it) are taken together.
    var merged: [String: LabelCensus.Entry] = [:]
    for (id, entry) in census.entries.sorted(by: { $0.key < $1.key }) {
      guard let structure = map.structures[id] else { continue }
      let whole = StructureCatalog.standard[structure]?.partOf ?? structure
      merged[whole, default: .init()].merge(entry)
    }
    return merged.compactMapValues { entry in
      let volume = Double(entry.count) * (SIMD3<Double>(step) * spacing).product
      guard volume > 2000 else { return nil }
      return Extent(
        centroid: entry.centroid * spacing, low: SIMD3<Double>(entry.box.lower) * spacing,
        high: SIMD3<Double>(entry.box.last) * spacing, isCutBelow: entry.box.lower.z < step.z,
        isCutAbove: entry.box.last.z >= grid.shape.z - step.z)
    }
  }

  /// Fits a frame to the structures of a map.
  ///
  /// - Parameters:
  ///   - outline: x and y extents of the body (mm) where the map shows it.
  ///   - field: the field of view, mm.
  ///   - middle: height of its middle, mm.
  static func fit(
    _ extents: [String: Extent], field: SIMD3<Double>, middle: Double,
    outline: (x: ClosedRange<Double>, y: ClosedRange<Double>)?, stream: RandomStream
  ) -> BodyFrame {
    var stream = stream
    // Without organs: the reference torso's cavity is 268 wide, the body 330, so a body that fills
    // 86 % of the field has this size; its middle is the field's.
    let width = outline.map { $0.x.upperBound - $0.x.lowerBound } ?? 0.86 * field.x
    let depth = outline.map { $0.y.upperBound - $0.y.lowerBound } ?? 0.79 * width
    let center = outline.map { ($0.x.lowerBound + $0.x.upperBound) / 2 } ?? 0.49 * field.x
    let back = outline.map { $0.y.lowerBound } ?? 0.5 * field.y - depth / 2
    let sizeX = min(max(width / 330, 0.75), 1.4)
    let sizeY = min(max(depth / 258, 0.75), 1.5)
    let sure = outline != nil
    var p0 = SIMD3<Double>(center, back + 86 * sizeY, middle)
    var sp = SIMD3<Double>(sure ? 6 : 10, sure ? 10 : 20, 400)
    let q0 = SIMD3<Double>(sizeX, sizeY, 1)
    let sq = SIMD3<Double>(sure ? 0.04 : 0.09, sure ? 0.06 : 0.1, 0.05)
    if extents.isEmpty { (p0.z, sp.z) = (middle, 1) }
    var frame = solve(
      extents, TorsoAnatomy.standard.features, place: p0, placeDeviation: sp, size: q0,
      sizeDeviation: sq)
    frame.scale.clamp(lowerBound: [0.7, 0.7, 0.85], upperBound: [1.5, 1.6, 1.15])
    frame.bow = [stream.gaussian(mean: 0, deviation: 3, cut: 2), stream.uniform(0...6.28)]
    return frame
  }
}

extension BodyFrameFit {
  /// Minimises the sum of squares along each axis (see `BodyFrameFit`).
  static func solve(
    _ extents: [String: Extent], _ features: [Feature], place p0: SIMD3<Double>,
    placeDeviation sp: SIMD3<Double>, size q0: SIMD3<Double>, sizeDeviation sq: SIMD3<Double>
  ) -> BodyFrame {
    var places = SIMD3<Double>()
    var sizes = SIMD3<Double>()
    for axis in 0..<3 {
      // Normal equations of the 2 x 2 problem.
      var (a, b, c) = (1 / (sp[axis] * sp[axis]), 0.0, 1 / (sq[axis] * sq[axis]))
      var (u, v) = (p0[axis] * a, q0[axis] * c)
      for feature in features where feature.axis == axis {
        guard let extent = extents[feature.structure],
          axis != 2 || !extent.isCut(feature.part)
        else { continue }
        let m =
          switch feature.part {
          case .centroid: extent.centroid[axis]
          case .low: extent.low[axis]
          case .high: extent.high[axis]
          }
        let w = 1 / (feature.deviation * feature.deviation)
        a += w
        b += w * feature.place
        c += w * feature.place * feature.place
        u += w * m
        v += w * feature.place * m
      }
      let determinant = a * c - b * b
      places[axis] = (u * c - v * b) / determinant
      sizes[axis] = (a * v - b * u) / determinant
    }
    return BodyFrame(middle: places.x, spine: places.y, level: places.z, scale: sizes)
  }
}

extension BodyFrameFit.Extent {
  /// Whether the volume ends before this part of the structure.
  fileprivate func isCut(_ part: BodyFrameFit.Feature.Part) -> Bool {
    switch part {
    case .centroid: isCutBelow || isCutAbove
    case .low: isCutBelow
    case .high: isCutAbove
    }
  }
}

extension BodyFrameFit.Feature {
  /// A structure's centroid, with deviations along each axis; 0 leaves an axis out.
  static func center(
    _ name: String, _ place: SIMD3<Double>, _ deviation: SIMD3<Double>
  ) -> [Self] {
    (0..<3).filter { deviation[$0] > 0 }.map {
      Self(structure: name, axis: $0, part: .centroid, place: place[$0], deviation: deviation[$0])
    }
  }
}

extension SIMD3 where Scalar == Double {
  /// x y z.
  var product: Double { x * y * z }
}
