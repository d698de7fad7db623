import Support
import Volumes

/// Which voxels of a label map are meant: those of a few ids, or of many, given as a table.
enum LabelSelection: Sendable {
  case ids([UInt16])
  /// 1 where the id is meant, indexed by id, 65536 entries.
  case table([UInt8])
}

/// Computes memberships of structures on a slab of rows of the painting grid; keeps its scratch.
///
/// One a thread. Every buffer has z fastest; `e` counts label slices in mirrored coordinates.
final class MembershipSlab {
  private let layer: LabelLayer
  private let rows: Range<Int>
  private var line: [Float] = []
  private var smooth: [Float] = []
  private var plane: [Float] = []
  private var block: [Float] = []
  private var planeSpan: [Span] = []
  private var rowSpan: [Span] = []
  private var blockSpan: [Span] = []
  private var column: [Float] = []
  private var sides: [Float] = []

  /// The part of a column that is not zero; empty where `low > high`.
  private struct Span {
    var low = Int32.max
    var high = Int32.min
    var isEmpty: Bool { low > high }
    mutating func add(_ other: Span) {
      low = min(low, other.low)
      high = max(high, other.high)
    }
  }

  init(layer: LabelLayer, rows: Range<Int>) {
    self.layer = layer
    self.rows = rows
  }

  /// Calls `emit` for every column `(x, y)` of the slab that the structure touches, with the range of
  /// z and the membership there (0...1, `z.count` values, valid during the call).
  func forEachColumn(
    _ selection: LabelSelection, box: BoundingBox,
    _ emit: (_ x: Int, _ y: Int, _ z: Range<Int>, _ p: UnsafeMutablePointer<Float>) -> Void
  ) {
    let rule = layer.rule
    let shape = layer.labels.grid.shape
    let axes = layer.axes
    let (rx, ry, rz) = (rule.radius.x, rule.radius.y, rule.radius.z)
    // Label rows that this slab reads, cut to those that the structure reaches.
    let y0 = max(clamp(Int(axes[1](rows.lowerBound).rounded(.down)), shape.y), box.lower.y - ry)
    let y1 = min(
      clamp(Int(axes[1](rows.upperBound - 1).rounded(.down)) + 1, shape.y), box.last.y + ry)
    guard axes[1](rows.lowerBound) <= Double(shape.y) - 0.5,
      axes[1](rows.upperBound - 1) >= -0.5
    else { return }
    let x0 = max(0, box.lower.x - rx)
    let x1 = min(shape.x - 1, box.last.x + rx)
    guard y0 <= y1, x0 <= x1, let (e0, e1) = mirroredExtent(box, rz) else { return }
    let height = e1 - e0 + 1
    let width = x1 - x0 + 1
    let depth = y1 - y0 + 1
    let boxWidth = box.last.x - box.lower.x + 1
    grow(&line, height)
    grow(&column, height + 1)
    grow(&smooth, boxWidth * height)
    grow(&plane, width * height)
    grow(&block, depth * width * height)
    rowSpan = [Span](repeating: Span(), count: boxWidth)
    planeSpan = [Span](repeating: Span(), count: width)
    blockSpan = [Span](repeating: Span(), count: depth * width)
    block.withUnsafeMutableBufferPointer {
      $0.baseAddress!.update(repeating: 0, count: depth * width * height)
    }

    let kernelY = rule.kernels[1]
    for row in max(0, y0 - ry, box.lower.y)...min(shape.y - 1, y1 + ry, box.last.y) {
      guard smoothRow(row, selection, box, x0...x1, e0, height) else { continue }
      // Scatter the row to all rows whose kernel reaches it; the map goes on beyond its edges.
      for target in max(y0, row - ry)...min(y1, row + ry) {
        var weight: Float = 0
        for j in -ry...ry where clamp(target + j, shape.y) == row { weight += kernelY[j + ry] }
        add(plane, to: target - y0, weight, width, height)
      }
    }
    turnBack(selection, y0...y1, x0...x1, e0, height)

    for y in rows {
      let cy = axes[1](y)
      // Beyond the label map's box nothing is labelled; half a voxel belongs to its outermost ones.
      guard cy >= -0.5, cy <= Double(shape.y) - 0.5 else { continue }
      let fy = Float(cy - cy.rounded(.down))
      let ya = clamp(Int(cy.rounded(.down)), shape.y)
      let yb = clamp(Int(cy.rounded(.down)) + 1, shape.y)
      guard yb >= y0, ya <= y1 else { continue }
      interpolateRow(y, (ya, yb, fy), y0...y1, x0...x1, e0, height, emit)
    }
  }

