import Evaluation

/// How an arm is told apart in charts: a colour, a shape and a dash, so that print in gray and readers with
/// colour vision deficiencies lose nothing. The colours themselves are in `report.css`.
struct ArmStyle: Equatable, Sendable {
  /// The class that sets the colour: `base` or `a0` to `a6`.
  var colorClass: String
  /// The marker's id.
  var shape: String
  /// The line's dash in pixels; empty for a solid line.
  var dash: String

  /// The baseline, and real data: ink, a ring, solid.
  static let baseline = ArmStyle(colorClass: "base", shape: "m-ring", dash: "")

  /// The style of the arm at a place among those that are not the baseline; they repeat after seven.
  static func other(_ place: Int) -> ArmStyle {
    ArmStyle(
      colorClass: "a\(place % dashes.count)", shape: "m\(place % dashes.count)",
      dash: dashes[place % dashes.count])
  }

  private static let dashes = ["", "7 3", "2 2.5", "9 3 2 3", "4 3", "12 4", "6 2 1 2 1 2"]

  /// A style for every arm.
  static func all(of comparison: Comparison) -> [ArmStyle] {
    var next = 0
    return comparison.arms.indices.map { arm in
      if arm == comparison.baseline { return baseline }
      next += 1
      return other(next - 1)
    }
  }

  /// The shapes of markers, once a page; each fits a circle of 4 pixels around the origin.
  static let definitions: Markup = """
    <svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>
    <circle id="m-ring" r="2.9" fill="none" stroke="currentColor" stroke-width="1.7"/>
    <circle id="m0" r="3.6"/>
    <rect id="m1" x="-3.1" y="-3.1" width="6.2" height="6.2"/>
    <path id="m2" d="M0-4 3.8 2.9-3.8 2.9z"/>
    <path id="m3" d="M0-4.4 4.1 0 0 4.4-4.1 0z"/>
    <path id="m4" d="M-1.3-4h2.6v2.7h2.7v2.6H1.3V4h-2.6V1.3H-4v-2.6h2.7z"/>
    <path id="m5" d="M0 4-3.8-2.9 3.8-2.9z"/>
    <path id="m6" d="M-4-2.1h8v4.2h-8z"/>
    </defs></svg>
    """

  /// The marker beside a name.
  var badge: Markup {
    """
    <svg class="badge \(colorClass)" width="12" height="12" viewBox="-6 -6 12 12" \
    aria-hidden="true"><use href="#\(shape)"/></svg>
    """
  }

  /// A piece of line beside a name.
  var line: Markup {
    """
    <svg class="badge \(colorClass)" width="30" height="10" viewBox="0 0 30 10" \
    aria-hidden="true"><path class="line" d="M1 5h28" stroke-dasharray="\(dash)"/></svg>
    """
  }
}
