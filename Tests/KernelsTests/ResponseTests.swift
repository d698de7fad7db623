import Kernels
import Support
import Testing

/// Attenuation by tables and its correction, on every instruction set, for tables whose values linear
/// look-ups give exactly.
@Suite struct ResponseTests {
  /// `-ln S = 0.02 w + 0.3 b + 0.001 w b`, `-ln N = 0.01 w + 0.2 b`: bilinear. Iodine i adds `i m` to both, with
  /// `m = 2 + 0.01 w + 0.1 b + 0.3 i + 0.001 w b i` for the signal and half of it for the photons.
  private func withTables(_ body: (mct_response) -> Void) {
    let (waters, bones) = (7, 6)
    let (waterStep, boneStep): (Float, Float) = (10, 2)
    var (signal, photons): ([Float], [Float]) = ([], [])
    for column in 0..<waters {
      for row in 0..<bones {
        let (w, b) = (Float(column) * waterStep, Float(row) * boneStep)
        signal.append(0.02 * w + 0.3 * b + 0.001 * w * b)
        photons.append(0.01 * w + 0.2 * b)
      }
    }
    var (iodineSignal, iodineQuanta): ([Float], [Float]) = ([], [])
    for w in stride(from: Float(0), through: 75, by: 25) {
      for b in stride(from: Float(0), through: 12, by: 4) {
        for i in stride(from: Float(0), through: 2, by: 0.5) {
          iodineSignal.append(m(w, b, i))
          iodineQuanta.append(m(w, b, i) / 2)
        }
      }
    }
    // Water of line p = 0.02 w in 13 entries up to 50 mm.
    let inverse = (0...12).map { Float($0) * 50 / 12 }
    signal.withUnsafeBufferPointer { signal in
      photons.withUnsafeBufferPointer { photons in
        inverse.withUnsafeBufferPointer { inverse in
          iodineSignal.withUnsafeBufferPointer { iodineSignal in
            iodineQuanta.withUnsafeBufferPointer { iodineQuanta in
              body(
                mct_response(
                  signal: signal.baseAddress, photons: photons.baseAddress,
                  bone_count: Int32(bones), water_step: waterStep, bone_step: boneStep,
                  largest_water: 50, largest_bone: 8, water_of_line: inverse.baseAddress,
                  line_count: 13, line_step: 1.0 / 12, water_attenuation: 0.02,
                  iodine: mct_iodine(
                    signal: iodineSignal.baseAddress, photons: iodineQuanta.baseAddress,
                    bone_count: 4, iodine_count: 5, water_step: 25, bone_step: 4,
                    iodine_step: 0.5, largest_iodine: 1.5)))
            }
          }
        }
      }
    }
  }

  private func m(_ w: Float, _ b: Float, _ i: Float) -> Float {
    2 + 0.01 * w + 0.1 * b + 0.3 * i + 0.001 * w * b * i
  }

  private let bowtie = mct_bowtie(water: 5, signal: 0.1, photons: 0.05)

  @Test(arguments: [0, 1], [false, true]) func attenuationIsTheTables(noisy: Int, iodine: Bool) {
    var random = RandomStream(seed: 5)
    // Beyond both ends of the tables too, and padding that means nothing.
    var waters = (0..<48).map { _ in Float(random.uniform(-10...60)) }
    var bones = (0..<48).map { _ in Float(random.uniform(-1...12)) }
    let iodines = (0..<48).map { _ in Float(random.uniform(-0.5...2.5)) }
    waters[47] = .nan
    bones[46] = .infinity
    withTables { tables in
      for table in KernelsTests.tables {
        var (response, bowtie, paths, lines) = (tables, bowtie, waters, bones)
        iodines.withUnsafeBufferPointer {
          table.pointee.attenuate(
            &response, &bowtie, Int32(noisy), 45, &paths, &lines,
            iodine ? $0.baseAddress : nil)
        }
        for i in 0..<45 {
          let (w, b) = (min(max(waters[i] + 5, 0), 50), min(max(bones[i], 0), 8))
          let amount = iodine ? max(iodines[i], 0) : 0
          let more = amount * m(w, b, min(amount, 1.5))
          let line = 0.02 * w + 0.3 * b + 0.001 * w * b - 0.1 + more
          let photons = noisy == 0 ? line : 0.01 * w + 0.2 * b - 0.05 + more / 2
          // Rounding of two dozen operations on values up to 12.
          #expect(abs(lines[i] - line) < 2e-5)
          #expect(abs(paths[i] - photons) < 2e-5)
        }
      }
    }
  }

  /// Below nothing by the attenuation of thin water, above the table its last entry.
  @Test func correctionIsTheInverse() {
    let readings: [Float] = stride(from: -0.4, through: 1.2, by: 0.035).map { Float($0) } + [0, 0]
    withTables { tables in
      for table in KernelsTests.tables {
        var (response, bowtie, lines) = (tables, bowtie, readings)
        table.pointee.correct(&response, &bowtie, Int32(lines.count), &lines)
        for (reading, line) in zip(readings, lines) {
          let water = min((reading + 0.1) / 0.02, 50)
          #expect(abs(line - (water - 5) * 0.02) < 1e-5)
        }
      }
    }
  }
}
