internal import Acquisition
internal import FoundationEssentials
internal import Volumes

/// What the process that reads a sinogram and the one that wants it say to each other: both are of one version, on one
/// machine.
///
/// A question is two integers, the first view and how many. An answer is one integer, how many bytes follow, or less than
/// 0 where a `Refusal` of that many bytes follows. The first answer comes unasked and is the `Header`.
enum SinogramMessage {
  /// Views of one question; so many that 16 MiB hold them.
  static func batch(viewStride: Int) -> Int { max(1, (16 << 20) / (4 * viewStride)) }

  /// A failure without its file, which is known.
  struct Refusal: Codable {
    var problem: String
    var remedy: String?
  }

  /// A `SinogramHeader`.
  struct Header: Codable {
    var scanner: Scanner
    var firstAngle: Double
    var firstHeight: Double
    var viewCount: Int
    var scanProtocol: ScanProtocol
    var waterAttenuation: Double
    var image: Grid?

    init(_ header: SinogramHeader) {
      scanner = header.scan.scanner
      firstAngle = header.scan.firstAngle
      firstHeight = header.scan.firstHeight
      viewCount = header.scan.viewCount
      scanProtocol = header.scanProtocol
      waterAttenuation = header.waterAttenuation
      image = header.image
    }

    var header: SinogramHeader {
      SinogramHeader(
        scan: HelicalScan(
          scanner: scanner, pitch: scanProtocol.pitch, firstAngle: firstAngle,
          firstHeight: firstHeight, viewCount: viewCount),
        scanProtocol: scanProtocol, waterAttenuation: waterAttenuation, image: image)
    }
  }
}
