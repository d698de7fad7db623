public import Acquisition
import MRScan
public import Support

extension GenerationSettings {
  /// Takes over which images are made, and from which MR protocols.
  ///
  /// - Parameters:
  ///   - protocols: names or files of MR protocols that the user gave; none for the recipe's, varied.
  /// - Throws: `MaskCTError` for an unknown name or a file that cannot be used.
  public mutating func image(
    _ modalities: [ImageModality], mrProtocols protocols: [String]
  ) throws(MaskCTError) {
    self.modalities = modalities
    guard modalities.contains(.mr) else {
      mr = nil
      return
    }
    let isNamed = !protocols.isEmpty || recipe.mr == nil
    let names = protocols.isEmpty ? recipe.mr?.protocols ?? [MRProtocol.defaultName] : protocols
    var loaded: [MRProtocol] = []
    for name in names { loaded.append(try MRProtocol.load(name)) }
    mr = MRProtocols(protocols: loaded, isNamed: isNamed)
  }

  /// Which of the protocols that a user names are those of MR: a preset's name says so, and a file by its `sequence`.
  ///
  /// - Throws: `MaskCTError` for a name that no modality of the run has.
  public static func split(
    protocols: [String], for modalities: [ImageModality]
  ) throws(MaskCTError) -> (ct: [String], mr: [String]) {
    guard modalities.contains(.mr) else { return (protocols, []) }
    guard modalities.contains(.ct) else { return ([], protocols) }
    var split: (ct: [String], mr: [String]) = ([], [])
    for name in protocols {
      if MRProtocol.presets.names.contains(name) {
        split.mr.append(name)
      } else if ScanProtocol.presets.names.contains(name) {
        split.ct.append(name)
      } else if MRProtocol.isProtocol(try MRProtocol.presets.source(name).text) {
        split.mr.append(name)
      } else {
        split.ct.append(name)
      }
    }
    return split
  }

  /// The scanners and protocols of a run: those that a user names, or else those of the recipe's
  /// `acquisition`, or else the tool's own defaults.
  ///
  /// - Parameters:
  ///   - scanners: names or files that the user gave.
  ///   - protocols: names or files that the user gave.
  /// - Returns: no protocol at all where each case draws its own from the recipe.
  /// - Throws: `MaskCTError` for an unknown name or a file that cannot be used.
  public static func acquisition(
    of recipe: Recipe, scanners: [String] = [], protocols: [String] = []
  ) throws(MaskCTError) -> (scanners: [Scanner], protocols: [ScanProtocol]) {
    let scanners =
      scanners.isEmpty ? recipe.acquisition?.scanners ?? [Scanner.defaultName] : scanners
    let protocols =
      protocols.isEmpty && recipe.acquisition == nil ? [ScanProtocol.defaultName] : protocols
    var loaded: (scanners: [Scanner], protocols: [ScanProtocol]) = ([], [])
    for name in scanners { loaded.scanners.append(try Scanner.load(name)) }
    for name in protocols { loaded.protocols.append(try ScanProtocol.load(name)) }
    return loaded
  }
}
