public import Painting
public import Support
public import Volumes

extension CTSimulator: Modality {
  /// `CT`: nnU-Net clips and scales such a channel by fixed figures of the whole dataset.
  public var channelName: String { "CT" }

  /// Contrast medium is a channel of its own where a tube voltage is simulated: its CT numbers depend on it.
  public var channels: Set<BodyChannel> {
    scanProtocol.kvp == nil ? [.attenuation] : [.attenuation, .enhancement]
  }

  /// Air, HU.
  public var background: Float { -1000 }

  /// Scans a body and reconstructs it; see `Modality`.
  public func image(
    of body: Body, onto grid: Grid, stream: RandomStream, workers: Workers,
    progress: (Double) throws -> Void
  ) throws -> Volume<Float> {
    try image(
      of: body, onto: grid, planned: grid, stream: stream, workers: workers, progress: progress)
  }

  /// Scans a body and reconstructs a part of what the scan was planned for.
  ///
  /// - Parameters:
  ///   - grid: the voxels of the image; as high as `planned`, and inside it.
  ///   - planned: what the scan covers; its in-plane centre is the axis of rotation.
  public func image(
    of body: Body, onto grid: Grid, planned: Grid, stream: RandomStream, workers: Workers,
    progress: (Double) throws -> Void
  ) throws -> Volume<Float> {
    if scanProtocol.imaging == .blur {
      return try blurred(
        body[.attenuation], onto: grid, planned: planned, stream: stream, workers: workers
      ).clamped(to: scanProtocol.window)
    }
    return try scan(
      body[.attenuation], contrast: enhancement(of: body), onto: grid, planned: planned,
      stream: stream, workers: workers, progress: progress)
  }

  /// The readings of one rotation about the middle of a grid; see `sinogram(_:contrast:about:stream:workers:)`.
  public func sinogram(
    of body: Body, about grid: Grid, stream: RandomStream, workers: Workers
  ) throws -> (channels: Int, lines: [Float]) {
    try sinogram(
      body[.attenuation], contrast: enhancement(of: body), about: grid, stream: stream,
      workers: workers)
  }

  private func enhancement(of body: Body) -> Volume<Float>? {
    channels.contains(.enhancement) ? body[.enhancement] : nil
  }
}
