import Testing

@testable import MRScan

/// Which echo fills which line.
@Suite struct KSpaceOrderTests {
  @Test("the middle of k-space is filled by the effective echo", arguments: [0, 4, 9])
  func middle(_ effective: Int) {
    let order = KSpaceOrder(half: 100, part: 1, density: 1, trainLength: 10, effective: effective)
    #expect(order.echo[100] == effective && order.echo[99] == effective)
    // 200 lines in trains of 10: 20 excitations, each of which fills every echo once.
    #expect(Set(order.shot) == Set(0..<20))
    for echo in 0..<10 { #expect(order.echo.count { $0 == echo } == 20) }
  }

  @Test("a single shot goes on from line to line, and partial Fourier begins late")
  func singleShot() {
    let order = KSpaceOrder(half: 84, part: 0.6, density: 1, trainLength: nil, effective: 20)
    let acquired = order.echo.filter { $0 >= 0 }
    #expect(acquired.count == 101 && order.echo[84] == 20)
    #expect(zip(acquired, acquired.dropFirst()).allSatisfy { $1 == $0 + 1 })
    #expect(Set(order.shot) == [-1, 0])
  }

  @Test("a larger plane has more lines for each echo, not more echoes")
  func density() {
    let order = KSpaceOrder(half: 168, part: 0.6, density: 2, trainLength: nil, effective: 20)
    #expect(order.echo.max() == 104 && order.echo[168] == 20)
    let accelerated = KSpaceOrder(half: 168, part: 0.6, density: 4, trainLength: nil, effective: 20)
    #expect(accelerated.echo.max() == 62)
  }
}
