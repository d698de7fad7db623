import Support
import TestSupport
import Testing

@testable import Datasets

@Suite struct CaseFilesTests {
  @Test(
    "the channel suffix is dropped, plain numbering is kept",
    arguments: [
      (["liver_03_0000", "liver_04_0000"], ["liver_03", "liver_04"]),
      (["scan_0000", "scan_0001", "scan_0002"], ["scan_0000", "scan_0001", "scan_0002"]),
      (["a_0000", "b"], ["a", "b"]), (["_0000"], ["_0000"]), (["a_00000"], ["a_00000"]),
      (["a0000"], ["a0000"]),
    ])
  func names(stems: [String], expected: [String]) {
    #expect(CaseFiles.names(of: stems) == expected)
  }

  @Test func nameOfAFile() {
    #expect(CaseFiles.name(ofFile: "x/imagesTr/liver_3_0000.nii.gz") == "liver_3")
    #expect(CaseFiles.name(ofFile: "liver_3.NII") == "liver_3")
    #expect(CaseFiles.name(ofFile: "/x/notes.txt") == "notes.txt")
  }

  private func withFiles<T>(_ files: [String], _ body: (String) throws -> T) throws -> T {
    try withTemporaryFolder { folder in
      for file in files { try write("", to: folder + "/" + file) }
      return try body(folder)
    }
  }

  @Test("a folder's volumes by name; a single file is a case")
  func lists() throws {
    try withFiles(["b_0000.nii.gz", "a.nii", "C.NII.GZ", "notes.txt", ".hidden.nii.gz", ".nii"]) {
      let files = try CaseFiles(at: $0)
      #expect(files.names == ["C", "a", "b"])
      #expect(files["b"] == $0 + "/b_0000.nii.gz")
      #expect(files["b_0000"] == files["b"])
      #expect(files["a_0000"] == $0 + "/a.nii")
      #expect(files["d"] == nil)
      let single = try CaseFiles(at: $0 + "/b_0000.nii.gz")
      #expect(single.names == ["b"] && single.isSingle)
    }
  }

  @Test("images also lie as TotalSegmentator keeps them")
  func images() throws {
    try withFiles(["s1/ct.nii.gz", "s2/ct.nii.gz", "s2.nii.gz", "s3/segmentations/liver.nii.gz"]) {
      let files = try CaseFiles(imagesAt: $0)
      #expect(files.names == ["s1", "s2"])
      #expect(files["s1"] == $0 + "/s1/ct.nii.gz")
      #expect(files["s2"] == $0 + "/s2.nii.gz")
      #expect(try CaseFiles(at: $0).names == ["s2"])
    }
  }

  @Test("errors name the file and the remedy")
  func errors() throws {
    func problem(_ body: () throws -> Void) -> String {
      let error = #expect(throws: MaskCTError.self) { try body() }
      #expect(error?.remedy != nil)
      return error?.description ?? ""
    }
    try withFiles(["a.nii", "a_0000.nii.gz", "other/notes.txt"]) { folder in
      #expect(problem { _ = try CaseFiles(at: folder) }.contains("are two files of one case, 'a'"))
      #expect(problem { _ = try CaseFiles(at: folder + "/x") }.contains("x: does not exist"))
      #expect(problem { _ = try CaseFiles(at: folder + "/other") }.contains("holds no .nii"))
      #expect(
        problem { _ = try CaseFiles(at: folder + "/other/notes.txt") }.contains("not a NIfTI file"))
      let none = try CaseFiles(at: folder + "/other", mayBeEmpty: true)
      #expect(none.names.isEmpty)
    }
  }

  @Test("files pair by name, with the suffix or without, also where numbering hides it on one side")
  func pairs() throws {
    try withFiles([
      "images/x_0000.nii.gz", "images/y.nii", "images/z_0000.nii.gz", "labels/x.nii.gz",
      "labels/y_0000.nii", "labels/w.nii", "numbered/s_0000.nii", "numbered/s_0001.nii",
      "one/s_0000.nii",
    ]) { folder in
      let matched = try CaseFiles(at: folder + "/images").paired(
        with: CaseFiles(at: folder + "/labels"))
      #expect(matched.pairs.map(\.name) == ["x", "y"])
      #expect(matched.pairs[0].first == folder + "/images/x_0000.nii.gz")
      #expect(matched.pairs[0].second == folder + "/labels/x.nii.gz")
      #expect(matched.onlyFirst == ["z"] && matched.onlySecond == ["w"])

      let numbered = try CaseFiles(at: folder + "/numbered")
      let one = try CaseFiles(at: folder + "/one")
      #expect(numbered.paired(with: one).pairs.map(\.name) == ["s_0000"])
      #expect(one.paired(with: numbered).pairs.map(\.second) == [folder + "/numbered/s_0000.nii"])
      #expect(one.paired(with: numbered).onlySecond == ["s_0001"])

      // Two single files are one case whatever their names.
      let image = try CaseFiles(at: folder + "/images/y.nii")
      let labels = try CaseFiles(at: folder + "/labels/w.nii")
      #expect(image.paired(with: labels).pairs.map(\.name) == ["y"])
    }
  }
}
