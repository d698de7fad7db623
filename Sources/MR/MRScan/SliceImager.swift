import Painting
import Support
import Volumes

/// Images the slices of a body, one at a time and any number of threads beside each other.
struct SliceImager: Sendable {
  let geometry: ScanGeometry
  private let scanner: MRScanner
  private let body: Body
  private let water: [BodyChannel]
  private let grid: Grid
  private let noiseless: Bool
  private let stream: RandomStream
  private let encoding: SliceEncoding
  private let shape: PlaneTransform.Shape
  private let lineX: TransformLine
  private let lineY: TransformLine
  private let field: StaticField
  private let coils: CoilMaps
  private let order: KSpaceOrder
  private let pools: PoolSignals
  private let contrast: SliceContrast

  init(
    scanner: MRScanner, body: Body, grid: Grid, noiseless: Bool, stream: RandomStream,
    workers: Workers
  ) throws(MaskCTError) {
    let own = scanner.scanProtocol
    self.scanner = scanner
    self.body = body
    self.grid = grid
    self.noiseless = noiseless
    self.stream = stream.split("noise")
    water = scanner.waterChannels
    geometry = try ScanGeometry(body: body.grid, image: grid, scanProtocol: own)
    encoding = SliceEncoding(
      thickness: own.sliceThickness, isPartition: own.dimensions == 3)
    let readsX = own.readout != .frontBack
    shape = PlaneTransform.Shape(
      width: geometry.x.count, height: geometry.y.count, nx: geometry.x.length,
      ny: geometry.y.length, halfX: geometry.x.half(voxel: own.voxel[readsX ? 0 : 1]),
      halfY: geometry.y.half(voxel: own.voxel[readsX ? 1 : 0]))
    lineX = TransformLine(shape.nx)
    lineY = TransformLine(shape.ny)
    field = StaticField(susceptibility: body[.susceptibility], workers: workers)
    func pixel(_ voxel: Double, _ axis: ScanGeometry.Axis) -> Double {
      (voxel - axis.offset) / axis.scale
    }
    coils = CoilMaps(
      count: own.coils, draw: scanner.fields, width: shape.width, height: shape.height,
      spacing: [geometry.x.spacing, geometry.y.spacing],
      center: [pixel(field.center.x, geometry.x), pixel(field.center.y, geometry.y)],
      half: [
        abs(field.half.x / geometry.x.scale), abs(field.half.y / geometry.y.scale),
      ])
    let phase = readsX ? geometry.y : geometry.x
    order = KSpaceOrder(
      half: readsX ? shape.halfY : shape.halfX, part: own.partialFourier ?? 1,
      density: Double(phase.length) * phase.spacing / (readsX ? grid.extent.y : grid.extent.x)
        * (own.acceleration ?? 1),
      trainLength: own.sequence == .turboSpinEcho
        ? (own.singleShot == true ? nil : own.trainLength) : 1,
      effective: own.sequence == .turboSpinEcho ? own.effectiveEcho : 0)
    let read = readsX ? geometry.x : geometry.y
    pools = PoolSignals(
      scanner: scanner, order: order, readSamples: 2 * (readsX ? shape.halfX : shape.halfY),
      cyclesPerSample: 1 / (Double(read.length) * read.spacing))
    contrast = SliceContrast(scanner: scanner)
  }

