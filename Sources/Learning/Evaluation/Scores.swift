public import Support
public import Volumes

/// The scores of one structure in one case.
public struct StructureScores: Equatable, Sendable {
  /// Voxel counts, Dice and IoU.
  public var overlap: Overlap
  /// Normalised surface Dice at the run's tolerance; NaN where both masks are empty.
  public var normalisedSurfaceDice: Double
  /// 95 % Hausdorff distance, mm; NaN where both masks are empty, infinite where one is.
  public var hausdorff95: Double
  /// Mean surface distance, mm; NaN where both masks are empty, infinite where one is.
  public var meanSurfaceDistance: Double

  /// Creates scores from their parts.
  public init(
    overlap: Overlap, normalisedSurfaceDice: Double, hausdorff95: Double,
    meanSurfaceDistance: Double
  ) {
    self.overlap = overlap
    self.normalisedSurfaceDice = normalisedSurfaceDice
    self.hausdorff95 = hausdorff95
    self.meanSurfaceDistance = meanSurfaceDistance
  }

  /// Creates the scores that follow from the overlap and the surface distances.
  public init(overlap: Overlap, distances: SurfaceDistances, tolerance: Double) {
    self.init(
      overlap: overlap,
      normalisedSurfaceDice: distances.normalisedSurfaceDice(tolerance: tolerance),
      hausdorff95: distances.hausdorff(quantile: 0.95), meanSurfaceDistance: distances.mean)
  }

  /// Scores every structure of a prediction against a reference on the same grid.
  ///
  /// - Parameters:
  ///   - tolerance: of the normalised surface Dice, mm.
  ///   - workers: threads to use; the scores do not depend on their number.
  /// - Returns: one score a structure, in the order given.
  public static func compare(
    prediction: LabelMap, reference: LabelMap, structures: [EvaluatedStructure],
    tolerance: Double, workers: Workers
  ) -> [StructureScores] {
    let tally = LabelTally(prediction: prediction, reference: reference, workers: workers)
    return structures.map { structure in
      let (a, b) = (structure.prediction, structure.reference)
      let distances = tally.box(prediction: a, reference: b).map { box in
        SurfaceDistances(
          prediction: prediction, ids: a, reference: reference, ids: b, box: box, workers: workers)
      }
      return StructureScores(
        overlap: tally.overlap(prediction: a, reference: b),
        distances: distances ?? SurfaceDistances(prediction: [], reference: []),
        tolerance: tolerance)
    }
  }
}

/// A number that the scores of a structure hold, by the name that `summary.json` gives it.
public enum Metric: String, CaseIterable, Sendable {
  /// Dice coefficient.
  case dice = "Dice"
  /// Intersection over union.
  case iou = "IoU"
  /// True positive voxels.
  case truePositives = "TP"
  /// False positive voxels.
  case falsePositives = "FP"
  /// False negative voxels.
  case falseNegatives = "FN"
  /// True negative voxels.
  case trueNegatives = "TN"
  /// Voxels of the predicted mask.
  case predicted = "n_pred"
  /// Voxels of the reference mask.
  case referenced = "n_ref"
  /// Normalised surface Dice.
  case normalisedSurfaceDice = "NSD"
  /// 95 % Hausdorff distance, mm.
  case hausdorff95 = "HD95"
  /// Mean surface distance, mm; also called average symmetric surface distance.
  case meanSurfaceDistance = "ASSD"

  /// Whether the metric counts voxels (and is a whole number in a case).
  public var isCount: Bool {
    switch self {
    case .dice, .iou, .normalisedSurfaceDice, .hausdorff95, .meanSurfaceDistance: false
    default: true
    }
  }
}

extension StructureScores {
  /// The value of a metric; NaN or infinite as its definition says.
  public subscript(metric: Metric) -> Double {
    switch metric {
    case .dice: overlap.dice
    case .iou: overlap.iou
    case .truePositives: Double(overlap.truePositives)
    case .falsePositives: Double(overlap.falsePositives)
    case .falseNegatives: Double(overlap.falseNegatives)
    case .trueNegatives: Double(overlap.trueNegatives)
    case .predicted: Double(overlap.predicted)
    case .referenced: Double(overlap.referenced)
    case .normalisedSurfaceDice: normalisedSurfaceDice
    case .hausdorff95: hausdorff95
    case .meanSurfaceDistance: meanSurfaceDistance
    }
  }
}

/// The scores of one case.
public struct CaseScores: Equatable, Sendable {
  /// The case's name: its file name without extension.
  public var name: String
  /// The file of the prediction.
  public var predictionFile: String
  /// The file of the reference.
  public var referenceFile: String
  /// One score a structure, in the order of the run's structures.
  public var scores: [StructureScores]
  /// What a reader should know of this case, such as a resampled prediction.
  public var notes: [String]

  /// Creates the scores of a case.
  public init(
    name: String, predictionFile: String, referenceFile: String, scores: [StructureScores],
    notes: [String] = []
  ) {
    self.name = name
    self.predictionFile = predictionFile
    self.referenceFile = referenceFile
    self.scores = scores
    self.notes = notes
  }
}
