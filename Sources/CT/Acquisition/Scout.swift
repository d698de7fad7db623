public import Support

/// How much of the beam a body takes, all along a helix: what tube current is planned by.
///
/// One row of few channels and `TubeCurrent.steps` views a rotation, along the helix of the scan to come. What a
/// scanner reads off its scout views, or off the half rotation before, is read off the body itself here.
public enum Scout {
  private static let coarseness = 8

  /// A: the `-ln` of the photons that arrive in the channel where most are lost, bow-tie included, for every place.
  ///
  /// - Parameters:
  ///   - body: attenuation of what is scanned, 1/mm.
  ///   - waterAttenuation: of the bow-tie of a monoenergetic scan, 1/mm.
  public static func logAttenuation(
    _ scan: HelicalScan, body: any ScannedObject, waterAttenuation: Double, workers: Workers
  ) -> [Double] {
    logAttenuation(scan, parts: [body], workers: workers) { paths, filter in
      Double(paths[0]) + waterAttenuation * filter
    }
  }

  /// A of a polychromatic scan.
  ///
  /// - Parameter body: the densities of what is scanned, g/cm³.
  public static func logAttenuation(
    _ scan: HelicalScan, body: BasisObject, response: PolychromaticResponse, workers: Workers
  ) -> [Double] {
    let parts = [body.water, body.bone] + (body.iodine.map { [$0] } ?? [])
    return logAttenuation(scan, parts: parts, workers: workers) { paths, filter in
      Double(
        response.photonLoss(
          water: paths[0] + Float(filter), bone: paths[1],
          iodine: paths.count > 2 ? paths[2] : 0))
    }
  }

  /// - Parameter lost: the `-ln` of the photons behind paths through every part and a bow-tie, mm of water.
  private static func logAttenuation(
    _ scan: HelicalScan, parts: [any ScannedObject], workers: Workers,
    lost: @Sendable (_ paths: [Float], _ bowtie: Double) -> Double
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
    var result = [Double](repeating: 0, count: views)
    result.withUnsafeMutableBufferPointer { result in
      nonisolated(unsafe) let result = result
      let thin = scanner
      workers.forEachRange(views, chunk: 4) { part in
        let paths = parts.map { object in
          let paths = Readings(views: part.count, of: thin)
          object.project(Array(positions[part]), scanner: thin, planesPerBlock: 4, into: paths)
          return paths
        }
        for (index, view) in part.enumerated() {
          result[view] = (0..<thin.channels).reduce(0.0) { most, channel in
            max(most, lost(paths.map { $0[view: index, channel: channel][0] }, bowtie[channel]))
          }
        }
      }
    }
    return result
  }
}
