public import Acquisition
public import Support

extension GenerationSettings {
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
