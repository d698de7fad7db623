import Support
import Testing
import Volumes

@testable import Anatomy

@Suite struct FieldOfViewTests {
  let workers = Workers(count: 2)

  /// Labels that encode their place: no two neighbours are alike.
  private func numbered(_ shape: SIMD3<Int> = [7, 6, 9]) -> AnatomicalMap {
    let grid = Grid(shape: shape, spacing: [3, 2, 5], center: [11, -4, 60])
    var labels = LabelMap(grid: grid, repeating: 0)
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        for z in 0..<shape.z { labels[x, y, z] = UInt16(1 + x + 10 * y + 100 * z) }
      }
    }
    return AnatomicalMap(name: "numbered", labels: labels, structures: [1: "liver"])
  }

  /// Every voxel of the image has the label of the voxel of the label map that lies at its place, and none where none
  /// does: looked up by millimetres, not by index.
  private func expectSameLabels(_ shown: AnatomicalMap, _ map: AnatomicalMap) {
    let (grid, own) = (shown.labels.grid, map.labels.grid)
    let inverse = own.affine.inverse
    var wrong = 0
    for y in 0..<grid.shape.y {
      for x in 0..<grid.shape.x {
        for z in 0..<grid.shape.z {
          let q = inverse.apply(grid.affine.apply([Double(x), Double(y), Double(z)]))
          let near = SIMD3<Int>(q.rounded(.toNearestOrEven))
          if (SIMD3<Double>(near) - q).max() > 1e-6 || (q - SIMD3<Double>(near)).max() > 1e-6 {
            wrong += 1
          }
          let expected =
            own.contains(near.x, near.y, near.z) ? map.labels[near.x, near.y, near.z] : 0
          if shown.labels[x, y, z] != expected { wrong += 1 }
        }
      }
    }
    #expect(wrong == 0)
  }

  @Test(arguments: [
    FieldOfView(), FieldOfView(before: [1, 2, 3], after: [2, 1, 4]),
    FieldOfView(before: [-1, -2, -3], after: [-2, -1, -2]),
    FieldOfView(before: [2, -1, 3], after: [-3, 2, -4]),
    FieldOfView(before: [0, 0, -4], after: [0, 0, 5]),
  ])
  func labelsStayVoxelForVoxel(view: FieldOfView) {
    let map = numbered()
    for margin in [0.0, 12] {
      let painted = view.continued(map, margin: margin, workers: workers)
      let shown = view.shown(of: painted, margin: margin)
      #expect(shown.labels.grid.matches(view.grid(of: map.labels.grid), tolerance: 1e-9))
      #expect(shown.frame.grid == shown.labels.grid)
      expectSameLabels(shown, map)
      expectSameLabels(painted, map)
      // What is painted reaches the margin beyond an end that moved outwards, and the map's end elsewhere.
      let overhang = view.overhang(of: painted, margin: margin)
      let image = shown.labels.grid.affine.apply([0, 0, 0]).z
      #expect(
        abs(image - overhang.below - painted.labels.grid.affine.apply([0, 0, 0]).z) < 1e-9)
      #expect(view.before.z <= 0 || overhang.below >= margin)
      #expect(view.after.z <= 0 || overhang.above >= margin)
      let labelled = painted.labelledSlices ?? 0..<painted.labels.grid.shape.z
      #expect(labelled.count == map.labels.grid.shape.z)
      for z in 0..<painted.labels.grid.shape.z {
        #expect(labelled.contains(z) == (painted.labels[3, 3, z] != 0))
      }
    }
  }

  /// The planned grid holds the image and has its middle on the axis.
  @Test func theScanIsPlannedAboutTheAxis() {
    let map = numbered()
    for view in [
      FieldOfView(axis: [4, -7]),
      FieldOfView(before: [5, -2, 0], after: [0, -1, 2], axis: [-9, 3]),
      FieldOfView(before: [-3, 1, 0], after: [-1, 8, -2]),
    ] {
      let (image, planned) = (
        view.grid(of: map.labels.grid), view.planned(for: map.labels.grid)
      )
      let (own, spacing) = (map.labels.grid, map.labels.grid.spacing)
      func middle(_ grid: Grid) -> SIMD3<Double> {
        grid.affine.apply(SIMD3<Double>(grid.shape &- 1) * 0.5)
      }
      for side in 0..<2 {
        let off = middle(planned)[side] - middle(own)[side] - view.axis[side]
        #expect(abs(off) <= spacing[side] / 4 + 1e-9)
      }
      #expect(abs(middle(planned).z - middle(image).z) < 1e-9)
      let first = planned.affine.inverse.apply(image.affine.apply([0, 0, 0]))
      let last = planned.affine.inverse.apply(
        image.affine.apply(SIMD3<Double>(image.shape &- 1)))
      for side in 0..<3 {
        #expect(first[side] > -1e-6 && last[side] < Double(planned.shape[side]) - 1 + 1e-6)
      }
    }
  }

  private static let everything = FieldOfViewSettings(
    probability: 1, beyond: .init(probability: 0.5, range: 20...250),
    within: .init(probability: 0.4, range: 0.05...0.35),
    wider: .init(probability: 0.5, range: 420...540),
    narrower: .init(probability: 0.4, range: 200...300), offCentre: [10, 20], table: 0.8)

  /// A trunk of 6 mm: liver and both kidneys, cut where `heights` say.
  func trunk(_ names: Set<String>) -> AnatomicalMap { trunk(0..<72, names) }

  func trunk(_ heights: Range<Int>, _ names: Set<String>) -> AnatomicalMap {
    var map = TorsoPhantom.map(
      name: "trunk", grid: Grid(shape: [66, 54, 72], spacing: [6, 6, 6]),
      stream: RandomStream(seed: 7), workers: workers)
    map = map.cropped(
      before: [0, 0, -heights.lowerBound], after: [0, 0, heights.upperBound - 72])
    map.structures = map.structures.filter { names.contains($0.value) }
    let keep = map.structures
    map.labels = map.labels.map { keep[$0] == nil ? 0 : $0 }
    return map
  }

  private func draws(
    _ map: AnatomicalMap, targets: Set<String>, _ settings: FieldOfViewSettings = everything,
    count: Int = 200
  ) -> [FieldOfView] {
    (0..<count).compactMap {
      FieldOfView.draw(
        settings, read: map, map: map, targets: targets, stream: RandomStream(seed: 4).split($0),
        workers: workers)
    }
  }

  @Test func drawsWhatTheSettingsSay() {
    let map = trunk(12..<58, ["liver", "kidney_left", "kidney_right"])
    let grid = map.labels.grid
    let views = draws(map, targets: ["liver"])
    #expect(views.count == 200)
    #expect(views == draws(map, targets: ["liver"]))
    // 200 draws: 100 +- 7 beyond, 80 +- 7 within; limits at four deviations. Cuts of the liver are given up now and then.
    let (longer, shorter) = (
      views.filter { $0.after.z > 0 }.count, views.filter { $0.after.z < 0 }.count
    )
    #expect((72...128).contains(longer), "\(longer)")
    #expect((40...108).contains(shorter), "\(shorter)")
    let reach = BodyCompletion.reach(of: map, workers: workers)
    for view in views {
      #expect(Double(view.after.z) * 6 <= reach.upperBound - grid.extent.z + 6)
      #expect(Double(view.before.z) * 6 <= -reach.lowerBound + 6)
      #expect(Double(-view.after.z) <= 0.35 * Double(grid.shape.z))
      // A wide field of view lies about the axis, with whole voxels, unless the map reaches further.
      let image = view.grid(of: grid)
      if view.before.x > 0 || view.after.x > 0 {
        #expect(image.extent.x >= min(420, grid.extent.x))
        if view.before.x > 0, view.after.x > 0 { #expect((413...547).contains(image.extent.x)) }
      }
      if view.before.x < 0 || view.after.x < 0 { #expect((194...306).contains(image.extent.x)) }
    }
    #expect(Set(views.compactMap(\.hasTable)) == [true, false])
    // Off centre: a mean of 0 +- 0.7 and 1.4 mm, cut at 2.5 deviations.
    let mean = views.reduce(SIMD2<Double>()) { $0 + $1.axis } / 200
    #expect(abs(mean.x) < 3 && abs(mean.y) < 6)
    #expect(views.allSatisfy { abs($0.axis.x) <= 25 && abs($0.axis.y) <= 50 })
    #expect(views.contains { abs($0.axis.y) > 25 })
  }

  @Test func isTheLabelMapsBoxInTheOtherCases() {
    let map = trunk(12..<58, ["liver"])
    var settings = Self.everything
    settings.probability = 0.3
    // 60 +- 6.5; limits at four deviations.
    #expect((34...86).contains(draws(map, targets: ["liver"], settings).count))
    #expect(
      FieldOfView.draw(
        nil, read: map, map: map, targets: ["liver"], stream: RandomStream(seed: 1),
        workers: workers) == nil)
  }

  /// A target that an end of the map cuts would end in a plane beyond it: that end never moves outwards. A structure
  /// that is not learned does not hold it.
  @Test func aCutTargetKeepsItsEnd() {
    let whole = trunk(["liver", "kidney_left", "kidney_right"])
    let liver = LabelCensus(whole.labels, workers: workers).entries[whole.ids(of: "liver")[0]]!
    // Just below the top of the liver: the kidney is whole.
    let cut = trunk(0..<liver.box.last.z, ["liver", "kidney_left"])
    let learned = draws(cut, targets: ["liver"])
    #expect(learned.allSatisfy { $0.after.z <= 0 })
    #expect(learned.contains { $0.before.z > 0 } && learned.contains { $0.after.z < 0 })
    let other = draws(cut, targets: ["kidney_left"])
    #expect(other.contains { $0.after.z > 0 })
    // The map that was read counts as much as the varied one.
    let view = (0..<50).compactMap {
      FieldOfView.draw(
        Self.everything, read: cut, map: cut.removing(["liver"], workers: workers),
        targets: ["liver"], stream: RandomStream(seed: 4).split($0), workers: workers)
    }
    #expect(view.allSatisfy { $0.after.z <= 0 })
  }

  /// The completion draws skin, fat and muscle whether they are targets or not, and beyond a region images show nothing.
  @Test func somethingThatIsAlwaysDrawnKeepsAllSides() {
    var map = trunk(12..<58, ["liver"])
    let muscle = draws(map, targets: ["liver", "subcutaneous_fat"])
    #expect(muscle.allSatisfy { $0.before.max() <= 0 && $0.after.max() <= 0 })
    #expect(muscle.contains { $0.before.min() < 0 })
    map.region = LabelMap(grid: map.labels.grid, repeating: 1)
    let region = draws(map, targets: ["liver"])
    #expect(region.allSatisfy { $0.before.max() <= 0 && $0.after.max() <= 0 })
    let view = region.first { $0.before.z < 0 }!
    let shown = view.shown(of: view.continued(map, margin: 20, workers: workers), margin: 20)
    #expect(shown.region?.grid == shown.labels.grid)
  }

  /// A vessel that an end cuts is drawn and labelled on: it leaves the map where and as wide as it is labelled, in one
  /// piece, and the end may move outwards although the vessel is a target.
  @Test func aCutVesselGoesOnAsALabel() throws {
    let map = trunk(24..<40, ["liver", "aorta", "inferior_vena_cava"])
    let views = draws(map, targets: ["aorta", "inferior_vena_cava"])
    #expect(views.contains { $0.before.z > 0 } && views.contains { $0.after.z > 0 })
    let view = FieldOfView(before: [0, 0, 4], after: [2, 0, 10])
    let far = view.continued(map, margin: 30, workers: workers)
    #expect(far.labelledSlices == 9..<25)
    let shown = view.shown(of: far, margin: 30)
    #expect(shown.labels.grid.shape.z == 30)
    let id = try #require(map.ids(of: "aorta").first)
    let grid = shown.labels.grid
    func section(_ z: Int) -> (area: Double, middle: SIMD2<Double>) {
      var (sum, count) = (SIMD2<Double>(), 0.0)
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x where shown.labels[x, y, z] == id {
          sum += [Double(x) * 6, Double(y) * 6]
          count += 1
        }
      }
      return (count * 36, sum / max(count, 1))
    }
    // Labelled on slices 4...19. At the joints the middle moves by half a voxel, and the area of so few voxels by a half.
    for (inside, outside) in [(4, 3), (19, 20)] {
      let (a, b) = (section(inside), section(outside))
      #expect(a.area > 0 && b.area > 0)
      let step = a.middle - b.middle
      #expect((step * step).sum().squareRoot() < 8)
      #expect((0.4...2.5).contains(a.area / b.area))
    }
    for z in 0..<24 { #expect(section(z).area > 0, "slice \(z)") }
    let parts = ConnectedComponents(
      of: shown.labels.mask(of: [id], workers: workers), connectivity: .corners)
    #expect(parts.count == 1)
    // The completion draws no second one.
    var options = BodyCompletion.Options()
    options.spacing = 4
    let filler = try BodyCompletion(options: options).complete(
      far, marginBefore: 0, marginAfter: 0, stream: RandomStream(seed: 3), workers: workers)
    #expect(!filler.structures.values.contains("aorta"))
    #expect(filler.structures.values.contains("spleen"))
    // A liver is no vessel: where it is learned too, and cut, its end stays.
    let liver = LabelCensus(map.labels, workers: workers).entries[map.ids(of: "liver")[0]]!
    if liver.box.last.z == 15 {
      #expect(draws(map, targets: ["aorta", "liver"]).allSatisfy { $0.after.z <= 0 })
    }
  }

  @Test func showsSomethingOfTheTargets() {
    // A kidney in a corner of the map: many narrow fields of view miss it, and are given up.
    let map = trunk(["kidney_left"])
    let id = map.ids(of: "kidney_left")[0]
    let all = map.labels.values.count { $0 == id }
    for view in draws(map, targets: ["kidney_left"]) {
      let shown = view.shown(of: view.continued(map, margin: 0, workers: workers), margin: 0)
      #expect(shown.labels.values.count { $0 == id } * 5 >= all)
    }
  }

  @Test func settingsThatMakeNoSenseAreRefused() {
    func problem(_ change: (inout FieldOfViewSettings) -> Void) -> String? {
      var settings = Self.everything
      change(&settings)
      do {
        try settings.validate(name: "r.yaml")
        return nil
      } catch { return error.description }
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.probability = 1.2 }?.contains("field_of_view.probability") == true)
    #expect(problem { $0.beyond!.range = 0...20 }?.contains("field_of_view.beyond") == true)
    #expect(problem { $0.within!.range = 0.1...0.6 }?.contains("field_of_view.within") == true)
    #expect(problem { $0.within!.probability = 0.6 }?.contains("field_of_view.within") == true)
    #expect(problem { $0.narrower!.probability = 0.6 }?.contains("field_of_view.narrower") == true)
    #expect(problem { $0.offCentre = [10] }?.contains("field_of_view.off_centre") == true)
    #expect(problem { $0.table = -1 }?.contains("field_of_view.table") == true)
    #expect(problem { $0.armsDown = 2 }?.contains("field_of_view.arms_down") == true)
  }
}
