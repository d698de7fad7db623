public import Volumes

/// A number of the reference work beside which an arm's own is shown.
public struct PublishedResult: Equatable, Sendable {
  /// The name of the arm that it belongs to.
  public var arm: String
  /// The structure's name; empty for the mean over all structures.
  public var structure: String
  /// The published mean Dice.
  public var dice: Double
  /// Where it is published.
  public var source: String

  /// Creates a published number.
  public init(arm: String, structure: String, dice: Double, source: String) {
    self.arm = arm
    self.structure = structure
    self.dice = dice
    self.source = source
  }
}

/// A picture of one step of the method.
public struct MethodFigure: Equatable, Sendable {
  /// The step's name.
  public var title: String
  /// What the picture shows; also read to those who do not see it.
  public var caption: String
  /// The picture.
  public var picture: Picture

  /// Creates a figure.
  public init(title: String, caption: String, picture: Picture) {
    self.title = title
    self.caption = caption
    self.picture = picture
  }
}

/// Histograms of HU over one another.
public struct HistogramPanel: Equatable, Sendable {
  /// One histogram.
  public struct Series: Equatable, Sendable {
    /// What it is of.
    public var name: String
    /// Whether it is of real CT, to which the others are compared.
    public var isReal: Bool
    /// How much lies in every bin; any scale, the report shows shares of the sum.
    public var densities: [Double]

    /// Creates a histogram.
    public init(name: String, isReal: Bool, densities: [Double]) {
      self.name = name
      self.isReal = isReal
      self.densities = densities
    }
  }

  /// What the voxels are of.
  public var title: String
  /// The lower edge of the first bin, HU.
  public var lowest: Double
  /// The width of a bin, HU.
  public var binWidth: Double
  /// The histograms, with the same bins.
  public var series: [Series]

  /// Creates a panel.
  public init(title: String, lowest: Double, binWidth: Double, series: [Series]) {
    self.title = title
    self.lowest = lowest
    self.binWidth = binWidth
    self.series = series
  }
}

/// How a training of an arm went.
public struct LearningCurve: Equatable, Sendable {
  /// What is known of an epoch.
  public struct Point: Equatable, Sendable {
    /// The number of the epoch.
    public var epoch: Int
    /// The mean loss of the epoch.
    public var trainLoss: Double?
    /// The loss on cases held out from training.
    public var validationLoss: Double?
    /// Dice on cases held out from training.
    public var dice: Double?

    /// Creates a point.
    public init(epoch: Int, trainLoss: Double?, validationLoss: Double?, dice: Double?) {
      self.epoch = epoch
      self.trainLoss = trainLoss
      self.validationLoss = validationLoss
      self.dice = dice
    }
  }

  /// The name of the arm, with `-` and more where it is one of several runs.
  public var arm: String
  /// The epochs in order.
  public var points: [Point]

  /// Creates a curve.
  public init(arm: String, points: [Point]) {
    self.arm = arm
    self.points = points
  }
}

/// A case of an arm to look at.
public struct CaseExample: Equatable, Sendable {
  /// Which of an arm's cases it is, by Dice.
  public enum Rank: String, CaseIterable, Sendable {
    /// The highest Dice.
    case best
    /// The middle one.
    case median
    /// The lowest Dice.
    case worst
  }

  /// The name of the arm.
  public var arm: String
  /// Which of its cases.
  public var rank: Rank
  /// The case's name.
  public var caseName: String
  /// The case's mean Dice over the structures.
  public var dice: Double
  /// Its slices.
  public var stack: SliceStack

  /// Creates an example.
  public init(arm: String, rank: Rank, caseName: String, dice: Double, stack: SliceStack) {
    self.arm = arm
    self.rank = rank
    self.caseName = caseName
    self.dice = dice
    self.stack = stack
  }
}

/// Settings that belong together.
public struct SettingsSection: Equatable, Sendable {
  /// A setting.
  public struct Row: Equatable, Sendable {
    /// Its name.
    public var key: String
    /// Its value, with the unit.
    public var value: String

    /// Creates a row.
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// What they are the settings of.
  public var title: String
  /// The settings in order.
  public var rows: [Row]

  /// Creates a section.
  public init(title: String, rows: [Row]) {
    self.title = title
    self.rows = rows
  }
}
