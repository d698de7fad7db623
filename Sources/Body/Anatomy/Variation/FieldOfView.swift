public import Support
public import Volumes

/// Which part of the patient an image shows, in voxels about the box of the label map.
///
/// Whole voxels are added and taken away, so that every voxel of the image that lies in the label map is one of its
/// voxels: labels are neither resampled nor moved.
public struct FieldOfView: Codable, Equatable, Sendable {
  /// Voxels that the image has before the label map's first along x, y and z; negative where it begins inside.
  public var before: SIMD3<Int>
  /// Voxels that it has after the last; negative where it ends inside.
  public var after: SIMD3<Int>
  /// Where the scanner's axis of rotation lies from the middle of the label map along x and y, mm.
  public var axis: SIMD2<Double>
  /// Whether the patient lies on a table; `nil` where the body completion decides.
  public var hasTable: Bool?
  /// Whether the arms lie beside the body; `nil` for not.
  public var armsDown: Bool?

  /// Puts a field of view together; without arguments, the box of the label map.
  public init(
    before: SIMD3<Int> = .zero, after: SIMD3<Int> = .zero, axis: SIMD2<Double> = .zero,
    hasTable: Bool? = nil, armsDown: Bool? = nil
  ) {
    self.before = before
    self.after = after
    self.axis = axis
    self.hasTable = hasTable
    self.armsDown = armsDown
  }

  /// What it asks of the body completion.
  ///
  /// - Parameter view: `nil` for nothing.
  public static func options(_ view: FieldOfView?) -> BodyCompletion.Options {
    var options = BodyCompletion.Options()
    if let hasTable = view?.hasTable { options.tableProbability = hasTable ? 1 : 0 }
    options.armsDown = view?.armsDown ?? false
    return options
  }

  /// The voxels of the image of a label map on this grid.
  public func grid(of labels: Grid) -> Grid { labels.padded(before: before, after: after) }

  /// The voxels about the axis of rotation that hold the image: what the scan is planned for.
  ///
  /// Its middle is the axis, to a quarter of a voxel.
  public func planned(for labels: Grid) -> Grid {
    let image = grid(of: labels)
    var (low, high) = (SIMD3<Int>(), SIMD3<Int>())
    for side in 0..<2 {
      // From the middle of the image to the axis, half voxels.
      let way = Double(before[side] - after[side]) + 2 * axis[side] / labels.spacing[side]
      let steps = Int(way.rounded())
      low[side] = max(0, -steps)
      high[side] = max(0, steps)
    }
    return image.padded(before: low, after: high)
  }

  /// The label map with as many slices more as the image has beyond it, and `margin` mm on top: what is painted.
  ///
  /// Nothing is labelled on slices that are added (`AnatomicalMap.labelledSlices`) but the vessels that the end cuts
  /// (`CutTubes`). An end that lies inside the label map stays as it is.
  public func continued(
    _ map: AnatomicalMap, margin: Double, workers: Workers
  ) -> AnatomicalMap {
    let slices = added(to: map.labels.grid, margin: margin)
    var far = map.continued(below: slices.below, above: slices.above)
    if far.labelledSlices != nil {
      far.continueTubes(CutTubes(far, workers: workers), workers: workers)
    }
    return far
  }

  /// What the image shows of a map that `continued` made with the same margin: labels, region and frame.
  public func shown(of continued: AnatomicalMap, margin: Double) -> AnatomicalMap {
    let trim = trimmed(continued, margin: margin)
    return continued.cropped(before: trim.before, after: trim.after)
  }

  /// How much further than the image a continued map reaches at its lower and upper end, mm; negative along z never.
  public func overhang(of continued: AnatomicalMap, margin: Double) -> (
    below: Double, above: Double
  ) {
    let trim = trimmed(continued, margin: margin)
    let step = continued.labels.grid.spacing.z
    return (Double(-trim.before.z) * step, Double(-trim.after.z) * step)
  }

