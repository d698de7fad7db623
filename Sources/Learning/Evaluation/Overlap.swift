/// How the voxels of two masks overlap: the counts and the measures that nnU-Net reports.
///
/// Definitions and names are those of nnU-Net's `summary.json` (Isensee et al., *nnU-Net: a
/// self-configuring method for deep learning-based biomedical image segmentation*, Nature Methods
/// 18, 2021), so that both programs give the same numbers for the same files.
public struct Overlap: Equatable, Sendable {
  /// Voxels in both masks (TP).
  public var truePositives: Int
  /// Voxels in the prediction alone (FP).
  public var falsePositives: Int
  /// Voxels in the reference alone (FN).
  public var falseNegatives: Int
  /// Voxels in neither (TN).
  public var trueNegatives: Int

  /// Creates the counts.
  public init(truePositives: Int, falsePositives: Int, falseNegatives: Int, trueNegatives: Int) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
    self.trueNegatives = trueNegatives
  }

  /// Voxels of the predicted mask, `TP + FP`.
  public var predicted: Int { truePositives + falsePositives }

  /// Voxels of the reference mask, `TP + FN`.
  public var referenced: Int { truePositives + falseNegatives }

  /// `2 TP / (2 TP + FP + FN)`; NaN where both masks are empty.
  public var dice: Double {
    Double(2 * truePositives) / Double(2 * truePositives + falsePositives + falseNegatives)
  }

  /// `TP / (TP + FP + FN)`, also called Jaccard index; NaN where both masks are empty.
  public var iou: Double {
    Double(truePositives) / Double(truePositives + falsePositives + falseNegatives)
  }
}
