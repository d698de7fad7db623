import Support

/// A volume that shapes are painted into, in millimetres along the axes of the label map's grid.
///
/// Voxel `(x, y, z)` has its centre at `origin + spacing * (x, y, z)`. Values are indices into
/// `names`; 0 is air. Memory order as in `Grid`: z fastest, then x, then y.
struct Canvas: Sendable {
  let shape: SIMD3<Int>
  let spacing: SIMD3<Float>
  let origin: SIMD3<Float>
  /// The structure of every value.
  private(set) var names: [String] = ["air"]
  var values: [UInt8]
  let workers: Workers

  init(shape: SIMD3<Int>, spacing: SIMD3<Float>, origin: SIMD3<Float>, workers: Workers) {
    self.shape = shape
    self.spacing = spacing
    self.origin = origin
    self.workers = workers
    values = [UInt8](repeating: 0, count: shape.x * shape.y * shape.z)
  }

  /// The value that stands for a structure.
  mutating func value(_ name: String) -> UInt8 {
    if let index = names.firstIndex(of: name) { return UInt8(index) }
    precondition(names.count < 256, "a canvas holds at most 256 structures")
    names.append(name)
    return UInt8(names.count - 1)
  }

  /// Whether each value is one of the given structures; indexed by value, 256 long.
  func table(_ structures: (String) -> Bool) -> [Bool] {
    var table = [Bool](repeating: false, count: 256)
    for (index, name) in names.enumerated() { table[index] = structures(name) }
    return table
  }

  /// Takes slices of another canvas of the same shape.
  mutating func take(_ other: Canvas, slices: [Range<Int>]) {
    precondition(other.shape == shape, "slices are taken from a canvas of the same shape")
    var table = [UInt8](repeating: 0, count: 256)
    for (index, name) in other.names.enumerated() { table[index] = value(name) }
    let depth = shape.z
    for range in slices {
      for column in 0..<shape.x * shape.y {
        for z in range { values[column * depth + z] = table[Int(other.values[column * depth + z])] }
      }
    }
  }

  /// Takes what another canvas of the same shape has where this one has air.
  mutating func fillAir(from other: Canvas) {
    precondition(other.shape == shape, "air is filled from a canvas of the same shape")
    var table = [UInt8](repeating: 0, count: 256)
    for (index, name) in other.names.enumerated() { table[index] = value(name) }
    for index in values.indices where values[index] == 0 {
      values[index] = table[Int(other.values[index])]
    }
  }

  /// The voxels of an axis whose centres lie between two places (mm), cut to the canvas.
  func range(_ axis: Int, from low: Float, to high: Float) -> Range<Int> {
    let first = ((low - origin[axis]) / spacing[axis]).rounded(.up)
    let last = ((high - origin[axis]) / spacing[axis]).rounded(.down)
    let count = shape[axis]
    guard first.isFinite, last.isFinite, last >= first, last >= 0, first < Float(count) else {
      return 0..<0
    }
    return max(0, Int(first))..<min(count, Int(min(last, Float(count))) + 1)
  }

  /// The place of a voxel along an axis, mm.
  func place(_ axis: Int, _ index: Int) -> Float { origin[axis] + spacing[axis] * Float(index) }

  /// Calls `body` for every column of a box with the column's x, y and its values from `z.lowerBound`.
  ///
  /// Rows of columns run on several threads; each writes only its own columns.
  mutating func forEachColumn(
    x: Range<Int>, y: Range<Int>, z: Range<Int>,
    _ body: @Sendable (Int, Int, UnsafeMutablePointer<UInt8>) -> Void
  ) {
    if x.isEmpty || y.isEmpty || z.isEmpty { return }
    let (nx, nz) = (shape.x, shape.z)
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let base = values.baseAddress!
      // Small boxes are not worth a thread.
      let work = x.count * y.count * z.count
      let chunk = work < 20_000 ? y.count : max(1, y.count / 24)
      workers.forEachRange(y.count, chunk: chunk) { rows in
        for row in rows {
          let y = y.lowerBound + row
          for x in x { body(x, y, base + (y * nx + x) * nz + z.lowerBound) }
        }
      }
    }
  }
}
