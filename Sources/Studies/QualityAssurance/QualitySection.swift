public import Reporting

/// What the scans of one kind of phantom showed.
public struct QualitySection: Sendable {
  /// A short name, the anchor in the page and the key in the JSON file.
  public var id: String
  /// The heading.
  public var title: String
  /// What was scanned and how.
  public var text: String
  /// The figures.
  public var findings: [QualityFinding]
  /// Curves.
  public var charts: [MeasurementReport.Chart] = []
  /// Pictures.
  public var pictures: [MethodFigure] = []

  /// A section without charts and pictures so far.
  init(id: String, title: String, text: String, findings: [QualityFinding] = []) {
    self.id = id
    self.title = title
    self.text = text
    self.findings = findings
  }
}
