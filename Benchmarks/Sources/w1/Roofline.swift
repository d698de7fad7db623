#if canImport(Glibc)
  import Glibc
#endif
import Support
import Workload

/// What a stage does, counted by hand from its kernel, and how long it took.
struct Stage {
  var name: String
  /// Arithmetic operations on single values; a fused multiply-add is two.
  var operations: Double
  /// Bytes that have to come from memory or go there, whatever the caches hold.
  var bytes: Double
  var seconds: Double
}

extension Workload {
  /// Steps of a channel of a view from plane to plane through material.
  private var steps: Double {
    let (scan, scanner) = (scan, scanner)
    let sampled = 60
    var steps = 0.0
    for view in 0..<sampled {
      let angle = 2 * Double.pi * Double(view) / Double(sampled)
      for channel in 0..<scanner.channels {
        let theta = angle + scanner.angle(ofChannel: channel)
        let distance = scanner.sourceToIsocenter * sine(scanner.angle(ofChannel: channel))
        // The chord of the ellipse of 170 by 125 mm at this distance from its middle.
        let (c, s) = (170 * sine(theta), 125 * cosine(theta))
        let width = c * c + s * s
        let chord = 2 * 170 * 125 * max(0, width - distance * distance).squareRoot() / width
        steps += chord * max(abs(cosine(theta)), abs(sine(theta))) / grid.spacing.x
      }
    }
    return steps / Double(sampled) * Double(scan.viewCount)
  }

  /// The stages of W1 with their seconds; see `docs/background/performance.md` for what is counted.
  func stages(
    forward: Double, noise: Double, filtering: Double, backProjection: Double, updates: Double
  ) -> [Stage] {
    let readings = Double(scan.viewCount) * 736 * Double(rows)
    let slabs = Double(slices) / 64
    let window = 4.3 * Double(views) * 721 * Double(rows) * 2
    return [
      // Two columns, each a multiplication and an addition for three vectors of slices; rows once a block of four.
      Stage(
        name: "forward", operations: steps * (48 * 4 + Double(rows)), bytes: readings * 4,
        seconds: forward),
      // Ten rounds of Philox (100), an exponential and two logarithms (40), a cosine (15), the rest (25).
      Stage(name: "noise", operations: readings * 180, bytes: readings * 8, seconds: noise),
      // Sixteen readings and the taps; two transforms of 2048 for two rows each.
      Stage(
        name: "rebin, filter", operations: readings * (36 + 5 * 11 * 2048 / 721),
        bytes: readings * 16, seconds: filtering),
      // A row from two samples, a value from two rows, weight and sum; half of it on integers.
      Stage(
        name: "back-project", operations: updates * 12,
        bytes: slabs * window + Double(grid.count) * 4, seconds: backProjection),
    ]
  }
}

/// The stages below the roof that arithmetic and memory are, as a picture.
///
/// - Parameters:
///   - arithmetic: peak of fused multiply-adds, GFLOP/s.
///   - memory: bandwidth, GB/s.
func roofline(_ stages: [Stage], arithmetic: Double, memory: Double) -> String {
  let (left, right, bottom, top) = (70.0, 620.0, 310.0, 30.0)
  // Decades: 1 to 1000 operations a byte, 10 to 1000 GFLOP/s.
  func x(_ intensity: Double) -> Double { left + log10(intensity) / 3 * (right - left) }
  func y(_ rate: Double) -> Double { bottom - (log10(rate) - 1) / 2 * (bottom - top) }
  func label(_ text: String, _ x: Double, _ y: Double, _ anchor: String = "middle") -> String {
    "<text x='\(x)' y='\(y)' text-anchor='\(anchor)'>\(text)</text>"
  }
  var parts = [
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 660 370' font-family='sans-serif' font-size='13'>",
    "<rect width='660' height='370' fill='#fff'/>",
  ]
  for (value, decade) in [(1.0, "1"), (10, "10"), (100, "100"), (1000, "1000")] {
    parts.append("<path d='M\(x(value)) \(top)V\(bottom)' stroke='#ddd'/>")
    parts.append(label(decade, x(value), bottom + 18))
    guard value > 1 else { continue }
    parts.append("<path d='M\(left) \(y(value))H\(right)' stroke='#ddd'/>")
    parts.append(label(decade, left - 8, y(value) + 4, "end"))
  }
  let ridge = arithmetic / memory
  parts.append(
    "<path d='M\(left) \(y(memory))L\(x(ridge)) \(y(arithmetic))H\(right)' fill='none' stroke='#222' stroke-width='2'/>"
  )
  parts.append(label("\(Int(arithmetic)) GFLOP/s", right, y(arithmetic) - 8, "end"))
  parts.append(label("\(Int(memory)) GB/s", left + 36, y(memory) + 4, "start"))
  for stage in stages {
    let rate = stage.operations / stage.seconds / 1e9
    let (px, py) = (x(stage.operations / stage.bytes), y(rate))
    parts.append("<circle cx='\(px)' cy='\(py)' r='5' fill='#0a6ebd'/>")
    let text = "\(stage.name) \(Int(rate.rounded()))"
    let isLeft = stage.name == "rebin, filter"
    parts.append(label(text, px + (isLeft ? -9 : 9), py + 4, isLeft ? "end" : "start"))
  }
  parts.append(label("operations a byte of memory traffic", (left + right) / 2, bottom + 42))
  parts.append(
    "<text transform='translate(20 \((top + bottom) / 2)) rotate(-90)' text-anchor='middle'>GFLOP/s</text>"
  )
  parts.append("</svg>\n")
  return parts.joined(separator: "\n")
}
