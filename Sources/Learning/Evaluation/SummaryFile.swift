import Datasets
import FoundationEssentials
import Support

/// `summary.json` in nnU-Net's shape, written and read.
///
/// The shape is that of `nnUNetv2_evaluate_folder`: `foreground_mean`, `mean.{label}` and
/// `metric_per_case[]` with `prediction_file`, `reference_file` and `metrics.{label}`; MaskCT adds the
/// metrics `NSD`, `HD95` and `ASSD` and the object `maskct` with names, tolerance, notes and failures.
/// Numbers that do not exist (NaN) or are infinite are `null`: bare `NaN` is not JSON.
public enum SummaryFile {
  /// Writes a summary; the file appears whole or not at all.
  ///
  /// - Throws: `MaskCTError` (output) when the file cannot be written.
  public static func write(_ summary: EvaluationSummary, to path: String) throws {
    try AtomicFile.write(json(summary), to: path)
  }

  /// The text of `summary.json`.
  public static func json(_ summary: EvaluationSummary) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Only strings, integers and finite numbers are encoded, which cannot fail.
    return String(decoding: try! encoder.encode(Document(summary)), as: UTF8.self) + "\n"
  }

  /// Reads a summary that MaskCT or nnU-Net wrote.
  ///
  /// Of nnU-Net's own files the surface measures are NaN and structures are named `label 1`.
  /// - Throws: `MaskCTError` (input) when the file is missing or is not a summary.
  public static func read(_ path: String) throws -> EvaluationSummary {
    let bytes = try ByteFile.read(path)
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(replacingNaN(bytes)))
    } catch {
      throw MaskCTError(
        .input, path: path, "not a summary of an evaluation",
        remedy: "give the summary.json of 'maskct evaluate' or 'nnUNetv2_evaluate_folder'")
    }
    return document.summary
  }

  /// Python writes `NaN` and `Infinity`, which JSON does not know: they become `null`.
  static func replacingNaN(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var inString = false
    var index = 0
    scan: while index < bytes.count {
      let byte = bytes[index]
      if inString {
        if byte == UInt8(ascii: "\\") && index + 1 < bytes.count {
          output += [byte, bytes[index + 1]]
          index += 2
          continue
        }
        inString = byte != UInt8(ascii: "\"")
      } else if byte == UInt8(ascii: "\"") {
        inString = true
      } else if byte == UInt8(ascii: "N") || byte == UInt8(ascii: "I") || byte == UInt8(ascii: "-")
      {
        for word in ["NaN", "Infinity", "-Infinity"] where bytes[index...].starts(with: word.utf8) {
          output += Array("null".utf8)
          index += word.utf8.count
          continue scan
        }
      }
      output.append(byte)
      index += 1
    }
    return output
  }
}

/// The JSON document; property names are its keys.
private struct Document: Codable {
  var foreground_mean: Values
  var mean: [String: Values]
  var metric_per_case: [Case]
  var maskct: Extras?

  struct Case: Codable {
    var metrics: [String: Values]
    var prediction_file: String
    var reference_file: String
  }

  struct Extras: Codable {
    struct Structure: Codable {
      var name: String
      var key: String
      var prediction: [UInt16]
      var reference: [UInt16]
    }
    struct Failure: Codable {
      var name: String
      var problem: String
    }
    var structures: [Structure]
    var nsd_tolerance_mm: Double
    var cases: [String]
    var case_notes: [[String]]
    var notes: [String]
    var failures: [Failure]
  }

