import Support
import Volumes

/// Axial slices of a case, small enough to lie in a page, with the outlines of reference and prediction.
///
/// The slices are those in which the reference or the prediction has one of the structures, with 5 mm
/// around them; where they are more than `maximumSlices`, evenly spaced ones. Seen from the feet, cropped
/// to the body, in the soft-tissue window with 64 gray levels. Everything is made in `init`; the
/// volumes are not kept.
public struct SliceStack: Equatable, Sendable {
  /// A slice without its gray values.
  public struct Slice: Equatable, Sendable {
    /// Its index along the grid's z axis, from 0 at the feet.
    public var index: Int
    /// The outlines, reference before prediction.
    public var contours: [Contour]
  }

  /// The outline of one structure in a slice.
  public struct Contour: Equatable, Sendable {
    /// An index of `structures`.
    public var structure: Int
    /// Whether it is the prediction's, not the reference's.
    public var isPrediction: Bool
    /// SVG path data in tenths of a mm from the upper left corner.
    public var path: String
  }

  /// Most slices of a stack.
  public static let maximumSlices = 40
  /// Most pixels of a slice along its longer side; larger slices are averaged down.
  public static let maximumPixels = 192
  /// What is shown around the structures, mm.
  static let margin = 5.0

  /// The case's name.
  public let name: String
  /// Names of the structures.
  public let structures: [String]
  /// Width and height of a slice, mm.
  public let width, height: Double
  /// Width and height of a slice, pixels.
  public let columns, rows: Int
  /// The slices from the feet up.
  public let slices: [Slice]
  /// The slice to show first: where the reference (without one the prediction) is largest.
  public let first: Int
  /// The gray values of all slices, one below the other in one PNG of `columns` x `rows * slices.count`
  /// pixels; one file compresses better than one a slice.
  public let strip: [UInt8]
  /// The number of slices of the case's grid.
  public let total: Int

  /// Draws the slices of a case.
  ///
  /// - Parameters:
  ///   - images: image, reference (`labels`) and prediction; a structure is the label ids that `names`
  ///     gives its name, in both label maps.
  ///   - structures: which structures are outlined, in the order of their colours.
  public init(_ images: CaseImages, structures: [String]) {
    let ids = structures.map { name in
      Set(images.names.filter { $0.value == name && $0.key > 0 }.map(\.key))
    }
    let grid = images.grid
    let box = images.content
    let areas = Self.areas(of: images, ids: ids.reduce(into: []) { $0.formUnion($1) })
    let indices = Self.indices(
      within: Self.range(of: areas.any, spacing: grid.spacing.z, box: box))
    let extent = SIMD3<Double>(box.shape) * grid.spacing
    let scale = min(
      1 / min(grid.spacing.x, grid.spacing.y),
      Double(Self.maximumPixels) / max(extent.x, extent.y))
    let size = SliceRenderer.size(of: .axial, box: box, spacing: grid.spacing, scale: scale)

    var gray: [UInt8] = []
    gray.reserveCapacity(size.width * size.height * indices.count)
    var slices: [Slice] = []
    let window = images.window(.softTissue)
    for index in indices {
      if let image = images.image {
        let slice = SliceImage(image, plane: .axial, index: index, box: box)
          .resized(width: size.width, height: size.height)
        gray += slice.values.map { Self.coarse(window.gray($0)) }
      } else {
        gray += [UInt8](repeating: 24, count: size.width * size.height)
      }
      var contours: [Contour] = []
      for (map, isPrediction) in [(images.labels, false), (images.prediction, true)] {
        guard let map else { continue }
        let slice = SliceImage(map, plane: .axial, index: index, box: box)
        let present = slice.labels
        for (structure, ids) in ids.enumerated() where !ids.isDisjoint(with: present) {
          let mask = slice.mask(ids).resized(width: size.width, height: size.height)
          let path = Contours(of: mask).path(
            unit: SIMD2<Float>(
              Float(10 * extent.x / Double(size.width)), Float(10 * extent.y / Double(size.height)))
          )
          guard !path.isEmpty else { continue }
          contours.append(Contour(structure: structure, isPrediction: isPrediction, path: path))
        }
      }
      slices.append(Slice(index: index, contours: contours))
    }
    name = images.name
    self.structures = structures
    (width, height) = (extent.x, extent.y)
    (columns, rows) = size
    self.slices = slices
    let area = { (index: Int) in
      areas.reference.contains { $0 > 0 } ? areas.reference[index] : areas.any[index]
    }
    first = indices.indices.max { area(indices[$0]) < area(indices[$1]) } ?? 0
    strip = PNG.encode(gray: gray, width: size.width, height: size.height * indices.count)
    total = grid.shape.z
  }

