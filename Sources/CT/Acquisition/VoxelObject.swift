public import Support
internal import Synchronization
public import Volumes

/// A body of voxels, laid out for the projector in slabs as the scan moves along it.
///
/// Slab `k` begins at slice `k * step` and holds all that views whose lowest slice lies in its first `step`
/// slices can see; which slab a view is projected through depends on the view alone, so readings do not
/// depend on how they are asked for. The slab in use is the only one in memory: a body costs what its
/// HU take, a cross-section what its attenuation takes.
public final class VoxelObject<Number: HounsfieldNumber>: ScannedObject {
  private let hu: Volume<Number>
  private let contrast: Volume<Float>?
  private let placement: GantryPlacement
  private let radius: Double
  private let workers: Workers
  private let quantity: @Sendable (Float) -> Float
  private let latest = Mutex<(slices: Range<Int>, slab: AttenuationVolume)?>(nil)

  /// Prepares a body.
  ///
  /// - Parameters:
  ///   - hu: the painted body.
  ///   - contrast: HU of contrast medium on the same grid, taken away first; `nil` for none.
  ///   - placement: where its voxels lie in the gantry frame.
  ///   - radius: material further from the axis is left out, mm.
  ///   - quantity: what is integrated, from HU; not negative, 0 for air.
  public init(
    hu: Volume<Number>, without contrast: Volume<Float>? = nil, placement: GantryPlacement,
    radius: Double, workers: Workers,
    quantity: @escaping @Sendable (Float) -> Float
  ) {
    self.hu = hu
    self.contrast = contrast
    self.placement = placement
    self.radius = radius
    self.workers = workers
    self.quantity = quantity
  }

  /// The slabs that views at `heights` are projected through, each with its run of views.
  public func sections(at heights: [Double], scanner: Scanner) -> [ObjectSection] {
    let layout = SlabLayout(
      slices: hu.grid.shape.z, first: placement.first.z, spacing: placement.spacing.z,
      reach: scanner.axialReach(radius: radius))
    var sections: [ObjectSection] = []
    var first = 0
    while first < heights.count {
      let slices = layout.slab(at: heights[first])
      let end = heights[first...].firstIndex { layout.slab(at: $0) != slices } ?? heights.count
      sections.append(ObjectSection(views: first..<end, object: slab(slices)))
      first = end
    }
    return sections
  }

  /// Projects through one slab after the other; see `ScannedObject`.
  public func project(
    _ sources: [SourcePosition], scanner: Scanner, planesPerBlock: Int?,
    into readings: Readings
  ) {
    for section in sections(at: sources.map(\.height), scanner: scanner) {
      section.object.project(
        Array(sources[section.views]), scanner: scanner, planesPerBlock: planesPerBlock,
        into: readings[views: section.views])
    }
  }

  private func slab(_ slices: Range<Int>) -> AttenuationVolume {
    latest.withLock { latest in
      if let latest, latest.slices == slices { return latest.slab }
      // Freed first: two at a time would be the peak of a scan's memory.
      latest = nil
      let slab = AttenuationVolume(
        hu: hu, without: contrast, slices: slices, placement: placement, radius: radius,
        workers: workers,
        quantity: quantity)
      latest = (slices, slab)
      return slab
    }
  }
}

/// How a body is cut into slabs: of a fixed size, at fixed places.
struct SlabLayout {
  private let count: Int
  private let first: Double
  private let spacing: Double
  private let reach: Double
  private let slab: Int
  /// Slices from one slab's beginning to the next one's.
  let step: Int

  /// - Parameters:
  ///   - slices: of the body, at heights `first + i * spacing`, mm.
  ///   - reach: how far from its source's height a view sees, mm.
  init(slices: Int, first: Double, spacing: Double, reach: Double) {
    (count, self.first, self.spacing, self.reach) = (slices, first, spacing, reach)
    // With the slice below the lowest point and the one above the highest.
    let seen = Int((2 * reach / spacing).rounded(.up)) + 2
    // As many again, so that no slice is laid out more than twice; filled up to an odd number of cache lines,
    // the 16 floats to spare included (`AttenuationVolume`).
    let lines = (seen + max(seen, 48) + 15) / 16
    slab = (lines % 2 == 0 ? lines : lines + 1) * 16
    step = slab - seen
  }

  /// The slices that a view whose source is at `height` is projected through.
  func slab(at height: Double) -> Range<Int> {
    let lowest = ((height - reach - first) / spacing).rounded(.down)
    let index = Int(min(max(lowest, 0), Double(count - 1))) / step
    // A body that hardly goes on is not cut.
    if count <= slab { return 0..<count }
    return index * step..<min(count, index * step + slab)
  }
}
