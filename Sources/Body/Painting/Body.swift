import Support
public import Tissues
public import Volumes

/// A property that a body has in every voxel.
///
/// A modality names the properties that it images (`Modality.channels`); only those are painted. What a channel holds
/// adds up: a voxel half filled with a tissue has half of its value. Attenuation does, and magnetisation does; relaxation
/// times do not, so a channel of MR holds what a sequence makes of them.
public struct BodyChannel: Hashable, Sendable {
  /// What the values of a channel are.
  public enum Quantity: Sendable {
    /// Attenuation at 70 keV as CT numbers, HU, contrast medium included.
    case attenuation
    /// The part of the attenuation that contrast medium makes, HU.
    case enhancement
    /// A function of a tissue's magnetic properties.
    case magnetic(@Sendable (MagneticTissue) -> Float)
  }

  /// The name; channels of one name are one channel.
  public let name: String
  /// What the values are.
  public let quantity: Quantity
  /// What surrounds a body: air.
  public let background: Float

  private init(name: String, quantity: Quantity, background: Float) {
    self.name = name
    self.quantity = quantity
    self.background = background
  }

  /// Attenuation at 70 keV as CT numbers, HU, contrast medium included.
  public static let attenuation = BodyChannel(
    name: "attenuation", quantity: .attenuation, background: -1000)
  /// The part of `attenuation` that contrast medium makes, HU.
  public static let enhancement = BodyChannel(
    name: "enhancement", quantity: .enhancement, background: 0)
  /// Magnetic susceptibility, ppm.
  public static let susceptibility = magnetic("susceptibility", background: 0.36) {
    Float($0.susceptibility)
  }

  /// A property of MR.
  ///
  /// - Parameters:
  ///   - name: tells it from all other channels of a body.
  ///   - background: the value of air.
  ///   - value: what a tissue has of it; adds up over the tissues of a voxel.
  public static func magnetic(
    _ name: String, background: Float = 0, value: @escaping @Sendable (MagneticTissue) -> Float
  ) -> BodyChannel {
    BodyChannel(name: name, quantity: .magnetic(value), background: background)
  }

  /// Whether both have one name.
  public static func == (a: Self, b: Self) -> Bool { a.name == b.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
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
      preconditionFailure("channel '\(channel.name)' of this body was not painted")
    }
    return volume
  }
}
