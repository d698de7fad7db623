import Datasets
import Support
import Volumes

// TotalSegmentator's layout: a folder per case, a binary file per structure.
extension LabelSource {
  /// Ids of binary files: TotalSegmentator v2's, and numbers after it for other structures.
  private static let binaryIDs: [String: UInt16] = {
    var ids: [String: UInt16] = [:]
    for (id, structure) in (try? LabelScheme.load("totalsegmentator-v2"))?.structures ?? [:] {
      ids[structure] = id
    }
    var next: UInt16 = 1000
    for structure in StructureCatalog.standard.names where ids[structure] == nil {
      ids[structure] = next
      next += 1
    }
    return ids
  }()

  /// Reads a case of binary files; where two overlap, the greater id counts.
  func loadBinary(_ item: Case, workers: Workers) throws -> AnatomicalMap {
    var files: [(path: String, structure: String, id: UInt16)] = []
    for path in item.paths {
      let file = Self.lastComponent(path)
      let name = CaseFiles.stem(file) ?? file
      let structure = try StructureCatalog.standard.structure(named: name, in: path)
      files.append((path, structure, Self.binaryIDs[structure]!))
    }
    files.sort { $0.id < $1.id }
    let (grid, frame, _) = try NIfTI.readHeader(files[0].path)
    for file in files.dropFirst() {
      let other = try NIfTI.readHeader(file.path).grid
      guard other.matches(grid) else {
        throw MaskCTError(
          .input, path: file.path,
          "its grid (\(other)) differs from that of \(Self.lastComponent(files[0].path)) (\(grid))",
          remedy: "resample it onto the grid of its siblings, or take it out")
      }
    }
    var merged = [UInt16](repeating: 0, count: grid.count)
    var structures: [UInt16: String] = [:]
    // Inflating is the work: as many files at once as there are threads, merged in order of ids.
    var start = 0
    while start < files.count {
      let batch = Array(files[start..<min(start + workers.count, files.count)])
      var masks = [Result<[UInt16], any Error>](repeating: .success([]), count: batch.count)
      masks.withUnsafeMutableBufferPointer { masks in
        nonisolated(unsafe) let masks = masks
        workers.forEach(batch.count) { index in
          masks[index] = Result {
            try NIfTI.readLabelMap(batch[index].path, workers: Workers(count: 1)).labels.values
          }
        }
      }
      for (file, mask) in zip(batch, masks) {
        let mask = try mask.get()
        var isPresent = false
        mask.withUnsafeBufferPointer { mask in
          merged.withUnsafeMutableBufferPointer { merged in
            for index in 0..<merged.count where mask[index] != 0 {
              merged[index] = file.id
              isPresent = true
            }
          }
        }
        if isPresent { structures[file.id] = file.structure }
      }
      start += batch.count
    }
    guard !structures.isEmpty else { throw Self.empty(Self.folder(of: files[0].path)) }
    return AnatomicalMap(
      name: item.name, labels: LabelMap(grid: grid, values: merged), structures: structures,
      frame: frame)
  }
}