  // MARK: - Stages

  /// The heights, in mirrored coordinates, at which the structure can be seen on the painting grid.
  private func mirroredExtent(_ box: BoundingBox, _ rz: Int) -> (Int, Int)? {
    let depth = layer.labels.grid.shape.z
    let first = Int(layer.below.first!) - rz
    let last = Int(layer.below.last!) + 1 + rz
    var low = Int.max
    var high = Int.min
    for e in first...last {
      let z = Mirror.slice(e, depth)
      if z >= box.lower.z && z <= box.last.z {
        low = min(low, e)
        high = max(high, e)
      }
    }
    guard low <= high else { return nil }
    return (max(first, low - rz), min(last, high + rz))
  }

  /// One row smoothed along z and x into `plane`; false where the structure is not in it.
  private func smoothRow(
    _ row: Int, _ selection: LabelSelection, _ box: BoundingBox, _ xs: ClosedRange<Int>,
    _ e0: Int, _ height: Int
  ) -> Bool {
    let rule = layer.rule
    let (rx, rz) = (rule.radius.x, rule.radius.z)
    let shape = layer.labels.grid.shape
    var found = false
    for x in box.lower.x...box.last.x {
      let index = x - box.lower.x
      var span = oneHot(x, row, selection, e0, height)
      if !span.isEmpty {
        found = true
        smooth.withUnsafeMutableBufferPointer { smooth in
          line.withUnsafeBufferPointer { line in
            let out = smooth.baseAddress! + index * height
            let low = max(0, Int(span.low) - rz)
            let high = min(height - 1, Int(span.high) + rz)
            for e in low...high { out[e] = 0 }
            for j in -rz...rz {
              let weight = rule.kernels[2][j + rz]
              let from = max(low, Int(span.low) - j)
              let to = min(high, Int(span.high) - j)
              if from <= to { for e in from...to { out[e] += weight * line[e + j] } }
            }
            span = Span(low: Int32(low), high: Int32(high))
          }
        }
      }
      rowSpan[index] = span
    }
    guard found else { return false }
    for x in xs {
      let index = x - xs.lowerBound
      var span = Span()
      for j in -rx...rx {
        let source = clamp(x + j, shape.x)
        if source >= box.lower.x, source <= box.last.x { span.add(rowSpan[source - box.lower.x]) }
      }
      planeSpan[index] = span
      if span.isEmpty { continue }
      plane.withUnsafeMutableBufferPointer { plane in
        smooth.withUnsafeBufferPointer { smooth in
          let out = plane.baseAddress! + index * height
          for e in Int(span.low)...Int(span.high) { out[e] = 0 }
          for j in -rx...rx {
            let source = clamp(x + j, shape.x)
            guard source >= box.lower.x, source <= box.last.x else { continue }
            let part = rowSpan[source - box.lower.x]
            if part.isEmpty { continue }
            let weight = rule.kernels[0][j + rx]
            let from = smooth.baseAddress! + (source - box.lower.x) * height
            for e in Int(part.low)...Int(part.high) { out[e] += weight * from[e] }
          }
        }
      }
    }
    return true
  }

  /// Adds a smoothed row, weighted, to a row of the block.
  private func add(_ plane: [Float], to row: Int, _ weight: Float, _ width: Int, _ height: Int) {
    block.withUnsafeMutableBufferPointer { block in
      plane.withUnsafeBufferPointer { plane in
        for x in 0..<width {
          let span = planeSpan[x]
          if span.isEmpty { continue }
          blockSpan[row * width + x].add(span)
          let out = block.baseAddress! + (row * width + x) * height
          let from = plane.baseAddress! + x * height
          for e in Int(span.low)...Int(span.high) { out[e] += weight * from[e] }
        }
      }
    }
  }

