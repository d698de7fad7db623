import Foundation

/// A Markdown table, printed row by row while the work goes on.
public struct Table: Sendable {
  /// Prints the head.
  public init(_ columns: String...) {
    print("| " + columns.joined(separator: " | ") + " |")
    print("|" + String(repeating: " --- |", count: columns.count))
  }

  /// Prints one row.
  public func row(_ cells: String...) {
    print("| " + cells.joined(separator: " | ") + " |")
    fflush(nil)
  }
}

/// A number with a fixed count of decimals.
public func text(_ value: Double, _ decimals: Int = 1) -> String {
  String(format: "%.\(decimals)f", value)
}

/// The most memory that this process has held so far, GiB.
public func peakMemory() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1_048_576
}
