import Support
import Textures
import FoundationEssentials

/// Brings the TotalSegmentator data set from Zenodo into a folder that experiments read.
public struct TotalSegmentatorData: Sendable {
  /// What happens meanwhile.
  public enum Event: Sendable {
    /// The record was found.
    case record(title: String, file: String, bytes: Int)
    /// So much has arrived, MB.
    case downloading(done: Int, total: Int)
    /// The archive is unpacked.
    case unpacking(String)
  }

  /// The record of the data set's DOI, 10.5281/zenodo.6802613 (version 1, 1204 subjects, 104 structures).
  public static let record = 6_802_613
  /// The record of the small subset of version 2 (102 subjects).
  public static let smallRecord = 10_047_263

  /// The record's number.
  public let number: Int
  /// Where Zenodo is; another address for tests and mirrors.
  public let server: String

  /// Names a record.
  public init(number: Int = Self.record, server: String = "https://zenodo.org") {
    self.number = number
    self.server = server
  }

  /// Downloads, verifies and unpacks; returns the folder of subjects.
  ///
  /// Interrupted, it goes on when run again. The archive is removed once it is unpacked.
  /// - Throws: `MaskCTError` if it cannot be downloaded, is damaged, or does not fit on the disk.
  public func fetch(
    to folder: String, report: @escaping @Sendable (Event) -> Void
  ) async throws -> String {
    let folder = absolute(folder)
    let subjects = folder + "/totalsegmentator-\(number)"
    if let found = Self.subjects(in: subjects) { return found }
    try createFolder(folder)
    let address = "\(server)/api/records/\(number)"
    let record = try ZenodoRecord(
      json: try await Download.text(address, to: folder + "/.record-\(number).json"), number: number
    )
    let archive = try record.archive()
    report(.record(title: record.title, file: archive.name, bytes: archive.size))
    let file = folder + "/" + archive.name
    try await Download.fetch(archive, to: file) {
      report(.downloading(done: $0 / 1_000_000, total: max(1, archive.size / 1_000_000)))
    }
    report(.unpacking(file))
    let part = subjects + ".part"
    try remove(part)
    try createFolder(part)
    // Python's zipfile refuses paths that lead out of the folder; Python is there for nnU-Net.
    let outcome = try await ChildProcess.run("python3", ["-m", "zipfile", "-e", file, part])
    guard outcome.succeeded else {
      throw MaskCTError(
        .output, path: file, "cannot be unpacked: \(outcome.tail(1))",
        remedy: "check free space and run it again")
    }
    guard Self.subjects(in: part) != nil else {
      throw MaskCTError(
        .input, path: file, "holds no subjects (SUBJECT/ct.nii.gz with SUBJECT/segmentations)",
        remedy: "name the record of a TotalSegmentator data set with --record")
    }
    try rename(part, to: subjects)
    try remove(file)
    return Self.subjects(in: subjects)!
  }

  /// The folder whose folders are subjects: the one given or one in it; nil where there is none.
  static func subjects(in folder: String) -> String? {
    func isSubject(_ path: String) -> Bool { isFolder(path + "/segmentations") }
    let entries = names(in: folder).map { folder + "/" + $0 }
    if entries.contains(where: isSubject) { return folder }
    return entries.first { entry in names(in: entry).contains { isSubject(entry + "/" + $0) } }
  }
}