  /// Turns voxels back to the side on which the label map has them, and away from the middle where
  /// they are a layer or a gap of one voxel (see `MembershipRule`).
  private func turnBack(
    _ selection: LabelSelection, _ ys: ClosedRange<Int>, _ xs: ClosedRange<Int>, _ e0: Int,
    _ height: Int
  ) {
    let shape = layer.labels.grid.shape
    grow(&sides, 4 * height)
    for y in ys {
      for x in xs {
        let index = (y - ys.lowerBound) * xs.count + x - xs.lowerBound
        let span = blockSpan[index]
        if span.isEmpty { continue }
        sides.withUnsafeMutableBufferPointer { sides in
          line.withUnsafeMutableBufferPointer { line in
            block.withUnsafeMutableBufferPointer { block in
              let own = line.baseAddress!
              let west = sides.baseAddress!
              let (east, south, north) = (west + height, west + 2 * height, west + 3 * height)
              read(x, y, selection, e0, height, into: own)
              read(max(0, x - 1), y, selection, e0, height, into: west)
              read(min(shape.x - 1, x + 1), y, selection, e0, height, into: east)
              read(x, max(0, y - 1), selection, e0, height, into: south)
              read(x, min(shape.y - 1, y + 1), selection, e0, height, into: north)
              let values = block.baseAddress! + index * height
              let low = Int(span.low)
              let high = Int(span.high)
              for e in low...high {
                let l = own[e]
                let isThin = max(
                  abs(l - west[e]) * abs(l - east[e]), abs(l - south[e]) * abs(l - north[e]))
                let margin = max(abs(values[e] - 0.5), MembershipRule.thinMargin * isThin)
                values[e] = 0.5 + (2 * l - 1) * margin
              }
              // The same along z, where the column has both neighbours.
              for e in max(1, low)..<max(1, low, min(height - 1, high + 1)) {
                let l = own[e]
                let isThin = abs(l - own[e - 1]) * abs(l - own[e + 1])
                let margin = max(abs(values[e] - 0.5), MembershipRule.thinMargin * isThin)
                values[e] = 0.5 + (2 * l - 1) * margin
              }
            }
          }
        }
      }
    }
  }

