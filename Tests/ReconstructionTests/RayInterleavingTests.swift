import Acquisition
import Testing
@testable import Reconstruction

@Suite struct RayInterleavingTests {
  /// What is doubled comes from both sides in equal parts, or images would repeat their spectrum.
  @Test(arguments: [0.5, 0.75, 1, 1.25, 1.5]) func bothSidesCarryTheSame(pitch: Double) throws {
    let weights = RowWeights(pitch: pitch, plateau: 0.6)
    for q in stride(from: -0.75, through: 0.75, by: 0.05) {
      let sides = weights.places(of: q).reduce(into: SIMD2(0.0, 0.0)) { sums, place in
        let side = Int(((place - q) / pitch).rounded()) % 2 == 0 ? 0 : 1
        sums[side] += weights(place) * weights.share(place)
      }
      #expect(abs(sides[0] - sides[1]) < 1e-9, "\(sides) at \(q)")
    }
  }

  /// At pitch 1 two thirds of the contrast beyond the channels' Nyquist frequency are there: with Q = 0.6 the mean of `2 a / (1 + a)` over `a = sin²` is `2 - sqrt 2`, over four fifths of the
  /// heights, and 1 over the rest.
  @Test func slowTablesSeeMore() throws {
    let scanner = try Scanner.load("rows64")
    func mean(_ pitch: Double) throws -> Double {
      try #require(
        RayInterleaving(for: .sharp, scanner: scanner, pitch: pitch, plateau: 0.6)
      ).mean
    }
    #expect(abs(try mean(1) - (0.8 * (2 - 2.0.squareRoot()) + 0.2)) < 0.005)
    #expect(try mean(0.75) > 0.9)
    #expect(try mean(1.5) < 0.2)
  }

  /// Only kernels that ask for it pay for it, and only detectors with a quarter offset can.
  @Test func isMadeWhereItIsOfUse() throws {
    var scanner = try Scanner.load("rows64")
    func made(_ kernel: ReconstructionKernel) -> Bool {
      RayInterleaving(for: kernel, scanner: scanner, pitch: 1, plateau: 0.6) != nil
    }
    #expect(made(.sharp) && made(.standard) && !made(.smooth))
    #expect(!made(.sharp.limited(toVoxel: 1.5)) && !made(.standard.limited(toVoxel: 1.5)))
    scanner.channelOffset = 0
    #expect(!made(.sharp))
    scanner.channelOffset = -0.25
    #expect(made(.sharp))
    scanner.rows = 4
    #expect(!made(.sharp))
  }
}
