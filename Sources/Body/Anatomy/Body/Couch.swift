import Support

/// The patient table: a shallow trough of carbon fibre around foam, under the back.
struct Couch: Sendable {
  /// Middle of the table, canvas x, mm.
  let middle: Float
  /// Canvas y of the top's lowest line, mm.
  let top: Float
  /// Radius of the top's curve and of the underside's, mm.
  let topRadius: Float
  let bottomRadius: Float
  /// Half the table's width, mm.
  let halfWidth: Float
  /// Thickness in the middle, mm.
  let thickness: Float
  /// Thickness of the carbon fibre, mm.
  let shell: Float
  /// Thickness of the mattress, mm; 0 where there is none.
  let mattress: Float

  /// Draws a table that carries a body whose back reaches down to `back` (canvas y, mm).
  init(middle: Double, back: Float, stream: RandomStream) {
    var v = Variation(stream)
    self.middle = Float(middle + v.around(0, 8))
    mattress = v.chance(0.5) ? Float(v.uniform(4...12)) : 0
    top = back - mattress
    halfWidth = Float(v.uniform(200...255))
    topRadius = Float(v.uniform(420...900))
    thickness = Float(v.uniform(22...50))
    // The underside meets the top at the table's edge.
    bottomRadius = 1 / (1 / topRadius + 2 * thickness / (halfWidth * halfWidth))
    shell = Float(v.uniform(1.8...3))
  }

  /// Height of the mattress's or the table's upper side at canvas x, mm: the back lies on it.
  func surface(_ x: Float) -> Float {
    let d = x - middle
    return top + mattress + d * d / (2 * topRadius)
  }

  /// Paints the table into the air of a canvas.
  ///
  /// - Parameter pressesBack: slices on which skin and fat that hang below its surface are cut.
  func paint(into canvas: inout Canvas, pressesBack slices: [Range<Int>]) {
    let shellValue = canvas.value("table_shell")
    let core = canvas.value("table_core")
    let soft = canvas.table { $0 == "skin" || $0 == "subcutaneous_fat" }
    let skin = canvas.value("skin")
    let (origin, spacing, shape) = (canvas.origin, canvas.spacing, canvas.shape)
    var presses = [Bool](repeating: false, count: shape.z)
    for range in slices { for z in range { presses[z] = true } }
    let pressesBack = presses
    canvas.forEachColumn(x: 0..<shape.x, y: 0..<shape.y, z: 0..<shape.z) { x, y, column in
      let px = origin.x + spacing.x * Float(x)
      let py = origin.y + spacing.y * Float(y)
      let d = px - middle
      if abs(d) > halfWidth { return }
      let upper = top + d * d / (2 * topRadius)
      let lower = top - thickness + d * d / (2 * bottomRadius)
      var value: UInt8 = 0
      if py <= upper, py >= lower {
        // Thickness is measured along the normal of the curve.
        let slopeUp = d / topRadius
        let slopeDown = d / bottomRadius
        let fromTop = (upper - py) / (1 + slopeUp * slopeUp).squareRoot()
        let fromBottom = (py - lower) / (1 + slopeDown * slopeDown).squareRoot()
        value = min(fromTop, fromBottom) < shell ? shellValue : core
      } else if py > upper, py < upper + mattress, abs(d) < 0.85 * halfWidth {
        value = core
      }
      let isBelow = py < upper + mattress
      // A strip of skin lies along the surface that the back is pressed against.
      let isContact = !isBelow && py < upper + mattress + 2
      for z in 0..<shape.z {
        if column[z] == 0 {
          column[z] = value
        } else if soft[Int(column[z])], pressesBack[z] {
          if isBelow { column[z] = value } else if isContact { column[z] = skin }
        }
      }
    }
  }
}
