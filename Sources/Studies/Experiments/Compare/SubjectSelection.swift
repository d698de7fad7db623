import Anatomy
import Datasets
import FoundationEssentials
import Support
import Volumes

/// Chooses subjects to train on and to test on from one collection, by a seeded rule.
///
/// The names of all subjects are sorted and shuffled by the seed. Of those with at least
/// `volume` ml of every target the first whose image is at least `height` mm high are tested on, the first
/// others are trained on. The choice is written to `selection.json`, and
/// links to the subjects' files to `selection/training` and `selection/test`. It stands until the rule, the
/// names, or a file that was looked at for it change.
struct SubjectSelection: Codable, Equatable {
  /// What the choice depends on, apart from files.
  var inputs: String
  /// The files that were looked at, in the order in which subjects were drawn.
  var examined: [Examined] = []
  /// Subjects to train on.
  var training: [String]
  /// Subjects to test on.
  var test: [String]

  /// What of a subject decided whether it qualifies.
  struct Examined: Codable, Equatable {
    /// The subject.
    var name: String
    /// Digests of the label maps that were read, joined.
    var labels: String
    /// The grid of its image; nil where there is none that can be read.
    var image: String?
  }

  /// The experiment with its paths set to the chosen subjects; one without a selection as it is.
  ///
  /// - Throws: `MaskCTError` where there are not enough subjects that qualify.
  static func applied(
    to experiment: Experiment, folder: String, workers: Workers,
    progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws -> Experiment {
    guard let rule = experiment.selection else { return experiment }
    guard experiment.labels.count == 1, experiment.labels[0].path == experiment.test.labels,
      experiment.arms.allSatisfy({ $0.labels == nil })
    else {
      throw MaskCTError(
        .usage, "a selection needs one folder of label maps, and the test set's must be the same",
        remedy: "name it under 'labels' and 'test.labels', and in no arm")
    }
    let scheme = try experiment.labels[0].scheme.map { try LabelScheme.load($0) }
    let source = try LabelSource(path: experiment.labels[0].path, scheme: scheme)
    let targets = try Target.resolve(experiment.targets)
    let inputs = digest(
      ("\(rule) \(experiment.targets) \(experiment.test) \(source.meaning) "
        + source.cases.map(\.name).joined(separator: " ")).utf8)
    var files = FileDigests(path: folder + "/digests.json")
    defer { files.save() }
    let file = folder + "/selection.json"
    let old = try? JSONDecoder().decode(
      SubjectSelection.self, from: Data((try? ByteFile.read(file)) ?? []))
    let choice: SubjectSelection
    if let old, old.inputs == inputs,
      try old.isCurrent(experiment, source, targets, files: &files)
    {
      choice = old
    } else {
      choice = try choose(
        rule, experiment, source, targets, inputs: inputs, files: &files, workers: workers,
        progress: progress)
      try createFolder(folder)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let text = String(decoding: try encoder.encode(choice), as: UTF8.self) + "\n"
      try AtomicFile.write(text, to: file)
    }
    return try choice.linked(experiment, source, folder: folder + "/selection")
  }

  private static func choose(
    _ rule: Experiment.Selection, _ experiment: Experiment, _ source: LabelSource,
    _ targets: [Target], inputs: String, files: inout FileDigests, workers: Workers,
    progress: (_ done: Int, _ total: Int, _ name: String) throws -> Void
  ) throws -> SubjectSelection {
    var choice = SubjectSelection(inputs: inputs, training: [], test: [])
    var stream = RandomStream(seed: rule.seed).split("selection")
    let images = try CaseFiles(imagesAt: experiment.test.images, mayBeEmpty: true)
    let total = rule.training + rule.test
    for item in source.cases.shuffled(using: &stream) {
      let chosen = choice.test.count + choice.training.count
      if chosen == total { break }
      try progress(chosen, total, item.name)
      let part = opened(item, of: source, targets)
      choice.examined.append(try examine(part, experiment, files: &files))
      guard holds(targets, rule.volume, part, source, workers) else { continue }
      if choice.test.count < rule.test, let image = images[item.name],
        let grid = try? NIfTI.readHeader(image).grid, grid.extent.z >= rule.height
      {
        choice.test.append(item.name)
      } else if choice.training.count < rule.training {
        // Not fit to test on, or enough are: it may be trained on.
        choice.training.append(item.name)
      }
    }
    guard choice.test.count == rule.test, choice.training.count == rule.training else {
      throw MaskCTError(
        .input, path: source.path,
        "has \(choice.test.count) subjects to test on and \(choice.training.count) to train on, "
          + "\(rule.test) and \(rule.training) are asked for",
        remedy: "ask for fewer under 'selection', or lower its volume or height")
    }
    choice.training.sort()
    choice.test.sort()
    return choice
  }

  /// The part of a subject that the choice looks at: of binary masks, those of the targets alone.
  private static func opened(
    _ item: LabelSource.Case, of source: LabelSource, _ targets: [Target]
  ) -> LabelSource.Case {
    guard source.layout == .totalSegmentator else { return item }
    let wanted = Set(targets.flatMap(\.structures))
    let paths = item.paths.filter { path in
      let file = lastComponent(path)
      let name = CaseFiles.stem(file) ?? file
      let structure = try? StructureCatalog.standard.structure(named: name, in: path)
      return structure.map(wanted.contains) ?? false
    }
    return LabelSource.Case(name: item.name, paths: paths)
  }

  /// Notes what is read of a subject.
  private static func examine(
    _ part: LabelSource.Case, _ experiment: Experiment, files: inout FileDigests
  ) throws -> Examined {
    let labels = try part.files.map { "\(lastComponent($0)) \(try files.digest(of: $0))" }
    let grid = try CaseFiles(imagesAt: experiment.test.images, mayBeEmpty: true)[part.name]
      .flatMap { try? NIfTI.readHeader($0).grid }
    return Examined(
      name: part.name, labels: labels.joined(separator: " "), image: grid?.description)
  }

  /// Whether everything that was looked at is as it was.
  private func isCurrent(
    _ experiment: Experiment, _ source: LabelSource, _ targets: [Target],
    files: inout FileDigests
  ) throws -> Bool {
    let items = Dictionary(uniqueKeysWithValues: source.cases.map { ($0.name, $0) })
    for old in examined {
      guard let item = items[old.name] else { return false }
      let part = Self.opened(item, of: source, targets)
      if try Self.examine(part, experiment, files: &files) != old { return false }
    }
    return !examined.isEmpty
  }

  /// Whether a subject has enough of every target.
  private static func holds(
    _ targets: [Target], _ volume: Double, _ part: LabelSource.Case, _ source: LabelSource,
    _ workers: Workers
  ) -> Bool {
    guard !part.paths.isEmpty, let map = try? source.load(part, workers: workers) else {
      return false
    }
    let table = Target.table(targets, for: map)
    var counts = [Int](repeating: 0, count: targets.count + 1)
    for value in map.labels.values { counts[Int(table[Int(value)])] += 1 }
    let spacing = map.labels.grid.spacing
    let millilitres = spacing.x * spacing.y * spacing.z / 1000
    return counts.dropFirst().allSatisfy {
      $0 > 0 && Double($0) * millilitres >= volume
    }
  }

  /// Links the chosen subjects' files and gives the experiment that reads them.
  private func linked(
    _ experiment: Experiment, _ source: LabelSource, folder: String
  ) throws -> Experiment {
    var result = experiment
    let isTree = source.layout == .totalSegmentator
    let testImages = try CaseFiles(imagesAt: experiment.test.images, mayBeEmpty: true)
    for (part, names) in [("training", Set(training)), ("test", Set(test))] {
      let labels = folder + "/" + part + (isTree ? "" : "/labels")
      let images = folder + "/" + part + (isTree ? "" : "/images")
      try remove(folder + "/" + part)
      try createFolder(labels)
      try createFolder(images)
      for item in source.cases where names.contains(item.name) {
        if isTree {
          try link("\(labels)/\(item.name)", to: "\(source.path)/\(item.name)")
          continue
        }
        let file = item.paths[0].split(separator: "/").last!
        try link("\(labels)/\(file)", to: item.paths[0])
        if let image = testImages[item.name] {
          try link("\(images)/\(image.split(separator: "/").last!)", to: image)
        }
      }
      if part == "test" {
        (result.test.labels, result.test.images) = (labels, images)
      } else {
        result.labels[0].path = labels
        for index in result.arms.indices {
          if result.arms[index].images != nil { result.arms[index].images = images }
          result.arms[index].blend?.images = images
          result.arms[index].measured?.images = images
        }
      }
    }
    return result
  }
}
