import Kernels
import Support
import Testing

/// Buffers that begin anywhere give the bits of aligned ones, with numbers of channels and rows that fill no
/// vector. Each buffer ends where its last vector does, so that the address sanitizer sees what goes beyond.
@Suite struct UnalignedTests {
  /// Runs a kernel in place on values that begin `offset` floats behind a boundary of 64 bytes.
  private func run(
    _ values: [Float], offset: Int, _ kernel: (UnsafeMutablePointer<Float>) -> Void
  ) -> [UInt32] {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: (values.count + offset) * 4, alignment: 64)
    defer { memory.deallocate() }
    let floats = (memory + offset * 4).bindMemory(to: Float.self, capacity: values.count)
    floats.initialize(from: values, count: values.count)
    kernel(floats)
    return UnsafeBufferPointer(start: floats, count: values.count).map(\.bitPattern)
  }

  @Test(arguments: [1, 16, 17, 31]) func noise(rows: Int) {
    var random = RandomStream(seed: 9)
    let (channels, stride) = (5, (rows + 15) / 16 * 16)
    let lines = (0..<channels * stride).map { _ in Float(random.uniform(0...9)) }
    let incident = [Float](repeating: 1e4, count: channels)
    for table in KernelsTests.tables {
      let results = [0, 1, 7].map { offset in
        run(lines, offset: offset) { lines in
          incident.withUnsafeBufferPointer {
            var noise = mct_noise(incident: $0.baseAddress, electronic: 5, key: (1, 2))
            table.pointee.noise(&noise, 3, Int32(channels), Int32(rows), stride, lines)
          }
        }
      }
      #expect(results[1] == results[0] && results[2] == results[0])
    }
  }

  @Test(arguments: [1, 5, 16]) func filter(samples: Int) {
    var random = RandomStream(seed: 10)
    let n = 32
    let input = (0..<samples * 16).map { _ in Float(random.uniform()) }
    let twiddle = (0..<n).flatMap { j in
      let angle = 2 * Double.pi * Double(j) / Double(n)
      return [Float(cosine(angle)), Float(sine(angle))]
    }
    let spectrum = (0..<n).map { _ in Float(random.uniform()) }
    for table in KernelsTests.tables {
      let results = [0, 1, 7].map { offset in
        run(input, offset: offset) { rows in
          _ = run([Float](repeating: 0, count: 32 * n), offset: offset) { work in
            table.pointee.filter(
              Int32(n), twiddle, spectrum, Int32(samples), 16, rows, nil, work)
          }
        }
      }
      #expect(results[1] == results[0] && results[2] == results[0])
    }
  }

  @Test(arguments: [1, 16, 27]) func rebin(rows: Int) {
    var random = RandomStream(seed: 11)
    let stride = (rows + 15) / 16 * 16
    let fan = (0..<4 * 4 * stride).map { _ in Float(random.uniform()) }
    let factor = [Float](repeating: 2, count: stride)
    let place = [
      mct_rebin(
        view: 0, channel: 0, view_weight: (0.1, 0.4, 0.4, 0.1),
        channel_weight: (-0.1, 0.6, 0.6, -0.1))
    ]
    for table in KernelsTests.tables {
      let results = [0, 1, 7].map { offset in
        run([Float](repeating: 0, count: stride), offset: offset) { out in
          _ = run(fan, offset: offset) { fan in
            let views = (0..<4).map { view -> UnsafePointer<Float>? in
              UnsafePointer(fan + view * 4 * stride)
            }
            table.pointee.rebin(
              place, 1, Int32(rows), stride, views, factor, [0.25, 0.5, 0.25], 3, out)
          }
        }
      }
      #expect(results[1] == results[0] && results[2] == results[0])
    }
  }
}
