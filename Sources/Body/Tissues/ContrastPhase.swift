public import Support

/// When after the injection of contrast agent a patient is scanned.
///
/// Drawn once per case: liver, kidneys and vessels of one patient belong to one moment.
public enum ContrastPhase: String, CaseIterable, Codable, Sendable {
  /// No contrast agent.
  case native
  /// Late arterial phase, about 35 s after the injection.
  case arterial
  /// Portal venous phase, about 70 s after the injection: the routine scan of the abdomen.
  case portalVenous = "portal_venous"

  /// Draws a phase with the given relative weights; a phase without a weight is never drawn.
  ///
  /// - Precondition: at least one weight is above zero, none is below.
  public static func random(
    _ weights: [ContrastPhase: Double] = [.native: 1, .arterial: 1, .portalVenous: 3],
    using stream: inout RandomStream
  ) -> ContrastPhase {
    let total = allCases.reduce(0) { $0 + (weights[$1] ?? 0) }
    precondition(
      total > 0 && weights.values.allSatisfy { $0 >= 0 },
      "the weights of the contrast phases are not negative, and one of them is above zero")
    var rest = stream.uniform() * total
    var last = ContrastPhase.portalVenous
    for phase in allCases {
      let weight = weights[phase] ?? 0
      guard weight > 0 else { continue }
      last = phase
      rest -= weight
      if rest < 0 { break }
    }
    return last
  }
}
