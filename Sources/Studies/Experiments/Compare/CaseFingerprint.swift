import FoundationEssentials
import Support
import Volumes

/// What tells whether two files show the same patient, whatever they are called.
///
/// The digests find copies on the same grid, cropped along any axis or stored in another orientation; those of
/// single axial slices also copies that were cut through a structure.
/// Resampled copies have the same outlines: the mask of every large structure is brought to its bounding
/// box, in `cells` cells an axis, and compared cell by cell. A structure of few voxels changes as much by
/// resampling as from one patient to the next, and is recognised by its digest alone.
struct CaseFingerprint: Codable, Equatable, Sendable {
  /// Digest of the image's HU in RAS+ order; nil where there is no image.
  var image: String?
  /// The structures by name; those with a few voxels are left out.
  var structures: [String: Outline]

  /// The outline of a structure.
  struct Outline: Codable, Equatable, Sendable {
    /// Digest of the mask in its bounding box.
    var digest: String
    /// Digests of the mask's axial slices of at least `fewestInSlice` voxels, each in its bounding box.
    var slices: Set<String>
    /// Extent of the bounding box, mm.
    var extent: [Double]
    /// The largest voxel edge, mm: how well the extent is known.
    var voxel: Double
    /// Share of every cell that the mask fills, in 1/255; nil for a structure of few voxels.
    var occupancy: [UInt8]?
  }

  /// Cells an axis of the bounding box.
  static let cells = 12
  /// Structures of fewer voxels look alike in everybody.
  static let fewest = 500
  /// Slices of fewer voxels may be equal by chance.
  static let fewestInSlice = 100
  /// So many equal slices are not chance.
  static let equalSlices = 3
  /// An outline needs so many voxels along every axis to be compared.
  static let shortest = 24
  /// Sum of the differences of occupancy over the sum of both, under which outlines are the same. Livers
  /// resampled from 0.7 to 3 mm differ by up to 0.046, those of two patients by 0.075 and more.
  static let tolerance = 0.06

  /// Describes a label map and its image.
  init(labels: LabelMap, names: [String], image: Volume<Float>?, workers: Workers) {
    self.image = image.map { image in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(2 * image.values.count)
      for value in image.values {
        let hu = Int16(max(-32_000, min(32_000, value.isFinite ? value.rounded() : 0)))
        withUnsafeBytes(of: hu.littleEndian) { bytes.append(contentsOf: $0) }
      }
      return "\(image.grid.shape.x)x\(image.grid.shape.y)x\(image.grid.shape.z) " + digest(bytes)
    }
    structures = [:]
    for (index, name) in names.enumerated() {
      structures[name] = Self.outline(of: UInt16(index + 1), in: labels)
    }
  }

