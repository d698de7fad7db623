import Acquisition
import Configuration
import Generation
import Support
import Tissues
import Training

extension Experiment {
  /// Checks what can be checked without looking at data.
  ///
  /// - Throws: `MaskCTError` with the first thing that makes no sense.
  public func validate(name: String? = nil) throws {
    func check(_ holds: Bool, _ problem: String, _ remedy: String) throws(MaskCTError) {
      if !holds { throw MaskCTError(.input, path: name, problem, remedy: remedy) }
    }
    try check(!arms.isEmpty, "has no arms", "add at least one under 'arms'")
    for (index, arm) in arms.enumerated() {
      try check(
        !arm.name.isEmpty
          && arm.name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == 45
          } && !arm.name.hasPrefix("-"),
        "arm '\(arm.name)' has a name that cannot name a folder",
        "use lower-case letters, digits and '-'")
      try check(
        !arms[..<index].contains { $0.name == arm.name }, "arm '\(arm.name)' is there twice",
        "give every arm a name of its own")
      try check(
        arm.recipe != nil || arm.images != nil,
        "arm '\(arm.name)' must have 'recipe' or 'images'",
        "give it a recipe to learn from label maps, images to learn from real CT, or both")
      try arm.validate(name: name)
      try check(
        !sources(of: arm).isEmpty || phantoms != nil, "arm '\(arm.name)' has no label maps",
        "add 'labels' to the arm or to the experiment")
      try check(
        arm.cases.map { $0 >= 1 } ?? true, "arm '\(arm.name)' asks for no cases",
        "give 'cases' of 1 or more, or leave it out")
      try check(
        arm.spacing.map {
          ($0.count == 1 || $0.count == 3) && $0.allSatisfy { (0.1...20).contains($0) }
        } ?? true, "arm '\(arm.name)' has a spacing that cannot be used",
        "give [mm] or [x, y, z] from 0.1 to 20 mm")
    }
    if let baseline {
      let names = arms.map(\.name)
      try check(
        names.contains(baseline), "the baseline '\(baseline)' is not an arm",
        NearMiss.remedy(
          for: baseline, among: names, otherwise: "name one of \(names.joined(separator: ", "))"))
    }
    try check(
      tolerance.isFinite && tolerance >= 0, "'tolerance' is not a distance", "give mm, 0 or more")
    try check(!training.seeds.isEmpty, "'training.seeds' is empty", "give at least one seed")
    try check(
      training.seeds.allSatisfy { $0 >= 0 } && Set(training.seeds).count == training.seeds.count,
      "'training.seeds' has a seed twice or below 0", "give every seed once")
    try check(!training.folds.isEmpty, "'training.folds' is empty", "give at least one, or auto")
    try check(
      training.folds.allSatisfy { Fold($0) != nil }
        && Set(training.folds).count == training.folds.count,
      "'training.folds' names an unknown fold, or one twice",
      "give numbers from 0 on, all or auto")
    try check(
      ComputeDevice(rawValue: training.device) != nil,
      "there is no device '\(training.device)'", "choose one of auto, cpu, cuda")
    if let selection {
      try check(
        selection.training >= 1 && selection.test >= 1,
        "'selection' asks for no subjects", "give training and test of 1 or more")
    }
    for (key, value) in [("epochs", training.epochs), ("iterations", training.iterations)] {
      try check(
        value.map { $0 >= 1 } ?? true, "'training.\(key)' is below 1",
        "give 1 or more, or leave it out")
    }
    if let phantoms {
      try check(
        test.images.isEmpty && labels.isEmpty && selection == nil,
        "has both 'phantoms' and data of its own",
        "take out 'phantoms', or 'labels', 'selection' and 'test'")
      try check(
        (1...500).contains(phantoms.training) && (1...500).contains(phantoms.test),
        "'phantoms' asks for no bodies, or for too many", "give training and test from 1 to 500")
      try check(
        phantoms.shape.count == 3 && phantoms.shape.allSatisfy { (16...512).contains($0) }
          && (0.5...20).contains(phantoms.spacing),
        "'phantoms' has a grid that cannot be used",
        "give a shape of three numbers from 16 to 512, and a spacing from 0.5 to 20 mm")
    }
    _ = try Self.targetNames(targets)
  }
}

extension Experiment.Arm {
  /// Checks what belongs together.
  fileprivate func validate(name file: String?) throws(MaskCTError) {
    func check(_ holds: Bool, _ problem: String, _ remedy: String) throws(MaskCTError) {
      if !holds {
        throw MaskCTError(.input, path: file, "arm '\(name)' \(problem)", remedy: remedy)
      }
    }
    let needsRecipe: [(String, Bool)] = [
      ("without", without != nil), ("phases", phases != nil), ("blend", blend != nil),
      ("measured", measured != nil), ("imaging", imaging != nil),
    ]
    for (key, isGiven) in needsRecipe where isGiven {
      try check(recipe != nil, "has '\(key)' and no recipe", "give it a recipe, too")
    }
    try check(
      real == nil || images != nil && real! >= 1, "has 'real' and no real CT",
      "give 'images', and 'real' of 1 or more; without real CT leave both out")
    try check(
      share.map { isMixed && $0 > 0 && $0 < 1 } ?? true, "has a 'share' that cannot be",
      "give a part between 0 and 1, to an arm with 'images' and 'recipe'")
    try check(
      blend == nil || !isMixed && measured == nil && blend!.inside != blend!.outside,
      "has a 'blend' that cannot be",
      "name 'real' on one side and 'painted' on the other, and leave out 'images' and 'measured'")
    try check(
      (phases ?? []).allSatisfy { ContrastPhase(rawValue: $0) != nil } && phases != [],
      "has a contrast phase that is not known",
      "choose from \(ContrastPhase.allCases.map(\.rawValue).joined(separator: ", "))")
    try check(
      imaging.map { ScanProtocol.Imaging(rawValue: $0) != nil } ?? true,
      "has an 'imaging' that is not known", "choose 'scan' or 'blur'")
  }
}
