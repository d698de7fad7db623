import FoundationEssentials
import Support
import TestSupport
import Testing
@testable import Experiments

@Suite struct ExperimentTests {
  @Test(arguments: Experiment.presets.names)
  func shippedExperimentsAreValid(name: String) throws {
    let experiment = try Experiment.load(name, data: "/data")
    #expect(experiment.arms.count >= 2)
    // Phantoms come without a data folder.
    #expect(experiment.phantoms != nil || experiment.test.images.hasPrefix("/data"))
    let inputs = ExperimentInputs(
      experiment: experiment, layout: ExperimentLayout(folder: "/tmp/x", experiment: experiment))
    for arm in experiment.arms {
      for images in [arm.images, arm.blend?.images, arm.measured?.images].compactMap({ $0 }) {
        #expect(images.hasPrefix("/data"), "paths are relative to the data folder")
      }
      if arm.recipe != nil {
        #expect(throws: Never.self) { try inputs.settings(arm, seed: 1) }
      }
    }
  }

  @Test(arguments: [
    ("baseline: clinical", "baseline: clinicl", "clinical"),
    ("targets: [liver, spleen]", "targets: [lver]", "liver"),
    ("name: constant,", "name: Constant,", "lower-case"),
    ("name: constant,", "name: clinical,", "there twice"),
    ("recipe: coarse-constant.yaml,", "", "'recipe' or 'images'"),
    ("images: train/images", "images: train/images, phases: [native]", "no recipe"),
    ("images: train/images", "images: train/images, share: 0.5", "'share'"),
    ("images: train/images", "images: train/images, real: 0", "'real'"),
    ("recipe: coarse", "real: 3, recipe: coarse", "'real'"),
    ("recipe: coarse", "phases: [portal], recipe: coarse", "native, arterial, portal_venous"),
    ("recipe: coarse", "imaging: xray, recipe: coarse", "'scan' or 'blur'"),
    (
      "recipe: coarse",
      "blend: {images: train/images, inside: real, outside: real}, recipe: coarse",
      "'painted' on the other"
    ),
    ("folds: [all]", "folds: [some]", "unknown fold"),
    ("epochs: 1", "epocs: 1", "epochs"),
    ("epochs: 1", "epochs: 0", "below 1"),
    ("device: cpu", "device: tpu", "auto, cpu, cuda"),
  ])
  func mistakesGetOneLineWithARemedy(old: String, new: String, hint: String) throws {
    try withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      try phantoms.edit(old, new)
      let error = #expect(throws: MaskCTError.self) {
        try Experiment.load(phantoms.file, data: nil)
      }
      let text = try #require(error).description
      #expect(text.contains(hint), "\(text)")
      #expect(!text.contains("\n"))
    }
  }

  @Test func stepsComeAfterWhatTheyNeed() throws {
    try withTemporaryFolder { folder in
      let phantoms = try PhantomExperiment(folder)
      try phantoms.edit("folds: [all]", "folds: [all, \"0\"], seeds: [1, 2]")
      let experiment = try Experiment.load(phantoms.file, data: nil)
      let steps = ExperimentStep.all(of: experiment)
      // Two arms of two seeds: dataset, separation and two folds of three steps each.
      #expect(steps.count == 2 + 2 * 2 * (2 + 2 * 3))
      #expect(Set(steps.map(\.name)).count == steps.count)
      for (index, step) in steps.enumerated() {
        for need in step.needs(in: experiment) { #expect(steps[..<index].contains(need)) }
      }
    }
  }
}
