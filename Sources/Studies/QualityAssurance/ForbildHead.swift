internal import Acquisition
internal import Support
internal import Volumes

/// The FORBILD head phantom: skull with frontal sinus, septa and inner ear, brain with objects of low contrast, and
/// patterns of resolution.
///
/// By Lauritsch and Bruder, Institute of Medical Physics, Erlangen, as published in the phantom group's files
/// (`HeadPhantom.pha`); the slice z = 0 of it is described by Yu, Noo, Dennerlein, Wunderlich, Lauritsch and
/// Hornegger, *Simulation tools for two-dimensional experiments in x-ray computed tomography using the FORBILD head
/// phantom*, Phys. Med. Biol. 57, 2012, N237-N252. All of it is H2O of a density ρ; `HU = 1000 (ρ - 1)`.
///
/// x to the right ear, y to the forehead, z to the vertex; mm. Numbers in comments are those of the objects.
enum ForbildHead {
  /// HU of bone, ρ = 1.8.
  static let bone = 800.0
  /// HU of brain, ρ = 1.05.
  static let brain = 50.0
  /// HU of air, ρ = 0.
  static let air = -1000.0

  /// The whole head; a later object takes the place of earlier ones.
  static let phantom = LayeredPhantom(skull + lowContrast + septa + ear + patterns)

  /// The head without what is finer than channels: an ear of solid bone, and no patterns.
  static let coarse = LayeredPhantom(skull + lowContrast + septa + ear.prefix(1))

  /// Skull (5), brain (6), ventricle (12) and frontal sinus (7).
  private static let skull: [LayeredPhantom.Layer] = [
    .init(.ellipsoid(center: .zero, radii: [96, 120, 125]), hu: bone),
    .init(.ellipsoid(center: .zero, radii: [90, 114, 119]), hu: brain),
    .init(.ellipsoid(center: [0, -36, 0], radii: [18, 36, 36]), hu: 45),
    .init(.ellipsoid(center: [0, 84, 0], radii: [18, 30, 30]), hu: air),
  ]

  /// Eyes (1, 2) and two small balls (3, 4).
  private static let lowContrast: [LayeredPhantom.Layer] = [
    .init(.ball(center: [-47, 43, 8.72], radius: 20), hu: 60),
    .init(.ball(center: [47, 43, 8.72], radius: 20), hu: 60),
    .init(.ball(center: [-10.8, -90, 0], radius: 4), hu: 52.5),
    .init(.ball(center: [10.8, -90, 0], radius: 4), hu: 47.5),
  ]

  /// Bones of the face (14, 15, 8 to 11), a haematoma (13), and the protuberance inside the back of the skull (16, 17).
  private static let septa: [LayeredPhantom.Layer] = [
    .init(
      .ellipticCylinder(
        center: [0, 36, 0], radii: [12, 40], length: 5 * cosine(degrees: 15),
        axes: frame(
          y: [0, sine(degrees: 30), cosine(degrees: 30)],
          z: [0, -cosine(degrees: 30), sine(degrees: 30)])), hu: bone),
    .init(
      .ellipticCylinder(
        center: [0, 96, 0], radii: [5.25561, 20], length: 4,
        axes: frame(y: [0, -sine(degrees: 30), cosine(degrees: 30)], z: [1, 0, 0])), hu: bone),
    .init(
      .ellipsoid(
        center: [-19, 54, 0],
        radii: [12.06483 * cosine(degrees: 15), 4.20276 * cosine(degrees: 15), 30],
        axes: orbit(lean: 15, turn: 120)), hu: bone),
    .init(
      .ellipsoid(
        center: [19, 54, 0], radii: [12 * cosine(degrees: 15), 4.2 * cosine(degrees: 15), 30],
        axes: orbit(lean: -15, turn: 60)), hu: bone),
    .init(
      .ellipticCylinder(
        center: [-43, 68, -10], radii: [18, 2.4], length: 40, axes: turned(150)), hu: bone),
    .init(
      .ellipticCylinder(
        center: [43, 68, -10], radii: [18, 2.4], length: 40, axes: turned(30)), hu: bone),
    .init(
      .ellipsoid(
        center: [63.93945, -63.93945, 0], radii: [12, 4.2, 12], axes: turned(58.1)), hu: 55),
    .init(
      .cone(
        center: [0, -111.5, -2], radii: [5, 2], length: 15,
        axes: frame(y: [1, 0, 0], z: [0, 1, 0])), hu: bone),
    .init(
      .cone(
        center: [0, -111.5, 2], radii: [5, 2], length: 15,
        axes: frame(y: [1, 0, 0], z: [0, 1, 0])), hu: bone),
  ]

