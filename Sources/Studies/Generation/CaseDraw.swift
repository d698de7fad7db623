public import Anatomy
import CTScan
import MRScan
public import Painting
import Support
import Tissues
import Volumes

/// Everything random about a case, drawn before anything is made.
///
/// `CaseGenerator.render` makes the same case of the same label map and draw, byte for byte on one kind of CPU. The
/// record of a case is its draw, and replaying is rendering a recorded draw.
public struct CaseDraw: Codable, Equatable, Sendable {
  /// The case's identifier; with the seed it names the streams of what is random in every voxel and reading.
  public var name: String
  /// The seed of the dataset.
  public var seed: UInt64
  /// What is changed in the label map before it is painted; `nil` for nothing.
  public var variation: MapVariation?
  /// Which part of the patient the image shows; `nil` for the box of the label map.
  public var fieldOfView: FieldOfView?
  /// What structures are filled with, those of the completed body included.
  public var paint: PaintDraw
  /// The scanner and the protocol of each image, in the order of the dataset's channels.
  public var acquisitions: [ImageAcquisition]

  /// How far the body goes on beyond the image for all that images it, mm.
  ///
  /// - Throws: `MaskCTError` for a protocol that cannot be run.
  func margin() throws(MaskCTError) -> Double {
    var margin = 0.0
    for acquisition in acquisitions { margin = max(margin, try acquisition.scanner().margin) }
    return margin
  }

  /// The noise of an image, and the angle at which its scan begins.
  func noise(of index: Int) -> RandomStream {
    let stream = Self.stream(seed: seed, name: name)
    return switch acquisitions[index].modality {
    case .ct: stream.split("scan")
    case .mr: stream.split("mr scan")
    }
  }

  /// The stream of a case, from which every draw splits one of its own name.
  static func stream(seed: UInt64, name: String) -> RandomStream {
    RandomStream(seed: seed).split(name)
  }
}

/// A draw together with the anatomy that it was drawn for: the label map as `draw.variation` leaves it.
///
/// Tissues and textures are drawn for structures as large as they are after the variation, so drawing makes
/// the anatomy; keeping it saves rendering from making it again.
struct DrawnCase: Sendable {
  /// What was drawn.
  let draw: CaseDraw
  /// The label map that is painted, with slices beyond it where the image goes on there.
  let painted: AnatomicalMap
  /// What the image shows of it.
  let shown: AnatomicalMap
  /// What the scan is planned for.
  let planned: Grid
  /// How much further than the image the painted map reaches at its lower and upper end, mm.
  let overhang: (below: Double, above: Double)

  /// Puts the anatomy of a draw together.
  ///
  /// - Parameter varied: the label map as `draw.variation` leaves it.
  /// - Throws: `MaskCTError` for a protocol that cannot be run.
  init(_ draw: CaseDraw, varied: AnatomicalMap, workers: Workers) throws(MaskCTError) {
    self.draw = draw
    guard let view = draw.fieldOfView else {
      (painted, shown, planned, overhang) = (varied, varied, varied.labels.grid, (0, 0))
      return
    }
    let margin = try draw.margin()
    painted = view.continued(varied, margin: margin, workers: workers)
    shown = view.shown(of: painted, margin: margin)
    planned = view.planned(for: varied.labels.grid)
    overhang = view.overhang(of: painted, margin: margin)
  }
}

/// Draws cases: the one place in this module that asks a random stream.
struct CaseDrawing: Sendable {
  let settings: GenerationSettings
  /// Structures to learn.
  let targets: [String]
  let painter: Painter
  let workers: Workers

  /// Draws everything for a case.
  ///
  /// - Throws: `MaskCTError` for a map without a structure to paint, an unusable clip or an unknown lesion host.
  func draw(_ map: AnatomicalMap, named name: String) throws(MaskCTError) -> DrawnCase {
    let stream = CaseDraw.stream(seed: settings.seed, name: name)
    let variation = try MapVariation.draw(
      settings.recipe.variation, map: map, targets: Set(targets),
      stream: stream.split("variation"))
    let varied = try map.varied(by: variation, workers: workers)
    let fieldOfView = FieldOfView.draw(
      settings.recipe.variation.fieldOfView, read: map, map: varied, targets: Set(targets),
      stream: stream.split("field of view"), workers: workers)
    return try DrawnCase(
      CaseDraw(
        name: name, seed: settings.seed, variation: variation, fieldOfView: fieldOfView,
        paint: try painter.draw(
          map: varied, targets: targets, stream: stream.split("painting"), workers: workers),
        acquisitions: settings.modalities.map { modality in
          switch modality {
          case .ct: .ct(ct(stream))
          case .mr: .mr(mr(stream))
          }
        }),
      varied: varied, workers: workers)
  }

  private func mr(_ stream: RandomStream) -> MRAcquisition {
    var choice = stream.split("mr protocol")
    let given = settings.mr!.isNamed ? settings.mr!.protocols.randomElement(using: &choice) : nil
    return MRAcquisition(
      scanProtocol: given
        ?? settings.recipe.mr!.draw(
          from: settings.mr!.protocols, stream.split("mr acquisition")),
      fields: .draw(stream.split("mr fields")))
  }

  private func ct(_ stream: RandomStream) -> CTAcquisition {
    var choice = stream.split("scanner")
    let scanner = settings.scanners.randomElement(using: &choice)!
    let given = settings.protocols.randomElement(using: &choice)
    return CTAcquisition(
      scanner: scanner,
      scanProtocol: given ?? settings.recipe.acquisition!.draw(stream.split("acquisition")))
  }
}

extension AnatomicalMap {
  /// The map with the changes of a draw.
  ///
  /// - Throws: `MaskCTError` for an unknown host of a lesion.
  func varied(by variation: MapVariation?, workers: Workers) throws(MaskCTError) -> AnatomicalMap {
    try variation?.apply(to: self, workers: workers) ?? self
  }
}
