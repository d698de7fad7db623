import Support
import Testing

@testable import Anatomy

@Suite struct StructureCatalogTests {
  let catalog = StructureCatalog.standard

  @Test func attributesAreThoseOfTheName() {
    for name in catalog.names {
      let structure = catalog[name]!
      let words = name.split(separator: "_")
      #expect(
        structure.side == (words.contains("left") ? .left : words.contains("right") ? .right : nil))
      if name.hasPrefix("rib_") || name.hasPrefix("vertebrae_") {
        #expect(structure.level == words.last.map(String.init))
        #expect(structure.family == (name.hasPrefix("rib_") ? "ribs" : "vertebrae"))
        #expect(structure.marrow != nil && structure.isBodyWall)
      }
    }
    #expect(catalog["body"]?.isEnvelope == true)
    #expect(catalog["air"]?.isOutside == true)
    #expect(catalog["femur_left"]?.marrow == "long_bone_marrow")
    #expect(catalog["vertebrae_C3"]?.marrow == "cervical_cancellous_bone")
    #expect(catalog["kidney"] == nil)
  }

  /// One rib stands for the cage, one hip for the thighs below it; a lung leaves the other lung's vessels out
  /// but no bone.
  @Test func familiesCoverWhatBelongsToThem() {
    #expect(
      catalog.covered(by: ["rib_left_3"]).isSuperset(of: [
        "rib_right_9", "sternum", "costal_cartilages",
      ]))
    #expect(catalog.covered(by: ["hip_left"]).isSuperset(of: ["hip_right", "femur_right"]))
    #expect(!catalog.covered(by: ["femur_left"]).contains("hip_left"))
    #expect(
      catalog.covered(by: ["bone"]).isSuperset(of: ["vertebrae_L1", "spinal_canal", "rib_left_1"]))
    #expect(
      catalog.covered(by: ["vertebrae_T5"]).isSuperset(of: ["spinal_cord", "intervertebral_discs"]))
    #expect(catalog.covered(by: ["lung_upper_lobe_left"]) == ["lung_upper_lobe_left", "lungs"])
    #expect(catalog.covered(by: ["sternum"]) == ["sternum"])
  }

  @Test(arguments: [
    ("structures: {a: {tissue: b, familly: c}}", "familly"),
    ("structures: {a: {tissue: b, marrow: c}}", "'a' names no structure: 'c'"),
    ("structures: {a: b}\ncovers: {a: [c]}", "neither structure nor family: 'c'"),
    ("structures: {a: {tissue: b, side: up}}", "left"),
  ])
  func faultsAreNamed(text: String, problem: String) {
    let rest = (text.contains("covers") ? "" : "\ncovers: {}") + "\nsynonyms: {}\ngroups: {}\n"
    #expect {
      _ = try StructureCatalog(text: text + rest, name: "own.yaml")
    } throws: { "\($0)".contains(problem) }
  }
}
