/// Where the source is when a view is read.
public struct SourcePosition: Equatable, Sendable {
  /// Angle around the axis, radians.
  public var angle: Double
  /// Height in the gantry frame, mm.
  public var height: Double

  /// Creates a position.
  public init(angle: Double, height: Double) {
    self.angle = angle
    self.height = height
  }
}

/// An object that can be scanned because its line integrals can be computed: voxels or geometric solids.
public protocol ScannedObject: Sendable {
  /// Writes the line integrals of all rays of some views.
  ///
  /// - Parameters:
  ///   - sources: one view each.
  ///   - planesPerBlock: planes of voxels between two axial resamplings, `nil` as many as do no harm; solids know
  ///     no planes.
  ///   - readings: of the scanner, a view for every source; every element of every row is written.
  func project(
    _ sources: [SourcePosition], scanner: Scanner, planesPerBlock: Int?,
    into readings: Readings)

  /// What views at `heights` (mm, in rising order) need of the object, in as few parts as it is cut into.
  func sections(at heights: [Double], scanner: Scanner) -> [ObjectSection]
}

extension ScannedObject {
  /// The whole object for all views.
  public func sections(at heights: [Double], scanner: Scanner) -> [ObjectSection] {
    [ObjectSection(views: 0..<heights.count, object: self)]
  }
}

/// A part of a scan and the part of the object that it sees.
public struct ObjectSection: Sendable {
  /// Indices of the views among those that were asked for.
  public let views: Range<Int>
  /// All that these views see.
  public let object: any ScannedObject
}
