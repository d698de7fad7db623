/// A 64-bit digest (FNV-1a) as 16 hexadecimal digits: tells whether something changed, keeps no secret.
package func digest(_ bytes: some Sequence<UInt8>) -> String {
  var digest = Digest()
  for byte in bytes { digest.add(byte) }
  return digest.text
}

/// The digest of a file's bytes, read piece by piece: a film may be larger than memory.
///
/// - Throws: `MaskCTError` (input) if the file cannot be read to its end.
package func digest(ofFile path: String) throws -> String {
  var digest = Digest()
  try ByteFile.forEachPiece(of: path) { piece in
    for byte in piece { digest.add(byte) }
  }
  return digest.text
}

/// FNV-1a (Fowler, Noll, Vo): `hash = (hash xor byte) * prime`, modulo 2^64.
private struct Digest {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  var text: String {
    let text = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
