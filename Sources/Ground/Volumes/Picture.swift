/// A picture of 8-bit RGB pixels, rows from top to bottom.
public struct Picture: Sendable, Equatable {
  /// One colour.
  public struct Color: Sendable, Equatable {
    /// Red, green and blue, 0 to 255.
    public var red, green, blue: UInt8

    /// Creates a colour.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
      self.red = red
      self.green = green
      self.blue = blue
    }

    /// Creates a gray.
    public init(gray: UInt8) { self.init(gray, gray, gray) }
  }

  /// Number of pixels along a row.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// Red, green and blue of every pixel: channel `c` of pixel `(x, y)` at `(y * width + x) * 3 + c`.
  public var pixels: [UInt8]

  /// Creates a picture of one colour.
  public init(width: Int, height: Int, fill: Color = Color(gray: 0)) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: fill.red, count: width * height * 3)
    if fill.green != fill.red || fill.blue != fill.red {
      for pixel in 0..<width * height {
        pixels[pixel * 3 + 1] = fill.green
        pixels[pixel * 3 + 2] = fill.blue
      }
    }
  }

  /// Creates a gray picture from one value a pixel, `width * height` of them.
  public init(width: Int, height: Int, gray: [UInt8]) {
    precondition(gray.count == width * height, "a gray picture holds exactly one value a pixel")
    self.init(width: width, height: height)
    for (pixel, value) in gray.enumerated() {
      for channel in 0..<3 { pixels[pixel * 3 + channel] = value }
    }
  }

  /// The colour of pixel `(x, y)`; (0, 0) is at the top left.
  public subscript(x: Int, y: Int) -> Color {
    get {
      let place = (y * width + x) * 3
      return Color(pixels[place], pixels[place + 1], pixels[place + 2])
    }
    set {
      let place = (y * width + x) * 3
      pixels[place] = newValue.red
      pixels[place + 1] = newValue.green
      pixels[place + 2] = newValue.blue
    }
  }

  /// Copies another picture into this one with its top left at `(x, y)`; what lies outside is cut.
  public mutating func paste(_ other: Picture, x: Int, y: Int) {
    let columns = max(0, -x)..<max(max(0, -x), min(other.width, width - x))
    for row in max(0, -y)..<max(max(0, -y), min(other.height, height - y)) {
      for column in columns { self[x + column, y + row] = other[column, row] }
    }
  }
}
