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

/// Matter that a detector can be given the line integrals of: voxels or geometric solids.
public protocol ScannedMatter: Sendable {
  /// Writes the line integrals of all rays of some views.
  ///
  /// - Parameters:
  ///   - sources: one view each.
  ///   - planesPerBlock: planes of voxels between two axial resamplings; solids know no planes.
  ///   - readings: of the scanner, a view for every source; every element of every row is written.
  func project(
    _ sources: [SourcePosition], scanner: Scanner, planesPerBlock: Int,
    into readings: Readings)

  /// What views at `heights` (mm, in rising order) need of the matter, in as few parts as it is cut into.
  func sections(at heights: [Double], scanner: Scanner) -> [MatterSection]
}

extension ScannedMatter {
  /// The whole matter for all views.
  public func sections(at heights: [Double], scanner: Scanner) -> [MatterSection] {
    [MatterSection(views: 0..<heights.count, matter: self)]
  }
}

/// A part of a scan and the part of the matter that it sees.
public struct MatterSection: Sendable {
  /// Indices of the views among those that were asked for.
  public let views: Range<Int>
  /// All that these views see.
  public let matter: any ScannedMatter
}
