import FoundationEssentials

/// Real data that may lie beside the repository, in `../shared/data`; tests that need it are skipped
/// where it is missing: `@Test(.enabled(if: SharedData.isPresent, "needs ../shared/data"))`.
public enum SharedData {
  /// The folder, or nil where it is missing.
  public static let folder: String? = {
    // Tests/TestSupport/SharedData.swift: the repository root is three levels up.
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.deletingLastPathComponent().appendingPathComponent("shared/data").path
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
  }()

  /// Whether the data are there.
  public static var isPresent: Bool { folder != nil }

  /// The path of a file or folder in the data.
  public static func path(_ name: String) -> String { "\(folder ?? "../shared/data")/\(name)" }
}
