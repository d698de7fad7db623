public import FoundationEssentials
import Testing

/// Something outside the repository that a test needs and a machine may lack.
///
/// Where it is missing a test is skipped, with a line that says why. Under CI (the variable `CI` is set) it
/// fails instead: there everything is installed, and a broken installer must not pass for a missing one.
public enum Requirement {
  /// What a test that cannot be made fails with.
  public struct Unmet: Error, CustomStringConvertible {
    /// What is missing, and why.
    public let description: String
  }

  /// Whether everything must be there.
  public static func isStrict(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Bool {
    !["", "0", "false"].contains(environment["CI"]?.lowercased() ?? "")
  }

  /// For `.enabled(if:)`: whether a test runs, to be made or to fail.
  public static func allows(_ isPresent: Bool, strict: Bool = isStrict()) -> Bool {
    isPresent || strict
  }

  /// Provides what a test needs; cancels the test where that fails, and fails it under CI.
  public static func provide<Value>(
    _ what: String, strict: Bool = isStrict(), _ prepare: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await prepare()
    } catch {
      let unmet = Unmet(description: "\(what) is missing: \(error)")
      if strict { throw unmet }
      try Test.cancel("\(unmet)")
    }
  }
}
