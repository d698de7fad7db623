import Configuration

extension Experiment {
  /// One row of the table. What an arm leaves out is the experiment's.
  public struct Arm: Codable, Equatable, Sendable {
    /// The arm's name: lower-case letters, digits and `-`.
    public var name: String
    /// What tables call it.
    public var title: String?
    /// Name or file of the recipe; for arms that learn from label maps.
    public var recipe: String?
    /// Optional sections of the recipe that are taken out (`Recipe.sections`), for an ablation.
    public var without: [String]?
    /// The contrast phases that scans are known to be in; those of the recipe where this is missing.
    public var phases: [String]?
    /// Folder of real CT to learn from, named as the label maps are; beside a recipe, both are learned from.
    public var images: String?
    /// How many of the real CT are learned from, drawn by the seed; all where it is left out.
    public var real: Int?
    /// Which part of the cases are real CT, where both are learned from: they are repeated as often as that takes.
    public var share: Double?
    /// Which part of an image is painted and which is real; for arms that learn from label maps.
    public var blend: Blend?
    /// What inside the targets is as it was measured on real CT; for arms that learn from label maps.
    public var measured: Measured?
    /// `scan`, or `blur` for images without a scanner (`ScanProtocol.imaging`).
    public var imaging: String?
    /// Where label maps come from.
    public var labels: [Source]?
    /// Folder of clips, or `dead-leaves`.
    public var video: String?
    /// What images it learns from: `ct` or `mr`; CT where it is left out.
    public var modality: String?
    /// Scanners, one of which is drawn for a case.
    public var scanners: [String]?
    /// Protocols of the modality, one of which is drawn for a case.
    public var protocols: [String]?
    /// Number of cases; one a label map where it is left out. With a recipe, of simulated ones.
    public var cases: Int?
    /// Voxel spacing of the dataset, mm.
    public var spacing: [Double]?

    /// Whether the arm learns from real CT and from nothing else.
    public var isClinical: Bool { images != nil && recipe == nil }
    /// Whether it learns from real CT and from simulated ones together.
    public var isMixed: Bool { images != nil && recipe != nil }
    /// What tables call it.
    public var displayTitle: String { title ?? name }
  }

  /// Which part of an image is painted and scanned, and which is the real CT of the label map.
  public struct Blend: Codable, Equatable, Sendable {
    /// Where voxels come from.
    public enum Part: String, Codable, CaseIterable, Sendable {
      /// The simulated image.
      case painted
      /// The real CT.
      case real
    }
    /// Folder of real CT, named as the label maps are.
    public var images: String
    /// Inside the targets.
    public var inside: Part
    /// Outside all targets.
    public var outside: Part
  }

  /// What was measured inside the targets of real CT.
  public struct Measured: Codable, Equatable, Sendable {
    /// What is taken over.
    public enum Values: String, Codable, CaseIterable, Sendable {
      /// The mean of every target.
      case means
      /// The distribution of the values of every target.
      case histograms
    }
    /// Folder of real CT, named as the label maps are: the patients to learn from, never those to test on.
    public var images: String
    /// What is taken over from one of them, drawn for every case.
    public var values: Values
  }
}
