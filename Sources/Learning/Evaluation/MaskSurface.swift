import Support
import Volumes

/// The surface of a mask as surface elements on the corner lattice of a box.
///
/// The lattice has one point at every corner of the box's voxels: `box.shape + 1` points along each
/// axis, z fastest, spaced like the voxels. Outside the box the mask is empty, so a mask that
/// touches the edge of its volume is closed there.
struct MaskSurface: Sendable {
  /// Number of lattice points along x, y and z.
  let shape: SIMD3<Int>
  /// The lattice points with surface, as offsets `(y * shape.x + x) * shape.z + z`, ascending.
  private(set) var offsets: [Int] = []
  /// The neighbourhood code of every element, see `SurfaceElementAreas`.
  private(set) var codes: [UInt8] = []

  /// Finds the surface of the voxels whose id is in `ids`, all of which lie inside `box`.
  init(of map: LabelMap, ids: Set<UInt16>, box: BoundingBox, workers: Workers) {
    let shape = box.shape &+ 1
    let mask = PaddedMask(of: map, ids: ids, box: box, workers: workers)
    let slabs = Slots<([Int], [UInt8])>(count: shape.y, initial: ([], []))
    mask.values.withUnsafeBufferPointer { values in
      nonisolated(unsafe) let values = values
      workers.forEach(shape.y) { y in
        slabs.set(y, Self.slab(y, mask: values, padded: mask.shape, shape: shape))
      }
    }
    self.shape = shape
    let parts = slabs.values
    offsets.reserveCapacity(parts.reduce(0) { $0 + $1.0.count })
    codes.reserveCapacity(offsets.capacity)
    for (offsets, codes) in parts {
      self.offsets += offsets
      self.codes += codes
    }
  }

  /// The elements of the lattice points with one y.
  private static func slab(
    _ y: Int, mask: UnsafeBufferPointer<UInt8>, padded: SIMD3<Int>, shape: SIMD3<Int>
  ) -> ([Int], [UInt8]) {
    var offsets: [Int] = []
    var codes: [UInt8] = []
    let row = padded.x * padded.z
    for x in 0..<shape.x {
      let near = mask.baseAddress! + y * row + x * padded.z  // dx = 0, dy = 0
      let right = near + padded.z  // dx = 1, dy = 0
      let front = near + row  // dx = 0, dy = 1
      let far = front + padded.z  // dx = 1, dy = 1
      let start = (y * shape.x + x) * shape.z
      // The four voxels at height z, bits 4 dx + 2 dy; the next height shifts them by one bit.
      var low = near[0] | front[0] << 2 | right[0] << 4 | far[0] << 6
      for z in 0..<shape.z {
        let high = near[z + 1] | front[z + 1] << 2 | right[z + 1] << 4 | far[z + 1] << 6
        let code = low | high << 1
        if code != 0 && code != 255 {
          offsets.append(start + z)
          codes.append(code)
        }
        low = high
      }
    }
    return (offsets, codes)
  }
}

/// A box of a label map as 0 and 1, with one empty voxel around it.
struct PaddedMask: Sendable {
  /// Number of voxels along x, y and z: the box's and two more.
  let shape: SIMD3<Int>
  /// 1 in the mask, 0 elsewhere; z fastest.
  let values: [UInt8]

  init(of map: LabelMap, ids: Set<UInt16>, box: BoundingBox, workers: Workers) {
    let shape = box.shape &+ 2
    var member = [UInt8](repeating: 0, count: 65536)
    for id in ids { member[Int(id)] = 1 }
    var values = [UInt8](repeating: 0, count: shape.x * shape.y * shape.z)
    let grid = map.grid
    values.withUnsafeMutableBufferPointer { out in
      map.values.withUnsafeBufferPointer { input in
        member.withUnsafeBufferPointer { member in
          nonisolated(unsafe) let (out, input, member) = (out, input, member)
          workers.forEach(box.shape.y) { y in
            for x in 0..<box.shape.x {
              let from =
                input.baseAddress!
                + grid.offset(box.lower.x + x, box.lower.y + y, box.lower.z)
              let to = out.baseAddress! + ((y + 1) * shape.x + x + 1) * shape.z + 1
              for z in 0..<box.shape.z { to[z] = member[Int(from[z])] }
            }
          }
        }
      }
    }
    self.shape = shape
    self.values = values
  }
}