  private static func outline(of label: UInt16, in labels: LabelMap) -> Outline? {
    let shape = labels.grid.shape
    var low = shape
    var high = SIMD3<Int>(-1, -1, -1)
    var count = 0
    labels.values.withUnsafeBufferPointer { values in
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let start = labels.grid.offset(x, y, 0)
          for z in 0..<shape.z where values[start + z] == label {
            low = pointwiseMin(low, [x, y, z])
            high = pointwiseMax(high, [x, y, z])
            count += 1
          }
        }
      }
    }
    guard count >= fewest else { return nil }
    let size = high &- low &+ 1
    var bits: [UInt8] = []
    bits.reserveCapacity(size.x * size.y * size.z)
    // A voxel counts in the cells that it overlaps along each axis, by the share of its overlap; the
    // shares of all voxels in a cell add up to 1.
    var filled = [Double](repeating: 0, count: cells * cells * cells)
    let (alongX, alongY, alongZ) = (shares(size.x), shares(size.y), shares(size.z))
    for y in 0..<size.y {
      for x in 0..<size.x {
        let start = labels.grid.offset(low.x + x, low.y + y, low.z)
        var column = [Double](repeating: 0, count: cells)
        for z in 0..<size.z {
          let inside = labels.values[start + z] == label
          bits.append(inside ? 1 : 0)
          if inside { for (c, w) in alongZ[z] { column[c] += w } }
        }
        for (a, u) in alongX[x] {
          for (b, v) in alongY[y] {
            for c in 0..<cells { filled[(a * cells + b) * cells + c] += u * v * column[c] }
          }
        }
      }
    }
    let spacing = labels.grid.spacing
    let extent = SIMD3<Double>(size) * spacing
    return Outline(
      digest: "\(size.x)x\(size.y)x\(size.z) " + Support.digest(bits),
      slices: slices(bits, size: size),
      extent: [extent.x, extent.y, extent.z], voxel: spacing.max(),
      occupancy: size.min() < shortest ? nil : filled.map { UInt8((255 * min(1, $0)).rounded()) })
  }

  /// Digests of the axial slices of a mask, `bits[(y * width + x) * depth + z]`.
  private static func slices(_ bits: [UInt8], size: SIMD3<Int>) -> Set<String> {
    var digests: Set<String> = []
    for z in 0..<size.z {
      var (left, right, top, bottom, count) = (size.x, -1, size.y, -1, 0)
      for y in 0..<size.y {
        for x in 0..<size.x where bits[(y * size.x + x) * size.z + z] == 1 {
          (left, right) = (min(left, x), max(right, x))
          (top, bottom) = (min(top, y), max(bottom, y))
          count += 1
        }
      }
      guard count >= fewestInSlice else { continue }
      var slice: [UInt8] = []
      for y in top...bottom {
        for x in left...right { slice.append(bits[(y * size.x + x) * size.z + z]) }
      }
      digests.insert("\(right - left + 1) " + Support.digest(slice))
    }
    return digests
  }

  /// For every sample of an axis the cells that it overlaps, and by how much.
  private static func shares(_ size: Int) -> [[(cell: Int, share: Double)]] {
    let scale = Double(cells) / Double(size)
    return (0..<size).map { index in
      let low = Double(index) * scale
      let high = min(Double(cells), low + scale)
      return (Int(low)...min(cells - 1, Int(high))).compactMap { cell in
        let share = min(high, Double(cell + 1)) - max(low, Double(cell))
        return share > 1e-9 ? (cell, share) : nil
      }
    }
  }

  /// Whether there is nothing to compare: no image, and of no structure enough voxels.
  var isEmpty: Bool { image == nil && structures.isEmpty }

  /// Why this is the same patient as another, or nil if it is not.
  func sameness(with other: CaseFingerprint) -> String? {
    if let image, image == other.image { return "the images are equal" }
    let shared = Set(structures.keys).intersection(other.structures.keys).sorted()
    if let name = shared.first(where: {
      structures[$0]!.digest == other.structures[$0]!.digest
    }) {
      return "the masks of \(name) are equal"
    }
    if let name = shared.first(where: {
      structures[$0]!.slices.intersection(other.structures[$0]!.slices).count >= Self.equalSlices
    }) {
      return "slices of \(name) are equal"
    }
    let large = shared.filter {
      structures[$0]!.occupancy != nil && other.structures[$0]!.occupancy != nil
    }
    guard !large.isEmpty, large.allSatisfy({ structures[$0]!.resembles(other.structures[$0]!) })
    else { return nil }
    return "the outlines of \(large.joined(separator: ", ")) are the same up to resampling"
  }
}

extension CaseFingerprint.Outline {
  /// Whether two outlines are one, resampled.
  func resembles(_ other: Self) -> Bool {
    for (a, b) in zip(extent, other.extent) where abs(a - b) > 1.01 * (voxel + other.voxel) {
      return false
    }
    guard let a = occupancy, let b = other.occupancy else { return false }
    let difference = zip(a, b).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    let sum = zip(a, b).reduce(0) { $0 + Int($1.0) + Int($1.1) }
    return Double(difference) < CaseFingerprint.tolerance * Double(sum)
  }
}

private func pointwiseMin(_ a: SIMD3<Int>, _ b: SIMD3<Int>) -> SIMD3<Int> {
  a.replacing(with: b, where: b .< a)
}

private func pointwiseMax(_ a: SIMD3<Int>, _ b: SIMD3<Int>) -> SIMD3<Int> {
  a.replacing(with: b, where: b .> a)
}
