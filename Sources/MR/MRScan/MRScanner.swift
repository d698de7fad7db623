public import Painting
public import Support
import Tissues
public import Volumes

/// The whole scanner: a body with its magnetisation in, an MR image out.
///
/// Every tissue of the body is painted as what the sequence makes of its water (`channels`), which adds up over the
/// tissues of a voxel. The scan gathers it through each slice, transforms it, weights every line of k-space with the
/// decay at its echo, adds the fat with the phases that its peaks have gained by then, cuts k-space to the acquired matrix,
/// adds the noise of every coil, transforms back, and takes the root of the sum of squares.
public struct MRScanner: Sendable {
  /// How the scan is taken.
  public let scanProtocol: MRProtocol
  /// The fields of this scan.
  public let fields: FieldDraw
  let basis: EchoBasis?

  /// Grey values of pure water in equilibrium.
  public static let gain: Float = 4000

  /// Noise of a voxel of 1 mm³ at 1 T with 1 s of readout in all, relative to pure water in equilibrium.
  static let referenceNoise = 0.09

  /// Prepares a scan.
  ///
  /// - Throws: `MaskCTError` for a protocol that cannot be run.
  public init(scanProtocol: MRProtocol, fields: FieldDraw = .even) throws(MaskCTError) {
    try scanProtocol.validate()
    self.scanProtocol = scanProtocol
    self.fields = fields
    basis =
      scanProtocol.sequence == .turboSpinEcho
      ? EchoBasis(
        times: (1...scanProtocol.trainLength).map { Double($0) * scanProtocol.echoSpacing! },
        effective: scanProtocol.effectiveEcho) : nil
  }

  /// Transmitted fields at which tissues are painted; between them, a parabola.
  var transmitNodes: [Double] {
    guard scanProtocol.hasTransmitContrast else { return [1] }
    let width = max(0.1, scanProtocol.transmitVariation ?? 0)
    return [1 - width, 1, 1 + width]
  }

  /// Echoes that the image is made of.
  var echoCount: Int { (scanProtocol.image ?? .magnitude) == .magnitude ? 1 : 2 }

  /// The channels of water: for a train, the coefficients of its fixed decays; otherwise one per echo and transmitted
  /// field.
  var waterChannels: [BodyChannel] {
    let own = scanProtocol
    // Channels of one name are one channel: all that the values depend on is in it.
    let times: [Double?] = [
      own.fieldStrength, own.tr, own.te, own.secondTE, own.flipAngle, own.inversionTime,
      own.echoTrainLength.map(Double.init), own.echoSpacing, own.refocusingAngle,
      own.sliceThickness,
    ]
    let name =
      "\(own.sequence.rawValue) \(times.map { $0.map { "\($0)" } ?? "-" }.joined(separator: " "))"
      + (own.contrastAgent == true ? " agent" : "")
    func channel(
      _ part: String, _ value: @escaping @Sendable (WaterRelaxation) -> Double
    ) -> BodyChannel {
      .magnetic("\(name) \(part)") { tissue in
        tissue.water == 0
          ? 0
          : Float(
            tissue.water * own.stays(tissue.velocity)
              * value(
                tissue.relaxation(
                  at: own.fieldStrength, withAgent: own.contrastAgent == true)))
      }
    }
    if let basis {
      return EchoBasis.decays.indices.map { index in
        channel("decay \(index)") {
          own.excited($0) * basis.coefficients(t2: $0.t2)[index]
        }
      }
    }
    return (0..<echoCount).flatMap { echo in
      transmitNodes.map { b1 in
        channel("echo \(echo) at \(b1)") {
          own.excited($0, b1: b1) * own.decay($0, at: own.time(of: echo))
        }
      }
    }
  }

  /// Proton density of fat.
  static let fatChannel = BodyChannel.magnetic("fat") { Float($0.fat) }

