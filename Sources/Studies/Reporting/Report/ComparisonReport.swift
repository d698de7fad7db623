public import Evaluation

/// What the page of a comparison experiment shows; plain values, nothing is read later.
///
/// `html()` gives one file that needs no other: style, script, charts and pictures are inside. Equal
/// reports give equal bytes. See `docs/reference/report.md`.
public struct ComparisonReport: Sendable {
  /// The heading of the page.
  public var title: String
  /// What was compared and why: plain text; an empty line begins a new paragraph.
  public var description: String
  /// The scores of all arms.
  public var comparison: Comparison
  /// The reference work's numbers; may be empty.
  public var published: [PublishedResult]
  /// Pictures of the method, in the order of the pipeline.
  public var method: [MethodFigure]
  /// Histograms of HU, synthetic and real.
  public var histograms: [HistogramPanel]
  /// How the trainings went.
  public var curves: [LearningCurve]
  /// Cases to look at.
  public var examples: [CaseExample]
  /// Every setting, version, seed and time.
  public var settings: [SettingsSection]
  /// What a reader has to know of the numbers, one sentence each.
  public var notes: [String]
  /// The method in words; nil leaves it out.
  public var methods: MethodsText?
  /// A reporting checklist, filled in as far as the experiment knows; may be empty.
  public var checklist: [ChecklistItem]
  /// Whose checklist it is, one sentence.
  public var checklistSource: String
  /// The version of MaskCT that made the report, for the foot of the page; nil leaves it out.
  public var version: String?

  /// Puts together a report.
  public init(
    title: String, description: String, comparison: Comparison, published: [PublishedResult],
    method: [MethodFigure], histograms: [HistogramPanel], curves: [LearningCurve],
    examples: [CaseExample], settings: [SettingsSection], notes: [String],
    methods: MethodsText? = nil, checklist: [ChecklistItem] = [], checklistSource: String = "",
    version: String? = nil
  ) {
    self.title = title
    self.description = description
    self.comparison = comparison
    self.published = published
    self.method = method
    self.histograms = histograms
    self.curves = curves
    self.examples = examples
    self.settings = settings
    self.notes = notes
    self.methods = methods
    self.checklist = checklist
    self.checklistSource = checklistSource
    self.version = version
  }
}
