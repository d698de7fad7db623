import Support

/// What each line and sample of k-space sees of water and fat: decay at its echo, and the phases of fat's peaks at the
/// moment when it is read.
///
/// Fat's peaks turn while an echo is read, `exp(2 pi i f t)`, with t running along the readout: that is a shift of their
/// image by f / bandwidth voxels. Gradient echoes have turned for the whole echo time before; spin echoes have not.
struct PoolSignals: Sendable {
  /// What an image shows.
  enum Pool {
    /// Water: a fixed decay of a train, or an echo.
    case water(Int)
    /// Fat.
    case fat
  }

  /// The decay of each fixed decay at each line, `[decay][line]`; empty without a train.
  private let decays: [[Float]]
  /// The decay of fat at each line, for each echo.
  private let fatDecay: [[Float]]
  /// Fat's phases along the readout, for each echo.
  private let fatPhase: [[SIMD2<Float>]]
  private let readsX: Bool
  /// What the image takes of each echo.
  private let weights: [SIMD2<Float>]

  init(scanner: MRScanner, order: KSpaceOrder, readSamples: Int, cyclesPerSample: Double) {
    let own = scanner.scanProtocol
    readsX = own.readout != .frontBack
    weights = own.echoWeights.map { SIMD2<Float>($0) }
    let relaxation = FatSpectrum.relaxation(at: own.fieldStrength)
    if let basis = scanner.basis {
      let shares = (0...max(0, order.echo.max() ?? 0)).map { basis.weights(echo: $0) }
      decays = EchoBasis.decays.indices.map { decay in
        order.echo.map {
          $0 < 0 ? 0 : Float(shares[$0][decay])
        }
      }
      fatDecay = [
        order.echo.map {
          $0 < 0 ? 0 : Float(own.decay(relaxation, at: Double($0 + 1) * own.echoSpacing!))
        }
      ]
    } else {
      decays = []
      fatDecay = (0..<scanner.echoCount).map { echo in
        order.echo.map { $0 < 0 ? 0 : Float(own.decay(relaxation, at: own.time(of: echo))) }
      }
    }
    let isRefocused = scanner.basis != nil || own.sequence == .spinEcho
    let field = own.fieldStrength
    fatPhase = (0..<scanner.echoCount).map { echo in
      (0..<readSamples).map { sample in
        // The readout runs from positive to negative frequencies, so that what precesses slower lands at lower
        // coordinates.
        let moment =
          -Double(sample - readSamples / 2) * cyclesPerSample * own.voxel[0] / own.bandwidth * 1e3
        let before = isRefocused || own.sequence == .balanced ? 0 : own.time(of: echo)
        return SIMD2<Float>(
          own.balancedSign * FatSpectrum.phasor(at: before + moment, field: field))
      }
    }
  }

  /// Adds the k-space of a pool's image.
  func add(
    _ k: ComplexPlane, _ pool: Pool, shape: PlaneTransform.Shape, to echoes: inout [ComplexPlane]
  ) {
    let (nx, ny) = (2 * shape.halfX, 2 * shape.halfY)
    for echo in echoes.indices {
      if case .water(let index) = pool, decays.isEmpty, index != echo { continue }
      for ky in 0..<ny {
        for kx in 0..<nx {
          let i = ky * nx + kx
          let (line, sample) = readsX ? (ky, kx) : (kx, ky)
          switch pool {
          case .water(let index):
            let weight = decays.isEmpty ? 1 : decays[index][line]
            echoes[echo].real[i] += weight * k.real[i]
            echoes[echo].imaginary[i] += weight * k.imaginary[i]
          case .fat:
            let phase = fatDecay[echo][line] * fatPhase[echo][sample]
            echoes[echo].real[i] += phase.x * k.real[i] - phase.y * k.imaginary[i]
            echoes[echo].imaginary[i] += phase.x * k.imaginary[i] + phase.y * k.real[i]
          }
        }
      }
    }
  }

  /// The k-space of the image: that of the echo, or of water or fat from two echoes.
  func combined(_ echoes: [ComplexPlane]) -> ComplexPlane {
    guard weights.count > 1 else { return echoes[0] }
    var result = ComplexPlane(count: echoes[0].real.count)
    for (echo, weight) in zip(echoes, weights) {
      for i in result.real.indices {
        result.real[i] += weight.x * echo.real[i] - weight.y * echo.imaginary[i]
        result.imaginary[i] += weight.x * echo.imaginary[i] + weight.y * echo.real[i]
      }
    }
    return result
  }
}
