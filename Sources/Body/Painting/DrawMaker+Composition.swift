import Support
import Textures
import Tissues

/// What one value of a tissue in one patient is drawn with.
struct TissueDraw {
  /// Mean, HU.
  var mean: Double
  /// Standard deviation from voxel to voxel, HU, where it has texture.
  var deviation: Double
  /// The part of the mean that contrast medium makes, HU.
  var contrast: Double?
}

extension DrawMaker {
  /// The parts of a structure; `nil` where it is one thing.
  ///
  /// - Parameter hasTexture: whether parts vary from voxel to voxel.
  func parts(
    of tissue: String, _ draw: PaintDraw, _ priors: PriorSettings, hasTexture: Bool,
    _ own: RandomStream
  ) throws(MaskCTError) -> [PartDraw]? {
    guard let settings = settings.composition, tissues.parts(of: tissue) != nil else { return nil }
    var chance = own.split("composition")
    guard chance.uniform() < settings.probability else { return nil }
    return try layOut(tissue, draw, priors, hasTexture: hasTexture, own.split("parts"))
  }

  /// What a hollow structure holds; `nil` where it is not hollow.
  func contents(
    of tissue: String, _ draw: PaintDraw, _ priors: PriorSettings, hasTexture: Bool,
    _ own: RandomStream
  ) throws(MaskCTError) -> ContentsDraw? {
    guard let settings = settings.contents, let hollow = tissues.hollow(tissue) else { return nil }
    var stream = own.split("contents")
    guard stream.uniform() < settings.probability else { return nil }
    var contents = ContentsDraw(wall: stream.uniform(hollow.wall), materials: [], segments: [])
    // Who drank contrast medium has it in every organ.
    var patient = RandomStream(seed: draw.bodySeed).split("oral contrast")
    let drank = patient.uniform() < settings.oralContrast
    var used: [String] = []
    func index(_ material: String) -> Int {
      if let known = used.firstIndex(of: material) { return known }
      used.append(material)
      return used.count - 1
    }
    let choices = hollow.holds.sorted { $0.key < $1.key }
    let weight = choices.reduce(0) { $0 + $1.value }
    let count =
      hollow.segments.lowerBound
      + Int(stream.uniform() * Double(hollow.segments.count))
    for _ in 0..<min(count, hollow.segments.upperBound) {
      // Every segment asks for as many numbers as any other.
      let (place, collapse, choice) = (stream.uniform(), stream.uniform(), stream.uniform())
      let (oral, gas, gasShare) = (stream.uniform(), stream.uniform(), stream.uniform())
      let (sediment, sedimentShare) = (stream.uniform(), stream.uniform())
      var segment = SegmentDraw(place: place, layers: [])
      if collapse >= hollow.collapsed {
        var filling = choices.last!.key
        var rest = choice * weight
        for (name, weight) in choices {
          rest -= weight
          if rest < 0 {
            filling = name
            break
          }
        }
        if drank, let probability = hollow.oral, oral < probability {
          filling = HollowOrgan.oralContrastTissue
        }
        func share(_ range: ClosedRange<Double>, _ u: Double) -> Double {
          range.lowerBound + u * (range.upperBound - range.lowerBound)
        }
        var left = 1.0
        if let layer = hollow.sediment, sediment < layer.probability {
          let part = share(layer.share, sedimentShare)
          segment.layers.append(.init(material: index(layer.tissue), share: part))
          left -= part
        }
        var top = 0.0
        if let layer = hollow.gas, gas < layer.probability {
          top = min(left, share(layer.share, gasShare))
        }
        if left > top {
          segment.layers.append(.init(material: index(filling), share: left - top))
        }
        if top > 0 {
          segment.layers.append(.init(material: index(HollowOrgan.gasTissue), share: top))
        }
      }
      contents.segments.append(segment)
    }
    for name in used {
      contents.materials.append(
        try layOut(name, draw, priors, hasTexture: hasTexture, own.split("material").split(name)))
    }
    return contents
  }

  /// Against gravity: anterior for who lies supine, posterior for who lies prone, with a turn about the long axis.
  func up(_ draw: PaintDraw) -> [Double]? {
    guard let settings = settings.contents else { return nil }
    var patient = RandomStream(seed: draw.bodySeed).split("gravity")
    let isProne = patient.uniform() < settings.prone
    let turn = patient.gaussian(mean: 0, deviation: settings.tilt, cut: 2) * .pi / 180
    return [sine(turn), isProne ? -cosine(turn) : cosine(turn), 0]
  }

