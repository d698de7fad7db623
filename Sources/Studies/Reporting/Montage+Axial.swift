public import Volumes

extension Montage {
  /// One axial slice of a case, seen from the feet, with its outlines and without captions.
  ///
  /// - Parameters:
  ///   - guide: the case whose targets and content choose slice and crop; `images` itself where nil.
  ///   - size: the largest width and height, pixels.
  public static func axial(
    _ images: CaseImages, through guide: CaseImages? = nil, size: Int = 420
  ) -> Picture {
    let guide = guide ?? images
    let box = guide.content
    let extent = SIMD3<Double>(box.shape) * guide.grid.spacing
    return SliceRenderer(window: images.window(.softTissue), font: BitmapFont()).render(
      images, plane: .axial, center: guide.center, box: box,
      scale: Double(size) / max(extent.x, extent.y))
  }
}
