import Acquisition
import Anatomy
import Datasets
import Evaluation
import Exchange
import Generation
import Painting
import Sinograms
import Support
import Volumes

/// The readers that meet files from anywhere, for fuzzing and for the tests of what fuzzing found.
public enum HostileInput: String, CaseIterable, Sendable {
  /// NIfTI volumes and label maps.
  case nifti
  /// Recipes, label schemes, scanners and protocols.
  case yaml
  /// Records of cases, scores and `dataset.json`.
  case json
  /// Tables of names that `maskct import` wrote and a person has edited, and names as files have them.
  case table
  /// HDF5 files of any structure, each told by a few bytes: see `HostileSinogram`.
  case sinogram
  /// HDF5 files as they are.
  case hdf5

  private static let outside = OutsideFiles()

  /// Gives a file to every reader of its kind.
  ///
  /// - Precondition: a reader takes the file or throws a `MaskCTError` of one line; anything else ends the
  ///   process.
  /// - Returns: whether one took it.
  @discardableResult public func read(_ path: String) -> Bool {
    var taken = false
    func check(_ read: () throws -> Void) {
      do {
        try read()
        taken = true
      } catch let error as MaskCTError {
        precondition(!error.description.contains(where: \.isNewline), "an error is one line")
      } catch {
        preconditionFailure("an error that no user can act on: \(error)")
      }
    }
    switch self {
    case .nifti:
      check { _ = try NIfTI.readHeader(path) }
      check { _ = try NIfTI.readVolume(path, workers: Workers(count: 1)) }
      check { _ = try NIfTI.readLabelMap(path, workers: Workers(count: 1)) }
    case .yaml:
      check { _ = try Recipe.load(path) }
      check { _ = try LabelScheme.load(path) }
      check { _ = try Scanner.load(path) }
      check { _ = try ScanProtocol.load(path) }
    case .json:
      check { _ = try CaseRecord(path: path) }
      check { _ = try SummaryFile.read(path) }
      check { _ = try DatasetDescription(path: path) }
    case .table:
      check {
        for name in try MatchTable.names(path: path) { _ = StructureMatcher.known(name) }
      }
    case .sinogram:
      check {
        let file = ScratchFile()
        HostileSinogram(try ByteFile.read(path)).write(to: file.path, outside: Self.outside)
        try readSinogram(file.path)
      }
    case .hdf5: check { try readSinogram(path) }
    }
    return taken
  }

  /// Reads the header and views, all of them unless they are many.
  ///
  /// - Precondition: nothing comes from another file.
  private func readSinogram(_ path: String) throws {
    let file = try SinogramFile(path)
    let (count, stride) = (file.scan.viewCount, file.scan.scanner.viewStride)
    let batch = max(1, min(count, (16 << 20) / (4 * stride)))
    for first in Set([0, (count - batch) / 2, count - batch]).sorted() {
      let values = try file.lineIntegrals(of: first..<first + batch)
      precondition(!values.contains(HostileSinogram.outside), "nothing outside the file is read")
    }
  }
}
