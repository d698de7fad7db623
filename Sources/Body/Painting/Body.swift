import Support
public import Volumes

/// A property that a body has in every voxel.
///
/// A modality names the properties that it images (`Modality.channels`); only those are painted.
public enum BodyChannel: String, Codable, CaseIterable, Sendable {
  /// Attenuation at 70 keV as CT numbers, HU, contrast medium included.
  case attenuation
  /// The part of `attenuation` that contrast medium makes, HU.
  case enhancement

  /// What surrounds a body: air.
  public var background: Float {
    switch self {
    case .attenuation: -1000
    case .enhancement: 0
    }
  }
}

/// A painted body: one grid, one volume for each channel.
///
/// The grid has the axes of the label map and isotropic voxels; it includes what lies beyond the label map in the
/// plane and, along z, the margins that the modality asked for.
public struct Body: Sendable {
  /// The voxels that all channels share.
  public let grid: Grid
  private let volumes: [BodyChannel: Volume<Float>]

  /// Puts channels together.
  ///
  /// - Precondition: all volumes lie on `grid`.
  public init(grid: Grid, channels: [BodyChannel: Volume<Float>]) {
    precondition(
      channels.values.allSatisfy { $0.grid == grid }, "all channels of a body lie on its grid")
    self.grid = grid
    volumes = channels
  }

  /// The channels that were painted.
  public var channels: Set<BodyChannel> { Set(volumes.keys) }

  /// One channel.
  ///
  /// - Precondition: it was painted; ask for it with `Painter.paint`.
  public subscript(channel: BodyChannel) -> Volume<Float> {
    guard let volume = volumes[channel] else {
      preconditionFailure("channel '\(channel)' of this body was not painted")
    }
    return volume
  }
}
