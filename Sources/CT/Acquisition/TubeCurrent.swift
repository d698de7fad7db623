internal import Support

/// How the tube current follows the body.
public enum CurrentModulation: String, Codable, CaseIterable, Sendable {
  /// Within a rotation: more through the shoulders, less from front to back. The mean of every rotation stays.
  case angular
  /// Along the table: more through the pelvis than through the lungs.
  case longitudinal
  /// Both.
  case combined
}

/// The tube current over the views of a scan.
///
/// With A the log attenuation of every view, `-ln` of the photons that arrive in the channel where most are lost, and M the mean
/// over one rotation about a view,
///
///     angular        I ~ exp(A / 2) / M exp(A / 2)
///     longitudinal   I ~ M exp(A)
///     combined       I ~ exp(A / 2) M exp(A / 2)
///
/// The square root gives the least noise for the dose (Gies, Kalender, Wolf, Suess, *Dose reduction in CT by
/// anatomically adapted tube current modulation. I. Simulation studies*, Med. Phys. 26, 1999): noise in the image is
/// `M exp(A) / I`. The factors along z make that the same for all slices. No view has less than a tenth or more
/// than five times the mean current, as tubes have limits.
public struct TubeCurrent: Equatable, Sendable {
  /// Tube current times rotation time, mean over the scan, mAs.
  public let mas: Double
  /// Current over its mean at `steps` places a rotation from view 0 on; empty for a constant one.
  public let relative: [Double]
  /// Places a rotation.
  public static let steps = 48

  /// A constant current.
  public init(mas: Double) {
    self.mas = mas
    relative = []
  }

  /// A modulated current.
  ///
  /// - Parameter logAttenuation: A, at `steps` places a rotation.
  public init(mas: Double, modulation: CurrentModulation, logAttenuation: [Double]) {
    self.mas = mas
    // Relative to the largest, so that nothing overflows.
    let top = logAttenuation.max() ?? 0
    let halves = logAttenuation.map { exponential(($0 - top) / 2) }
    let mean = Self.overRotation(halves)
    let wanted: [Double] =
      switch modulation {
      case .angular: zip(halves, mean).map { $0 / $1 }
      case .longitudinal: Self.overRotation(logAttenuation.map { exponential($0 - top) })
      case .combined: zip(halves, mean).map { $0 * $1 }
      }
    // Limits change the mean, and the mean the limits: a few rounds settle both.
    var current = wanted
    for _ in 0..<20 {
      let average = max(current.reduce(0, +) / Double(max(1, current.count)), 1e-30)
      current = current.map { min(max($0 / average, 0.1), 5) }
    }
    let average = current.reduce(0, +) / Double(max(1, current.count))
    relative = current.map { $0 / average }
  }

  /// The same course of the current at another mean.
  public func scaled(toMAs mas: Double) -> TubeCurrent { TubeCurrent(mas: mas, relative: relative) }

  private init(mas: Double, relative: [Double]) {
    self.mas = mas
    self.relative = relative
  }

  /// Current over its mean when a view is read, interpolated linearly.
  public func factor(view: Int, viewsPerRotation: Int) -> Double {
    guard relative.count > 1 else { return 1 }
    let place = Double(view) * Double(Self.steps) / Double(viewsPerRotation)
    let index = min(max(Int(place), 0), relative.count - 2)
    let part = min(max(place - Double(index), 0), 1)
    return relative[index] + part * (relative[index + 1] - relative[index])
  }

  /// The mean over a rotation about every place, over what there is of it at the ends.
  static func overRotation(_ values: [Double]) -> [Double] {
    values.indices.map { index in
      let reach = steps / 2
      let range = max(0, index - reach)..<min(values.count, index + reach)
      return values[range].reduce(0, +) / Double(range.count)
    }
  }
}
