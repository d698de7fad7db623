import TestSupport
import Datasets
import FoundationEssentials
import Support
import Synchronization
import Testing
import Training
import Volumes

extension RunAlone {
  /// The real nnU-Net on bodies of 32^3 voxels: killed, resumed, and used.
  ///
  /// Skipped only where the Python environment cannot be installed: without network on a machine
  /// that has not run `maskct setup` (`make test` runs it).
  @Suite struct TrainingTests {
    @Test(
      "trained, killed, resumed, the same as in one go; predictions lie on the image's own grid",
      .timeLimit(.minutes(15)))
    func killAndResume() async throws {
      let python = try await Requirement.provide("the Python environment") {
        try await PythonEnvironment.install()
      }
      try await withTemporaryFolder { folder in
        let dataset = try NNUNetDataset(
          folder: folder + "/nnUNet_raw/Dataset991_Toy", environment: [:])
        for index in 0..<8 { try writeCase(index, of: dataset) }
        try dataset.writeDescription(structures: ["liver"])

        var settings = TrainingSettings()
        settings.voxels = 8_000
        settings.epochs = 6
        settings.iterations = 10
        settings.validationIterations = 1
        settings.workers = Workers(count: 2)
        settings.checkpointSeconds = 0
        let training = Training(dataset: dataset, settings: settings)

        // Ended in the third epoch, as by Ctrl-C; from within, so that a busy machine cannot miss it.
        let first = Log()
        let task = Task {
          try await training.run(environment: python) {
            first.add($0)
            if first.lastEpoch >= 2 { withUnsafeCurrentTask { $0?.cancel() } }
          }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(first.events.contains(.began(.fingerprint)))
        #expect(first.lastEpoch >= 2)
        #expect(first.lastEpoch < 6, "the training was over before it was killed")

        // Goes on: earlier stages are skipped, finished epochs are not done again.
        let second = Log()
        let model = try await training.run(environment: python) { second.add($0) }
        #expect(second.events.contains(.skipped(.preprocess)))
        #expect(second.resumedFrom >= 2)
        #expect(model.isFinished)
        let resumed = model.history
        #expect(resumed.map(\.epoch) == [1, 2, 3, 4, 5, 6])

        // A finished training is not trained again, nor is Python started.
        let third = Log()
        #expect(try await training.run(environment: python) { third.add($0) } == model)
        #expect(third.events == TrainingStage.allCases.map { .skipped($0) })

        // In one go: the same losses, to the last digit that is written.
        try FileManager.default.removeItem(atPath: dataset.folders.results)
        let fourth = Log()
        _ = try await training.run(environment: python) { fourth.add($0) }
        #expect(fourth.events.contains(.skipped(.preprocess)))
        #expect(model.history.map(\.trainLoss) == resumed.map(\.trainLoss))

        let pair = try await predicts(with: model, folder: folder, python: python)
        try await keepsLargestComponent(of: pair, with: model, folder: folder, python: python)
        try await loadsInStockNNUNet(model, folder: folder, python: python)

        // Other data under the same name is not mixed in.
        try writeCase(8, of: dataset)
        await #expect(throws: MaskCTError.self) {
          try await Training(dataset: dataset, settings: settings).run(environment: python) { _ in }
        }
      }
    }

    @Test("the first epochs see images and labels at half the resolution")
    func halvesResolution() async throws {
      let python = try await Requirement.provide("the Python environment") {
        try await PythonEnvironment.install()
      }
      let script = """
        import torch
        from maskct_trainer import at_half_resolution

        sizes = [(72 // k, 56 // k, 64 // k) for k in (1, 2, 4)]
        targets = [torch.zeros(2, 1, *size).short() for size in sizes]
        batch = {"data": torch.zeros(2, 1, *sizes[0]), "target": targets}
        for k, target in zip((1, 2, 4), targets):
            target[:, :, :36 // k] = 1
        batch["data"][:, :, :36] = 1
        half = at_half_resolution(batch, [8, 8, 8])
        assert half["data"].shape == (2, 1, 32, 32, 32), half["data"].shape
        assert [target.shape[2] for target in half["target"]] == [32, 16, 8]
        assert half["target"][0].dtype == torch.int16
        assert ((half["data"] > 0.5) == (half["target"][0] == 1)).all()
        assert all(abs(target.float().mean() - 0.5) < 1e-6 for target in half["target"])
        assert batch["data"].shape[2:] == (72, 56, 64)
        """
      let outcome = try await ChildProcess.run(
        python.python, ["-c", script], environment: ["PYTHONPATH": python.scripts])
      #expect(outcome.succeeded, "\(outcome.tail(8))")
    }