  /// The inner ear: bone with bubbles of air.
  private static let ear: [LayeredPhantom.Layer] =
    [
      .init(
        ConvexSolid.ellipsoid(center: earCenter, radii: [42, 18, 18])
          .clipped(along: [1, 0, 0], below: earCenter.x), hu: bone)
    ] + bubbles.map { .init(.ball(center: $0, radius: 1.5), hu: air) }

  private static let earCenter = SIMD3(91.0, 0, 0)

  /// The centres of the ear's bubbles: seven rows of seven, and in each bubble behind bubble 4 mm apart.
  ///
  /// Rows and levels are `2 sqrt(3)` mm apart. Rows begin at x = 88 mm, every other one 2 mm farther in, and end
  /// before the surface of the ear is less than 6.5 mm away along x.
  static let bubbles: [SIMD3<Double>] = {
    let ear = ConvexSolid.ellipsoid(center: earCenter, radii: [42, 18, 18])
    var centers: [SIMD3<Double>] = []
    for level in -3...3 {
      for row in -3...3 {
        var center = SIMD3(
          (level + row).isMultiple(of: 2) ? 88 : 86, Double(row) * 2 * 3.0.squareRoot(),
          Double(level) * 2 * 3.0.squareRoot())
        while ear.contains(center - [6.5, 0, 0]) {
          centers.append(center)
          center.x -= 4
        }
      }
    }
    return centers
  }()

  /// Ellipsoids of bone in the left half of the brain: sixteen elements, each a row along y and one along z.
  ///
  /// Widths and gaps are equal: 0.25 to 0.357 mm in the plane, 0.5 to 4 mm along z. The first ellipsoid is in both
  /// rows, which have five each.
  private static let patterns: [LayeredPhantom.Layer] = {
    let (widths, heights) = ([0.357, 0.312, 0.278, 0.25], [4.0, 2, 1, 0.5])
    var layers: [LayeredPhantom.Layer] = []
    for (column, width) in widths.enumerated() {
      for (line, height) in heights.enumerated() {
        let first = SIMD3(-70 + 0.8 * Double(column), -10 + 4.8 * Double(line), 0)
        let places =
          (0..<5).map { first + [0, 2 * width * Double($0), 0] }
          + (1..<5).map { first + [0, 0, 2 * height * Double($0)] }
        for place in places {
          layers.append(
            .init(
              .ellipsoid(center: place, radii: [width / 2, width / 2, height / 2]), hu: bone))
        }
      }
    }
    return layers
  }()

  /// The bone between eye and nose: its long axis leans towards x, and its section is turned about that.
  private static func orbit(lean: Double, turn: Double) -> Affine.Columns {
    let z = SIMD3(sine(degrees: lean), 0, cosine(degrees: lean))
    let x = SIMD3(
      cosine(degrees: lean) * cosine(degrees: turn), sine(degrees: turn),
      -sine(degrees: lean) * cosine(degrees: turn))
    return Affine.Columns(x: x, y: cross(z, x), z: z)
  }

  /// Axes turned about z.
  private static func turned(_ degrees: Double) -> Affine.Columns {
    orbit(lean: 0, turn: degrees)
  }

  /// Axes of which two are known.
  private static func frame(y: SIMD3<Double>, z: SIMD3<Double>) -> Affine.Columns {
    Affine.Columns(x: cross(y, z), y: y, z: z)
  }

  private static func sine(degrees: Double) -> Double { Support.sine(degrees * .pi / 180) }

  private static func cosine(degrees: Double) -> Double { Support.cosine(degrees * .pi / 180) }
}