  /// Standard deviation of the image's noise in one coil, real or imaginary part, relative to pure water in equilibrium.
  ///
  /// `1 / (V B0 sqrt(T))`: voxel volume V, field B0, and time of readout T = averages x lines (x partitions) / bandwidth,
  /// less with parallel imaging (Macovski, Magn Reson Med 36:494, 1996); images made of two echoes have what both leave.
  ///
  /// - Parameter extent: of the image, mm.
  public func noise(extent: SIMD3<Double>) -> Double {
    let own = scanProtocol
    let phase = own.readout == .frontBack ? extent.x : extent.y
    var samples = (own.averages ?? 1) * phase / own.voxel[1]
    if own.dimensions == 3 { samples *= max(1, extent.z / own.sliceThickness) }
    samples /= own.acceleration ?? 1
    let volume = own.voxel[0] * own.voxel[1] * own.sliceThickness
    return own.combinedNoise * (own.noise ?? 1) * Self.referenceNoise
      / (volume * own.fieldStrength * (samples / own.bandwidth).squareRoot())
  }

  /// Scans a body.
  ///
  /// - Parameters:
  ///   - body: with all of `channels`, on a grid whose axes are parallel to those of `grid`.
  ///   - grid: the voxels of the image.
  ///   - noiseless: leaves the noise out.
  ///   - stream: names the noise.
  ///   - progress: told the fraction done; what it throws stops the scan.
  /// - Returns: the image on `grid`, `gain` where pure water is in equilibrium.
  /// - Throws: `MaskCTError` if the grids' axes are not parallel; what `progress` throws.
  public func scan(
    _ body: Body, onto grid: Grid, noiseless: Bool = false, stream: RandomStream, workers: Workers,
    progress: (Double) throws -> Void = { _ in }
  ) throws -> Volume<Float> {
    let imager = try SliceImager(
      scanner: self, body: body, grid: grid, noiseless: noiseless, stream: stream, workers: workers
    )
    let geometry = imager.geometry
    let plane = grid.shape.x * grid.shape.y
    var slices = [Float](repeating: 0, count: plane * geometry.slices.count)
    let group = max(1, 2 * workers.count)
    try slices.withUnsafeMutableBufferPointer { slices in
      nonisolated(unsafe) let slices = slices
      for first in stride(from: 0, to: geometry.slices.count, by: group) {
        try progress(Double(first) / Double(geometry.slices.count))
        workers.forEach(min(group, geometry.slices.count - first)) { index in
          let slice = first + index
          imager.image(
            slice: slice,
            into: UnsafeMutableBufferPointer(
              rebasing: slices[slice * plane..<(slice + 1) * plane]))
        }
      }
    }
    var image = Volume<Float>(grid: grid, repeating: 0)
    for z in 0..<grid.shape.z {
      let (below, above, part) = geometry.neighbours(of: z)
      for pixel in 0..<plane {
        let (a, b) = (slices[below * plane + pixel], slices[above * plane + pixel])
        image.values[pixel * grid.shape.z + z] = a + part * (b - a)
      }
    }
    return image
  }
}

extension MRScanner: Modality {
  /// `MR`: nnU-Net brings each image to mean 0 and standard deviation 1.
  public var channelName: String { "MR" }

  /// The magnetisation of water as the sequence leaves it, the fat, and the susceptibility.
  public var channels: Set<BodyChannel> {
    Set(waterChannels + [Self.fatChannel, .susceptibility])
  }

  /// As far as the first and the last slice gather, mm.
  public var margin: Double {
    SliceEncoding(
      thickness: scanProtocol.sliceThickness, isPartition: scanProtocol.dimensions == 3
    ).reach
  }

  /// Air gives no signal.
  public var background: Float { 0 }

  /// Scans a body; see `Modality`. The field of view follows the image, wherever the scan was planned.
  public func image(
    of body: Body, onto grid: Grid, planned: Grid, stream: RandomStream, workers: Workers,
    progress: (Double) throws -> Void
  ) throws -> Volume<Float> {
    try scan(body, onto: grid, stream: stream, workers: workers, progress: progress)
  }
}
