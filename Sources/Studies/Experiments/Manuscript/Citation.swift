/// A work that the method rests on, in the forms that manuscripts need.
struct Citation: Equatable {
  /// The key in BibTeX.
  var key: String
  /// `article`, `book` or `software`.
  var type: String
  /// Family name first, as BibTeX has them.
  var authors: [String]
  /// Whether the list of authors goes on.
  var hasOthers = false
  var title: String
  /// Journal, or publisher of a book.
  var venue: String
  var year: Int
  var volume = ""
  var pages = ""
  var doi = ""

  /// The entry of `references.bib`.
  var bibTeX: String {
    var fields: [(String, String)] = [
      ("author", (authors + (hasOthers ? ["others"] : [])).joined(separator: " and ")),
      ("title", "{\(title)}"),
    ]
    if type == "article" { fields.append(("journal", venue)) }
    if type == "book" { fields.append(("publisher", venue)) }
    if type == "software" { fields.append(("note", venue)) }
    fields += [("year", "\(year)"), ("volume", volume), ("pages", pages), ("doi", doi)]
    let lines = fields.filter { !$0.1.isEmpty }.map { "  \($0.0) = {\($0.1)}" }
    // Software is an entry type of biblatex alone.
    return "@\(type == "software" ? "misc" : type){\(key),\n\(lines.joined(separator: ",\n"))\n}\n"
  }

  /// One line of a list of references.
  var line: String {
    let names = authors.prefix(6).map { name -> String in
      let parts = name.split(separator: ",")
      // Braces keep an institution's name whole in BibTeX.
      guard parts.count == 2 else { return name.filter { $0 != "{" && $0 != "}" } }
      let initials = parts[1].split { $0 == " " || $0 == "-" }.map { $0.prefix(1) }.joined()
      return "\(parts[0]) \(initials)"
    }
    let all = names.joined(separator: ", ") + (hasOthers || authors.count > 6 ? ", et al" : "")
    var text = "\(all). \(title). \(venue). \(year)"
    if !volume.isEmpty { text += ";\(volume)" }
    if !pages.isEmpty { text += ":\(String(pages.map { $0 == "-" ? "–" : $0 }))" }
    return text + "." + (doi.isEmpty ? "" : " doi:\(doi)")
  }
}

extension Citation {
  static let nnUNet = Citation(
    key: "isensee2021nnunet", type: "article",
    authors: [
      "Isensee, Fabian", "Jaeger, Paul F.", "Kohl, Simon A. A.", "Petersen, Jens",
      "Maier-Hein, Klaus H.",
    ],
    title:
      "nnU-Net: a self-configuring method for deep learning-based biomedical image segmentation",
    venue: "Nature Methods", year: 2021, volume: "18", pages: "203-211",
    doi: "10.1038/s41592-020-01008-z")
  static let metrics = Citation(
    key: "maierhein2024metrics", type: "article",
    authors: ["Maier-Hein, Lena", "Reinke, Annika", "Godau, Patrick"], hasOthers: true,
    title: "Metrics reloaded: recommendations for image analysis validation",
    venue: "Nature Methods", year: 2024, volume: "21", pages: "195-212",
    doi: "10.1038/s41592-023-02151-z")
  static let surfaceDice = Citation(
    key: "nikolov2021clinically", type: "article",
    authors: ["Nikolov, Stanislav", "Blackwell, Sam", "Zverovitch, Alexei"], hasOthers: true,
    title:
      """
      Clinically applicable segmentation of head and neck anatomy for radiotherapy: deep learning \
      algorithm development and validation study
      """,
    venue: "Journal of Medical Internet Research", year: 2021, volume: "23", pages: "e26151",
    doi: "10.2196/26151")
  static let dice = Citation(
    key: "dice1945measures", type: "article", authors: ["Dice, Lee R."],
    title: "Measures of the amount of ecologic association between species", venue: "Ecology",
    year: 1945, volume: "26", pages: "297-302", doi: "10.2307/1932409")
  static let wilcoxon = Citation(
    key: "wilcoxon1945individual", type: "article", authors: ["Wilcoxon, Frank"],
    title: "Individual comparisons by ranking methods", venue: "Biometrics Bulletin", year: 1945,
    volume: "1", pages: "80-83", doi: "10.2307/3001968")
  static let bootstrap = Citation(
    key: "efron1993bootstrap", type: "book",
    authors: ["Efron, Bradley", "Tibshirani, Robert J."],
    title: "An introduction to the bootstrap", venue: "Chapman and Hall", year: 1993)
  static let claim = Citation(
    key: "tejani2024claim", type: "article",
    authors: [
      "Tejani, Ali S.", "Klontzas, Michail E.", "Gatti, Anthony A.", "Mongan, John T.",
      "Moy, Linda", "Park, Seong Ho", "Kahn, Charles E.",
    ],
    title: "Checklist for artificial intelligence in medical imaging (CLAIM): 2024 update",
    venue: "Radiology: Artificial Intelligence", year: 2024, volume: "6", pages: "e240300",
    doi: "10.1148/ryai.240300")
  static let totalSegmentator = Citation(
    key: "wasserthal2023totalsegmentator", type: "article",
    authors: ["Wasserthal, Jakob", "Breit, Hanns-Christian", "Meyer, Manfred T."], hasOthers: true,
    title: "TotalSegmentator: robust segmentation of 104 anatomic structures in CT images",
    venue: "Radiology: Artificial Intelligence", year: 2023, volume: "5", pages: "e230024",
    doi: "10.1148/ryai.230024")

  /// This tool, in the version at hand.
  static func maskCT(version: String) -> Citation {
    Citation(
      key: "maskct", type: "software", authors: ["{The MaskCT authors}"],
      title: "MaskCT: CT segmentation networks from label masks",
      venue: "Version \(version)", year: 2026)
  }
}
