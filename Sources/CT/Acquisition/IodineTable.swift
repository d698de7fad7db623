internal import Kernels
import Support

/// What iodine adds to what a detector reads behind water and bone.
///
///     -ln S(w, b, i) = -ln S(w, b, 0) + i m_S(w, b, i)
///
/// and the same for the photons N (`PolychromaticResponse`), with i in mm g/cm³. m is the mean mass attenuation of iodine
/// in what is left of the beam: it falls as the beam hardens, but slowly, so its tables are coarse. Interpolated
/// trilinearly, they are within half a percent of the sums over energies (tested).
struct IodineTable: Sendable {
  /// Largest path in the tables, mm g/cm³: 40 cm of 10 mg/mL. Longer ones count with its m.
  static let iodine = 4.0
  /// Steps of the tables, mm and mm g/cm³.
  static let (waterStep, boneStep, iodineStep): (Float, Float, Float) = (10, 8, 0.25)
  private static let columns = Int(PolychromaticResponse.water / Double(waterStep)) + 2
  private static let rows = Int(PolychromaticResponse.bone / Double(boneStep)) + 2
  private static let entries = Int(iodine / Double(iodineStep)) + 2

  /// m of the signal and of the photons, 1/mm over g/cm³, iodine fastest.
  let signal: [Float]
  let photons: [Float]

  /// Sums over the energies of a spectrum.
  ///
  /// - Parameters:
  ///   - water: mass attenuation, 1/mm over g/cm³, at every energy; so are `bone` and `iodine`.
  ///   - first: `phi eta E` at every energy.
  ///   - second: `phi eta E²`.
  init(water: [Double], bone: [Double], iodine: [Double], first: [Double], second: [Double]) {
    let step = Double(Self.iodineStep)
    let thicker = bone.map { exponential(-$0 * Double(Self.boneStep)) }
    let richer = iodine.map { exponential(-$0 * step) }
    var (signal, photons): ([Float], [Float]) = ([], [])
    signal.reserveCapacity(Self.columns * Self.rows * Self.entries)
    photons.reserveCapacity(Self.columns * Self.rows * Self.entries)
    for column in 0..<Self.columns {
      var behind = water.map { exponential(-$0 * Double(column) * Double(Self.waterStep)) }
      for _ in 0..<Self.rows {
        var left = behind
        var (signal0, photons0) = (0.0, 0.0)
        for entry in 0..<Self.entries {
          var (s, v, sm, vm) = (0.0, 0.0, 0.0, 0.0)
          for index in left.indices {
            s += first[index] * left[index]
            v += second[index] * left[index]
            if entry == 0 {
              sm += first[index] * left[index] * iodine[index]
              vm += second[index] * left[index] * iodine[index]
            }
            left[index] *= richer[index]
          }
          let (lines, losses) = (-logarithm(s), -logarithm(s * s / v))
          if entry == 0 {
            (signal0, photons0) = (lines, losses)
            // The limit for little iodine.
            signal.append(Float(sm / s))
            photons.append(Float(2 * sm / s - vm / v))
          } else {
            signal.append(Float((lines - signal0) / (Double(entry) * step)))
            photons.append(Float((losses - photons0) / (Double(entry) * step)))
          }
        }
        for index in behind.indices { behind[index] *= thicker[index] }
      }
    }
    self.signal = signal
    self.photons = photons
  }

  /// What so much iodine adds.
  func adds(
    _ table: KeyPath<IodineTable, [Float]>, water: Float, bone: Float, iodine: Float
  ) -> Float {
    guard iodine > 0 else { return 0 }
    let values = self[keyPath: table]
    let x = min(max(water, 0), Float(PolychromaticResponse.water)) / Self.waterStep
    let y = min(max(bone, 0), Float(PolychromaticResponse.bone)) / Self.boneStep
    let z = min(iodine, Float(Self.iodine)) / Self.iodineStep
    let (column, row, entry) = (Int(x), Int(y), Int(z))
    let (fx, fy, fz) = (x - Float(column), y - Float(row), z - Float(entry))
    func along(_ column: Int, _ row: Int) -> Float {
      let place = (column * Self.rows + row) * Self.entries + entry
      return values[place] + fz * (values[place + 1] - values[place])
    }
    func across(_ column: Int) -> Float {
      let low = along(column, row)
      return low + fy * (along(column, row + 1) - low)
    }
    let low = across(column)
    return iodine * (low + fx * (across(column + 1) - low))
  }

  /// Calls `body` with the tables as kernels take them.
  func withTable(_ body: (mct_iodine) -> Void) {
    signal.withUnsafeBufferPointer { signal in
      photons.withUnsafeBufferPointer { photons in
        body(
          mct_iodine(
            signal: signal.baseAddress, photons: photons.baseAddress, bone_count: Int32(Self.rows),
            iodine_count: Int32(Self.entries), water_step: Self.waterStep,
            bone_step: Self.boneStep, iodine_step: Self.iodineStep,
            largest_iodine: Float(Self.iodine)))
      }
    }
  }
}
