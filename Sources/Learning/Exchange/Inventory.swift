import Support

/// What a file, folder or zip holds, as the Python side found it.
struct Inventory: Equatable, Sendable {
  /// One structure of a case.
  struct Segment: Equatable, Sendable {
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
  struct Case: Equatable, Sendable {
    var name: String
    /// Paths as the user would recognise them, below the input.
    var files: [String]
    var segments: [Segment]
  }

  /// One CT series, or an image in a NRRD or MetaImage file.
  struct Image: Equatable, Sendable {
    var name: String
    /// The series' UID, or a name of the Python side's own.
    var uid: String
    /// The case whose labels were drawn on it; empty for none.
    var caseName: String
    var shown: String
  }

  /// A file that was left out, and why.
  struct Skipped: Equatable, Sendable {
    var file: String
    var reason: String
  }

  var cases: [Case]
  var images: [Image]
  var skipped: [Skipped]
  /// How many files were looked at.
  var files: Int

  init(json: JSON) {
    func list(_ key: String, in json: JSON) -> [JSON] { json[key]?.elements ?? [] }
    cases = list("cases", in: json).map { item in
      Case(
        name: item["name"]?.text ?? "", files: list("files", in: item).compactMap(\.text),
        segments: list("segments", in: item).map {
          Segment(
            file: $0["file"]?.int ?? 0, number: $0["number"]?.int ?? 0,
            name: $0["name"]?.text ?? "",
            code: $0["code"]?.text ?? "", side: $0["side"]?.text ?? "")
        })
    }
    images = list("images", in: json).map {
      Image(
        name: $0["name"]?.text ?? "", uid: $0["uid"]?.text ?? "",
        caseName: $0["case"]?.text ?? "", shown: $0["shown"]?.text ?? "")
    }
    skipped = list("skipped", in: json).map {
      Skipped(file: $0["file"]?.text ?? "", reason: $0["reason"]?.text ?? "")
    }
    files = json["files"]?.int ?? 0
  }
}
