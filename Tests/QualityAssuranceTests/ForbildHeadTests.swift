import Acquisition
import Testing
@testable import QualityAssurance

@Suite struct ForbildHeadTests {
  /// A place and the HU that the published objects have there.
  struct Sample {
    let place: SIMD3<Double>
    let hu: Double

    init(_ x: Double, _ y: Double, _ z: Double, _ hu: Double) {
      place = [x, y, z]
      self.hu = hu
    }
  }

  private static let samples: [Sample] = [
    .init(0.0, 0, 124, 800.0), .init(0, 0, 118, 50), .init(0, 0, 126, -1000),
    .init(93, 0, 0, 800), .init(0, -36, 30, 45), .init(0, -30, 39, 50), .init(10, 84, 0, -1000),
    .init(-47, 43, 27, 60), .init(47, 43, -10, 60), .init(47, 43, -12, 50),
    .init(-10.8, -90, 0, 52.5), .init(10.8, -90, 3.9, 47.5), .init(63.93945, -63.93945, 11, 55),
    .init(63.93945, -63.93945, 12.5, 50),
    // 14: a disc 4.83 mm thick, which leans by 30 degrees: 5.58 mm along y.
    .init(0, 38.7, 0, 800), .init(0, 33.3, 0, 800), .init(0, 38.9, 0, 50),
    .init(11.9, 36, 0, 800), .init(0, 54, 31.5, 800), .init(0, 18, -31.5, 800),
    .init(0, 18, 31.5, 50),
    // 15: a septum 4 mm thick in the sinus.
    .init(1.9, 96, 0, 800), .init(2.1, 96, 0, -1000), .init(0, 102.1, 0, -1000),
    .init(0, 87, 15.5, 800), .init(0, 105, -15.5, 800), .init(0, 105, 15.5, -1000),
    // 8 and 9: upper ends towards the middle.
    .init(-19, 54, 0, 800), .init(19, 54, 0, 800), .init(-12, 54, 26, 800),
    .init(12, 54, 26, 800), .init(-26, 54, 26, 50), .init(26, 54, 26, 50),
    // 10 and 11: plates from 30 mm below to 10 mm above the middle.
    .init(-43, 68, 9.9, 800), .init(43, 68, -29.9, 800), .init(43, 68, 10.1, 50),
    .init(57, 76, 0, 800), .init(-57, 76, 0, 800),
    // 16 and 17: cones that end at y = -104 with a radius of 2, and begin with 5.
    .init(0, -104.1, 2, 800), .init(0, -103.9, 2, 50), .init(0, -104.1, 3.9, 800),
    .init(0, -104.1, 4.3, 50),
  ]

  /// The objects are where the publication puts them; mm.
  @Test func objectsAreWhereTheyArePublished() {
    for sample in Self.samples {
      let hu = ForbildHead.phantom.value(at: sample.place)
      #expect(hu == sample.hu, "\(hu) at \(sample.place)")
    }
  }

  /// The bubbles of the published list: x of the first and the last one of every row, 4 mm apart. Rows and levels are
  /// alike above and below the middle.
  @Test func bubblesAreThoseOfTheList() {
    let rows: [[ClosedRange<Double>]] = [
      [56...88, 58...86, 60...88, 66...86], [58...86, 60...88, 62...86, 68...88],
      [60...88, 62...86, 64...88, 70...86], [66...86, 68...88, 70...86, 76...88],
    ]
    var listed: [SIMD3<Double>] = []
    let step = 0.2 * 3.0.squareRoot() * 10
    for level in -3...3 {
      for row in -3...3 {
        let ends = rows[abs(level)][abs(row)]
        for x in stride(from: ends.upperBound, through: ends.lowerBound, by: -4) {
          listed.append([x, Double(row) * step, Double(level) * step])
        }
      }
    }
    #expect(listed.count == 317 && ForbildHead.bubbles.count == 317)
    for (bubble, place) in zip(ForbildHead.bubbles, listed) {
      let gap = bubble - place
      #expect((gap * gap).sum() < 1e-18, "\(bubble) for \(place)")
    }
  }

  /// The ear is bone between the bubbles, and ends at its plane before it reaches the skin.
  @Test func earIsBoneWithBubbles() {
    let head = ForbildHead.phantom
    #expect(head.value(at: [88, 0, 0]) == -1000 && head.value(at: [89.4, 0, 0]) == -1000)
    #expect(head.value(at: [86, 0, 0]) == 800 && head.value(at: [50, 0, 0]) == 800)
    #expect(head.value(at: [48.9, 0, 0]) == 50 && head.value(at: [-88, 0, 0]) == 50)
    #expect(head.value(at: [86, 0, 3.4641]) == -1000 && head.value(at: [88, 0, 3.4641]) == 800)
  }

  /// Without bubbles and patterns the ear is solid bone and the left half of the brain plain.
  @Test func coarseHeadIsTheHeadWithoutDetail() {
    let head = ForbildHead.coarse
    #expect(head.layers.count == 17 + 1)
    for sample in Self.samples { #expect(head.value(at: sample.place) == sample.hu) }
    #expect(head.value(at: [88, 0, 0]) == 800 && head.value(at: [-70, -10, 0]) == 50)
  }

  /// 17 objects, the ear and its bubbles, and 16 elements of nine ellipsoids.
  @Test func patternsAreSixteenElements() {
    let head = ForbildHead.phantom
    #expect(head.layers.count == 17 + 1 + 317 + 144)
    // The coarsest along y and z, and the gaps between: widths of 0.357 and 4 mm.
    let samples: [Sample] = [
      .init(-70.0, -10, 0, 800.0), .init(-70, -9.643, 0, 50), .init(-70, -9.286, 0, 800),
      .init(-70, -10, 1.9, 800), .init(-70, -10, 2.1, 50), .init(-70, -10, 32, 800),
      .init(-70, -10, 40, 50),
      // The finest: 0.25 and 0.5 mm.
      .init(-67.6, 4.4, 0, 800), .init(-67.6, 6.4, 0, 800), .init(-67.6, 4.4, 4, 800),
      .init(-67.6, 4.4, 4.3, 50), .init(-67.6, 6.6, 0, 50),
    ]
    for sample in samples {
      #expect(head.value(at: sample.place) == sample.hu, "\(sample.place)")
    }
  }

  /// In the plane z = 0 the cones are those of the publication of 2012: their tips are where the plane cuts the end of
  /// 2 mm at its rim, 2 mm off its middle.
  @Test func conesMeetInTheMiddle() {
    let head = ForbildHead.phantom
    #expect(head.value(at: [0, -104.2, 0]) == 800 && head.value(at: [0, -103.9, 0]) == 50)
    // Half way along them the radius is 3.5 mm: sqrt(3.5² - 2²) = 2.87 mm in the plane.
    #expect(head.value(at: [2.8, -111.5, 0]) == 800 && head.value(at: [2.95, -111.5, 0]) == 50)
  }
}
