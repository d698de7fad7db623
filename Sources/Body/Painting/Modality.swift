public import Support
public import Volumes

/// A way to image a body: a scanner with a protocol.
///
/// What comes before a modality knows none, and what comes after it knows only its name.
public protocol Modality: Sendable {
  /// What nnU-Net calls the image's channel in `dataset.json`; it decides how intensities are normalised.
  var channelName: String { get }

  /// The properties of the body that are imaged.
  var channels: Set<BodyChannel> { get }

  /// How far the body should go on beyond the first and the last slice of the image, mm.
  var margin: Double { get }

  /// The value of air in an image.
  var background: Float { get }

  /// Images a body.
  ///
  /// - Parameters:
  ///   - body: with all of `channels`, on a grid whose axes are parallel to those of `grid`.
  ///   - grid: the voxels of the image; as high as `planned`, and inside it.
  ///   - planned: what the scan is planned for; its middle in the plane is the scanner's.
  ///   - stream: names the noise and everything else that is random in the acquisition.
  ///   - progress: told the fraction done; what it throws stops the work.
  /// - Returns: the image on `grid`.
  /// - Throws: `MaskCTError` if the grids' axes are not parallel; what `progress` throws.
  func image(
    of body: Body, onto grid: Grid, planned: Grid, stream: RandomStream, workers: Workers,
    progress: (Double) throws -> Void
  ) throws -> Volume<Float>
}
