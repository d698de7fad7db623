internal import Kernels

/// The usual correction for the hardening of the beam: every reading becomes the attenuation of the water that it
/// stands for.
///
/// It is exact for water behind any bow-tie. Bone hardens the beam more than the water that it is taken for, which
/// darkens what lies between bones, as in scanners without a correction for bone; so does iodine.
struct HardeningCorrection: DetectorStage {
  let response: PolychromaticResponse
  /// The bow-tie in front of every channel.
  let bowtie: [mct_bowtie]

  /// Replaces every `-ln` of the signal by a line integral in water, p'.
  func apply(to view: DetectorView) {
    response.withTables { tables in
      for channel in bowtie.indices {
        let rows = view.signal[view: 0, channel: channel]
        withUnsafePointer(to: bowtie[channel]) {
          kernels.correct(tables, $0, Int32(rows.count), rows.start)
        }
      }
    }
  }
}
