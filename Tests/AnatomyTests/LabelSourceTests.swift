import Anatomy
import FoundationEssentials
import Support
import TestSupport
import Testing
import Volumes

@Suite struct LabelSourceTests {
  private let workers = Workers(count: 2)

  private func grid(_ shape: SIMD3<Int> = [4, 5, 6]) -> Grid {
    Grid(shape: shape, spacing: [2, 2, 3])
  }

  private func write(_ values: [UInt16], _ path: String, grid: Grid) throws {
    let folder = path.split(separator: "/").dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(
      atPath: "/" + folder, withIntermediateDirectories: true)
    try NIfTI.write(
      LabelMap(grid: grid, values: values), to: path, frame: .canonical(grid), workers: workers)
  }

  /// Labels 0, 1, ..., n, 0, 1, ... over the grid.
  private func ramp(_ n: Int, _ grid: Grid) -> [UInt16] {
    (0..<grid.count).map { UInt16($0 % (n + 1)) }
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func folderOfFiles() throws {
    try withTemporaryFolder { folder in
      for name in ["b.nii.gz", "a.nii"] {
        try write(ramp(3, grid()), "\(folder)/\(name)", grid: grid())
      }
      try Data("x".utf8).write(to: URL(filePath: "\(folder)/notes.txt"))
      let source = try LabelSource(path: folder, scheme: .load("btcv"))
      #expect(source.layout == .files)
      #expect(source.cases.map(\.name) == ["a", "b"])
      let map = try source.load(source.cases[0], workers: workers)
      #expect(map.name == "a")
      #expect(map.structures == [1: "spleen", 2: "kidney_right", 3: "kidney_left"])
      #expect(map.labels.values == ramp(3, grid()))
      #expect(map.frame.orientation == "RAS")
    }
  }

  @Test func regionMasksBelongToLabelMaps() throws {
    try withTemporaryFolder { folder in
      let (labels, regions) = ("\(folder)/labels", "\(folder)/regions")
      for name in ["a", "b"] {
        try write(ramp(3, grid()), "\(labels)/\(name).nii.gz", grid: grid())
      }
      let mask = (0..<grid().count).map { UInt16($0 < 60 ? 1 : 0) }
      try write(mask, "\(regions)/a.nii.gz", grid: grid())
      let scheme = try LabelScheme.load("btcv")
      let missing = message { _ = try LabelSource(path: labels, scheme: scheme, regions: regions) }
      #expect(missing.contains("no region mask for the label map 'b'"), "\(missing)")

      try write(mask, "\(regions)/b.nii", grid: grid())
      let source = try LabelSource(path: labels, scheme: scheme, regions: regions)
      #expect(source.cases.map(\.region) == ["\(regions)/a.nii.gz", "\(regions)/b.nii"])
      let map = try source.load(source.cases[0], workers: workers)
      #expect(map.region?.values == mask)

      try write(Array(mask.prefix(100)), "\(regions)/b.nii", grid: grid([4, 5, 5]))
      let other = message { _ = try source.load(source.cases[1], workers: workers) }
      #expect(other.contains("b.nii") && other.contains("differs"), "\(other)")

      try write(
        [UInt16](repeating: 0, count: 120), "\(regions)/b.nii", grid: grid())
      let empty = message { _ = try source.load(source.cases[1], workers: workers) }
      #expect(empty.contains("show nothing"), "\(empty)")
    }
  }

  @Test func nnUNetDatasetNamesItsOwnLabels() throws {
    try withTemporaryFolder { folder in
      let labels = "\(folder)/Dataset007_X/labelsTr"
      try write(ramp(2, grid()), "\(labels)/x_1.nii.gz", grid: grid())
      let json = #"{"labels": {"background": 0, "liver": 1, "left kidney": 2}, "numTraining": 1}"#
      try Data(json.utf8).write(to: URL(filePath: "\(folder)/Dataset007_X/dataset.json"))
      for path in ["\(folder)/Dataset007_X", labels] {
        let source = try LabelSource(path: path)
        #expect(source.layout == .nnUNet)
        #expect(source.cases.map(\.name) == ["x_1"])
        let map = try source.load(source.cases[0], workers: workers)
        #expect(map.structures == [1: "liver", 2: "kidney_left"])
      }
    }
  }

  @Test func totalSegmentatorFolders() throws {
    try withTemporaryFolder { folder in
      let g = grid()
      func mask(_ indices: Range<Int>) -> [UInt16] {
        (0..<g.count).map { indices.contains($0) ? 1 : 0 }
      }
      for name in ["s0002", "s0001"] {
        let inner = "\(folder)/\(name)/segmentations"
        try write(mask(0..<10), "\(inner)/liver.nii.gz", grid: g)
        try write(mask(20..<25), "\(inner)/heart_atrium_left.nii.gz", grid: g)
        try write(mask(0..<0), "\(inner)/spleen.nii.gz", grid: g)
      }
      let source = try LabelSource(path: folder)
      #expect(source.layout == .totalSegmentator)
      #expect(source.cases.map(\.name) == ["s0001", "s0002"])
      let map = try source.load(source.cases[0], workers: workers)
      #expect(Set(map.structures.values) == ["liver", "heart_atrium_left"])
      let liver = try #require(map.ids(of: "liver").first)
      #expect(liver == 5)
      #expect(map.labels.values.filter { $0 == liver }.count == 10)
      // One case's own folder is a source of one case.
      #expect(try LabelSource(path: folder + "/s0001").cases.map(\.name) == ["s0001"])
    }
  }

  @Test func importedLabelsBringTheirScheme() throws {
    try withTemporaryFolder { folder in
      try write(ramp(1, grid()), "\(folder)/labels/a.nii.gz", grid: grid())
      try Data("name: own\nlabels:\n  1: liver\n".utf8)
        .write(to: URL(filePath: "\(folder)/scheme.yaml"))
      let source = try LabelSource(path: folder)
      #expect(source.layout == .files)
      #expect(source.cases.map(\.name) == ["a"])
      #expect(source.scheme?.structures == [1: "liver"])
      #expect(try LabelSource(path: folder, scheme: .load("btcv")).scheme?.name == "btcv")
    }
  }

  @Test func otherFormatsAreAnsweredWithImport() throws {
    try withTemporaryFolder { folder in
      // DICOM without a suffix, two folders down.
      let series = "\(folder)/patient/series"
      try FileManager.default.createDirectory(atPath: series, withIntermediateDirectories: true)
      try (Data(repeating: 0, count: 128) + Data("DICM".utf8))
        .write(to: URL(filePath: "\(series)/1"))
      try Data().write(to: URL(filePath: "\(folder)/a.nrrd"))
      for path in [folder, "\(folder)/patient", "\(series)/1", "\(folder)/a.nrrd"] {
        #expect(
          message { _ = try LabelSource(path: path) }.contains("maskct import \(path) --output"))
      }
      try Data("x".utf8).write(to: URL(filePath: "\(series)/1"))
      #expect(!message { _ = try LabelSource(path: series) }.contains("maskct import"))
    }
  }

