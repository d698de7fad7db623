import Acquisition
import Anatomy
import Datasets
import Generation
import Support
import Textures

extension ExperimentRun {
  /// `manifest.json`: every file that the experiment read, its results, versions and times.
  ///
  /// - Parameter files: digests of large files are remembered there.
  func manifest(_ facts: ExperimentFacts, files: inout FileDigests) throws -> Manifest {
    try AtomicFile.write(JSONFile.text(experiment), to: layout.folder + "/experiment.json")
    var seen: Set<String> = []
    var read: [Manifest.Input] = []
    for (role, path) in inputs() where seen.insert(path).inserted {
      read.append(
        Manifest.Input(
          role: role, path: path, bytes: (try? ByteFile.size(path)) ?? 0,
          sha256: try? files.sha256(of: path)))
    }
    var written: [(role: String, path: String)] = []
    for name in ["report.html", "table.csv", "scores.csv", "methods.md", "claim.md"] {
      written.append((role: "result", path: "\(layout.folder)/\(name)"))
    }
    for run in experiment.runs {
      let manifest = try layout.dataset(arm: run.arm, seed: run.seed).rawFolder + "/manifest.json"
      if exists(manifest) { written.append((role: "manifest of a dataset", path: manifest)) }
      let summary = layout.summary(run)
      if exists(summary) { written.append((role: "scores", path: summary)) }
    }
    return Manifest(
      kind: "experiment", name: experiment.title,
      versions: Dictionary(facts.versions.map { ($0.name, $0.version) }) { $1 },
      kernels: InstructionSet.current, inputs: read, settings: "experiment.json",
      outputs: Manifest.read(written, below: layout.folder, workers: workers),
      seconds: facts.seconds)
  }

  /// Label maps, images and clips as they lie with the user; what an unusable folder holds is left out, as its arm is.
  private func inputs() -> [(role: String, path: String)] {
    var files: [(role: String, path: String)] = []
    func add(_ cases: some Sequence<RealCase>, as use: String) {
      for item in cases {
        files.append((role: "\(use) image", path: item.image))
        for path in item.item.files { files.append((role: "\(use) label map", path: path)) }
      }
    }
    if experiment.phantoms == nil,
      let cases = try? TestSet(experiment: experiment, layout: layout).find().cases
    {
      add(cases, as: "test")
    }
    for arm in experiment.arms {
      if arm.images != nil {
        for seed in experiment.training.seeds {
          guard let dataset = try? layout.dataset(arm: arm.name, seed: seed) else { continue }
          let chosen = try? ClinicalDataset(
            arm: arm, sources: experiment.sources(of: arm), targets: experiment.targets,
            dataset: dataset, seed: seed
          ).chosen()
          add((chosen?.cases ?? [])[...], as: "training")
          // Without a number they are the same for every seed.
          if arm.real == nil { break }
        }
        if arm.isClinical { continue }
      }
      for images in [arm.blend?.images, arm.measured?.images].compactMap({ $0 }) {
        let found = try? RealCases.find(images: images, sources: experiment.sources(of: arm))
        add((found?.cases ?? [])[...], as: "training")
      }
      for entry in experiment.sources(of: arm) where entry.path != layout.phantomLabels {
        let scheme = entry.scheme.flatMap { try? LabelScheme.load($0) }
        let source = try? LabelSource(path: entry.path, scheme: scheme, regions: entry.region)
        for path in (source?.cases ?? []).flatMap(\.files) {
          files.append((role: "label map", path: path))
        }
      }
      if let video = arm.video ?? experiment.video, video != "dead-leaves" {
        for clip in (try? VideoLibrary.files(video)) ?? [] {
          files.append((role: "video", path: clip.path))
        }
      }
    }
    return files
  }
}
