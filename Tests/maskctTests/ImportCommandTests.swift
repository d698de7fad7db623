import FoundationEssentials
import Support
import TestSupport
import Testing
import Training

@testable import Exchange

/// `maskct import`, as a user runs it, on a file that needs no DICOM to be written: Slicer's `.seg.nrrd`.
@Suite(.serialized) struct ImportCommandTests {
  private static let isInstalled = Requirement.allows(
    exists(ExchangeEnvironment.folder(home: PythonEnvironment.Location().home)))

  /// A segmentation of 8 x 6 x 5 voxels as text; `Leber` is 2 x 2 x 2 voxels, `PTV` one.
  private func writeSegmentation(_ path: String) throws {
    var voxels: [String] = []
    for z in 0..<5 {
      for y in 0..<6 {
        for x in 0..<8 {
          let isLiver = (2..<4).contains(x) && (1..<3).contains(y) && (1..<3).contains(z)
          voxels.append(isLiver ? "1" : x == 7 && y == 5 && z == 4 ? "2" : "0")
        }
      }
    }
    try AtomicFile.write(
      """
      NRRD0004
      type: unsigned char
      dimension: 3
      space: left-posterior-superior
      sizes: 8 6 5
      space directions: (2,0,0) (0,2,0) (0,0,3)
      kinds: domain domain domain
      encoding: ascii
      space origin: (-10,-20,30)
      Segment0_ID:=Segment_1
      Segment0_Name:=Leber
      Segment0_LabelValue:=1
      Segment0_Layer:=0
      Segment1_ID:=Segment_2
      Segment1_Name:=PTV
      Segment1_LabelValue:=2
      Segment1_Layer:=0

      \(voxels.joined(separator: " "))

      """, to: path)
  }

  @Test(
    "labels, scheme, table and report; the table is edited and the import run again",
    .enabled(if: isInstalled))
  func importing() async throws {
    let folder = try TemporaryFolder()
    try folder.folder("in")
    try writeSegmentation(folder("in/patient 1.seg.nrrd"))
    try AtomicFile.write("no label", to: folder("in/readme.txt"))
    let first = try await Command.run(["import", folder("in"), "--output", folder("out")])
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.output.contains("1 of 1 cases in \(folder("out"))/labels, 1 structures"))
    #expect(first.output.contains("PTV"))
    #expect(folder.exists("out/labels/patient_1.nii.gz"))
    #expect(
      readText(folder("out/matched.csv"))
        == "name,code,structure,how,cases\nLeber,,liver,synonym,1\nPTV,,,none,1\n")
    let report = readText(folder("out/report.csv")) ?? ""
    #expect(report.contains("patient_1,patient 1.seg.nrrd,Leber,liver,0.096,\n"))
    #expect(report.contains("patient_1,patient 1.seg.nrrd,PTV,,,no known structure\n"))
    #expect(report.contains(",readme.txt,,,,\"is not a DICOM, NRRD or MetaImage file\""))

    let again = try await Command.run(["import", folder("in"), "--output", folder("out")])
    #expect(again.code == 1 && again.errorLines.count == 1)
    #expect(again.errors.contains("--overwrite"))
    try AtomicFile.write(
      "name,code,structure,how,cases\nLeber,,-,,\nPTV,,liver tumour,,\n",
      to: folder("out/matched.csv"))
    let second = try await Command.run([
      "import", folder("in"), "--output", folder("out"), "--overwrite",
    ])
    #expect(second.code == 0, "\(second.errors)")
    #expect(readText(folder("out/scheme.yaml"))?.contains("1: liver_tumor") == true)

    // What comes out is what generate takes, and what went in is answered with the command.
    let refused = try await Command.run([
      "generate", "--labels", folder("in"), "--target", "liver", "--scheme", "lits",
      "--output", folder("raw/Dataset001_A"),
    ])
    #expect(refused.code == 1 && refused.errorLines.count == 1)
    #expect(refused.errors.contains("maskct import \(folder("in")) --output"))
    let taken = try await Command.run([
      "generate", "--labels", folder("out"), "--target", "spleen",
      "--output", folder("raw/Dataset001_A"),
    ])
    #expect(taken.errors.contains("no label map holds the target 'spleen'"), "\(taken.errors)")
  }

  @Test("what cannot be imported is one line", .enabled(if: isInstalled))
  func refusals() async throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("x", to: folder("a.dcm"))
    for (arguments, text) in [
      (["import", folder("none"), "--output", folder("out")], "no such file or folder"),
      (["import", folder("a.dcm"), "--output", folder("out")], "holds no labels and no CT series"),
      (["import", folder("a.dcm"), "--output", folder("out"), "--spacing", "0"], "--spacing"),
    ] {
      let outcome = try await Command.run(arguments)
      #expect(outcome.code != 0)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }
    #expect(!folder.exists("out"))
  }

  @Test("a format that is none, and one that needs a series")
  func formats() async throws {
    let folder = try TemporaryFolder()
    try folder.writeLabels("a.nii.gz", upper: [6, 6, 6])
    let none = try await Command.run([
      "export", folder("a.nii.gz"), "--scheme", "lits", "--format", "dicom", "--output",
      folder("o"),
    ])
    #expect(none.code == 2 && none.errors.contains("dicom-seg, rtstruct, nrrd"))
    let series = try await Command.run([
      "export", folder("a.nii.gz"), "--scheme", "lits", "--output", folder("o"),
    ])
    #expect(series.code == 2 && series.errors.contains("--series"))
  }

  @Test("an image that was not simulated is never written as a simulated series")
  func realImages() async throws {
    let folder = try TemporaryFolder()
    let raw = "nnUNet_raw/Dataset001_Real"
    try folder.folder(raw + "/imagesTr")
    try folder.folder(raw + "/labelsTr")
    try folder.writeLabels(raw + "/imagesTr/a_0000.nii.gz", upper: [6, 6, 6])
    try folder.writeLabels(raw + "/labelsTr/a.nii.gz", upper: [6, 6, 6])
    try AtomicFile.write(
      #"{"channel_names": {"0": "CT"}, "labels": {"background": 0, "liver": 1}, "numTraining": 1, "file_ending": ".nii.gz"}"#,
      to: folder(raw + "/dataset.json"))
    let refused = try await Command.run(["export", folder(raw), "--output", folder("o")])
    #expect(refused.code == 1 && refused.errorLines.count == 1)
    #expect(refused.errors.contains("is not a simulated image"), "\(refused.errors)")
    #expect(!folder.exists("o"))
  }
}
