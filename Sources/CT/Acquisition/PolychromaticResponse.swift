internal import Kernels
import Support

/// What a detector reads of a spectrum behind water, bone and iodine: tables instead of sums over energies.
///
/// An energy-integrating detector whose scintillator absorbs the part `eta(E) = 1 - exp(-mu_s t)` of the
/// photons reads, behind `w` mm of water and a bone area density `b` (mm g/cm³),
///
///     S(w, b) = sum_E phi(E) eta(E) E exp(-mu_w(E) w - m_b(E) b)
///
/// and the sum of independent photons of energy E has the variance `sum phi eta E² exp(...)`. So its
/// relative noise is that of a Poisson count of
///
///     N(w, b) = S² / sum_E phi(E) eta(E) E² exp(...)
///
/// photons. `-ln S/S(0, 0)` and `-ln N/N(0, 0)` are tabulated and interpolated bilinearly: both are smooth,
/// and the error is below 2e-4 (tested), a hundredth of what 1 mm of water takes. What iodine adds to both is in
/// tables of its own (`IodineTable`).
public struct PolychromaticResponse: Sendable {
  /// Largest paths in the tables; longer ones count as these.
  static let (water, bone) = (900.0, 400.0)
  /// Steps of the tables, mm and mm g/cm³.
  static let (waterStep, boneStep): (Float, Float) = (4, 1)
  private static let rows = Int(bone) + 2
  /// `-ln S` and `-ln N`, bone fastest.
  private let signal: [Float]
  private let photons: [Float]
  /// The inverse of `-ln S` without bone: water in equal steps of the line integral, from 0 to the largest.
  private let waterOfLine: [Float]
  private let lineStep: Float
  private let iodine: IodineTable

  /// Linear attenuation coefficient that water seems to have behind no water at all, 1/mm: what
  /// corrected line integrals are counted in.
  public let waterAttenuation: Double
  /// Poisson photons per mm² and mAs at 1 m in air, `N(0, 0)`.
  public let photonsPerMas: Double

  /// The response of a detector to a spectrum.
  ///
  /// - Parameter scintillator: thickness of gadolinium oxysulphide, mm.
  public init(spectrum: Spectrum, scintillator: Double = 1.4) {
    let water = Material.water.massAttenuation.map { $0 * 0.1 }
    let bone = Material.bone.massAttenuation.map { $0 * 0.1 }
    let (bins, first, second) = Self.moments(of: spectrum, scintillator)
    let (mu, mb) = (bins.map { water[$0] }, bins.map { bone[$0] })
    let (s0, v0) = (first.reduce(0, +), second.reduce(0, +))
    photonsPerMas = s0 * s0 / v0
    waterAttenuation = zip(first, mu).reduce(0) { $0 + $1.0 * $1.1 } / s0

    let columns = Int(Self.water / Double(Self.waterStep)) + 2
    var (signal, photons): ([Float], [Float]) = ([], [])
    signal.reserveCapacity(columns * Self.rows)
    photons.reserveCapacity(columns * Self.rows)
    // exp of a sum is a product: one exponential an energy and column, and one a step of bone.
    let steps = mb.map { exponential(-$0 * Double(Self.boneStep)) }
    for column in 0..<columns {
      var transmitted = mu.map { exponential(-$0 * Double(column) * Double(Self.waterStep)) }
      for _ in 0..<Self.rows {
        var (s, v) = (0.0, 0.0)
        for index in transmitted.indices {
          s += first[index] * transmitted[index]
          v += second[index] * transmitted[index]
          transmitted[index] *= steps[index]
        }
        signal.append(Float(-logarithm(s / s0)))
        photons.append(Float(-logarithm(s * s / v * v0 / (s0 * s0))))
      }
    }
    self.signal = signal
    self.photons = photons
    iodine = IodineTable(
      water: mu, bone: mb, iodine: bins.map { Material.iodine.massAttenuation[$0] * 0.1 },
      first: first, second: second)
    let withoutBone = stride(from: 0, to: signal.count, by: Self.rows).map { signal[$0] }
    (waterOfLine, lineStep) = Self.inverse(of: withoutBone)
  }

  /// The place, in steps of `waterStep`, where a rising function has values that rise in equal steps.
  private static func inverse(of values: [Float]) -> (places: [Float], step: Float) {
    // A quarter of the steps of the function where it is steepest, so that the inverse adds no error.
    let count = 2048
    let step = values[values.count - 1] / Float(count - 1)
    var low = 0
    let places = (0..<count).map { index in
      let value = Float(index) * step
      while low < values.count - 2, values[low + 1] <= value { low += 1 }
      let part = (value - values[low]) / (values[low + 1] - values[low])
      return (Float(low) + min(part, 1)) * waterStep
    }
    return (places, step)
  }

