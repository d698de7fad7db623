import Support

extension CoarseLabels {
  /// Fills the gaps that labelled bones leave: marrow, discs between vertebral bodies, the canal.
  ///
  /// Sets of single bones leave out the discs; sets made by a threshold also leave out the marrow. An
  /// open voxel between bone on both sides within 8 mm along two axes is marrow; one with bone within
  /// 9 mm above and below, as also three of its neighbours 6 mm beside it, is disc; one near the
  /// midline with bone on all four sides within 16 mm is canal.
  func fillBones(_ canvas: inout Canvas, offset: SIMD3<Int>, middle: Double) {
    let isBone = table(\.isSpine)
    let isOpen = roles.indices.map { id in
      id == 0 || structures[UInt16(id)].map(StructureCatalog.isEnvelope) ?? false
    }
    guard isBone.contains(true) else { return }
    let hasMarrow = !structures.values.contains("bone")
    let disc = canvas.value("intervertebral_discs")
    let canal = canvas.value("spinal_canal")
    let marrow = canvas.value("cancellous_bone")
    let (nx, ny, nz) = (shape.x, shape.y, shape.z)
    let (width, depth) = (canvas.shape.x, canvas.shape.z)
    let near = Int((8 / spacing).rounded())
    let gap = Int((9 / spacing).rounded())
    let wide = Int((16 / spacing).rounded())
    let beside = Int((6 / spacing).rounded())
    let center = (Float(middle) - origin.x) / spacing
    canvas.forEachColumn(
      x: offset.x..<min(offset.x + nx, width), y: offset.y..<min(offset.y + ny, canvas.shape.y),
      z: offset.z..<min(offset.z + nz, depth)
    ) { cx, cy, column in
      let (x, y) = (cx - offset.x, cy - offset.y)
      values.withUnsafeBufferPointer { values in
        func bone(_ x: Int, _ y: Int, _ z: Int) -> Bool {
          x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz
            && isBone[Int(values[(y * nx + x) * nz + z])]
        }
        /// Whether bone lies within `reach` voxels in a direction.
        func meets(_ dx: Int, _ dy: Int, _ dz: Int, _ z: Int, _ reach: Int) -> Bool {
          for k in 1...reach where bone(x + k * dx, y + k * dy, z + k * dz) { return true }
          return false
        }
        /// Whether bone lies above and below a place beside the voxel.
        func isBetween(_ dx: Int, _ dy: Int, _ z: Int) -> Bool {
          var (up, down) = (false, false)
          for k in 1...gap {
            up = up || bone(x + dx, y + dy, z + k)
            down = down || bone(x + dx, y + dy, z - k)
          }
          return up && down
        }
        let isMedian = abs(Float(x) - center) * spacing < 36
        for z in 0..<min(nz, depth - offset.z) where isOpen[Int(values[(y * nx + x) * nz + z])] {
          if !hasMarrow {
            var pairs = meets(1, 0, 0, z, near) && meets(-1, 0, 0, z, near) ? 1 : 0
            if meets(0, 1, 0, z, near), meets(0, -1, 0, z, near) { pairs += 1 }
            if pairs == 1, meets(0, 0, 1, z, near), meets(0, 0, -1, z, near) { pairs += 1 }
            if pairs >= 2 {
              column[z] = marrow
              continue
            }
          }
          guard isMedian else { continue }
          if isBetween(0, 0, z) {
            let around = [(-beside, 0), (beside, 0), (0, -beside), (0, beside)]
            if around.reduce(0, { $0 + (isBetween($1.0, $1.1, z) ? 1 : 0) }) >= 3 {
              column[z] = disc
              continue
            }
          }
          if meets(1, 0, 0, z, wide), meets(-1, 0, 0, z, wide), meets(0, 1, 0, z, wide),
            meets(0, -1, 0, z, wide)
          {
            column[z] = canal
          }
        }
      }
    }
  }
}