  @Test func gridOfASiblingDiffers() throws {
    try withTemporaryFolder { folder in
      let inner = "\(folder)/s1/segmentations"
      try write(ramp(1, grid()), "\(inner)/liver.nii.gz", grid: grid())
      try write(ramp(1, grid([4, 5, 7])), "\(inner)/spleen.nii.gz", grid: grid([4, 5, 7]))
      let source = try LabelSource(path: folder)
      let text = message { _ = try source.load(source.cases[0], workers: workers) }
      #expect(text.contains("liver.nii.gz: its grid (4 x 5 x 6"))
      #expect(text.contains("resample it"))
    }
  }

  @Test func errorsNameFileAndRemedy() throws {
    try withTemporaryFolder { folder in
      let btcv = try LabelScheme.load("btcv")
      #expect(
        message { _ = try LabelSource(path: folder, scheme: btcv) }.contains("holds no label maps"))
      #expect(
        message { _ = try LabelSource(path: "/nowhere") }.hasPrefix("/nowhere: no such folder"))
      try write(ramp(13, grid()), "\(folder)/a.nii.gz", grid: grid())
      #expect(message { _ = try LabelSource(path: folder) }.contains("needs a label scheme"))
      let source = try LabelSource(path: folder, scheme: btcv)
      #expect(
        message { _ = try source.load(source.cases[0], workers: workers) }
          == "\(folder)/a.nii.gz: holds label 9, which scheme 'btcv' does not name; "
          + "try scheme 'btcv-13', or add '9: STRUCTURE' to a copy of the scheme")
      try write([UInt16](repeating: 0, count: grid().count), "\(folder)/b.nii.gz", grid: grid())
      #expect(
        message {
          _ = try source.load(LabelSource(path: folder, scheme: btcv).cases[1], workers: workers)
        }
        .contains("b.nii.gz: is empty"))
      try write(ramp(1, grid()), "\(folder)/a.nii", grid: grid())
      #expect(
        message { _ = try LabelSource(path: folder, scheme: btcv) }.contains(
          "two files of one case"))
    }
  }

  @Test func misnamedBinaryFileIsSuggested() throws {
    try withTemporaryFolder { folder in
      try write(ramp(1, grid()), "\(folder)/s1/segmentations/livr.nii.gz", grid: grid())
      let source = try LabelSource(path: folder)
      #expect(
        message { _ = try source.load(source.cases[0], workers: workers) }
          .hasSuffix("unknown structure 'livr'; did you mean 'liver'?"))
    }
  }
}
