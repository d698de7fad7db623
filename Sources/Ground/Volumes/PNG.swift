import CLibdeflate
import Support

/// PNG files (ISO/IEC 15948) of 8-bit pixels over libdeflate.
public enum PNG {
  /// The picture as the bytes of a PNG file; as gray where every pixel is.
  public static func encode(_ picture: Picture) -> [UInt8] {
    let isGray = (0..<picture.width * picture.height).allSatisfy { pixel in
      let place = pixel * 3
      return picture.pixels[place] == picture.pixels[place + 1]
        && picture.pixels[place] == picture.pixels[place + 2]
    }
    if isGray {
      let gray = stride(from: 0, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }
      return encode(gray, width: picture.width, height: picture.height, channels: 1)
    }
    return encode(picture.pixels, width: picture.width, height: picture.height, channels: 3)
  }

  /// A gray picture, one value a pixel from top left by rows, as the bytes of a PNG file.
  public static func encode(gray: [UInt8], width: Int, height: Int) -> [UInt8] {
    precondition(gray.count == width * height, "a gray picture holds exactly one value a pixel")
    return encode(gray, width: width, height: height, channels: 1)
  }

  /// Writes the picture as a PNG file.
  ///
  /// - Throws: `MaskCTError` of kind `.output` when the file cannot be written.
  public static func write(_ picture: Picture, to path: String) throws {
    try AtomicFile.write(encode(picture), to: path)
  }

  private static func encode(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int
  ) -> [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let colorType: UInt8 = channels == 1 ? 0 : 2
    // Size, 8 bits a channel, colour type, DEFLATE, adaptive filters, not interlaced.
    append("IHDR", bigEndian(width) + bigEndian(height) + [8, colorType, 0, 0, 0], to: &file)
    append("IDAT", compress(filter(pixels, height: height, channels: channels)), to: &file)
    append("IEND", [], to: &file)
    return file
  }

  /// Every row with the filter in front whose differences are smallest (PNG 12.8).
  private static func filter(_ pixels: [UInt8], height: Int, channels: Int) -> [UInt8] {
    let rowBytes = pixels.count / height
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count + height)
    var above = [UInt8](repeating: 0, count: rowBytes)
    var best = [UInt8](repeating: 0, count: rowBytes)
    var row = best
    for y in 0..<height {
      let current = Array(pixels[y * rowBytes..<(y + 1) * rowBytes])
      var least = Int.max
      var chosen: UInt8 = 0
      for kind: UInt8 in 0...4 {
        var sum = 0
        for i in 0..<rowBytes {
          let left = i >= channels ? current[i - channels] : 0
          let corner = i >= channels ? above[i - channels] : 0
          let guess: UInt8 =
            switch kind {
            case 0: 0
            case 1: left
            case 2: above[i]
            case 3: UInt8((Int(left) + Int(above[i])) / 2)
            default: paeth(left, above[i], corner)
            }
          row[i] = current[i] &- guess
          sum += Int(Int8(bitPattern: row[i]).magnitude)
        }
        if sum < least { (least, chosen, best) = (sum, kind, row) }
      }
      result.append(chosen)
      result += best
      above = current
    }
    return result
  }

  /// The neighbour closest to left + above - corner (PNG 9.4).
  private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
    let (a, b, c) = (Int(left), Int(above), Int(corner))
    let (pa, pb, pc) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
    if pa <= pb, pa <= pc { return left }
    return pb <= pc ? above : corner
  }

  private static func compress(_ bytes: [UInt8]) -> [UInt8] {
    let compressor = libdeflate_alloc_compressor(6)
    defer { libdeflate_free_compressor(compressor) }
    let bound = libdeflate_zlib_compress_bound(compressor, bytes.count)
    return [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      count = bytes.withUnsafeBytes {
        libdeflate_zlib_compress(
          compressor, $0.baseAddress, $0.count, target.baseAddress, bound)
      }
    }
  }

  private static func append(_ name: String, _ data: [UInt8], to file: inout [UInt8]) {
    let body = Array(name.utf8) + data
    file += bigEndian(data.count) + body
    file += bigEndian(Int(body.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }))
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
