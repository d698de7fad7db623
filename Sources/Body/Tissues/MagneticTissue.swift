import Support

/// What the protons of a tissue do in a magnetic field, as drawn for one structure of one patient.
///
/// A tissue holds two pools: water, with relaxation times of its own, and fat, whose times and spectrum are the same
/// everywhere (`FatSpectrum` in `MRScan`). Their signals add as complex numbers, so voxels that lie half in one tissue and
/// half in another have half of each signal.
public struct MagneticTissue: Codable, Equatable, Sendable {
  /// A relaxation time at 1.5 T and at 3 T, ms.
  public struct Time: Codable, Equatable, Sendable {
    /// At 1.5 T, ms.
    public var low: Double
    /// At 3 T, ms.
    public var high: Double

    /// Puts both together.
    public init(low: Double, high: Double) {
      self.low = low
      self.high = high
    }

    /// The time at a field (T): the power law through both, as relaxation dispersion is in this range (Bottomley et
    /// al., Med Phys 11:425, 1984).
    public func at(_ field: Double) -> Double {
      low * power(field / 1.5, logarithm(high / low) / logarithm(2))
    }

    /// Both multiplied with a factor.
    public func scaled(by factor: Double) -> Time { Time(low: low * factor, high: high * factor) }
  }

  /// Protons that MR sees, water and fat together, relative to pure water.
  public var protonDensity: Double
  /// The part of them that is fat.
  public var fatFraction: Double
  /// Longitudinal relaxation time of the water.
  public var t1: Time
  /// Transverse relaxation time of the water.
  public var t2: Time
  /// T2 with the decay by fields within a voxel.
  public var t2Star: Time
  /// Magnetic susceptibility, ppm.
  public var susceptibility: Double
  /// Contrast agent (gadolinium chelate), mmol/l.
  public var agent: Double
  /// Mean velocity of what flows, mm/s.
  public var velocity: Double

  /// Puts the figures together.
  public init(
    protonDensity: Double, fatFraction: Double, t1: Time, t2: Time, t2Star: Time,
    susceptibility: Double, agent: Double = 0, velocity: Double = 0
  ) {
    self.protonDensity = protonDensity
    self.fatFraction = fatFraction
    self.t1 = t1
    self.t2 = t2
    self.t2Star = t2Star
    self.susceptibility = susceptibility
    self.agent = agent
    self.velocity = velocity
  }

  /// Proton density of the water.
  public var water: Double { protonDensity * (1 - fatFraction) }
  /// Proton density of the fat.
  public var fat: Double { protonDensity * fatFraction }

  /// Water's relaxation at a field, with or without the contrast agent.
  ///
  /// `1 / T = 1 / T0 + r C` with the relaxivities r of a macrocyclic chelate in plasma at 37 degrees (Rohrer et al.,
  /// Invest Radiol 40:715, 2005): r1 4.2 and 3.7, r2 6.0 and 5.9 l/mmol/s at 1.5 and 3 T.
  ///
  /// - Parameter field: T.
  public func relaxation(at field: Double, withAgent: Bool) -> WaterRelaxation {
    let agent = withAgent ? agent : 0
    let (r1, r2) = field < 2.25 ? (4.2e-3, 6.0e-3) : (3.7e-3, 5.9e-3)
    func time(_ time: Time, _ relaxivity: Double) -> Double {
      1 / (1 / max(1e-3, time.at(field)) + relaxivity * agent)
    }
    return WaterRelaxation(t1: time(t1, r1), t2: time(t2, r2), t2Star: time(t2Star, r2))
  }

  /// mmol/l of gadolinium where an injection of iodine enhances by 1 HU.
  ///
  /// Both agents spread alike (small, hydrophilic, extracellular). A patient gets 92 mmol of a triiodinated agent (35 g
  /// of iodine) or 7.5 mmol of gadolinium (0.1 mmol/kg); 1 mg/ml of iodine enhances by 25 HU at 120 kVp, so 1 HU is
  /// 0.04 / 126.9 / 3 mol/l of the first and 7.5 / 92 of that of the second.
  public static let agentPerHounsfieldUnit = 0.04 / 126.9 / 3 * 7.5 / 92 * 1000
}

/// Relaxation times of water in one scan, ms.
public struct WaterRelaxation: Equatable, Sendable {
  /// Longitudinal.
  public var t1: Double
  /// Transverse, refocused.
  public var t2: Double
  /// Transverse, not refocused.
  public var t2Star: Double

  /// Puts the times together.
  public init(t1: Double, t2: Double, t2Star: Double) {
    self.t1 = t1
    self.t2 = t2
    self.t2Star = t2Star
  }
}