    /// Predicts an image in another orientation and resolution, beside two bodies in one image and a file that
    /// is none.
    ///
    /// - Returns: the organs of the two bodies.
    private func predicts(
      with model: TrainedModel, folder: String, python: PythonEnvironment
    ) async throws -> Mask {
      let input = folder + "/images"
      try FileManager.default.createDirectory(atPath: input, withIntermediateDirectories: true)
      let grid = Grid(shape: [40, 36, 30], spacing: [4.5, 5, 6])
      let (image, truth) = body(20, grid: grid)
      try NIfTI.write(
        image, to: input + "/plain.nii.gz", frame: .canonical(grid), workers: Workers(count: 1))
      let turn = """
        import nibabel, sys
        image = nibabel.load(sys.argv[1])
        codes = nibabel.orientations.axcodes2ornt("IPL")
        turned = image.as_reoriented(nibabel.orientations.ornt_transform(
            nibabel.orientations.io_orientation(image.affine), codes))
        nibabel.save(turned, sys.argv[2])
        """
      let turned = try await ChildProcess.run(
        python.python, ["-c", turn, input + "/plain.nii.gz", input + "/turned_0000.nii.gz"])
      #expect(turned.succeeded, "\(turned.output)")
      try write("no volume", to: input + "/broken.nii")
      try writePair(to: input + "/pair.nii.gz")

      let output = folder + "/labels"
      let warnings = Mutex<[String]>([])
      let images = try await Prediction(model: model).run(
        input: input, output: output, environment: python
      ) { event in
        if case .warning(let text) = event { warnings.withLock { $0.append(text) } }
      }
      #expect(
        images.map(\.input).map { $0.split(separator: "/").last } == [
          "broken.nii", "pair.nii.gz", "plain.nii.gz", "turned_0000.nii.gz",
        ])
      #expect(images.map { $0.failure == nil } == [false, true, true, true])
      #expect(warnings.withLock(\.self).isEmpty)

      let plain = try NIfTI.readLabelMap(output + "/plain.nii.gz", workers: Workers(count: 1))
      #expect(plain.labels.grid.matches(grid))
      // 60 iterations on six cases: far from good, but no longer chance.
      #expect(dice(plain.labels, truth) > 0.5)
      // The turned image is the same body, so it has the same label map, in its own orientation.
      let other = try NIfTI.readLabelMap(output + "/turned.nii.gz", workers: Workers(count: 1))
      #expect(other.frame.orientation == "IPL")
      #expect(other.labels.grid.matches(grid))
      #expect(other.labels.values == plain.labels.values)

