import Evaluation
import Support
public import Volumes

/// Pictures of cases: a row a case with its three planes, caption, legend and scale bar.
///
/// Radiological convention: axial seen from the feet and coronal from the front, both with the
/// patient's right on the left of the picture; sagittal with anterior on the left. Pixels are square in
/// mm; the three planes of a case share one scale.
public struct Montage: Sendable {
  /// The range of HU from black to white.
  public var window: DisplayWindow
  /// The width of the picture, pixels.
  public var width: Int
  /// The largest height of a slice, pixels.
  public var sliceHeight: Int

  private static let margin = 12
  private static let gap = 8
  private static let lineHeight = 24

  /// Sets up the look of a montage; the width is at least 600 pixels.
  public init(
    window: DisplayWindow = .softTissue, width: Int = 1200, sliceHeight: Int = 480
  ) {
    self.window = window
    self.width = max(600, width)
    self.sliceHeight = sliceHeight
  }

  /// The picture of several cases, one below the other.
  public func picture(of cases: [CaseImages]) -> Picture { picture(stacking: cases.map(row)) }

  /// The rows of a picture, one below the other.
  ///
  /// Lets a caller draw case by case and drop the volumes in between.
  public func picture(stacking rows: [Picture]) -> Picture {
    var picture = Picture(
      width: rows.map(\.width).max() ?? 1, height: max(1, rows.reduce(0) { $0 + $1.height }))
    var y = 0
    for row in rows {
      picture.paste(row, x: 0, y: y)
      y += row.height
    }
    return picture
  }

  /// One case: caption, axial, coronal and sagittal slice, legend and scale bar.
  public func row(_ images: CaseImages) -> Picture {
    let font = BitmapFont()
    let renderer = SliceRenderer(window: images.window(window), font: font)
    let box = images.content
    let scale = self.scale(for: box, spacing: images.grid.spacing)
    let center = images.center
    let slices = SlicePlane.allCases.map {
      renderer.render(images, plane: $0, center: center, box: box, scale: scale)
    }
    let height = slices.map(\.height).max()!
    let bar = ScaleBar(scale: scale, room: width / 6)
    let legend = legendLines(for: images, center: center, box: box, barWidth: bar.totalWidth)
    let top = Self.margin + Self.lineHeight
    let bottom = top + height + Self.gap
    var picture = Picture(
      width: width, height: bottom + legend.count * Self.lineHeight + Self.margin)
    drawCaption(for: images, on: &picture, font: font)
    // Side by side; what is left of the width goes into the gaps and, beyond 40 pixels, to both ends.
    let used = slices.reduce(0) { $0 + $1.width }
    let gap = min(40, (width - 2 * Self.margin - used) / 2)
    var x = (width - used - 2 * gap) / 2
    for slice in slices {
      picture.paste(slice, x: x, y: top + (height - slice.height) / 2)
      x += slice.width + gap
    }
    for (line, items) in legend.enumerated() {
      var x = Self.margin
      for item in items {
        item.draw(on: &picture, x: x, y: bottom + line * Self.lineHeight + 2, font: font)
        x += item.width
      }
    }
    bar.draw(on: &picture, right: width - Self.margin, y: bottom + 2, font: font)
    return picture
  }

  /// Pixels a mm at which the three planes fit side by side.
  private func scale(for box: BoundingBox, spacing: SIMD3<Double>) -> Double {
    let extent = SIMD3<Double>(box.shape) * spacing
    let room = Double(width - 2 * Self.margin - 2 * Self.gap - 3)
    let widths = SlicePlane.allCases.reduce(0) { $0 + extent[$1.horizontalAxis] }
    let height = SlicePlane.allCases.map { extent[$0.verticalAxis] }.max()!
    return min(room / widths, Double(sliceHeight) / height)
  }

