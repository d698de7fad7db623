import Anatomy
import Support
import Testing

@testable import Exchange

@Suite struct StructureMatcherTests {
  @Test(
    "names of clinics and groups",
    arguments: [
      ("Parotid_L", "parotid_gland_left"), ("PAROTIS LI", "parotid_gland_left"),
      ("parotis re.", "parotid_gland_right"), ("LParotid", "parotid_gland_left"),
      ("Glnd_Submand_R", "submandibular_gland_right"), ("Glnd_Thyroid", "thyroid_gland"),
      ("SpinalCord", "spinal_cord"), ("Rückenmark", "spinal_cord"), ("Rueckenmark", "spinal_cord"),
      ("Myelon", "spinal_cord"), ("Cord", "spinal_cord"), ("Brainstem", "brainstem"),
      ("Hirnstamm", "brainstem"), ("Bone_Mandible", "mandible"), ("Unterkiefer", "mandible"),
      ("Niere links", "kidney_left"), ("Rein_G", "kidney_left"), ("Rein D", "kidney_right"),
      ("Kidney_R", "kidney_right"), ("L Kidney", "kidney_left"), ("Kidneys", "kidneys"),
      ("Leber", "liver"), ("Foie", "liver"), ("HIGADO", "liver"), ("Milz", "spleen"),
      ("Lung_L", "lung_left"), ("Lunge re", "lung_right"), ("poumon droit", "lung_right"),
      ("Lungs", "lungs"), ("Bladder", "urinary_bladder"), ("Harnblase", "urinary_bladder"),
      ("Oesophagus", "esophagus"), ("Speiseröhre", "esophagus"), ("A_Aorta", "aorta"),
      ("V_Venacava_I", "inferior_vena_cava"), ("Bowel_Small", "small_bowel"),
      ("Eye_L", "eye_left"), ("Lens_R", "eye_lens_right"), ("OpticNrv_L", "optic_nerve_left"),
      ("OpticChiasm", "optic_chiasm"), ("Femur_L", "femur_left"), ("External", "body"),
      ("BODY", "body"), ("Körperkontur", "body"), ("VB_L1", "vertebrae_L1"),
      ("Th12", "vertebrae_T12"), ("LWK3", "vertebrae_L3"), ("HWK 2", "vertebrae_C2"),
      ("Rib_L_5", "rib_left_5"), ("Rippe 05 rechts", "rib_right_5"), ("GallBladder", "gallbladder"),
      ("Atrium_L", "heart_atrium_left"), ("Ventricle_R", "heart_ventricle_right"),
      ("kidney left", "kidney_left"), ("Left Kidney", "kidney_left"),
    ])
  func names(name: String, structure: String) {
    let found = StructureMatcher.standard.structure(name: name, code: "", side: "")
    #expect(found?.structure == structure)
  }

  @Test(
    "what is not an organ, or not one for certain, is left to the user",
    arguments: [
      "PTV_54", "GTV", "CTV liver", "SpinalCord_PRV05", "Liver-GTV", "Lungs-CTV", "zRing",
      "dose 95%",
      "Parotid", "Femur_Head_L", "L", "R", "", " ", "S1", "Left", "LAD", "Rectum", "Lung_X", "T13",
      "Rib_L_13", "left left kidney right",
    ])
  func unknown(name: String) {
    let found = StructureMatcher.standard.structure(name: name, code: "", side: "")
    #expect(found == nil, "\(name) is \(found?.structure ?? "")")
  }

  @Test("codes count where names say nothing, and the side with them")
  func codes() {
    let matcher = StructureMatcher.standard
    let kidney = matcher.structure(name: "Segment_1", code: "64033007", side: "right")
    #expect(kidney?.structure == "kidney_right")
    #expect(kidney?.by == .code)
    #expect(matcher.structure(name: "x", code: "64033007", side: "")?.structure == "kidneys")
    #expect(matcher.structure(name: "x", code: "10200004", side: "")?.structure == "liver")
    #expect(matcher.structure(name: "spleen", code: "10200004", side: "")?.structure == "spleen")
    #expect(matcher.structure(name: "x", code: "85756007", side: "") == nil)
  }

  @Test("a side given apart from the name completes it, one that contradicts it does not")
  func sides() {
    let matcher = StructureMatcher.standard
    #expect(
      matcher.structure(name: "Niere", code: "", side: "left")?.structure == "kidney_left")
    #expect(matcher.structure(name: "Niere re", code: "", side: "left") == nil)
  }

  @Test("codes come back to the structure that they were written for")
  func codesRoundTrip() {
    for structure in StructureCatalog.standard.names {
      let code = StructureCode.of(structure)
      #expect(code.color.count == 3 && code.color.allSatisfy { (0...255).contains($0) })
      guard !code.code.isEmpty, structure != "liver_tumor" else { continue }
      #expect(StructureCode.structure(code: code.code, side: code.side) == structure)
    }
    #expect(StructureCode.of("rib_left_3").meaning == "Third rib")
    #expect(StructureCode.of("rib_left_3").side == "left")
  }
}
