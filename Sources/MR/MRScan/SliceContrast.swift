import Support

/// Fields in the pixels of a slice.
struct SliceConditions {
  /// Transmitted field relative to its nominal value.
  var transmit: [Float]
  /// Departure of the static field, ppm.
  var offset: [Float]
  /// How much it changes through the slice, ppm.
  var slope: [Float]

  init(count: Int) {
    transmit = [Float](repeating: 1, count: count)
    offset = [Float](repeating: 0, count: count)
    slope = offset
  }
}

/// What the fields of a slice change in its signals.
struct SliceContrast: Sendable {
  private let scanProtocol: MRProtocol
  private let nodes: [Double]
  private let echoes: Int
  /// Fat's magnetisation at each of the nodes, without decay.
  private let fat: [Float]
  /// Brightness of bSSFP by the phase gained in a repetition, -pi...pi, relative to none.
  private let bands: [Float]

  init(scanner: MRScanner) {
    scanProtocol = scanner.scanProtocol
    nodes = scanner.transmitNodes
    echoes = scanner.echoCount
    let own = scanner.scanProtocol
    let relaxation = FatSpectrum.relaxation(at: own.fieldStrength)
    fat = nodes.map { Float(own.excited(relaxation, b1: $0)) }
    bands = own.sequence == .balanced ? own.bands() : []
  }

  /// Whether the static field counts at all.
  var needsOffset: Bool { scanProtocol.fatSuppression != nil || !bands.isEmpty }

  /// Whether its change through the slice does.
  var needsSlope: Bool {
    scanProtocol.sequence == .gradientEcho || scanProtocol.sequence == .mprage
  }

  /// Applies the fields: afterwards there is one plane per fixed decay of a train, or per echo.
  func apply(_ conditions: SliceConditions, water: inout [[Float]], fat: inout [Float]) {
    interpolate(conditions.transmit, &water, &fat)
    let own = scanProtocol
    if own.fatSuppression != nil {
      let (keptWater, keptFat) = (
        OffsetTable { own.keptWater(offset: $0) }, OffsetTable { own.keptFat(offset: $0) }
      )
      for i in fat.indices {
        fat[i] *= keptFat(conditions.offset[i])
        let kept = keptWater(conditions.offset[i])
        for plane in water.indices { water[plane][i] *= kept }
      }
    }
    if !bands.isEmpty {
      let turns = Float(FatSpectrum.larmor * own.fieldStrength * 1e-6 * own.tr * 1e-3)
      for i in fat.indices {
        let band = band(turns * conditions.offset[i])
        fat[i] *= band
        for plane in water.indices { water[plane][i] *= band }
      }
    }
    if needsSlope {
      // Phases that differ by `turns` from one face of the slice to the other: sinc of it.
      let hertz = FatSpectrum.larmor * own.fieldStrength * 1e-6
      for i in fat.indices {
        func left(_ echo: Int) -> Float {
          let turns = abs(Double(conditions.slope[i]) * hertz * own.time(of: echo) * 1e-3)
          let x = .pi * min(1, turns)
          return x < 1e-3 ? 1 : Float(sine(x) / x)
        }
        for plane in water.indices { water[plane][i] *= left(plane) }
        fat[i] *= left(0)
      }
    }
  }

  /// Brightness by the transmitted field.
  private func interpolate(_ transmit: [Float], _ water: inout [[Float]], _ fat: inout [Float]) {
    if nodes.count == 1 {
      let own = scanProtocol
      let nominal = own.pulses(1)
      let varies = (own.transmitVariation ?? 0) > 0
      for i in fat.indices {
        let factor = varies ? Float(own.pulses(Double(transmit[i])) / nominal) : 1
        fat[i] *= self.fat[0] * factor
        if varies { for plane in water.indices { water[plane][i] *= factor } }
      }
      return
    }
    let width = Float(nodes[2] - nodes[1])
    var combined = [[Float]](
      repeating: [Float](repeating: 0, count: fat.count), count: echoes)
    for i in fat.indices {
      let t = (transmit[i] - 1) / width
      let (low, middle, high) = (0.5 * t * (t - 1), 1 - t * t, 0.5 * t * (t + 1))
      for echo in 0..<echoes {
        combined[echo][i] =
          low * water[3 * echo][i] + middle * water[3 * echo + 1][i]
          + high * water[3 * echo + 2][i]
      }
      fat[i] *= low * self.fat[0] + middle * self.fat[1] + high * self.fat[2]
    }
    water = combined
  }

  private func band(_ turns: Float) -> Float {
    let phase = turns - turns.rounded() + 0.5
    return bands[min(bands.count - 1, Int(phase * Float(bands.count)))]
  }
}

/// A function of the field's departure, tabulated from -16 to 16 ppm.
private struct OffsetTable {
  private let values: [Float]

  init(_ function: (Double) -> Double) {
    values = (0...1024).map { Float(function((Double($0) - 512) / 32)) }
  }

  func callAsFunction(_ offset: Float) -> Float {
    values[Int(min(1024, max(0, (offset * 32 + 512).rounded())))]
  }
}

extension MRProtocol {
  /// What the pulses of spin echoes leave of the signal at a transmitted field.
  fileprivate func pulses(_ b1: Double) -> Double {
    guard sequence == .spinEcho || sequence == .turboSpinEcho else { return 1 }
    return sine(min(.pi, b1 * degrees(flipAngle ?? 90)))
      * sine(min(.pi, b1 * degrees(refocusingAngle ?? 180)) / 2)
  }

  /// Brightness of bSSFP by the phase gained in a repetition, 256 steps of it from -pi on, for soft tissue (T1 900, T2 60
  /// ms), relative to none (Freeman and Hill 1971, with pulses of alternating sign).
  fileprivate func bands() -> [Float] {
    let (e1, e2) = (exponential(-tr / 900), exponential(-tr / 60))
    let c = cosine(degrees(flipAngle ?? 90))
    func signal(_ phase: Double) -> Double {
      let turned = phase + .pi
      let (real, imaginary) = (1 - e2 * cosine(turned), e2 * sine(turned))
      return (real * real + imaginary * imaginary).squareRoot()
        / ((1 - e1 * c) * (1 - e2 * cosine(turned)) - e2 * (e1 - c) * (e2 - cosine(turned)))
    }
    return (0..<256).map { step in
      Float(signal(2 * .pi * (Double(step) + 0.5) / 256 - .pi) / signal(0))
    }
  }
}