  private func drawCaption(for images: CaseImages, on picture: inout Picture, font: BitmapFont) {
    var facts = images.grid.description
    if images.image != nil {
      let shown = images.window(window)
      facts += ", level \(number(shown.level)) width \(number(shown.width))"
      if shown == window { facts += " HU" }
    }
    let room = width - 2 * Self.margin
    var name = images.name
    let longest = max(8, (room - Picture.width(of: facts)) / 12 - 2)
    if name.count > longest { name = String(name.prefix(longest - 2)) + ".." }
    picture.text(name, x: Self.margin, y: Self.margin - 2, color: .gray(255), font: font)
    picture.text(
      facts, x: width - Self.margin - Picture.width(of: facts), y: Self.margin - 2,
      color: .gray(165), font: font)
  }

  private func number(_ value: Double) -> String {
    value == value.rounded() || abs(value) >= 100
      ? String(Int(value.rounded())) : fixed(value, digits: 1)
  }

  /// The labels that the three slices show, in lines that leave room for the scale bar; at least one
  /// line and at most four.
  private func legendLines(
    for images: CaseImages, center: SIMD3<Int>, box: BoundingBox, barWidth: Int
  ) -> [[LegendItem]] {
    var shown: Set<UInt16> = []
    for map in [images.labels, images.prediction].compactMap(\.self) {
      for plane in SlicePlane.allCases {
        let index = center[plane.normalAxis]
        shown.formUnion(SliceImage(map, plane: plane, index: index, box: box).labels)
      }
    }
    var items = shown.sorted().map {
      LegendItem(text: images.names[$0] ?? "label \($0)", color: Palette.color(of: $0))
    }
    if images.prediction != nil {
      let label = shown.min() ?? 1
      items.append(
        LegendItem(text: "prediction", color: Palette.predictionColor(of: label), isDashed: true))
    }
    let room = width - 2 * Self.margin - barWidth - Self.gap
    var lines: [[LegendItem]] = [[]]
    var used = 0
    for (index, item) in items.enumerated() {
      if used + item.width > room && used > 0 {
        if lines.count == 4 {
          let rest = items.count - index
          lines[3].removeLast()
          lines[3].append(LegendItem(text: "and \(rest + 1) more", color: nil))
          break
        }
        lines.append([])
        used = 0
      }
      lines[lines.count - 1].append(item)
      used += item.width
    }
    return lines
  }
}

/// A piece of outline and what it stands for.
private struct LegendItem {
  var text: String
  var color: Color?
  var isDashed = false

  private static let line = 22

  /// The width with the space behind it, pixels.
  var width: Int { (color == nil ? 0 : Self.line + 8) + Picture.width(of: text) + 22 }

  func draw(on picture: inout Picture, x: Int, y: Int, font: BitmapFont) {
    var x = x
    if let color {
      if isDashed {
        for start in stride(from: 0, to: Self.line, by: 8) {
          picture.fill(x: x + start, y: y + 6, width: 5, height: 2, color)
        }
      } else {
        picture.fill(x: x, y: y + 6, width: Self.line, height: 2, color)
      }
      x += Self.line + 8
    }
    picture.text(text, x: x, y: y, color: .gray(210), font: font)
  }
}

/// A bar of a round length in mm.
private struct ScaleBar {
  let millimetres: Int
  private let pixels: Int

  /// The longest round length within the room.
  init(scale: Double, room: Int) {
    millimetres =
      [500, 200, 100, 50, 20, 10, 5, 2, 1].first { Double($0) * scale <= Double(room) } ?? 1
    pixels = Int((Double(millimetres) * scale).rounded())
  }

  var text: String { "\(millimetres) mm" }
  var totalWidth: Int { pixels + 10 + Picture.width(of: text) }

  func draw(on picture: inout Picture, right: Int, y: Int, font: BitmapFont) {
    let left = right - pixels
    picture.fill(x: left, y: y + 6, width: pixels, height: 2, .gray(230))
    picture.fill(x: left, y: y + 2, width: 2, height: 10, .gray(230))
    picture.fill(x: right - 2, y: y + 2, width: 2, height: 10, .gray(230))
    picture.text(text, x: right - totalWidth, y: y, font: font)
  }
}
