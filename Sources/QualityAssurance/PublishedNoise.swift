internal import Acquisition
internal import Volumes

/// The noise that a clinical scanner showed in a phantom, and that of the simulated one in the same phantom.
///
/// A GE Revolution Apex at 120 kVp and 300 mAs (axial, CTDIvol 20.4 mGy in 32 cm), images of 0.625 mm, kernel STANDARD,
/// filtered back-projection. Phantom: 33 cm of solid water, with eight rods 105 mm from the middle (water, solid water
/// twice, calcium) and eight at 55 mm (water, iodine). Standard deviations in the rods without calcium and iodine: 36.0,
/// 37.2 and 32.1 HU outside, 43.5 HU inside. Source: MolloiLab, *BasisSimulator.jl*, verification/results/
/// clinical_measurements.csv, row `120kVp_300mA_FBP` (github.com/MolloiLab/BasisSimulator.jl, 2026).
///
/// The presets' quanta were fitted to it, so it confirms nothing: it holds them where they are. Its images at 150 and 50 mAs
/// are less noisy than those at 300 mAs and quanta alone allow (45 and 52 HU outside instead of 50 and 86); presumably
/// something smooths them. docs/scanning.md tells what else is open.
struct PublishedNoise {
  let bench: QualityBench

  static let mas = 300.0
  static let kvp = 120.0
  /// Of the published images, mm.
  static let thickness = 0.625

  /// Where the published figures were measured, mm from the middle, and what they were, HU.
  static let places: [(center: SIMD2<Double>, noise: Double)] = [
    (place(0, of: 105), 36.0), (place(1, of: 105), 37.2), (place(2, of: 105), 32.1),
    (place(0, of: 55), 43.5),
  ]

  /// HU of the other rods at 120 kVp as published.
  private static let calcium = [186.0, 322, 587, 855, 1095]
  private static let iodine = [44.0, 52, 103, 167, 220, 324, 434]

  /// The middle of the n-th of eight rods on a circle.
  private static func place(_ n: Int, of radius: Double) -> SIMD2<Double> {
    let angle = Double.pi / 4 * Double(n)
    return SIMD2(cosine(angle), sine(angle)) * radius
  }

  /// The phantom; rods of 28.5 mm.
  static let phantom = AnalyticPhantom(
    [.init(.cylinder(center: [0, 0], radius: 165), hu: 0)]
      + calcium.enumerated().map { index, hu in
        .init(.cylinder(center: place(index + 3, of: 105), radius: 14.25), hu: hu, within: 0)
      }
      + iodine.enumerated().map { index, hu in
        .init(
          .cylinder(center: place(index + 1, of: 55), radius: 14.25), hu: hu, within: 0,
          contrast: hu)
      })

  /// The simulated scanner's noise over the published one, mean of the four places.
  ///
  /// In slices of 5 mm, with the published figures by the square root of the thickness: thin helical slices are
  /// interpolated from rows, and axial ones are not.
  func ratio() throws -> Double {
    let slices = bench.isQuick ? 12 : 24
    let grid = bench.grid(width: 250, pixel: 350 / 512, slices: slices, spacing: 8)
    let ct = try bench.image(Self.phantom, onto: grid, noiseless: false, name: "published noise") {
      $0.kvp = Self.kvp
      $0.mas = Self.mas
      $0.noiseIndex = nil
      $0.modulation = nil
      $0.pitch = 1
      $0.kernel = "standard"
      $0.sliceThickness = 5
    }
    let images = PixelImage.slices(of: ct)
    let thinner = (Self.thickness / 5).squareRoot()
    let ratios = Self.places.map { place in
      let variance = images.map { Moments($0.disc(place.center, radius: 9)).variance }
        .reduce(0, +)
      return (variance / Double(images.count)).squareRoot() / (place.noise * thinner)
    }
    return ratios.reduce(0, +) / Double(ratios.count)
  }
}
