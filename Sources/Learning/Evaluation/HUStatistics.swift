public import Volumes

/// What a structure looks like in one CT image, away from its edges.
///
/// Only voxels whose six neighbours carry the structure, too, are counted: partial volume would widen every
/// spread. Noise and correlations are those of the grid as it is, so two sets of images are comparable
/// where their spacing is.
public struct HUStatistics: Equatable, Sendable {
  /// Voxels that were counted.
  public let voxels: Int
  /// Mean, HU.
  public let mean: Double
  /// Standard deviation from voxel to voxel, HU: anatomy and noise together.
  public let deviation: Double
  /// Standard deviation of the noise, HU: that of `(2 v(x) - v(x-1) - v(x+1)) / sqrt(6)`, along x and y,
  /// in which slow changes drop out. Right for white noise, too low for noise that neighbours share.
  public let noise: Double
  /// Correlation of neighbours in the plane (x and y together), after the mean is taken off.
  public let planeCorrelation: Double
  /// Correlation of neighbours along z.
  public let axialCorrelation: Double
  /// HU below which `(i + 1/2) / quantileCount` of the voxels lie, for i = 0, 1, ...
  public let quantiles: [Double]
  /// Half the mean square difference of voxels so many voxels (`lags`) apart in the plane, as a standard deviation, HU;
  /// NaN where no pair is that far apart. White noise has the same at every lag, an octave of coarser texture more
  /// at the larger ones.
  public let structureFunction: [Double]

  /// Number of quantiles.
  public static let quantileCount = 64
  /// Distances of the structure function, voxels.
  public static let lags = [1, 2, 4, 8]

  /// Fewer voxels than these have no figures.
  public static let fewest = 20

  /// Measures a structure.
  ///
  /// - Parameters:
  ///   - image: HU.
  ///   - labels: on the same grid, z fastest as all volumes.
  ///   - ids: the ids of the structure.
  ///   - limits: HU beyond them count as they.
  /// - Returns: `nil` where the structure has fewer than `fewest` voxels inside.
  public init?(
    image: Volume<Float>, labels: LabelMap, ids: Set<UInt16>, limits: ClosedRange<Float>? = nil
  ) {
    let shape = image.grid.shape
    let inside = Self.interior(of: ids, in: labels)
    let values =
      limits.map { limits in
        image.values.map { min(limits.upperBound, max(limits.lowerBound, $0)) }
      } ?? Array(image.values)
    var (sum, squares, count) = (0.0, 0.0, 0)
    for index in inside.indices where inside[index] {
      let value = Double(values[index])
      (sum, squares, count) = (sum + value, squares + value * value, count + 1)
    }
    guard count >= Self.fewest else { return nil }
    let mean = sum / Double(count)
    let variance = max(0, squares / Double(count) - mean * mean)

    // Steps to the neighbours along x, y, z.
    let steps = [shape.z, shape.x * shape.z, 1]
    var products = [0.0, 0.0, 0.0]
    var pairs = [0, 0, 0]
    var (roughness, triples) = (0.0, 0)
    for index in inside.indices where inside[index] {
      let value = Double(values[index])
      for axis in 0..<3 {
        // Neighbours of a voxel inside exist: they carry the structure.
        let (last, next) = (index - steps[axis], index + steps[axis])
        if inside[next] {
          products[axis] += (value - mean) * (Double(values[next]) - mean)
          pairs[axis] += 1
        }
        if axis < 2, inside[last], inside[next] {
          let bend = 2 * value - Double(values[last]) - Double(values[next])
          (roughness, triples) = (roughness + bend * bend, triples + 1)
        }
      }
    }
    let distances = Self.lags.map { lag in
      var (sum, number) = (0.0, 0)
      for (axis, step) in steps[0...1].enumerated() {
        for index in inside.indices.dropLast(lag * step)
        where inside[index] && inside[index + lag * step] {
          // A row ends before the next begins.
          if axis == 0, index / shape.z % shape.x + lag >= shape.x { continue }
          let difference = Double(values[index + lag * step] - values[index])
          (sum, number) = (sum + difference * difference, number + 1)
        }
      }
      return number > 0 ? (sum / Double(2 * number)).squareRoot() : .nan
    }
    let sorted = inside.indices.filter { inside[$0] }.map { values[$0] }.sorted()
    quantiles = (0..<Self.quantileCount).map {
      Double(sorted[(2 * $0 + 1) * sorted.count / (2 * Self.quantileCount)])
    }
    structureFunction = distances
    func correlation(_ axes: ClosedRange<Int>) -> Double {
      let number = pairs[axes].reduce(0, +)
      return number > 0 && variance > 0
        ? products[axes].reduce(0, +) / Double(number) / variance : .nan
    }
    voxels = count
    self.mean = mean
    deviation = variance.squareRoot()
    noise = triples > 0 ? (roughness / Double(6 * triples)).squareRoot() : .nan
    planeCorrelation = correlation(0...1)
    axialCorrelation = correlation(2...2)
  }

  /// Voxels of a structure whose six neighbours belong to it.
  private static func interior(of ids: Set<UInt16>, in labels: LabelMap) -> [Bool] {
    let shape = labels.grid.shape
    var table = [Bool](repeating: false, count: 65536)
    for id in ids { table[Int(id)] = true }
    let values = labels.values
    var inside = [Bool](repeating: false, count: values.count)
    let (stepX, stepY) = (shape.z, shape.x * shape.z)
    for y in stride(from: 1, to: shape.y - 1, by: 1) {
      for x in stride(from: 1, to: shape.x - 1, by: 1) {
        let column = (y * shape.x + x) * shape.z
        for index in stride(from: column + 1, to: column + shape.z - 1, by: 1)
        where table[Int(values[index])] {
          inside[index] =
            table[Int(values[index - 1])] && table[Int(values[index + 1])]
            && table[Int(values[index - stepX])] && table[Int(values[index + stepX])]
            && table[Int(values[index - stepY])] && table[Int(values[index + stepY])]
        }
      }
    }
    return inside
  }
}