  private func added(to grid: Grid, margin: Double) -> (below: Int, above: Int) {
    let slices = Int((margin / grid.spacing.z).rounded(.up))
    return (before.z > 0 ? before.z + slices : 0, after.z > 0 ? after.z + slices : 0)
  }

  private func trimmed(
    _ continued: AnatomicalMap, margin: Double
  ) -> (before: SIMD3<Int>, after: SIMD3<Int>) {
    let slices = added(to: continued.labels.grid, margin: margin)
    return (before &- [0, 0, slices.below], after &- [0, 0, slices.above])
  }
}

extension FieldOfView {
  /// Draws the field of view of a case; `nil` for the box of the label map.
  ///
  /// **Labels stay true.** The body completion never draws a target, so that beyond the label map there is none, and
  /// background is the right label, with two exceptions. A target that touches a side of the label map was cut there:
  /// the patient's goes on, the painted one would end in a plane. A vessel that an end cuts is therefore drawn
  /// and labelled on (`CutTubes`), and no other target. And what the completion draws for every body, skin,
  /// fat and muscle, it draws for those who learn skin, fat or muscle too. Such sides do not move outwards; nor
  /// do those of a map with a region, whose images show nothing beyond it.
  ///
  /// A field of view that shows less than a fifth of the targets' voxels is given up for one that cuts nothing.
  ///
  /// - Parameters:
  ///   - read: the label map as it was read.
  ///   - map: the same after its variation; on the same grid.
  ///   - targets: the structures to learn.
  public static func draw(
    _ settings: FieldOfViewSettings?, read: AnatomicalMap, map: AnatomicalMap,
    targets: Set<String>, stream: RandomStream, workers: Workers
  ) -> FieldOfView? {
    guard let settings else { return nil }
    var chance = stream.split("own")
    guard chance.uniform() < settings.probability else { return nil }
    let grid = map.labels.grid
    let sides = OpenSides(read, targets: targets, workers: workers)
      .intersection(OpenSides(map, targets: targets, workers: workers))
    var view = FieldOfView()
    if let deviations = settings.offCentre {
      var stream = stream.split("off centre")
      view.axis = [
        stream.gaussian(mean: 0, deviation: deviations[0], cut: 2.5),
        stream.gaussian(mean: 0, deviation: deviations[1], cut: 2.5),
      ]
    }
    if let table = settings.table {
      var chance = stream.split("table")
      view.hasTable = chance.uniform() < table
    }
    if let arms = settings.armsDown, targets.isDisjoint(with: BodyCompletion.alwaysDrawn) {
      var chance = stream.split("arms")
      view.armsDown = chance.uniform() < arms
    }
    let reach = BodyCompletion.reach(of: map, workers: workers)
    let room = (-reach.lowerBound, reach.upperBound - grid.extent.z)
    view.before.z = settings.end(
      stream.split("lower end"), slices: grid.shape.z, spacing: grid.spacing.z,
      room: sides.low[2] ? room.0 : 0)
    view.after.z = settings.end(
      stream.split("upper end"), slices: grid.shape.z, spacing: grid.spacing.z,
      room: sides.high[2] ? room.1 : 0)
    settings.plane(&view, grid: grid, sides: sides, stream: stream.split("diameter"))
    if view.share(of: targets, in: map) < 0.2 {
      view.before.replace(with: 0, where: view.before .< 0)
      view.after.replace(with: 0, where: view.after .< 0)
    }
    return view
  }

  /// The part of the targets' voxels that the image shows; 1 where the map has none.
  private func share(of targets: Set<String>, in map: AnatomicalMap) -> Double {
    var isTarget = [Bool](repeating: false, count: Int(map.structures.keys.max() ?? 0) + 1)
    for (id, name) in map.structures where targets.contains(name) { isTarget[Int(id)] = true }
    let shape = map.labels.grid.shape
    let low = SIMD3<Int>(repeating: 0) &- before
    let high = shape &+ after
    var (all, seen) = (0, 0)
    map.labels.values.withUnsafeBufferPointer { values in
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let isBeside = x < low.x || x >= high.x || y < low.y || y >= high.y
          let column = (y * shape.x + x) * shape.z
          for z in 0..<shape.z where isTarget[Int(values[column + z])] {
            all += 1
            if !isBeside, z >= low.z, z < high.z { seen += 1 }
          }
        }
      }
    }
    return all == 0 ? 1 : Double(seen) / Double(all)
  }
}

