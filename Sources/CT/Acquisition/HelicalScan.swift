import Support

/// A helical acquisition: a scanner turning while the table moves, as a value.
///
/// View n is read at source angle `a_n = firstAngle + 2 pi n / N` and source height
/// `z_n = firstHeight + F (a_n - firstAngle) / 2 pi`, F the table feed per rotation. The source is at
/// `(R cos a, R sin a, z)` in the gantry frame, whose axis is the patient's z (mm).
public struct HelicalScan: Equatable, Sendable {
  /// The scanner that takes the readings.
  public let scanner: Scanner
  /// Table feed per rotation over collimation.
  public let pitch: Double
  /// Source angle of view 0, radians.
  public let firstAngle: Double
  /// Source height of view 0 in the gantry frame, mm.
  public let firstHeight: Double
  /// Number of readings.
  public let viewCount: Int

  /// A scan that sees every slice centre in `heights` (mm) from all sides out to `radius` (mm).
  ///
  /// A voxel at distance r from the axis lies at most `collimation / 2 (1 + r / R)` from the source's
  /// height when it is seen; the source's height at a parallel view's edge runs ahead by
  /// `F asin(r / R) / 2 pi`; rebinning needs half a fan of views more on both ends.
  public init(
    scanner: Scanner, pitch: Double, covering heights: ClosedRange<Double>, radius: Double,
    firstAngle: Double = 0
  ) {
    let feed = pitch * scanner.collimation
    let overrun = Self.overrun(scanner: scanner, pitch: pitch, radius: radius)
    self.init(
      scanner: scanner, pitch: pitch, firstAngle: firstAngle,
      firstHeight: heights.lowerBound - overrun,
      viewCount: Int(
        ((heights.upperBound - heights.lowerBound + 2 * overrun) / feed
          * Double(scanner.viewsPerRotation)).rounded(.up)) + 1)
  }

  /// A scan as it was taken; see the properties for units.
  public init(
    scanner: Scanner, pitch: Double, firstAngle: Double, firstHeight: Double, viewCount: Int
  ) {
    self.scanner = scanner
    self.pitch = pitch
    self.firstAngle = firstAngle
    self.firstHeight = firstHeight
    self.viewCount = viewCount
  }

  /// How far the source must travel beyond a slice so that the slice is seen from all sides out to `radius`,
  /// mm.
  private static func overrun(scanner: Scanner, pitch: Double, radius: Double) -> Double {
    let feed = pitch * scanner.collimation
    let views = Double(scanner.viewsPerRotation)
    let reach = scanner.collimation / 2 * (1 + radius / scanner.sourceToIsocenter)
    let lead = feed * arcsine(min(1, radius / scanner.sourceToIsocenter)) / (2 * .pi)
    let rebinning = feed * ((scanner.fanAngle * .pi / 180) / (4 * .pi) + 4 / views)
    return max(reach, feed / 2) + lead + rebinning
  }

  /// The heights of slices that are seen from all sides out to `radius`, mm; `nil` for too short a scan.
  public func coveredHeights(radius: Double) -> ClosedRange<Double>? {
    let overrun = Self.overrun(scanner: scanner, pitch: pitch, radius: radius)
    let (low, high) = (firstHeight + overrun, height(ofView: viewCount - 1) - overrun)
    return low <= high ? low...high : nil
  }

  /// F: table feed per rotation, mm.
  public var feed: Double { pitch * scanner.collimation }

  /// Source angle of view n, radians.
  public func angle(ofView n: Int) -> Double {
    firstAngle + 2 * .pi * Double(n) / Double(scanner.viewsPerRotation)
  }

  /// Source height of view n, mm.
  public func height(ofView n: Int) -> Double {
    firstHeight + feed * Double(n) / Double(scanner.viewsPerRotation)
  }

  /// How far beyond the first and last slice material is seen by rays that pass through them, mm.
  ///
  /// The steepest ray climbs `collimation / 2R` per mm and crosses at most the field of view.
  public static func requiredMargin(scanner: Scanner) -> Double {
    scanner.collimation / scanner.sourceToIsocenter * scanner.fieldOfViewRadius
      + scanner.rowHeight
  }
}
