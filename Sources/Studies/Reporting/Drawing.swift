import Volumes

typealias Color = Picture.Color

extension Color {
  /// A shade of gray.
  static func gray(_ value: UInt8) -> Color { Color(gray: value) }

  /// This colour with a part of another mixed in (0 none, 1 the other alone).
  func mixed(with other: Color, part: Double) -> Color {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Double(a) + (Double(b) - Double(a)) * part).rounded())
    }
    return Color(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }
}

/// Drawing: x to the right, y down, from the upper left corner.
///
/// Positions of lines and text are in pixels; pixel (i, j) covers the square from (i, j) to
/// (i + 1, j + 1). Whatever lies outside is cut off.
extension Picture {
  /// Lays a colour over a pixel; `opacity` from 0 to 1.
  mutating func blend(_ color: Color, x: Int, y: Int, opacity: Float) {
    guard x >= 0, y >= 0, x < width, y < height, opacity > 0 else { return }
    let i = (y * width + x) * 3
    func mix(_ old: UInt8, _ new: UInt8) -> UInt8 {
      UInt8((Float(old) + (Float(new) - Float(old)) * min(1, opacity)).rounded())
    }
    pixels[i] = mix(pixels[i], color.red)
    pixels[i + 1] = mix(pixels[i + 1], color.green)
    pixels[i + 2] = mix(pixels[i + 2], color.blue)
  }

  /// Fills a rectangle.
  mutating func fill(x: Int, y: Int, width: Int, height: Int, _ color: Color, opacity: Float = 1) {
    for j in max(0, y)..<max(0, y, min(self.height, y + height)) {
      for i in max(0, x)..<max(0, x, min(self.width, x + width)) {
        blend(color, x: i, y: j, opacity: opacity)
      }
    }
  }

  /// Lays a colour over the whole picture by a coverage from 0 to 1 a pixel.
  mutating func blend(_ color: Color, coverage: [Float]) {
    for y in 0..<height {
      for x in 0..<width where coverage[y * width + x] > 0 {
        blend(color, x: x, y: y, opacity: coverage[y * width + x])
      }
    }
  }

  /// Writes text; (x, y) is the upper left corner of its first capital letter.
  mutating func text(
    _ text: String, x: Int, y: Int, scale: Int = 2, color: Color = .gray(230),
    font: BitmapFont
  ) {
    for (index, character) in text.enumerated() {
      for (row, bits) in font.rows(character).enumerated() {
        for column in 0..<BitmapFont.width where bits >> (BitmapFont.width - 1 - column) & 1 == 1 {
          fill(
            x: x + (index * BitmapFont.advance + column) * scale, y: y + row * scale, width: scale,
            height: scale, color)
        }
      }
    }
  }

  /// Writes text with a dark rim, to be read on any background.
  mutating func outlinedText(
    _ text: String, x: Int, y: Int, scale: Int = 2, color: Color = .gray(240), font: BitmapFont
  ) {
    for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)] {
      self.text(text, x: x + dx, y: y + dy, scale: scale, color: .gray(0), font: font)
    }
    self.text(text, x: x, y: y, scale: scale, color: color, font: font)
  }

  /// The width of text in pixels.
  static func width(of text: String, scale: Int = 2) -> Int {
    max(0, text.count * BitmapFont.advance - 1) * scale
  }
}