  /// The nearest of 64 gray levels, evenly from 0 to 255.
  private static func coarse(_ gray: UInt8) -> UInt8 {
    let level = (Int(gray) * 63 + 127) / 255
    return UInt8((level * 255 + 31) / 63)
  }

  /// The voxels of the structures in every slice: in the reference, and in reference and prediction together.
  private static func areas(
    of images: CaseImages, ids: Set<UInt16>
  ) -> (reference: [Int], any: [Int]) {
    var wanted = [Bool](repeating: false, count: 65536)
    for id in ids { wanted[Int(id)] = true }
    func count(_ map: LabelMap?) -> [Int] {
      let depth = images.grid.shape.z
      var counts = [Int](repeating: 0, count: depth)
      guard let map else { return counts }
      for column in 0..<map.grid.columns {
        for z in 0..<depth where wanted[Int(map.values[column * depth + z])] { counts[z] += 1 }
      }
      return counts
    }
    let reference = count(images.labels)
    return (reference, zip(reference, count(images.prediction)).map { $0 + $1 })
  }

  /// The slices with anything in them and a margin; without any those of the box.
  private static func range(of areas: [Int], spacing: Double, box: BoundingBox) -> Range<Int> {
    guard let first = areas.firstIndex(where: { $0 > 0 }),
      let last = areas.lastIndex(where: { $0 > 0 })
    else { return box.lower.z..<box.upper.z }
    let margin = Int((margin / spacing).rounded(.up))
    return max(0, first - margin)..<min(areas.count, last + 1 + margin)
  }

  /// At most `maximumSlices` of a range, evenly spaced, with both ends.
  static func indices(within range: Range<Int>) -> [Int] {
    guard range.count > maximumSlices else { return Array(range) }
    return (0..<maximumSlices).map { step in
      range.lowerBound + (step * (range.count - 1) * 2 + maximumSlices - 1)
        / (2 * (maximumSlices - 1))
    }
  }
}

extension SliceImage<UInt16> {
  /// 1 where the slice shows one of the labels, 0 elsewhere.
  fileprivate func mask(_ labels: Set<UInt16>) -> SliceImage<Float> {
    if labels.count == 1 { return mask(labels.first!) }
    return SliceImage<Float>(
      width: width, height: height, values: values.map { labels.contains($0) ? 1 : 0 })
  }
}

extension Contours {
  /// The outlines as SVG path data with whole numbers and relative steps.
  ///
  /// - Parameter unit: what a pixel is long across and down, in the units of the path.
  func path(unit: SIMD2<Float>) -> String {
    var path = ""
    for polygon in polygons {
      var points: [SIMD2<Int>] = []
      for point in polygon {
        let scaled = point * unit
        let rounded: SIMD2<Int> = [Int(scaled.x.rounded()), Int(scaled.y.rounded())]
        if rounded == points.last { continue }
        // A point on the line between its neighbours says nothing.
        if points.count > 1 {
          let (a, b) = (points[points.count - 1], points[points.count - 2])
          let (old, new) = (a &- b, rounded &- a)
          if old.x * new.y == old.y * new.x, old.x * new.x + old.y * new.y > 0 {
            points.removeLast()
          }
        }
        points.append(rounded)
      }
      guard points.count > 2 else { continue }
      path += "M\(points[0].x) \(points[0].y)l"
      for (a, b) in zip(points, points.dropFirst()) {
        let step = b &- a
        path += step.x < 0 ? "\(step.x)" : " \(step.x)"
        path += step.y < 0 ? "\(step.y)" : " \(step.y)"
      }
      path += "z"
    }
    return path
  }
}