  /// The parts of a tissue, or the tissue itself as its only part.
  private func layOut(
    _ tissue: String, _ draw: PaintDraw, _ priors: PriorSettings, hasTexture: Bool,
    _ own: RandomStream
  ) throws(MaskCTError) -> [PartDraw] {
    // Parts of a structure that are one tissue, or vary with one, share their draw.
    let values = own.split("values")
    guard let parts = tissues.parts(of: tissue) else {
      return [try part(tissue, draw, priors, hasTexture, values)]
    }
    var drawn: [PartDraw] = []
    for (index, part) in parts.enumerated() {
      let own = own.split(index)
      var place = own.split("place")
      guard place.uniform() < part.probability ?? 1 else { continue }
      var laid = try self.part(part.tissue, draw, priors, hasTexture, values)
      laid.from = part.depth?.from.map { place.uniform($0) }
      laid.to = part.depth?.to.map { place.uniform($0) }
      if let lobules = part.lobules {
        // Chords are pi lengths long where the share is a half.
        let grain = place.logUniform(lobules.grain)
        laid.pattern = .lobules(
          share: place.uniform(lobules.share), edge: lobules.edge ?? 0,
          noise: NoiseDraw(length: grain / .pi, stretch: lobules.stretch ?? 1, stream: &place))
      } else if let vessels = part.vessels {
        let spacing = place.logUniform(vessels.spacing)
        laid.pattern = .vessels(
          radius: place.logUniform(vessels.radius),
          noise: NoiseDraw(
            length: spacing / Double.pi.squareRoot(), stretch: vessels.stretch ?? 1, stream: &place)
        )
      } else if let sheets = part.sheets {
        let spacing = place.logUniform(sheets.spacing)
        laid.pattern = .sheets(
          thickness: place.logUniform(sheets.thickness),
          noise: NoiseDraw(
            length: spacing / .pi, stretch: sheets.stretch ?? 1, stream: &place))
      }
      drawn.append(laid)
    }
    return drawn
  }

  private func part(
    _ tissue: String, _ draw: PaintDraw, _ priors: PriorSettings, _ hasTexture: Bool,
    _ values: RandomStream
  ) throws(MaskCTError) -> PartDraw {
    let shared = tissues.variation(of: tissue)
    let value = value(of: tissue, draw, priors, values.split(shared))
    var part = PartDraw(
      tissue: tissue, mean: value.mean, deviation: hasTexture ? value.deviation : 0,
      contrast: value.contrast)
    part.magnetic = try magnetic?.draw(
      tissue: tissue, enhancement: value.contrast ?? 0, priors,
      common: magneticStream(of: tissue, draw), own: values.split("magnetic").split(shared))
    return part
  }

  /// The value of a tissue in one structure of a patient.
  ///
  /// Two parts whose squares add up to 1: what the tissue has in this patient, and the structure.
  ///
  /// - Parameter single: the structure's own stream for it.
  /// - Precondition: the table has the tissue.
  func value(
    of tissue: String, _ draw: PaintDraw, _ priors: PriorSettings, _ single: RandomStream
  ) -> TissueDraw {
    let prior = tissues.prior(tissue: tissue, phase: draw.phase)!
    let shared = tissues.variation(of: tissue)
    var common = RandomStream(seed: draw.bodySeed).split("tissue").split(shared)
    var single = single
    let u =
      priors.sharing * common.gaussian(mean: 0, deviation: 1, cut: 2.5)
      + (1 - priors.sharing * priors.sharing).squareRoot()
      * single.gaussian(mean: 0, deviation: 1, cut: 2.5)
    var spread = priors.spread
    if let wide = priors.wide {
      var chance = RandomStream(seed: draw.bodySeed).split("spread").split(shared)
      if chance.uniform() < wide.probability { spread = wide.spread }
    }
    let mean = max(-1000, prior.mean + spread * prior.spread * u)
    // What contrast medium makes of it: all that the same patient has not in the native phase.
    var contrast: Double?
    if draw.phase != .native {
      let native = tissues.prior(tissue: tissue, phase: .native)!
      let enhancement = mean - (native.mean + native.spread * (spread * u))
      if enhancement > 0 { contrast = enhancement }
    }
    return TissueDraw(mean: mean, deviation: priors.texture * prior.texture, contrast: contrast)
  }
}
