/// What a file, folder or zip holds, as the Python side found it.
struct Inventory: Decodable, Equatable, Sendable {
  /// One structure of a case.
  struct Segment: Decodable, Equatable, Sendable {
    /// Which of the case's files it is in, and its number there.
    var file: Int
    var number: Int
    var name: String
    /// SNOMED CT code; empty for none.
    var code: String
    /// `left`, `right` or nothing.
    var side: String

    /// Under what it stands in the table of names.
    var key: MatchTable.Key {
      MatchTable.Key(name: name, code: [code, side].filter { !$0.isEmpty }.joined(separator: " "))
    }
  }

  /// One label map to be: the file, or the files of one series.
  struct Case: Decodable, Equatable, Sendable {
    var name: String
    /// Paths as the user would recognise them, below the input.
    var files: [String]
    var segments: [Segment]
  }

  /// One CT series, or an image in a NRRD or MetaImage file.
  struct Image: Decodable, Equatable, Sendable {
    var name: String
    /// The series' UID, or a name of the Python side's own.
    var uid: String
    /// The case whose labels were drawn on it; empty for none.
    var caseName: String
    var shown: String

    private enum CodingKeys: String, CodingKey {
      case name, uid, shown
      case caseName = "case"
    }
  }

  /// A file that was left out, and why.
  struct Skipped: Decodable, Equatable, Sendable {
    var file: String
    var reason: String
  }

  var cases: [Case]
  var images: [Image]
  var skipped: [Skipped]
  /// How many files were looked at.
  var files: Int
}
