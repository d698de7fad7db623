/// One view on its way through the detector.
///
/// Both are relative to what arrives through air behind the bow-tie, and natural logarithms with the sign
/// changed, so that the first is a line integral.
struct DetectorView {
  /// Its index in the scan, which names its noise.
  let number: Int
  /// `-ln` of the signal: what is read in the end.
  let signal: Readings
  /// `-ln` of the photons whose Poisson noise the signal has; `nil` where the signal counts photons, as in a beam of one
  /// energy, and where there is no noise.
  let photons: Readings?
}

/// Something that happens to the readings of a view, in the detector or in the electronics behind it.
///
/// The stages of a scan and their order are in `SimulatedScan.stages`.
protocol DetectorStage: Sendable {
  /// Changes the readings of a view, in place.
  func apply(to view: DetectorView)
}
