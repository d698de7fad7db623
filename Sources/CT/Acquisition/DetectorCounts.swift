import Support

/// What the detector read of line integrals: the reading before logarithm and correction.
///
/// In units in which a reading through air alone is the number of photons `air[c]`. With one energy, a reading
/// of line integral L is `air[c] exp(-L)` photons; with a spectrum L is first taken back to the water `w = L /
/// mu_water` that it stands for, and the reading is `air[c] S(w + t, 0) / S(t, 0)` behind the bow-tie's t.
public struct DetectorCounts: Sendable {
  /// Photons through air, of every channel.
  public let air: [Float]
  private let beam: PolychromaticBeam?

  /// The readings behind a dose.
  ///
  /// - Parameter beam: of a polychromatic scan.
  public init(noise: PhotonNoise, beam: PolychromaticBeam? = nil) {
    air = noise.incident
    self.beam = beam
  }

  /// Replaces the line integrals in the rows of a channel by readings.
  public func apply(to rows: Readings.Rows, channel: Int) {
    if let beam {
      let (response, bow) = (beam.response, beam.bowtie[channel].water)
      let unit = Float(response.waterAttenuation)
      let full = response.line(water: bow, bone: 0)
      for row in rows.indices {
        let water = rows[row] / unit + bow
        rows[row] = (water < 0 ? water * unit : response.line(water: water, bone: 0)) - full
      }
    }
    let incident = Double(air[channel])
    for row in rows.indices { rows[row] = Float(incident * exponential(-Double(rows[row]))) }
  }
}
