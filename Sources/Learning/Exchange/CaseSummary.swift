import Support

/// What exports and model cards take from the record of a generated case, `records/CASE.json`.
struct CaseSummary: Decodable {
  /// The version of the tool that made the case.
  var version: String
  /// The folder of label maps.
  var source: String
  /// The name of the label map in that folder.
  var labelMap: String
  var recipe: Recipe
  /// What the recipe was called: a preset's name or a file; `nil` in records of earlier versions.
  var recipeName: String?
  var draw: Draw

  /// The recipe's name without folders, else its description.
  var calledRecipe: String {
    recipeName.map { "`\(lastComponent($0))`" } ?? recipe.description
  }

  /// The recipe.
  struct Recipe: Decodable {
    var description: String
  }

  /// What was drawn for the case.
  struct Draw: Decodable {
    var seed: UInt64
    var acquisitions: [Acquisition]

    /// The CT of the case, if it has one.
    var ct: CT? {
      for case .ct(let ct) in acquisitions { return ct }
      return nil
    }
  }

  /// How an image was taken.
  enum Acquisition: Decodable {
    case ct(CT)
    case mr(MR)

    private enum CodingKeys: String, CodingKey { case modality }

    init(from decoder: any Decoder) throws {
      let modality = try decoder.container(keyedBy: CodingKeys.self).decode(
        String.self, forKey: .modality)
      self = modality == "mr" ? .mr(try MR(from: decoder)) : .ct(try CT(from: decoder))
    }

    /// What took it, in words.
    var name: String {
      switch self {
      case .ct(let ct): ct.scanner.name
      case .mr(let mr): "MR \(mr.protocol.name)"
      }
    }
  }

  /// How a CT was taken.
  struct CT: Decodable {
    var scanner: Scanner
    var `protocol`: ScanProtocol
  }

  /// How an MR image was taken.
  struct MR: Decodable {
    var `protocol`: Scanner
  }

  /// The scanner.
  struct Scanner: Decodable {
    var name: String
  }

  /// The protocol, under the keys of a protocol file.
  struct ScanProtocol: Decodable {
    var kvp: Double?
    var mas: Double
    var noiseIndex: Double?
    var pitch: Double
    var kernel: String
    var sliceThickness: Double?
    var rotationTime: Double?

    private enum CodingKeys: String, CodingKey {
      case kvp, mas, pitch, kernel
      case noiseIndex = "noise_index"
      case sliceThickness = "slice_thickness"
      case rotationTime = "rotation_time"
    }
  }

  /// Reads the record of a case; `nil` if there is none, or none that this version reads.
  init?(path: String) {
    guard let summary = try? JSONFile.read(CaseSummary.self, path: path) else { return nil }
    self = summary
  }
}