  /// Interpolates one painting row from the block and hands out its columns.
  private func interpolateRow(
    _ y: Int, _ position: (low: Int, high: Int, fraction: Float), _ ys: ClosedRange<Int>,
    _ xs: ClosedRange<Int>, _ e0: Int, _ height: Int,
    _ emit: (Int, Int, Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let shape = layer.labels.grid.shape
    let axis = layer.axes[0]
    let reach = axis.indices(
      within: max(
        -0.5, Double(xs.lowerBound) - 1)...min(
          Double(shape.x) - 0.5, Double(xs.upperBound) + 1),
      count: layer.painting.shape.x)
    var values = [Float](repeating: 0, count: layer.painting.shape.z)
    for x in reach {
      let cx = axis(x)
      let fx = Float(cx - cx.rounded(.down))
      let xa = clamp(Int(cx.rounded(.down)), shape.x)
      let xb = clamp(Int(cx.rounded(.down)) + 1, shape.x)
      var span = Span()
      for (row, wy) in [(position.low, 1 - position.fraction), (position.high, position.fraction)] {
        for (place, wx) in [(xa, 1 - fx), (xb, fx)] where wx * wy > 0 {
          if ys.contains(row), xs.contains(place) {
            span.add(
              blockSpan[(row - ys.lowerBound) * xs.count + place - xs.lowerBound])
          }
        }
      }
      if span.isEmpty { continue }
      let (low, high) = (Int(span.low), Int(span.high))
      // Painting slices between the label slices below and above the span.
      let range = layer.slices(within: Double(low + e0) - 1...Double(high + e0) + 1)
      if range.isEmpty { continue }
      column.withUnsafeMutableBufferPointer { column in
        for e in low...high { column[e] = 0 }
        block.withUnsafeBufferPointer { block in
          for (row, wy) in [
            (position.low, 1 - position.fraction), (position.high, position.fraction),
          ] {
            for (place, wx) in [(xa, 1 - fx), (xb, fx)] where wx * wy > 0 {
              guard ys.contains(row), xs.contains(place) else { continue }
              let index = (row - ys.lowerBound) * xs.count + place - xs.lowerBound
              let part = blockSpan[index]
              if part.isEmpty { continue }
              let weight = wx * wy
              let from = block.baseAddress! + index * height
              for e in Int(part.low)...Int(part.high) { column[e] += weight * from[e] }
            }
          }
        }
        values.withUnsafeMutableBufferPointer { values in
          layer.below.withUnsafeBufferPointer { below in
            layer.fraction.withUnsafeBufferPointer { fraction in
              for k in range {
                let e = Int(below[k]) - e0
                let a: Float = e >= low && e <= high ? column[e] : 0
                let b: Float = e + 1 >= low && e + 1 <= high ? column[e + 1] : 0
                values[k - range.lowerBound] = a + fraction[k] * (b - a)
              }
            }
          }
          emit(x, y, range, values.baseAddress!)
        }
      }
    }
  }

  /// Writes 1 where column `(x, y)` holds the structure, 0 elsewhere, to `line`.
  private func oneHot(
    _ x: Int, _ y: Int, _ selection: LabelSelection, _ e0: Int, _ height: Int
  ) -> Span {
    line.withUnsafeMutableBufferPointer { line in
      read(x, y, selection, e0, height, into: line.baseAddress!)
      var low = 0
      while low < height, line[low] == 0 { low += 1 }
      guard low < height else { return Span() }
      var high = height - 1
      while line[high] == 0 { high -= 1 }
      return Span(low: Int32(low), high: Int32(high))
    }
  }

  private func read(
    _ x: Int, _ y: Int, _ selection: LabelSelection, _ e0: Int, _ height: Int,
    into line: UnsafeMutablePointer<Float>
  ) {
    let depth = layer.labels.grid.shape.z
    let base = layer.labels.grid.offset(x, y, 0)
    layer.labels.values.withUnsafeBufferPointer { labels in
      let column = labels.baseAddress! + base
      // The volume itself lies in one piece; mirrored slices are looked up one by one.
      let first = max(0, e0)
      let last = min(depth - 1, e0 + height - 1)
      switch selection {
      case .ids(let ids):
        if first <= last {
          for z in first...last { line[z - e0] = column[z] == ids[0] ? 1 : 0 }
          for id in ids.dropFirst() {
            for z in first...last where column[z] == id { line[z - e0] = 1 }
          }
        }
        for e in mirrored(e0, height, depth) {
          line[e] = ids.contains(column[Mirror.slice(e + e0, depth)]) ? 1 : 0
        }
      case .table(let table):
        table.withUnsafeBufferPointer { table in
          if first <= last {
            for z in first...last { line[z - e0] = Float(table[Int(column[z])]) }
          }
          for e in mirrored(e0, height, depth) {
            line[e] = Float(table[Int(column[Mirror.slice(e + e0, depth)])])
          }
        }
      }
    }
  }

  /// The places of a column that lie beyond the volume.
  @inline(__always)
  private func mirrored(_ e0: Int, _ height: Int, _ depth: Int) -> [Int] {
    if e0 >= 0, e0 + height <= depth { return [] }
    return Array(0..<max(0, min(height, -e0))) + Array(min(height, max(0, depth - e0))..<height)
  }

  @inline(__always)
  private func clamp(_ index: Int, _ count: Int) -> Int { min(count - 1, max(0, index)) }

  private func grow(_ buffer: inout [Float], _ count: Int) {
    if buffer.count < count { buffer = [Float](repeating: 0, count: count) }
  }
}
