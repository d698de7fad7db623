import Evaluation
import Volumes
import Support
import TestSupport
@testable import Reporting

/// A report as a comparison on heads would give it, with made-up numbers and phantoms for patients.
enum SampleReport {
  static let structures = ["brain", "brainstem", "mandible", "parotid left", "parotid right"]
  private static let arms: [(name: String, title: String, dice: Double)] = [
    ("clinical", "Clinical CT", 0.90), ("cylinder", "Structures in a cylinder", 0.62),
    ("constant", "One value a structure", 0.85), ("video", "Natural video", 0.88),
    ("nowater", "Video, without a scanner", 0.79),
  ]

  /// The report; `failing` names an arm without scores.
  static func make(cases: Int = 18, slices: Int = 56, failing: String? = "cylinder")
    -> ComparisonReport
  {
    let comparison = comparison(cases: cases, failing: failing)
    var report = ComparisonReport(
      title: "Head and neck organs without CT images",
      description: """
        Five nnU-Nets of the same size, four of them trained on label maps alone, segment five organs \
        in CT scans of the head that none of them has seen.

        The clinical arm is trained on the real CT of the same patients.
        """,
      comparison: comparison,
      published: [
        PublishedResult(
          arm: "constant", structure: "", dice: 0.861, source: "A reference work, table 2"),
        PublishedResult(
          arm: "video", structure: "", dice: 0.874, source: "A reference work, table 2"),
        PublishedResult(
          arm: "clinical", structure: "brain", dice: 0.98, source: "Another work, table 1"),
      ],
      method: method(slices: slices), histograms: [histogram()], curves: curves(), examples: [],
      settings: [
        SettingsSection(
          title: "Training",
          rows: [
            .init(key: "configuration", value: "3d_fullres"), .init(key: "epochs", value: "50"),
            .init(key: "seed", value: "7"),
          ]),
        SettingsSection(
          title: "Versions",
          rows: [
            .init(key: "maskct", value: "0.1.0"), .init(key: "nnunetv2", value: "2.6.2"),
            .init(
              key: "command",
              value: "maskct compare --labels heads/labels --images heads/images --epochs 50"),
          ]),
      ],
      notes: [
        "All test cases come from one hospital.",
        "parotid left: in neither prediction nor reference of case_03; not part of any mean.",
      ],
      methods: MethodsText(
        paragraphs: [
          .init(
            title: "Network", text: "All arms used nnU-Net 2.6.2 [1] with the same budget & seed."),
          .init(title: "Metrics", text: "Dice and normalised surface Dice at 2 mm [2]."),
        ], references: ["Isensee F, et al. nnU-Net.", "Nikolov S, et al. Surface Dice."]),
      checklist: [
        ChecklistItem(
          number: 1, part: "Title", question: "Named as a study of AI", answer: "Deep learning.",
          author: nil),
        ChecklistItem(
          number: 2, part: "Title", question: "Summary", answer: nil, author: "write it."),
        ChecklistItem(
          number: 3, part: "Data", question: "Sources", answer: "Heads.", author: "cite them."),
      ], checklistSource: "A checklist.", version: "0.1.0")
    for (index, arm) in arms.enumerated() where arm.name != failing {
      for (rank, error) in [(CaseExample.Rank.best, 1.0), (.median, 2.5), (.worst, 6.0)] {
        let name = "case_\(index)\(rank.rawValue)"
        let images = head(name: name, error: error, seed: UInt64(index), slices: slices)
        report.examples.append(
          CaseExample(
            arm: arm.name, rank: rank, caseName: name, dice: arm.dice - error / 60,
            stack: SliceStack(images, structures: structures)))
      }
    }
    return report
  }

  static func comparison(cases: Int, failing: String?) -> Comparison {
    let evaluated = structures.enumerated().map {
      EvaluatedStructure(
        name: $1, prediction: [UInt16($0 + 1)], reference: [UInt16($0 + 1)])
    }
    let compared = arms.enumerated().map { index, arm -> Comparison.Arm in
      if arm.name == failing {
        return .init(
          name: arm.name, title: arm.title, summary: nil,
          problem: "training failed: not enough memory on the GPU (log: cylinder/train.log)")
      }
      var random = RandomStream(seed: UInt64(100 + index))
      let scores = (0..<cases).map { number -> CaseScores in
        let difficulty = Double(number % 7) / 120
        return CaseScores(
          name: "case_\(number < 10 ? "0" : "")\(number)", predictionFile: "", referenceFile: "",
          scores: structures.indices.map { structure in
            var dice = arm.dice - difficulty - 0.03 * Double(structure)
            dice += random.gaussian(mean: 0, deviation: 0.025)
            if number == 5 && structure == 3 { dice = 0 }
            return score(min(0.99, max(0, dice)))
          })
      }
      return .init(
        name: arm.name, title: arm.title,
        summary: EvaluationSummary(structures: evaluated, tolerance: 2, cases: scores))
    }
    return Comparison(arms: compared, baseline: 0, structures: structures)
  }

  /// Scores of masks of 10,000 voxels each that overlap by the Dice.
  static func score(_ dice: Double) -> StructureScores {
    let both = Int((10_000 * dice).rounded())
    return StructureScores(
      overlap: Overlap(
        truePositives: both, falsePositives: 10_000 - both, falseNegatives: 10_000 - both,
        trueNegatives: 0),
      normalisedSurfaceDice: dice * 0.95, hausdorff95: dice == 0 ? .infinity : 40 * (1 - dice),
      meanSurfaceDistance: 8 * (1 - dice))
  }