extension FieldOfViewSettings {
  /// Voxels that an end of the scan lies beyond (or, negative, inside) that of the label map.
  ///
  /// - Parameter room: how far the body can be drawn there, mm.
  fileprivate func end(
    _ stream: RandomStream, slices: Int, spacing: Double, room: Double
  ) -> Int {
    var stream = stream
    let choice = stream.uniform()
    let outside = beyond?.probability ?? 0
    if let beyond, choice < outside {
      return max(0, Int((min(stream.logUniform(beyond.range), room) / spacing).rounded(.down)))
    }
    if let within, choice < outside + within.probability {
      return -Int((stream.logUniform(within.range) * Double(slices)).rounded(.down))
    }
    return 0
  }

  /// Draws the diameter that is reconstructed, about the axis where it is wide, anywhere in the map where it is narrow.
  fileprivate func plane(
    _ view: inout FieldOfView, grid: Grid, sides: OpenSides, stream: RandomStream
  ) {
    var stream = stream
    let choice = stream.uniform()
    let larger = wider?.probability ?? 0
    if let wider, choice < larger {
      let radius = stream.logUniform(wider.range) / 2
      for side in 0..<2 {
        let more = radius - grid.extent[side] / 2
        let step = grid.spacing[side]
        if sides.low[side] {
          view.before[side] = max(0, Int(((more - view.axis[side]) / step).rounded()))
        }
        if sides.high[side] {
          view.after[side] = max(0, Int(((more + view.axis[side]) / step).rounded()))
        }
      }
    } else if let narrower, choice < larger + narrower.probability {
      let diameter = stream.logUniform(narrower.range)
      for side in 0..<2 {
        let rest = grid.shape[side] - Int((diameter / grid.spacing[side]).rounded())
        let share = stream.uniform()
        guard rest > 0 else { continue }
        view.before[side] = -min(rest, Int(share * Double(rest + 1)))
        view.after[side] = -rest - view.before[side]
      }
    }
  }
}

/// Which sides of a label map a body may be drawn beyond without a false label; see `FieldOfView.draw`.
struct OpenSides: Equatable, Sendable {
  /// Of x, y and z, the sides at the first voxel.
  var low = [true, true, true]
  /// The sides at the last voxel.
  var high = [true, true, true]

  /// Finds the sides that no target touches.
  init(_ map: AnatomicalMap, targets: Set<String>, workers: Workers) {
    let isAlwaysDrawn = !targets.isDisjoint(with: BodyCompletion.alwaysDrawn)
    if isAlwaysDrawn || map.region != nil {
      (low, high) = ([false, false, false], [false, false, false])
      return
    }
    let shape = map.labels.grid.shape
    let census = map.census(workers: workers)
    let tubes = CutTubes(map, workers: workers)
    for (id, entry) in census.entries where map.structures[id].map(targets.contains) ?? false {
      for side in 0..<3 {
        if entry.box.lower[side] == 0, side < 2 || !tubes.below.contains(where: { $0.id == id }) {
          low[side] = false
        }
        if entry.box.last[side] == shape[side] - 1,
          side < 2 || !tubes.above.contains(where: { $0.id == id })
        {
          high[side] = false
        }
      }
    }
  }

  /// The sides that are open in both.
  func intersection(_ other: OpenSides) -> OpenSides {
    var both = self
    for side in 0..<3 {
      both.low[side] = low[side] && other.low[side]
      both.high[side] = high[side] && other.high[side]
    }
    return both
  }
}
