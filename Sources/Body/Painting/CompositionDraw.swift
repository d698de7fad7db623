public import Textures

/// One part of what a structure is made of: its values and its place.
public struct PartDraw: Codable, Equatable, Sendable {
  /// The tissue.
  public var tissue: String
  /// Mean, HU.
  public var mean: Double
  /// Standard deviation from voxel to voxel, HU.
  public var deviation: Double
  /// The part of the mean that contrast medium makes, HU; `nil` for none.
  public var contrast: Double?
  /// Depth below the surface at which it begins, mm; `nil` for at the surface.
  public var from: Double?
  /// Depth at which it ends, mm; `nil` for nowhere.
  public var to: Double?
  /// Where it lies at these depths; `nil` for everywhere.
  public var pattern: PatternDraw?
  /// What it is in MR; `nil` where only CT is made.
  public var magnetic: MagneticDraw?
}

/// Where a part lies.
public enum PatternDraw: Codable, Equatable, Sendable {
  /// Where a field is below the threshold that leaves it a share; its edge is so many mm wide at least.
  case lobules(share: Double, edge: Double, noise: NoiseDraw)
  /// Within a radius (mm, of the tube with the mean cross-section) of the lines on which a field and its twin are zero.
  case vessels(radius: Double, noise: NoiseDraw)
  /// Within half a thickness (mm, the mean) of the surfaces on which a field is zero.
  case sheets(thickness: Double, noise: NoiseDraw)
}

/// What a hollow structure holds.
public struct ContentsDraw: Codable, Equatable, Sendable {
  /// Depth below the surface at which the lumen begins, mm.
  public var wall: Double
  /// What occurs in it, each made of parts that are laid over each other as those of a structure.
  public var materials: [[PartDraw]]
  /// The segments of the lumen; a voxel belongs to the nearest of their places.
  public var segments: [SegmentDraw]
}

/// One segment of a lumen.
public struct SegmentDraw: Codable, Equatable, Sendable {
  /// Its place: a part (0..<1) of the way through the structure's voxels in their order in memory.
  public var place: Double
  /// What it holds, from the bottom; empty where it has collapsed.
  public var layers: [Layer]

  /// A layer with a level surface.
  public struct Layer: Codable, Equatable, Sendable {
    /// Index of the material.
    public var material: Int
    /// The part of the segment's volume that it takes; those of a segment add up to 1.
    public var share: Double
  }
}