  /// Poisson photons per mm² and mAs at 1 m, `N(water, 0)`, without the tables.
  ///
  /// - Parameter depth: of the water before the detector, mm.
  static func photonsPerMas(
    of spectrum: Spectrum, scintillator: Double = 1.4, behind depth: Double = 0
  ) -> Double {
    let (bins, first, second) = moments(of: spectrum, scintillator)
    let passed = bins.map { exponential(-Material.water.massAttenuation[$0] * 0.1 * depth) }
    let signal = zip(first, passed).reduce(0) { $0 + $1.0 * $1.1 }
    let variance = zip(second, passed).reduce(0) { $0 + $1.0 * $1.1 }
    return signal * signal / variance
  }

  /// `phi eta E` and `phi eta E²` of the bins that hold photons.
  private static func moments(
    of spectrum: Spectrum, _ scintillator: Double
  ) -> (bins: [Int], first: [Double], second: [Double]) {
    let layer = Material.scintillator.density * scintillator / 10
    let bins = spectrum.energies.indices.filter { spectrum.photons[$0] > 0 }
    let first = bins.map { bin in
      spectrum.photons[bin] * spectrum.energies[bin]
        * (1 - exponential(-Material.scintillator.massAttenuation[bin] * layer))
    }
    return (bins, first, zip(bins, first).map { spectrum.energies[$0] * $1 })
  }

  /// The line integral that is read, `-ln S / S(0, 0)`, behind water (mm), bone and iodine (mm g/cm³).
  public func line(water: Float, bone: Float, iodine amount: Float = 0) -> Float {
    signal.withUnsafeBufferPointer { Self.interpolate($0.baseAddress!, water, bone) }
      + iodine.adds(\.signal, water: water, bone: bone, iodine: amount)
  }

  /// The logarithm of the photons that are lost, `-ln N / N(0, 0)`, behind water (mm), bone and iodine (mm g/cm³).
  public func photonLoss(water: Float, bone: Float, iodine amount: Float = 0) -> Float {
    photons.withUnsafeBufferPointer { Self.interpolate($0.baseAddress!, water, bone) }
      + iodine.adds(\.photons, water: water, bone: bone, iodine: amount)
  }

  /// The water that a reading without bone stands for, mm: the inverse of `line(water:bone: 0)`.
  public func water(ofLine line: Float) -> Float {
    if line <= 0 { return line / Float(waterAttenuation) }
    let x = min(line / lineStep, Float(waterOfLine.count - 1))
    let index = min(Int(x), waterOfLine.count - 2)
    let (low, high) = (waterOfLine[index], waterOfLine[index + 1])
    return low + (x - Float(index)) * (high - low)
  }

  /// The attenuation of water behind so much water, `-d ln S / dw`, 1/mm: less the harder the beam is.
  ///
  /// - Parameter depth: mm.
  public func waterAttenuation(behind depth: Double) -> Double {
    // Over ten steps of the table, so that its interpolation does not matter.
    let (low, high) = (Float(max(0, depth - 20)), Float(depth + 20))
    return Double((line(water: high, bone: 0) - line(water: low, bone: 0)) / (high - low))
  }

  /// How much the correction for water multiplies a deviation of the reading by, behind so much water.
  public func correctionGain(behind depth: Double) -> Double {
    waterAttenuation / waterAttenuation(behind: depth)
  }

  /// The water that has this photon loss, mm: the inverse of `photonLoss(water:bone: 0)`.
  public func water(ofPhotonLoss loss: Double) -> Double {
    var (low, high) = (0.0, Self.water)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if Double(photonLoss(water: Float(middle), bone: 0)) < loss {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// Calls `body` with the tables as kernels take them.
  func withTables(_ body: (UnsafePointer<mct_response>) -> Void) {
    signal.withUnsafeBufferPointer { signal in
      photons.withUnsafeBufferPointer { photons in
        waterOfLine.withUnsafeBufferPointer { waterOfLine in
          iodine.withTable { iodine in
            let response = mct_response(
              signal: signal.baseAddress, photons: photons.baseAddress,
              bone_count: Int32(Self.rows),
              water_step: Self.waterStep, bone_step: Self.boneStep,
              largest_water: Float(Self.water), largest_bone: Float(Self.bone),
              water_of_line: waterOfLine.baseAddress, line_count: Int32(waterOfLine.count),
              line_step: lineStep, water_attenuation: Float(waterAttenuation), iodine: iodine)
            withUnsafePointer(to: response, body)
          }
        }
      }
    }
  }

  @inline(__always)
  private static func interpolate(
    _ table: UnsafePointer<Float>, _ water: Float, _ bone: Float
  ) -> Float {
    let x = min(max(water, 0), Float(Self.water)) / waterStep
    let y = min(max(bone, 0), Float(Self.bone)) / boneStep
    let (column, row) = (Int(x), Int(y))
    let (fx, fy) = (x - Float(column), y - Float(row))
    let place = table + column * rows + row
    let low = place[0] + fy * (place[1] - place[0])
    let high = place[rows] + fy * (place[rows + 1] - place[rows])
    return low + fx * (high - low)
  }
}
