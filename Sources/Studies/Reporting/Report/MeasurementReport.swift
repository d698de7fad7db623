/// A page of measurements: figures with their limits, charts and pictures; plain values, nothing is read later.
///
/// `html()` gives one file that needs no other. Equal reports give equal bytes.
public struct MeasurementReport: Equatable, Sendable {
  /// What a limit says of a figure.
  public enum Verdict: String, Equatable, Sendable {
    /// Within its limits.
    case passed = "pass"
    /// Outside of them.
    case failed = "FAIL"
    /// There is no limit.
    case reported = "–"
  }

  /// A figure.
  public struct Row: Equatable, Sendable {
    /// What was measured.
    public var name: String
    /// The figure with its unit.
    public var value: String
    /// Its limit; empty for none.
    public var limit: String
    /// What the limit says.
    public var verdict: Verdict
    /// Where the limit comes from, or what has to be known.
    public var note: String

    /// Creates a row.
    public init(name: String, value: String, limit: String, verdict: Verdict, note: String = "") {
      self.name = name
      self.value = value
      self.limit = limit
      self.verdict = verdict
      self.note = note
    }
  }

  /// Curves over one another.
  public struct Chart: Equatable, Sendable {
    /// One curve.
    public struct Series: Equatable, Sendable {
      /// What it is of.
      public var name: String
      /// Its points in the order in which a line joins them.
      public var points: [SIMD2<Double>]
      /// Whether it is a design or a theory, drawn in ink and dashed.
      public var isReference: Bool

      /// Creates a curve.
      public init(name: String, points: [SIMD2<Double>], isReference: Bool = false) {
        self.name = name
        self.points = points
        self.isReference = isReference
      }
    }

    /// What it shows.
    public var title: String
    /// What the horizontal axis is, with its unit.
    public var xTitle: String
    /// What the vertical axis is, with its unit.
    public var yTitle: String
    /// The curves.
    public var series: [Series]
    /// Whether both axes are logarithmic.
    public var isLogarithmic: Bool
    /// A sentence below it.
    public var caption: String

    /// Creates a chart.
    public init(
      title: String, xTitle: String, yTitle: String, series: [Series], isLogarithmic: Bool = false,
      caption: String = ""
    ) {
      self.title = title
      self.xTitle = xTitle
      self.yTitle = yTitle
      self.series = series
      self.isLogarithmic = isLogarithmic
      self.caption = caption
    }
  }

  /// What belongs to one phantom.
  public struct Section: Equatable, Sendable {
    /// Its anchor in the page.
    public var id: String
    /// Its heading.
    public var title: String
    /// What was scanned and how, in sentences.
    public var text: String
    /// Figures.
    public var rows: [Row]
    /// Charts.
    public var charts: [Chart]
    /// Pictures.
    public var pictures: [MethodFigure]

    /// Creates a section.
    public init(
      id: String, title: String, text: String, rows: [Row], charts: [Chart] = [],
      pictures: [MethodFigure] = []
    ) {
      self.id = id
      self.title = title
      self.text = text
      self.rows = rows
      self.charts = charts
      self.pictures = pictures
    }
  }

  /// The heading of the page.
  public var title: String
  /// What was measured.
  public var description: String
  /// The parts.
  public var sections: [Section]
  /// Settings, for the end of the page.
  public var settings: [SettingsSection]
  /// The version of MaskCT that made the report.
  public var version: String?

  /// Puts together a report.
  public init(
    title: String, description: String, sections: [Section], settings: [SettingsSection],
    version: String? = nil
  ) {
    self.title = title
    self.description = description
    self.sections = sections
    self.settings = settings
    self.version = version
  }
}
