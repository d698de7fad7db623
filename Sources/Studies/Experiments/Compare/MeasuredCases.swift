import Anatomy
import Generation
import Support
import Volumes

/// Simulated images whose targets have the mean, or the distribution, of those of real CT.
///
/// For every case and target one of the real patients is drawn. Inside the target the values v become f(v), smoothed
/// over its surface by half a voxel:
///
///     means         f(v) = v + m_real - m
///     histograms    f(v) = Q_real(F(v))
///
/// with m the mean, F the distribution and Q the quantiles over voxels whose six neighbours belong to the target, too.
/// Everything outside the targets stays as it was painted. It separates a wrong value, and a wrong distribution of values,
/// from all else that a simulated organ may lack.
struct MeasuredCases: CaseFinishing {
  /// What was measured of one target in one patient.
  struct Distribution: Equatable {
    /// Values at equal steps of rank, from the least to the greatest.
    var quantiles: [Float]
    var mean: Double

    /// Fewer voxels than these say nothing.
    static let fewest = 50
    private static let steps = 1000

    /// Measures values; `nil` where there are too few.
    init?(_ values: [Float]) {
      guard values.count >= Self.fewest else { return nil }
      let sorted = values.sorted()
      quantiles = (0...Self.steps).map { step in
        let place = Double(step) / Double(Self.steps) * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (sorted[high] - sorted[low]) * Float(place - Double(low))
      }
      mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    }

    /// The value of the same rank in another distribution; beyond both ends that of the end.
    func value(_ value: Float, in other: Distribution) -> Float {
      let last = quantiles.count - 1
      if value <= quantiles[0] { return other.quantiles[0] }
      if value >= quantiles[last] { return other.quantiles[last] }
      // The last quantile that is not above the value.
      var (low, high) = (0, last)
      while high - low > 1 {
        let middle = (low + high) / 2
        if quantiles[middle] <= value { low = middle } else { high = middle }
      }
      let step = quantiles[high] - quantiles[low]
      let part = step > 0 ? (value - quantiles[low]) / step : 0
      return other.quantiles[low] + part * (other.quantiles[high] - other.quantiles[low])
    }
  }

  private let values: Experiment.Measured.Values
  private let seed: Int
  /// By target, then by patient who has it.
  private let real: [[Distribution]]

  /// Measures all patients.
  ///
  /// - Throws: `MaskCTError` where a case cannot be read, or a target is in none.
  init(
    _ measured: Experiment.Measured, arm: Experiment.Arm, sources: [Experiment.Source],
    targets: [String], seed: Int, workers: Workers
  ) throws {
    values = measured.values
    self.seed = seed
    let resolved = try Target.resolve(targets)
    var found = [[Distribution]](repeating: [], count: resolved.count)
    for item in try RealCases.find(images: measured.images, sources: sources).cases {
      // Noise is that of the voxels that are learned from.
      let (image, labels, _) = try item.volumes(resolved, spacing: arm.spacing, workers: workers)
      for (index, own) in Self.measure(image, labels, count: resolved.count).enumerated() {
        if let own { found[index].append(own) }
      }
    }
    if let missing = found.firstIndex(where: \.isEmpty) {
      throw MaskCTError(
        .input, path: measured.images, "shows no '\(resolved[missing].name)' that can be measured",
        remedy: "leave that target out, or measure other CT")
    }
    real = found
  }

  /// Gives the targets of a case what was measured; see `CaseFinishing`.
  func finish(_ made: inout GeneratedCase, of plan: CasePlan, workers: Workers) throws {
    let grid = made.image.grid
    let stream = RandomStream(seed: UInt64(seed)).split("measured").split(plan.name)
    let owns = Self.measure(made.image, made.labels, count: real.count)
    var image = made.image
    for (index, own) in owns.enumerated() {
      guard let own else { continue }
      var choice = stream.split(index)
      let patient = real[index].randomElement(using: &choice)!
      let weights = made.labels.map { Float(Int($0) == index + 1 ? 1 : 0) }
        .gaussianFiltered(sigma: 0.5 * grid.spacing, workers: workers)
      let step = Float(patient.mean - own.mean)
      for voxel in 0..<grid.count where weights.values[voxel] > 0 {
        let value = made.image.values[voxel]
        let change =
          switch values {
          case .means: step
          case .histograms: own.value(value, in: patient) - value
          }
        image.values[voxel] += weights.values[voxel] * change
      }
    }
    made.image = image
  }

  /// The distributions of targets 1...count over their inner voxels; `nil` for one that is missing or thin.
  static func measure(
    _ image: Volume<Float>, _ labels: LabelMap, count: Int
  ) -> [Distribution?] {
    var values = [[Float]](repeating: [], count: count)
    let shape = labels.grid.shape
    let steps = [shape.z, shape.x * shape.z, 1]
    for y in stride(from: 1, to: shape.y - 1, by: 1) {
      for x in stride(from: 1, to: shape.x - 1, by: 1) {
        for z in stride(from: 1, to: shape.z - 1, by: 1) {
          let voxel = labels.grid.offset(x, y, z)
          let label = labels.values[voxel]
          guard label > 0, Int(label) <= count,
            steps.allSatisfy({
              labels.values[voxel - $0] == label && labels.values[voxel + $0] == label
            })
          else { continue }
          values[Int(label) - 1].append(image.values[voxel])
        }
      }
    }
    return values.map { Distribution($0) }
  }
}
