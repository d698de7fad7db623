public import Volumes

/// How much of the beam a body takes, all along a helix: what tube current is planned by.
///
/// One row of few channels and `TubeCurrent.steps` views a rotation, along the helix of the scan to come. What a
/// scanner reads off its scout views, or off the half rotation before, is read off the body itself here.
public enum Scout {
  private static let coarseness = 8

  /// A: the `-ln` of the quanta that arrive in the channel where most are lost, bow-tie included, for every place.
  ///
  /// - Parameters:
  ///   - body: attenuation of what is scanned, 1/mm; the density of water for a polychromatic scan, g/cm³.
  ///   - bone: density of bone, g/cm³; with `response` for a polychromatic scan.
  ///   - waterAttenuation: of the bow-tie of a monoenergetic scan, 1/mm.
  public static func losses(
    _ scan: HelicalScan, body: any ScannedMatter, bone: (any ScannedMatter)? = nil,
    response: PolychromaticResponse? = nil, waterAttenuation: Double, workers: Workers
  ) -> [Double] {
    var scanner = Scanner(
      name: "scout", sourceToIsocenter: scan.scanner.sourceToIsocenter,
      sourceToDetector: scan.scanner.sourceToDetector,
      channels: scan.scanner.channels / coarseness, fanAngle: scan.scanner.fanAngle,
      channelOffset: 0, rows: 1, rowHeight: scan.scanner.collimation,
      viewsPerRotation: TubeCurrent.steps)
    scanner.bowtieDiameter = scan.scanner.bowtieDiameter
    let rotations = Double(scan.viewCount - 1) / Double(scan.scanner.viewsPerRotation)
    let views = Int((rotations * Double(TubeCurrent.steps)).rounded(.up)) + 1
    let positions = (0..<views).map { view in
      let turns = Double(view) / Double(TubeCurrent.steps)
      return SourcePosition(
        angle: scan.firstAngle + 2 * .pi * turns, height: scan.firstHeight + scan.feed * turns)
    }
    let bowtie = scanner.bowtieWater
    var losses = [Double](repeating: 0, count: views)
    losses.withUnsafeMutableBufferPointer { losses in
      nonisolated(unsafe) let losses = losses
      let thin = scanner
      workers.forEachRange(views, chunk: 4) { part in
        func lines(_ matter: any ScannedMatter) -> [Float] {
          var lines = [Float](repeating: 0, count: part.count * thin.viewStride)
          lines.withUnsafeMutableBufferPointer {
            matter.project(
              Array(positions[part]), scanner: thin, planesPerBlock: 4, into: $0.baseAddress!)
          }
          return lines
        }
        let (paths, bones) = (lines(body), bone.map(lines))
        for (index, view) in part.enumerated() {
          losses[view] = (0..<thin.channels).reduce(0.0) { most, channel in
            let place = index * thin.viewStride + channel * thin.rowStride
            let filter = bowtie[channel]
            let lost =
              response.map {
                Double(
                  $0.lostQuanta(
                    water: paths[place] + Float(filter), bone: bones?[place] ?? 0))
              } ?? Double(paths[place]) + waterAttenuation * filter
            return max(most, lost)
          }
        }
      }
    }
    return losses
  }
}