  init(_ summary: EvaluationSummary) {
    func values(_ value: (Metric) -> Double, whole: Bool) -> Values {
      Values(
        numbers: Dictionary(uniqueKeysWithValues: Metric.allCases.map { ($0.rawValue, value($0)) }),
        whole: whole)
    }
    foreground_mean = values(summary.foregroundMean, whole: false)
    mean = [:]
    for (index, structure) in summary.structures.enumerated() {
      mean[structure.key] = values(
        { summary.statistics($0, structure: index).mean }, whole: false)
    }
    metric_per_case = summary.cases.map { scores in
      let metrics = zip(summary.structures, scores.scores).map { structure, score in
        (structure.key, values({ score[$0] }, whole: true))
      }
      return Case(
        metrics: Dictionary(uniqueKeysWithValues: metrics), prediction_file: scores.predictionFile,
        reference_file: scores.referenceFile)
    }
    maskct = Extras(
      structures: summary.structures.map {
        .init(
          name: $0.name, key: $0.key, prediction: $0.prediction.sorted(),
          reference: $0.reference.sorted())
      },
      nsd_tolerance_mm: summary.tolerance, cases: summary.cases.map(\.name),
      case_notes: summary.cases.map(\.notes), notes: summary.notes,
      failures: summary.failures.map { .init(name: $0.name, problem: $0.problem) })
  }

  var summary: EvaluationSummary {
    let structures: [EvaluatedStructure]
    if let maskct {
      structures = maskct.structures.map {
        EvaluatedStructure(
          name: $0.name, prediction: Set($0.prediction), reference: Set($0.reference))
      }
    } else {
      structures = mean.keys.map { key in
        let ids = Set(key.split { !$0.isNumber }.compactMap { UInt16($0) })
        return EvaluatedStructure(name: "label \(key)", prediction: ids, reference: ids)
      }.sorted { $0.prediction.sorted().lexicographicallyPrecedes($1.prediction.sorted()) }
    }
    let cases = metric_per_case.enumerated().map { index, entry in
      CaseScores(
        name: maskct.flatMap { index < $0.cases.count ? $0.cases[index] : nil }
          ?? CaseFiles.name(ofFile: entry.reference_file),
        predictionFile: entry.prediction_file, referenceFile: entry.reference_file,
        scores: structures.map { (entry.metrics[$0.key] ?? Values(numbers: [:])).scores },
        notes: maskct.flatMap { index < $0.case_notes.count ? $0.case_notes[index] : nil } ?? [])
    }
    return EvaluationSummary(
      structures: structures, tolerance: maskct?.nsd_tolerance_mm ?? .nan, cases: cases,
      failures: (maskct?.failures ?? []).map { .init(name: $0.name, problem: $0.problem) })
  }
}

/// Metric values by name, `null` where there is no finite number.
private struct Values: Codable {
  var numbers: [String: Double]
  /// Whether voxel counts are written as integers.
  var whole = false

  init(numbers: [String: Double], whole: Bool = false) {
    self.numbers = numbers
    self.whole = whole
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    numbers = [:]
    for key in container.allKeys {
      numbers[key.stringValue] = try container.decodeIfPresent(Double.self, forKey: key)
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (name, number) in numbers {
      if !number.isFinite {
        try container.encodeNil(forKey: Key(name))
      } else if whole && Metric(rawValue: name)?.isCount == true {
        try container.encode(Int(number), forKey: Key(name))
      } else {
        try container.encode(number, forKey: Key(name))
      }
    }
  }

  /// The scores; a missing distance is infinite where exactly one mask is empty.
  var scores: StructureScores {
    func count(_ metric: Metric) -> Int { Int(numbers[metric.rawValue] ?? 0) }
    let overlap = Overlap(
      truePositives: count(.truePositives), falsePositives: count(.falsePositives),
      falseNegatives: count(.falseNegatives), trueNegatives: count(.trueNegatives))
    let oneEmpty = (overlap.predicted == 0) != (overlap.referenced == 0)
    let hasDistances = numbers[Metric.normalisedSurfaceDice.rawValue] != nil
    let missing: Double = oneEmpty && hasDistances ? .infinity : .nan
    return StructureScores(
      overlap: overlap,
      normalisedSurfaceDice: numbers[Metric.normalisedSurfaceDice.rawValue] ?? .nan,
      hausdorff95: numbers[Metric.hausdorff95.rawValue] ?? missing,
      meanSurfaceDistance: numbers[Metric.meanSurfaceDistance.rawValue] ?? missing)
  }
}
