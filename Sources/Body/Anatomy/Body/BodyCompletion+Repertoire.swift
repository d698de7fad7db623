public import Support

extension BodyCompletion {
  /// Every structure that the completion of a map may hold, sorted.
  ///
  /// Known before anything is completed, so that what fills them can be drawn together with the rest of a case.
  /// Which of them a completion does hold depends on what the map labels itself and on the body that is drawn.
  public static func repertoire(for map: AnatomicalMap) -> [String] {
    HeadNeck.isShown(by: map.structures.values) ? headRepertoire : torsoRepertoire
  }

  /// What every completed body is made of, whether it is excluded or not.
  static let alwaysDrawn: Set<String> = [
    "skin", "subcutaneous_fat", "muscle", "visceral_fat", "intermuscular_fat", "skeletal_muscle",
    "soft_tissue", "body", "cortical_bone", "cancellous_bone", "cervical_cancellous_bone",
    "long_bone_marrow",
  ]

  /// The heights between which a body around a map can be drawn, mm from the map's first slice: of a trunk from the
  /// middle of the thighs to the shoulders, of a head from the chest to above the vertex.
  public static func reach(of map: AnatomicalMap, workers: Workers) -> ClosedRange<Double> {
    let (extents, field) = (
      BodyFrameFit.extents(of: map, workers: workers), map.labels.grid.extent
    )
    let heights = map.labelledHeights
    let frame: BodyFrame
    let (low, high): (Double, Double)
    if HeadNeck.isShown(by: map.structures.values) {
      frame = HeadNeck.fit(extents, field: field, heights: heights)
      (low, high) = (-330, 140)
    } else {
      // Along z neither the outline nor the curve of the spine counts.
      frame = BodyFrameFit.fit(
        extents, field: field, middle: (heights.lowerBound + heights.upperBound) / 2, outline: nil,
        stream: RandomStream(seed: 0))
      (low, high) = (-345, 300)
    }
    return Double(frame.place(0, 0, low).z)...Double(frame.place(0, 0, high).z)
  }

  private static let torsoRepertoire = (common + both(torsoPairs) + torso).sorted()
  private static let headRepertoire = (common + both(headPairs) + head).sorted()

  private static func both(_ names: [String]) -> [String] {
    names.flatMap { ["\($0)_left", "\($0)_right"] }
  }

  /// Layers, what bones are made of, and the table.
  private static let common = [
    "skin", "subcutaneous_fat", "muscle", "visceral_fat", "intermuscular_fat", "cortical_bone",
    "cancellous_bone", "cervical_cancellous_bone", "long_bone_marrow", "intervertebral_discs",
    "spinal_canal", "spinal_cord", "aorta", "superior_vena_cava", "esophagus", "thyroid_gland",
    "table_shell", "table_core",
  ]
  private static let torsoPairs = [
    "lung", "autochthon", "iliopsoas", "gluteus_maximus", "gluteus_medius", "kidney",
    "adrenal_gland", "iliac_artery", "iliac_vena",
  ]
  private static let torso = [
    "skeletal_muscle", "costal_cartilages", "liver", "portal_vein_and_splenic_vein", "gallbladder",
    "spleen", "stomach", "duodenum", "pancreas", "small_bowel", "colon", "bowel_gas", "soft_tissue",
    "urinary_bladder", "prostate", "heart", "trachea", "inferior_vena_cava", "pulmonary_vein",
  ]
  private static let headPairs = [
    "lung", "common_carotid_artery", "internal_jugular_vein", "submandibular_gland",
    "parotid_gland", "eye", "optic_nerve",
  ]
  private static let head = [
    "thyroid_cartilage", "skull", "airway", "tongue", "cerebrospinal_fluid", "brain", "brainstem",
  ]
}
