import Datasets
import FoundationEssentials
import Support

extension DatasetGenerator {
  /// Creates the folders, or deals with those that are there.
  func prepareFolder(_ existing: Existing, isShared: Bool) throws {
    let files = FileManager.default
    let folders = [dataset.imagesFolder, dataset.labelsFolder, recordsFolder]
    // Hidden files may be those that another shard is about to give their names.
    let there = ((try? files.contentsOfDirectory(atPath: dataset.rawFolder)) ?? [])
      .contains { !$0.hasPrefix(".") }
    switch existing {
    case .refuse:
      if there {
        throw MaskCTError(
          .output, path: dataset.rawFolder, "is there already",
          remedy: "continue it with --resume, or start over with --overwrite")
      }
    case .overwrite:
      // Only what this tool writes is removed.
      for path in folders + [settingsFile, dataset.descriptionFile, manifestFile, cardFile]
      where files.fileExists(atPath: path) {
        do {
          try files.removeItem(atPath: path)
        } catch {
          throw MaskCTError(
            .output, path: path, "cannot be removed", remedy: "check its permissions")
        }
      }
    case .resume:
      if there, files.fileExists(atPath: settingsFile) {
        let old = try? JSONDecoder().decode(
          GenerationSettings.self, from: Data(try ByteFile.read(settingsFile)))
        guard let old else {
          throw MaskCTError(
            .input, path: settingsFile, "is damaged", remedy: "start over with --overwrite")
        }
        let differences = settings.differences(from: old)
        if !differences.isEmpty {
          throw MaskCTError(
            .usage, path: dataset.rawFolder,
            "was begun with another \(differences.joined(separator: ", "))",
            remedy: "give the same settings, or start over with --overwrite")
        }
      } else if there {
        throw MaskCTError(
          .input, path: dataset.rawFolder, "was not written by 'maskct generate'",
          remedy: "choose another output folder")
      }
    }
    // The settings come first: a folder with anything in it has them.
    try createFolder(dataset.rawFolder)
    try AtomicFile.write(try CaseRecord.json(settings), to: settingsFile)
    for folder in folders {
      try createFolder(folder)
      if !isShared { AtomicFile.removeLeftovers(in: folder) }
    }
  }
}