  /// Images a slice; `out` is `[y][x]` of the image's grid.
  func image(slice: Int, into out: UnsafeMutableBufferPointer<Float>) {
    let own = scanner.scanProtocol
    let transform = PlaneTransform(shape, x: lineX, y: lineY)
    let (conditions, moving) = conditions(slice)
    var planes = water.map { plane($0, slice) }
    var fat = plane(MRScanner.fatChannel, slice)
    contrast.apply(conditions, water: &planes, fat: &fat)

    // K-space of the pools, one or two echoes.
    var echoes = [ComplexPlane](
      repeating: ComplexPlane(count: shape.samples), count: scanner.echoCount)
    var part = ComplexPlane(count: shape.samples)
    let isMoving = own.respiration.map { $0.amplitude > 0 } ?? false
    func add(_ plane: [Float], _ pool: PoolSignals.Pool) {
      var still = plane
      if isMoving {
        var front = plane
        for i in plane.indices {
          front[i] *= moving[i / shape.width]
          still[i] -= front[i]
        }
        transform.forward(front, into: &part)
        breathe(&part, slice)
        pools.add(part, pool, shape: shape, to: &echoes)
      }
      transform.forward(still, into: &part)
      pools.add(part, pool, shape: shape, to: &echoes)
    }
    for (index, plane) in planes.enumerated() { add(plane, .water(index)) }
    add(fat, .fat)
    var k = pools.combined(echoes)
    complete(&k)

    var image = ComplexPlane(count: shape.pixels)
    transform.inverse(k, into: &image)
    var squares = [Float](repeating: 0, count: shape.pixels)
    var noise = ComplexPlane(count: shape.pixels)
    for (index, map) in coils.maps.enumerated() {
      if !noiseless {
        fill(&k, slice: slice, coil: index)
        complete(&k)
        transform.inverse(k, into: &noise)
      }
      for i in squares.indices {
        let (re, im) = (
          map[i] * image.real[i] + noise.real[i], map[i] * image.imaginary[i] + noise.imaginary[i]
        )
        squares[i] += re * re + im * im
      }
    }
    let evened = Float(own.normalization ?? 0)
    for y in 0..<grid.shape.y {
      let row = (geometry.y.origin + y * geometry.y.division) * shape.width
      for x in 0..<grid.shape.x {
        let i = row + geometry.x.origin + x * geometry.x.division
        let shading = evened == 0 ? 1 : 1 - evened + evened * max(0.05, coils.sum[i])
        out[y * grid.shape.x + x] = MRScanner.gain * squares[i].squareRoot() / shading
      }
    }
  }

  // MARK: - The body in a slice

  /// A channel gathered through a slice, on the pixels of the scan.
  private func plane(_ channel: BodyChannel, _ slice: Int) -> [Float] {
    let volume = body[channel]
    let shape = body.grid.shape
    let (range, weights) = encoding.weights(
      center: geometry.slices[slice] * geometry.bodySpacing, first: 0, step: geometry.bodySpacing,
      count: shape.z)
    var gathered = [Float](repeating: 0, count: shape.x * shape.y)
    volume.values.withUnsafeBufferPointer { values in
      weights.withUnsafeBufferPointer { weights in
        for column in 0..<shape.x * shape.y {
          let from = column * shape.z + range.lowerBound
          var sum: Float = 0
          for i in 0..<weights.count { sum += weights[i] * values[from + i] }
          gathered[column] = sum
        }
      }
    }
    return resampled(gathered)
  }

  /// A plane of the body's voxels on the pixels of the scan: linear between voxels, nothing outside.
  private func resampled(_ plane: [Float]) -> [Float] {
    let (nx, ny) = (body.grid.shape.x, body.grid.shape.y)
    func places(_ axis: ScanGeometry.Axis, _ count: Int) -> [(Int, Int, Float, Float)] {
      (0..<axis.count).map { i in
        let place = axis.scale * Double(i) + axis.offset
        guard place > -1, place < Double(count) else { return (0, 0, 0, 0) }
        let below = Int(place.rounded(.down))
        let part = Float(place - Double(below))
        return (
          max(0, below), min(count - 1, below + 1), below < 0 ? 0 : 1 - part,
          below + 1 > count - 1 ? 0 : part
        )
      }
    }
    let (xs, ys) = (places(geometry.x, nx), places(geometry.y, ny))
    var out = [Float](repeating: 0, count: xs.count * ys.count)
    plane.withUnsafeBufferPointer { plane in
      for (j, (y0, y1, v0, v1)) in ys.enumerated() where v0 + v1 > 0 {
        for (i, (x0, x1, u0, u1)) in xs.enumerated() where u0 + u1 > 0 {
          out[j * xs.count + i] =
            v0 * (u0 * plane[y0 * nx + x0] + u1 * plane[y0 * nx + x1])
            + v1 * (u0 * plane[y1 * nx + x0] + u1 * plane[y1 * nx + x1])
        }
      }
    }
    return out
  }

  /// The fields in a slice, and how far each row moves with the breath, 0...1.
  private func conditions(_ slice: Int) -> (SliceConditions, [Float]) {
    let own = scanner.scanProtocol
    let z = geometry.slices[slice]
    let halfSlice = 0.5 * own.sliceThickness / geometry.bodySpacing
    var conditions = SliceConditions(count: shape.pixels)
    var moving: [Float] = []
    for y in 0..<shape.height {
      let by = geometry.y.scale * Double(y) + geometry.y.offset
      let v = (by - field.center.y) / field.half.y
      // The back lies still; y runs to the front.
      moving.append(Float(min(1, max(0, 0.5 + v))))
      for x in 0..<shape.width {
        let bx = geometry.x.scale * Double(x) + geometry.x.offset
        let i = y * shape.width + x
        let u = SIMD3(
          (bx - field.center.x) / field.half.x, v, (z - field.center.z) / field.half.z)
        if let variation = own.transmitVariation, variation > 0 {
          conditions.transmit[i] = Float(scanner.fields.transmitted(u, variation: variation))
        }
        if contrast.needsOffset { conditions.offset[i] = field.at(bx, by, z) }
        if contrast.needsSlope {
          conditions.slope[i] =
            field.at(bx, by, z + halfSlice) - field.at(bx, by, z - halfSlice)
        }
      }
    }
    return (conditions, moving)
  }

