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
    var acquisition: Acquisition
  }

  /// How it was scanned.
  struct Acquisition: Decodable {
    var scanner: Scanner
    var `protocol`: ScanProtocol
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
