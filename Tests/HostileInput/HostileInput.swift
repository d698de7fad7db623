import Acquisition
import Anatomy
import Evaluation
import Generation
import Painting
import Volumes

/// The readers that meet files from anywhere, for fuzzing and for the tests of what fuzzing found.
public enum HostileInput: String, CaseIterable, Sendable {
  /// NIfTI volumes and label maps.
  case nifti
  /// Recipes, label schemes, scanners and protocols.
  case yaml
  /// Records of cases, scores and `dataset.json`.
  case json

  /// Gives a file to every reader of its kind.
  ///
  /// - Precondition: a reader takes the file or throws a `MaskCTError` of one line; anything else ends the
  ///   process.
  public func read(_ path: String) {
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
      check { _ = try DatasetLabels.read(path) }
    }
  }

  private func check(_ read: () throws -> Void) {
    do {
      try read()
    } catch let error as MaskCTError {
      precondition(!error.description.contains(where: \.isNewline), "an error is one line")
    } catch {
      preconditionFailure("an error that no user can act on: \(error)")
    }
  }
}