  // MARK: - K-space

  /// Moves a k-space towards the front by where the breath is at the time of each line.
  private func breathe(_ k: inout ComplexPlane, _ slice: Int) {
    let own = scanner.scanProtocol
    guard let breath = own.respiration else { return }
    let readsX = own.readout != .frontBack
    let period = breath.period * 1000
    // Slices take turns within a repetition: each begins at another moment.
    let start =
      scanner.fields.breath + 2 * .pi * own.tr / period * Double(slice)
      / Double(geometry.slices.count)
    let cycles = 1 / (Double(shape.ny) * geometry.y.spacing)
    for ky in 0..<2 * shape.halfY {
      let frequency = Double(ky - shape.halfY) * cycles
      for kx in 0..<2 * shape.halfX {
        let shot = order.shot[readsX ? ky : kx]
        let moment = start + 2 * .pi * Double(max(0, shot)) * own.tr / period
        let angle = -2 * .pi * frequency * breath.amplitude * 0.5 * (1 + sine(moment))
        let (c, s) = (Float(cosine(angle)), Float(sine(angle)))
        let i = ky * 2 * shape.halfX + kx
        (k.real[i], k.imaginary[i]) = (
          c * k.real[i] - s * k.imaginary[i], s * k.real[i] + c * k.imaginary[i]
        )
      }
    }
  }

  /// Lines that were left out: conjugates of their opposites for spin echoes, whose images are real, nothing for others.
  private func complete(_ k: inout ComplexPlane) {
    guard (scanner.scanProtocol.partialFourier ?? 1) < 1 else { return }
    let isReal = scanner.basis != nil || scanner.scanProtocol.sequence == .spinEcho
    let readsX = scanner.scanProtocol.readout != .frontBack
    let (nx, ny) = (2 * shape.halfX, 2 * shape.halfY)
    for ky in 0..<ny {
      for kx in 0..<nx where order.echo[readsX ? ky : kx] < 0 {
        let i = ky * nx + kx
        let (ox, oy) = (nx - kx, ny - ky)
        if isReal, ox < nx, oy < ny {
          k.real[i] = k.real[oy * nx + ox]
          k.imaginary[i] = -k.imaginary[oy * nx + ox]
        } else {
          (k.real[i], k.imaginary[i]) = (0, 0)
        }
      }
    }
  }

  /// White noise in place of a k-space.
  ///
  /// Every sample of the image is a sum over thousands of these, so it is Gaussian although they are drawn evenly.
  private func fill(_ k: inout ComplexPlane, slice: Int, coil: Int) {
    let sigma =
      scanner.noise(extent: grid.extent) * Double(shape.nx * shape.ny)
      / Double(shape.samples).squareRoot()
    // A number evenly in -1/2...1/2 has the variance 1/12.
    let scale = Float(sigma * (12 as Double).squareRoot()) * 0x1p-32
    let key = stream.split(slice).split(coil).key
    let words = SIMD2(
      UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    let count = shape.samples
    k.real.withUnsafeMutableBufferPointer { real in
      k.imaginary.withUnsafeMutableBufferPointer { imaginary in
        for i in stride(from: 0, to: count, by: 2) {
          let block = RandomStream.philox(
            counter: [UInt32(truncatingIfNeeded: i), 0, 0, 0], key: words)
          let values = (SIMD4<Float>(truncatingIfNeeded32: block)) * scale
          real[i] = values[0]
          imaginary[i] = values[1]
          if i + 1 < count {
            real[i + 1] = values[2]
            imaginary[i + 1] = values[3]
          }
        }
      }
    }
  }
}

extension SIMD4<Float> {
  /// Even words as numbers from -2^31 to 2^31.
  fileprivate init(truncatingIfNeeded32 words: SIMD4<UInt32>) {
    self.init(
      Float(Int32(bitPattern: words.x)), Float(Int32(bitPattern: words.y)),
      Float(Int32(bitPattern: words.z)), Float(Int32(bitPattern: words.w)))
  }
}
