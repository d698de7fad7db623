import Support

/// In what order the lines of k-space are acquired: which echo of the train fills each, and when.
///
/// Lines are those of the scan's periodic plane, which is larger than the field of view that a scanner would encode:
/// several of them stand for one that is acquired (`density`), and with parallel imaging for one of several.
struct KSpaceOrder: Sendable {
  /// The echo of the train that fills each line, from the most negative frequency on; -1 for lines that are left out.
  let echo: [Int]
  /// The excitation that fills it, from 0; -1 likewise.
  let shot: [Int]

  /// - Parameters:
  ///   - half: half the lines.
  ///   - part: the part of the lines that is acquired (partial Fourier); the most negative ones are left out.
  ///   - density: lines for one that is acquired.
  ///   - trainLength: echoes per excitation; `nil` for all lines in one.
  ///   - effective: the echo that fills the middle.
  init(half: Int, part: Double, density: Double, trainLength: Int?, effective: Int) {
    let lines = 2 * half
    let acquired = min(lines, max(half + 1, Int((part * Double(lines)).rounded(.up))))
    let skipped = lines - acquired
    let echoes = max(1, Double(acquired) / density)
    let shots = trainLength.map { max(1, (echoes / Double($0)).rounded(.up)) } ?? 1
    var echo = [Int](repeating: -1, count: lines)
    var shot = echo
    for line in skipped..<lines {
      // Neighbours are filled by neighbouring excitations at the same echo, so that the signal falls in steps.
      let step = Int((Double(line - half) / (shots * density) + 0.5).rounded(.down))
      echo[line] =
        if let train = trainLength {
          ((effective + step) % train + train) % train
        } else {
          max(0, effective + step)
        }
      shot[line] = Int(Double(line - skipped) / density) % Int(shots)
    }
    self.echo = echo
    self.shot = shot
  }
}
