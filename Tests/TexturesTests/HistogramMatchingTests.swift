import Support
import Testing
import Textures

@Suite struct HistogramMatchingTests {
  /// A picture with a lopsided histogram and a saturated third, as `TextureField` gives it.
  private func luminance(_ count: Int) -> [Float] {
    var stream = RandomStream(seed: 3)
    return (0..<count).map { index in
      let u = stream.uniform()
      let grey = index % 3 == 0 ? 255 : (255 * u * u).rounded(.down)
      return Float(grey + stream.uniform() * 0.98 - 0.49)
    }
  }

  @Test func ranksBecomeGaussianQuantiles() {
    let values = luminance(60_000)
    let matched = HistogramMatch.matched(
      values, to: .gaussian(mean: 110, deviation: 20), workers: Workers(count: 2))
    let sorted = matched.sorted()
    // Quantiles of the normal distribution; cutting at 3 sd moves them by less than 0.01 sd.
    for (part, u) in [(0.02275, -2.0), (0.1587, -1), (0.5, 0), (0.8413, 1), (0.97725, 2)] {
      let value = Double(sorted[Int(part * 60_000)])
      // A cell of the saturated third holds about 1 / 64 of it: 0.5 % of all ranks.
      #expect(abs(value - (110 + 20 * u)) < 0.5, "quantile \(part): \(value)")
    }
    #expect(sorted.first! >= 50)
    #expect(sorted.last! <= 170)
  }

  @Test func isMonotoneAndIndependentOfThreads() {
    let values = luminance(30_000)
    let target = TargetDistribution.mixture([
      .init(weight: 1, mean: -100, deviation: 15), .init(weight: 2, mean: 50, deviation: 20),
    ])
    let one = HistogramMatch.matched(values, to: target, workers: Workers(count: 1))
    #expect(one == HistogramMatch.matched(values, to: target, workers: Workers(count: 4)))
    let order = values.indices.sorted { values[$0] < values[$1] }
    for (a, b) in zip(order, order.dropFirst()) { #expect(one[a] <= one[b]) }
    // A third fat, two thirds soft tissue.
    let fat = one.count { $0 < -40 }
    #expect(abs(Double(fat) / 30_000 - 1.0 / 3) < 0.01)
  }

  @Test func onlyTheMaskedVoxelsDecide() {
    var values = luminance(20_000)
    var mask = [UInt8](repeating: 0, count: values.count)
    for i in values.indices {
      if i % 2 == 0 { mask[i] = 1 } else { values[i] = 30 }
    }
    let matched = HistogramMatch.matched(
      values, mask: mask, to: .gaussian(mean: 0, deviation: 10))
    let inside = matched.indices.filter { mask[$0] == 1 }.map { Double(matched[$0]) }
    let mean = inside.reduce(0, +) / Double(inside.count)
    let square = inside.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(inside.count)
    #expect(abs(mean) < 0.2)
    // Cutting at 3 sd takes 1.4 % off the deviation.
    #expect(abs(square.squareRoot() - 9.87) < 0.15)
    // The others go through the same map.
    #expect(Set(matched.indices.filter { mask[$0] == 0 }.map { matched[$0] }).count == 1)
  }

  @Test func anEmpiricalHistogramComesOut() {
    let target = TargetDistribution.histogram(edges: [-1000, -900, 0, 100], weights: [1, 0, 3])
    let matched = HistogramMatch.matched(luminance(40_000), to: target)
    #expect(abs(Double(matched.count { $0 <= -900 }) / 40_000 - 0.25) < 0.01)
    #expect(Double(matched.count { $0 > -890 && $0 < -10 }) / 40_000 < 0.002)
  }

  @Test func aDistributionOfNoWidthIsAConstant() {
    let matched = HistogramMatch.matched(
      luminance(1000), to: .gaussian(mean: 42, deviation: 0))
    #expect(matched.allSatisfy { $0 == 42 })
    #expect(TargetDistribution.gaussian(mean: 5, deviation: 2).quantiles.value(at: 0.5) == 5)
  }
}
