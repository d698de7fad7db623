import Support

extension BodyCompletion {
  /// Replaces filler bones by a shell of cortical bone around their marrow.
  static func cortex(_ canvas: inout Canvas) {
    let isBone = canvas.table { StructureCatalog.standard[$0]?.marrow != nil }
    let cortical = canvas.value("cortical_bone")
    var marrow = [UInt8](repeating: 0, count: 256)
    for (value, name) in canvas.names.enumerated() {
      guard let core = StructureCatalog.standard[name]?.marrow else { continue }
      marrow[value] = canvas.value(core)
    }
    let core = marrow
    let before = canvas.values
    let shape = canvas.shape
    let (nx, ny, nz) = (shape.x, shape.y, shape.z)
    canvas.forEachColumn(x: 0..<nx, y: 0..<ny, z: 0..<nz) { x, y, column in
      before.withUnsafeBufferPointer { values in
        let base = (y * nx + x) * nz
        // Neighbours beyond the canvas count as bone: the volume cuts it there.
        let west = x > 0 ? -nz : 0
        let east = x + 1 < nx ? nz : 0
        let south = y > 0 ? -nx * nz : 0
        let north = y + 1 < ny ? nx * nz : 0
        for z in 0..<nz where isBone[Int(values[base + z])] {
          let p = base + z
          let isInner =
            isBone[Int(values[p + west])] && isBone[Int(values[p + east])]
            && isBone[Int(values[p + south])] && isBone[Int(values[p + north])]
            && isBone[Int(values[z > 0 ? p - 1 : p])]
            && isBone[Int(values[z + 1 < nz ? p + 1 : p])]
          column[z] = isInner ? core[Int(values[p])] : cortical
        }
      }
    }
  }
}