      await #expect(throws: MaskCTError.self) {
        try await Prediction(model: model).run(input: input, output: output, environment: python)
      }
      return try organs(output + "/pair.nii.gz")
    }

    /// Two bodies in one image have two organs; the larger one is kept.
    private func keepsLargestComponent(
      of organs: Mask, with model: TrainedModel, folder: String, python: PythonEnvironment
    ) async throws {
      #expect(ConnectedComponents(of: organs, connectivity: .corners).count >= 2)
      try writePair(to: folder + "/pair.nii.gz")
      var settings = PredictionSettings()
      settings.largestComponent = true
      let images = try await Prediction(model: model, settings: settings).run(
        input: folder + "/pair.nii.gz", output: folder + "/largest", environment: python)
      #expect(images.map { $0.failure == nil } == [true])
      #expect(
        try self.organs(folder + "/largest/pair.nii.gz").values
          == organs.largestComponent(.corners).values)
    }

    private func organs(_ path: String) throws -> Mask {
      let workers = Workers(count: 1)
      return try NIfTI.readLabelMap(path, workers: workers).labels.mask(of: [1], workers: workers)
    }

    private func writePair(to path: String) throws {
      // y is slowest in memory: one body after the other.
      let halves = [20, 1].map {
        body($0, grid: Grid(shape: [36, 32, 32], spacing: [6, 6, 6])).image
      }
      let pair = Volume(
        grid: Grid(shape: [36, 64, 32], spacing: [6, 6, 6]), values: halves.flatMap(\.values))
      try NIfTI.write(
        pair, to: path, frame: .canonical(pair.grid), workers: Workers(count: 1))
    }

    /// Predicts with nnU-Net's own command, which knows nothing of MaskCT's trainer.
    private func loadsInStockNNUNet(
      _ model: TrainedModel, folder: String, python: PythonEnvironment
    ) async throws {
      let input = folder + "/stock"
      try FileManager.default.createDirectory(atPath: input, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: folder + "/images/plain.nii.gz", toPath: input + "/plain_0000.nii.gz")
      let command = URL(filePath: python.python).deletingLastPathComponent().path
      let folders = model.dataset.folders
      let outcome = try await ChildProcess.run(
        command + "/nnUNetv2_predict",
        [
          "-i", input, "-o", folder + "/stock-labels", "-d", "991", "-c", "small", "-p",
          TrainedModel.plansName, "-f", model.fold, "-device", "cpu", "-npp", "0", "-nps", "0",
        ],
        environment: folders.environment.mapValues { $0 }.merging(["nnUNet_extTrainer": nil]) { $1 }
      )
      #expect(outcome.succeeded, "\(outcome.tail(8))")
      let stock = try NIfTI.readLabelMap(
        folder + "/stock-labels/plain.nii.gz", workers: Workers(count: 1))
      let ours = try NIfTI.readLabelMap(folder + "/labels/plain.nii.gz", workers: Workers(count: 1))
      // Stock nnU-Net computes in float32 where MaskCT may use bfloat16: borders move by a voxel here
      // and there.
      #expect(dice(stock.labels, ours.labels) > 0.97)
    }

    // MARK: - Bodies

    private func writeCase(_ index: Int, of dataset: NNUNetDataset) throws {
      for folder in [dataset.imagesFolder, dataset.labelsFolder] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      }
      let grid = Grid(shape: [32, 32, 32], spacing: [6, 6, 6])
      let (image, labels) = body(index, grid: grid)
      let workers = Workers(count: 1)
      let name = "toy_\(index)"
      try NIfTI.write(
        image, to: dataset.image(of: name), frame: .canonical(grid), workers: workers)
      try NIfTI.write(
        labels, to: dataset.label(of: name), frame: .canonical(grid), workers: workers)
    }

    /// A noisy body of 40 HU with a brighter organ on its right that moves and grows with the index.
    private func body(_ index: Int, grid: Grid) -> (image: Volume<Float>, labels: LabelMap) {
      var random = RandomStream(seed: UInt64(index)).split("toy")
      let center: SIMD3<Double> = [
        random.uniform(25...45), random.uniform(-15...15), random.uniform(-20...20),
      ]
      let radii: SIMD3<Double> = [
        random.uniform(25...35), random.uniform(25...40), random.uniform(25...40),
      ]
      var image = Volume<Float>(grid: grid, repeating: -1000)
      var labels = LabelMap(grid: grid, repeating: 0)
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          for z in 0..<grid.shape.z {
            let p = grid.affine.apply(SIMD3<Double>(SIMD3(x, y, z)))
            let inside = (p.x * p.x) / (85 * 85) + (p.y * p.y) / (70 * 70) < 1
            let organ = (p - center) / radii
            let isOrgan = inside && (organ * organ).sum() < 1
            if inside {
              image[x, y, z] = Float((isOrgan ? 110 : 40) + random.gaussian(mean: 0, deviation: 10))
            }
            if isOrgan { labels[x, y, z] = 1 }
          }
        }
      }
      return (image, labels)
    }

    private func dice(_ a: LabelMap, _ b: LabelMap) -> Double {
      var both = 0
      var either = 0
      for (p, q) in zip(a.values, b.values) {
        both += p == 1 && q == 1 ? 1 : 0
        either += (p == 1 ? 1 : 0) + (q == 1 ? 1 : 0)
      }
      return either == 0 ? 1 : 2 * Double(both) / Double(either)
    }
  }
}

/// The events of a training that runs in another task.
private final class Log: Sendable {
  private let stored = Mutex<[TrainingEvent]>([])

  func add(_ event: TrainingEvent) { stored.withLock { $0.append(event) } }
  var events: [TrainingEvent] { stored.withLock(\.self) }

  var epochs: [TrainingProgress] {
    events.compactMap { if case .progress(let progress) = $0 { progress } else { nil } }
  }
  var lastEpoch: Int { epochs.filter(\.endsEpoch).map(\.epoch).max() ?? 0 }
  var resumedFrom: Int {
    for case .resumed(let epoch) in events { return epoch }
    return 0
  }
}