  /// A head of ellipsoids with noise; the prediction is off by `error` mm.
  static func head(name: String, error: Double, seed: UInt64, slices: Int) -> CaseImages {
    let grid = Grid(shape: [128, 128, slices], spacing: [1.9, 1.9, 3])
    let organs: [(center: SIMD3<Double>, radii: SIMD3<Double>)] = [
      ([0, 5, 30], [62, 76, 50]), ([0, -12, -20], [13, 12, 26]), ([0, 62, -50], [38, 16, 12]),
      ([-56, 8, -44], [12, 19, 24]), ([56, 8, -44], [12, 19, 24]),
    ]
    var random = RandomStream(seed: seed)
    var image = Volume<Float>(grid: grid, repeating: -1000)
    var labels = LabelMap(grid: grid, repeating: 0)
    var prediction = labels
    func isInside(_ p: SIMD3<Double>, _ center: SIMD3<Double>, _ radii: SIMD3<Double>) -> Bool {
      let q = (p - center) / radii
      return (q * q).sum() < 1
    }
    for y in 0..<128 {
      for x in 0..<128 {
        for z in 0..<slices {
          let p = grid.affine.apply([Double(x), Double(y), Double(z)])
          let noise = Float(random.uniform() + random.uniform() + random.uniform() - 1.5) * 24
          var value: Float = -1000
          if isInside(p, [0, 5, 0], [84, 98, 120]) { value = -60 }
          if isInside(p, [0, 5, 0], [78, 92, 116]) { value = 45 }
          if isInside(p, [0, 5, 28], [70, 84, 62]) { value = 950 }
          for (index, organ) in organs.enumerated() {
            if isInside(p, organ.center, organ.radii) {
              labels[x, y, z] = UInt16(index + 1)
              value = [34, 42, 700, 5, 5][index]
            }
            let wave = error * (1 + 0.6 * (p.x / 9 + Double(index)).remainder(dividingBy: 2))
            if isInside(p, organ.center + [wave / 2, error / 2, 0], organ.radii - wave / 3) {
              prediction[x, y, z] = UInt16(index + 1)
            }
          }
          image[x, y, z] = value + noise
        }
      }
    }
    return CaseImages(
      name: name, image: image, labels: labels, prediction: prediction,
      names: Dictionary(uniqueKeysWithValues: structures.enumerated().map { (UInt16($0 + 1), $1) }))
  }

  private static func method(slices: Int) -> [MethodFigure] {
    let images = head(name: "case", error: 2, seed: 1, slices: slices)
    let box = BoundingBox(of: images.grid)
    func slice(_ shown: CaseImages, _ window: DisplayWindow) -> Picture {
      SliceRenderer(window: window, font: BitmapFont())
        .render(shown, plane: .axial, center: [64, 64, slices / 4], box: box, scale: 0.9)
    }
    var labels = images
    labels.image = nil
    labels.prediction = nil
    var plain = images
    plain.labels = nil
    plain.prediction = nil
    return [
      MethodFigure(
        title: "Label map", caption: "All there is: the organs' masks.",
        picture: slice(labels, .softTissue)),
      MethodFigure(
        title: "Painted", caption: "Every organ is filled with natural video in its HU range.",
        picture: slice(plain, .bone)),
      MethodFigure(
        title: "Scanned", caption: "A simulated helical scan with noise, reconstructed.",
        picture: slice(plain, .softTissue)),
      MethodFigure(
        title: "Segmented", caption: "nnU-Net's prediction (dashed) and the reference.",
        picture: slice(images, .softTissue)),
      MethodFigure(
        title: "One case in three planes", caption: "With the reference and the prediction.",
        picture: Montage(width: 900, sliceHeight: 300).row(images)),
    ]
  }

  private static func histogram() -> HistogramPanel {
    func bell(_ x: Double, _ mean: Double, _ width: Double) -> Double {
      let t = (x - mean) / width
      return t * t > 60 ? 0 : 1 / (1 + t * t + t * t * t * t / 2) / width
    }
    let bins = (0..<160).map { -1100 + (Double($0) + 0.5) * 20 }
    let series: [(String, Bool, Double)] = [
      ("real CT", true, 0), ("constant", false, 9), ("video", false, -6), ("nowater", false, 25),
    ]
    return HistogramPanel(
      title: "All voxels of the body", lowest: -1100, binWidth: 20,
      series: series.map { name, isReal, shift in
        HistogramPanel.Series(
          name: name, isReal: isReal,
          densities: bins.map {
            0.4 * bell($0, 40 + shift, 30) + 0.2 * bell($0, -90, 40 + shift)
              + 0.1 * bell($0, 900 + 4 * shift, 200)
          })
      })
  }

  private static func curves() -> [LearningCurve] {
    arms.enumerated().map { index, arm in
      LearningCurve(
        arm: arm.name,
        points: (0..<50).map { epoch in
          let progress = Double(epoch) / (Double(epoch) + 6 + Double(index))
          let ripple = 0.02 * Double((epoch * 7 + index) % 5)
          return .init(
            epoch: epoch, trainLoss: 0.4 - 1.2 * progress + ripple / 2,
            validationLoss: 0.45 - 1.1 * progress * arm.dice - ripple,
            dice: arm.dice * progress - ripple)
        })
    }
  }
}
