import Support
import Volumes

extension [LesionSettings] {
  /// Draws the lesions of a case, those of every kind from a stream of its own.
  ///
  /// - Parameter dropped: structures that are left out of the map.
  /// - Returns: `nil` where the case has none.
  /// - Throws: `MaskCTError` for an unknown host.
  func draw(
    in map: AnatomicalMap, without dropped: Set<String>, stream: RandomStream
  ) throws(MaskCTError) -> [Lesion]? {
    var map = map
    map.structures = map.structures.filter { !dropped.contains($0.value) }
    var lesions: [Lesion] = []
    for (index, kind) in enumerated() {
      lesions += try kind.draw(in: map, stream: stream.split(index))
    }
    return lesions.isEmpty ? nil : lesions
  }
}

extension LesionSettings {
  /// Draws lesions in a map: centres evenly over the host's voxels, sizes and shapes evenly in their logarithms.
  fileprivate func draw(
    in map: AnatomicalMap, stream: RandomStream
  ) throws(MaskCTError) -> [Lesion] {
    var stream = stream
    guard stream.uniform() < probability else { return [] }
    let structure = canonicalStructure
    let ids = try Lesion.hosts(host, of: structure, in: map)
    let voxels = HostVoxels(map.labels, ids: ids)
    guard voxels.count > 0 else { return [] }
    let wanted = count[0] + Int(stream.uniform() * Double(count[1] - count[0] + 1))
    let grid = map.labels.grid
    // Half the radius of a sphere as large as the host: an eighth of it at most is one lesion.
    let volume = Double(voxels.count) * grid.spacing.x * grid.spacing.y * grid.spacing.z
    let largest = 0.5 * power(volume * 3 / (4 * Double.pi), 1 / 3)
    let ranks = (0..<wanted).map { _ in Int(stream.uniform() * Double(voxels.count)) }
    return voxels.places(ofRanks: ranks).map { place in
      let size = Swift.min(stream.logUniform(radius), largest)
      var axes = SIMD3<Double>(
        stream.logUniform(0.75...1.33), stream.logUniform(0.75...1.33),
        stream.logUniform(0.75...1.33))
      axes *= size / power(axes.x * axes.y * axes.z, 1 / 3)
      let turn = SIMD3<Double>(
        stream.uniform(-Double.pi...Double.pi), stream.uniform(-Double.pi...Double.pi),
        stream.uniform(-Double.pi...Double.pi))
      return Lesion(
        structure: structure, host: host, center: place, halfAxes: axes, rotation: turn,
        // 53 bits: every JSON reader keeps them.
        seed: stream.next() >> 11)
    }
  }
}

/// The voxels of some ids of a label map, found by their rank in memory.
private struct HostVoxels {
  let labels: LabelMap
  let isHost: [Bool]
  let count: Int

  init(_ labels: LabelMap, ids: [UInt16]) {
    self.labels = labels
    var isHost = [Bool](repeating: false, count: Int(UInt16.max) + 1)
    for id in ids { isHost[Int(id)] = true }
    self.isHost = isHost
    count = labels.values.reduce(0) { $0 + (isHost[Int($1)] ? 1 : 0) }
  }

  /// Centres of the voxels of these ranks, mm from the middle of the map, in the order given.
  func places(ofRanks ranks: [Int]) -> [SIMD3<Double>] {
    let order = ranks.indices.sorted { ranks[$0] < ranks[$1] }
    var places = [SIMD3<Double>](repeating: .zero, count: ranks.count)
    var (rank, next) = (0, 0)
    let shape = labels.grid.shape
    for (index, id) in labels.values.enumerated() where isHost[Int(id)] {
      while next < order.count, ranks[order[next]] == rank {
        let column = index / shape.z
        let voxel = SIMD3(column % shape.x, column / shape.x, index % shape.z)
        places[order[next]] =
          (SIMD3<Double>(voxel) - SIMD3<Double>(shape &- 1) * 0.5) * labels.grid.spacing
        next += 1
      }
      if next == order.count { break }
      rank += 1
    }
    return places
  }
}
