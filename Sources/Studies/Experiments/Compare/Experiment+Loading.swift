public import Configuration
import FoundationEssentials
import Support

extension Experiment {
  /// The experiments that ship with the tool.
  public static let presets = Presets(
    kind: "experiment",
    [
      "abdomen": PackageResources.abdomen_yaml,
      "few-real": PackageResources.few_real_yaml,
      "field-of-view": PackageResources.field_of_view_yaml,
      "head-neck": PackageResources.head_neck_yaml,
      "head-neck-ablation": PackageResources.head_neck_ablation_yaml,
      "demo": PackageResources.demo_yaml,
      "ladder": PackageResources.ladder_yaml,
      "liver": PackageResources.liver_yaml,
      "mr-abdomen": PackageResources.mr_abdomen_yaml,
      "quick": PackageResources.quick_yaml,
      "table1-totalsegmentator": PackageResources.table1_totalsegmentator_yaml,
    ])

  /// Loads an experiment that ships with the tool, or a user's YAML file.
  ///
  /// - Parameter data: the folder that its paths are relative to; nil takes that of the YAML file, and
  ///   for a shipped experiment the working folder.
  /// - Throws: `MaskCTError` with the nearest name, or with what is wrong in the file.
  public static func load(_ nameOrPath: String, data: String?) throws -> Experiment {
    let (text, name) = try presets.source(nameOrPath)
    var experiment = try YAML.decode(Experiment.self, text: text, name: name)
    try experiment.validate(name: name)
    let folder =
      data ?? (name == nameOrPath ? parent(nameOrPath) : nil)
      ?? FileManager.default.currentDirectoryPath
    experiment.resolvePaths(from: absolute(folder))
    return experiment
  }

  /// The arm's label maps, or the experiment's.
  public func sources(of arm: Arm) -> [Source] { arm.labels ?? labels }

  /// Makes all paths absolute.
  mutating func resolvePaths(from folder: String) {
    func resolve(_ path: String) -> String { absolute(path, from: folder) }
    func resolve(clips: String?) -> String? {
      clips.map { $0 == "dead-leaves" ? $0 : resolve($0) }
    }
    func isFile(_ name: String) -> Bool {
      name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    }
    func resolve(preset name: String) -> String { isFile(name) ? resolve(name) : name }
    func resolve(sources: [Source]) -> [Source] {
      sources.map {
        Source(
          path: resolve($0.path), scheme: $0.scheme.map { resolve(preset: $0) },
          region: $0.region.map { resolve($0) })
      }
    }
    labels = resolve(sources: labels)
    video = resolve(clips: video)
    if phantoms == nil {
      test.images = resolve(test.images)
      test.labels = resolve(test.labels)
    }
    if let scans = phantoms?.scans {
      phantoms?.scans = .init(
        recipe: resolve(preset: scans.recipe), scanner: resolve(preset: scans.scanner),
        protocol: resolve(preset: scans.protocol))
    }
    test.scheme = test.scheme.map { resolve(preset: $0) }
    for index in arms.indices {
      arms[index].labels = arms[index].labels.map { resolve(sources: $0) }
      arms[index].video = resolve(clips: arms[index].video)
      arms[index].images = arms[index].images.map { resolve($0) }
      if let images = arms[index].blend?.images { arms[index].blend!.images = resolve(images) }
      if let images = arms[index].measured?.images {
        arms[index].measured!.images = resolve(images)
      }
      arms[index].recipe = arms[index].recipe.map { resolve(preset: $0) }
      arms[index].scanners = arms[index].scanners?.map { resolve(preset: $0) }
      arms[index].protocols = arms[index].protocols?.map { resolve(preset: $0) }
    }
  }
}
