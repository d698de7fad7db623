import Support
public import Volumes

/// What a picture shows of one case: an image, labels, a prediction, on one grid.
public struct CaseImages: Sendable {
  /// The caption.
  public var name: String
  /// The CT in HU, if there is one.
  public var image: Volume<Float>?
  /// The label map or reference, drawn through.
  public var labels: LabelMap?
  /// A predicted label map, drawn dashed.
  public var prediction: LabelMap?
  /// Names of label ids for the legend.
  public var names: [UInt16: String]
  /// The structures through which the slices go; nil for all labels.
  public var targets: Set<UInt16>?

  /// Puts together what is shown of a case.
  ///
  /// - Precondition: there is an image or a label map, and all have one shape.
  public init(
    name: String, image: Volume<Float>? = nil, labels: LabelMap? = nil,
    prediction: LabelMap? = nil, names: [UInt16: String] = [:], targets: Set<UInt16>? = nil
  ) {
    let shapes = [image?.grid.shape, labels?.grid.shape, prediction?.grid.shape].compactMap(\.self)
    precondition(!shapes.isEmpty, "a case shows an image or a label map")
    precondition(
      shapes.allSatisfy { $0 == shapes[0] }, "image, labels and prediction have one shape")
    self.name = name
    self.image = image
    self.labels = labels
    self.prediction = prediction
    self.names = names
    self.targets = targets
  }

  /// The grid of all that is shown.
  public var grid: Grid { (image?.grid ?? labels?.grid ?? prediction?.grid)! }

  /// The voxel through which the three slices go.
  ///
  /// The target voxel nearest to the target's centroid, so that every slice shows the target even
  /// where its centroid lies outside of it; without a target the middle of the grid.
  public var center: SIMD3<Int> {
    for map in [labels, prediction].compactMap(\.self) {
      if let voxel = Self.centralVoxel(of: map, targets: targets) { return voxel }
    }
    return grid.shape / 2
  }

  /// The box of what there is to see: body and labels, with 10 mm around them.
  ///
  /// Body is what is denser than -400 HU, which leaves out air and lets the table in. Where nothing is
  /// to be seen it is the whole grid.
  public var content: BoundingBox {
    var box: BoundingBox?
    func add(_ other: BoundingBox?) {
      guard let other else { return }
      box = box?.union(other) ?? other
    }
    if let image { add(Self.box(of: image) { $0 > -400 }) }
    if let labels { add(Self.box(of: labels) { $0 != 0 }) }
    if let prediction { add(Self.box(of: prediction) { $0 != 0 }) }
    guard let box else { return BoundingBox(of: grid) }
    return box.grown(by: 10, in: grid)
  }

  /// The smallest box around the voxels that are wanted.
  @inline(__always)
  private static func box<Element>(
    of volume: Volume<Element>, _ isWanted: (Element) -> Bool
  ) -> BoundingBox? {
    let shape = volume.grid.shape
    var box: BoundingBox?
    volume.values.withUnsafeBufferPointer { values in
      var offset = 0
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          var first = 0
          while first < shape.z && !isWanted(values[offset + first]) { first += 1 }
          if first < shape.z {
            var last = shape.z - 1
            while !isWanted(values[offset + last]) { last -= 1 }
            let column = BoundingBox(lower: [x, y, first], upper: [x + 1, y + 1, last + 1])
            box = box?.union(column) ?? column
          }
          offset += shape.z
        }
      }
    }
    return box
  }

  private static func centralVoxel(of map: LabelMap, targets: Set<UInt16>?) -> SIMD3<Int>? {
    let grid = map.grid
    let wanted = (0...UInt16.max).map { id in
      targets.map { $0.contains(id) } ?? (id != 0)
    }
    var count = 0
    var sum: SIMD3<Int> = [0, 0, 0]
    forEachVoxel(of: map, wanted: wanted) { x, y, z in
      count += 1
      sum.x += x
      sum.y += y
      sum.z += z
    }
    guard count > 0 else { return nil }
    let centroid = SIMD3<Double>(sum) / Double(count)
    var best: SIMD3<Int> = [0, 0, 0]
    var least = Double.infinity
    let spacing = grid.spacing
    forEachVoxel(of: map, wanted: wanted) { x, y, z in
      let dx = (Double(x) - centroid.x) * spacing.x
      let dy = (Double(y) - centroid.y) * spacing.y
      let dz = (Double(z) - centroid.z) * spacing.z
      let square = dx * dx + dy * dy + dz * dz
      if square < least {
        least = square
        best = [x, y, z]
      }
    }
    return best
  }

  /// Calls `body` for every voxel whose id is wanted.
  @inline(__always)
  private static func forEachVoxel(
    of map: LabelMap, wanted: [Bool], _ body: (Int, Int, Int) -> Void
  ) {
    let shape = map.grid.shape
    map.values.withUnsafeBufferPointer { values in
      wanted.withUnsafeBufferPointer { wanted in
        var offset = 0
        for y in 0..<shape.y {
          for x in 0..<shape.x {
            for z in 0..<shape.z where wanted[Int(values[offset + z])] { body(x, y, z) }
            offset += shape.z
          }
        }
      }
    }
  }
}
