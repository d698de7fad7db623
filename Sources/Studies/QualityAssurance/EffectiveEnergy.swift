public import Acquisition
public import Support

/// The one energy that stands for a spectrum behind water, and what materials read there.
public enum EffectiveEnergy {
  /// The energy at which water attenuates as it does the signal of a spectrum behind `depth` mm of water, keV.
  ///
  /// Behind, because what is small in a body adds to a path that has hardened the beam already:
  ///
  ///     mu_water(E) = -d ln S / dw        at w = depth
  ///
  /// - Throws: `MaskCTError` for a voltage without spectrum.
  public static func of(
    scanner: Scanner, kvp: Double, water depth: Double
  ) throws(MaskCTError) -> Double {
    let attenuation = try scanner.response(kvp: kvp).waterAttenuation(behind: depth)
    // Attenuation of water falls with energy all over the diagnostic range.
    var (low, high) = (20.0, 149.0)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if Material.water.attenuation(at: middle) > attenuation {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// The mean HU in the middle of a rod after the correction for water, by Beer's law along rays.
  ///
  /// The correction makes a reading the water w' that reads the same. On the ray through the middle of a rod of
  /// diameter L it is w', with water in its place w; with a tenth of the rod's material it is w":
  ///
  ///     thin = 10 mean of (w" - w) / L        whole = mean of (w' - w) / L
  ///
  /// over all directions: the mean attenuation of the rod over the spectrum that passes bow-tie and phantom, relative
  /// to water's (Brooks, *A quantitative theory of the Hounsfield unit and its application to dual energy
  /// scanning*, J. Comput. Assist. Tomogr. 1, 1977), and the same behind half of the rod. For what is like water
  /// both are the HU at the effective energy. Bone is not: its attenuation falls more steeply with energy, so its
  /// mean over a spectrum lies above its value at the energy where water has its mean, and it hardens the beam in its
  /// own way.
  ///
  /// A chord c then adds `a c - b c²` to a reading, with `thin = a` and `whole = a - b L`. The inverse Radon transform of
  /// `4 (R² - p²)`, the square of the chords, is `8 / pi sqrt(R² - r²)`, so the rod is cupped, and
  ///
  ///     HU = 1000 (thin - (thin - whole) k)        k = 8 / (3 pi) (1 - (1 - x²)^(3/2)) / x²        x = r / R
  ///
  /// is its mean out to the radius r.
  ///
  /// - Parameters:
  ///   - index: of a cylinder that lies in water.
  ///   - phantom: its HU are those at 70 keV (`BasisMaterials`).
  ///   - reach: r, mm; at most the rod's radius.
  /// - Throws: `MaskCTError` for a voltage without spectrum.
  public static func hu(
    ofRod index: Int, in phantom: AnalyticPhantom, reach: Double, scanner: Scanner, kvp: Double
  ) throws(MaskCTError) -> Double {
    guard case .cylinder(let center, let radius, _) = phantom.solids[index].shape else {
      preconditionFailure("a rod is a cylinder")
    }
    let response = try scanner.response(kvp: kvp)
    let basis = BasisMaterials()
    var without = phantom
    (without.solids[index].hu, without.solids[index].contrast) = (0, 0)
    // One row; the rays about the middle of the rod.
    var thin = scanner
    thin.rows = 1
    let directions = 180
    let sources = (0..<directions).map {
      SourcePosition(angle: 2 * .pi * (Double($0) + 0.5) / Double(directions), height: 0)
    }
    let channels = sources.map { source in
      let place = SIMD2(cosine(source.angle), sine(source.angle)) * scanner.sourceToIsocenter
      let way = center - place
      // The ray to the rod, against the one to the axis.
      let fan = arctangent(y: place.y * way.x - place.x * way.y, x: -(place * way).sum())
      return Int((scanner.centralChannel + fan / scanner.channelAngle).rounded())
    }
    func paths(_ phantom: AnalyticPhantom, _ quantity: (Float) -> Float) -> [Float] {
      let paths = Readings(views: directions, of: thin)
      AnalyticObject(phantom, quantity: quantity)
        .project(sources, scanner: thin, planesPerBlock: 1, into: paths)
      return sources.indices.map { paths[view: $0, channel: channels[$0]][0] }
    }
    let tissue = [without.withoutContrast, phantom.withoutContrast]
    let water = tissue.map { paths($0, basis.water) }
    let bone = tissue.map { paths($0, basis.bone) }
    let iodine = [without, phantom].map { phantom in
      phantom.contrastAlone.map { paths($0, basis.iodine) }
        ?? [Float](repeating: 0, count: directions)
    }
    let bowtie = scanner.bowtieWater
    /// The mean of w' with a part of the rod.
    func read(_ part: Float) -> Double {
      sources.indices.reduce(0.0) { sum, view in
        let filter = Float(bowtie[channels[view]])
        let line = response.line(
          water: water[0][view] + part * (water[1][view] - water[0][view]) + filter,
          bone: bone[0][view] + part * (bone[1][view] - bone[0][view]),
          iodine: iodine[0][view] + part * (iodine[1][view] - iodine[0][view]))
        return sum + Double(response.water(ofLine: line) - filter) / Double(directions)
      }
    }
    let whole = (read(1) - read(0)) / (2 * radius)
    let little = (read(0.1) - read(0)) / (0.1 * 2 * radius)
    let x = min(reach / radius, 1)
    let rest = max(0, 1 - x * x)
    let cupping = 8 / (3 * Double.pi) * (1 - rest * rest.squareRoot()) / (x * x)
    return 1000 * (little - (little - whole) * cupping)
  }

  /// The HU at an energy of a mixture of water and bone whose HU at 70 keV are known (`BasisMaterials`).
  public static func hu(of value: Double, at energy: Double) -> Double {
    let basis = BasisMaterials()
    let mu =
      (Double(basis.water(Float(value))) * Material.water.massAttenuation(at: energy)
        + Double(basis.bone(Float(value))) * Material.bone.massAttenuation(at: energy)) / 10
    let water = Material.water.attenuation(at: energy)
    return 1000 * (mu - water) / water
  }
}
