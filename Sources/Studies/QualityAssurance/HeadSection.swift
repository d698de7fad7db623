import Volumes
internal import Acquisition
internal import Evaluation
internal import Reporting

/// The FORBILD head: what bone, air and the helix do to brain beside them, and whether low contrast keeps its HU.
struct HeadSection {
  let bench: QualityBench

  /// Materials whose mean is told, by their HU; each but bone is one object or a pair of them. The small ones have
  /// some ten voxels away from their edges and no limit.
  private static let materials: [(name: String, hu: Double, limit: Double?, note: String)] = [
    ("brain", ForbildHead.brain, 2, ""), ("ventricle", 45, 2, ""), ("eyes", 60, 2, ""),
    ("haematoma", 55, 2, ""), ("bright ball", 52.5, nil, small), ("dark ball", 47.5, nil, small),
    (
      "bone", ForbildHead.bone, 5,
      "photons averaged over an edge make too short a line, and what is beside it brighter"
    ),
  ]
  private static let small = "some ten voxels, as far off as artefacts are"

  /// How far edges are kept away, mm: for artefacts, and for the means of what is too small for that.
  private static let margins = (artefact: 5.0, mean: 2.5)

  /// Standard deviation of the Gaussian in the plane that tells shading from ripple, mm.
  private static let smoothing = 4.0

  /// Above the sinus, the ear and the eyes, mm.
  private static let vault = 35.0

  /// Thickness of cuts along z, mm: at a single column of pixels ripple of two or three pixels would look like a shade.
  private static let cut = 4.0

  func run(_ progress: (Double) throws -> Void) throws -> QualitySection {
    var section = QualitySection(
      id: "head", title: "FORBILD head",
      text: """
        The FORBILD head phantom (Lauritsch, Bruder) from 36 mm below to 64 mm above its middle, one energy, no noise, \
        slices of two rows. Focal spot and detector elements have a size: 1 mm, and nine tenths of a channel and of a \
        row, where the scanner states none; the bubbles of the ear are finer than thin rays sample. Artefacts are the \
        differences from the phantom in brain, 5 mm and more from every edge, with the limit of discs and balls. Shading \
        is what is left of them when a Gaussian of 4 mm in the plane has averaged out ripple, and means are taken 2.5 mm \
        and more from edges, both with the limit of uniform water; bone has that of inserts. Without the bubbles and the \
        patterns of resolution nothing of the head is finer than channels: what shades it then is not their sampling.
        """)
    guard bench.fitting(240) else {
      section.text += " The head does not fit into the field of view of this scanner."
      return section
    }
    let grid = grid
    let (far, near) = (
      truth(on: grid, margin: Self.margins.artefact), truth(on: grid, margin: Self.margins.mean)
    )
    let pitches = bench.isQuick ? [1] : [0.5, 1, 1.5]
    var images = [values(of: ForbildHead.phantom, on: grid)]
    var coarse = [values(of: ForbildHead.coarse, on: grid)]
    for (index, pitch) in pitches.enumerated() {
      func image(_ phantom: LayeredPhantom) throws -> Volume<Float> {
        try bench.withFiniteElements.image(phantom, onto: grid) {
          $0.pitch = pitch
          $0.sliceThickness = grid.spacing.z
          $0.kvp = nil
        }
      }
      images.append(try image(ForbildHead.phantom))
      try progress((Double(index) + 0.6) / Double(pitches.count))
      coarse.append(try image(ForbildHead.coarse))
      section.findings +=
        findings(images[index + 1], far: far, near: near, pitch: pitch)
        + shading(
          coarse[index + 1], far: far,
          name: "without bubbles and patterns, pitch \(fixed(pitch, digits: 1))")
      try progress(Double(index + 1) / Double(pitches.count))
    }
    section.pictures = pictures(of: images, coarse: coarse, pitches: pitches)
    return section
  }

  /// Slices of two rows, one of them at height 0.
  private var grid: Grid {
    let thickness = max(1, 2 * bench.scanner.rowHeight)
    let (below, above) = (Int(36 / thickness), Int(64 / thickness))
    // The head is 192 mm wide and 240 mm long.
    return Grid(
      shape: [210, 250, below + above + 1], spacing: [1, 1, thickness],
      center: [0, 0, Double(above - below) / 2 * thickness])
  }

  /// The slice of a height.
  private static func slice(_ height: Double, of grid: Grid) -> Int {
    Int(((height - grid.affine.translation.z) / grid.spacing.z).rounded())
  }

  /// The phantom's HU at voxels from which no edge is nearer than `margin`, and NaN at all others.
  private func truth(on grid: Grid, margin: Double) -> Volume<Float> {
    filled(grid, ForbildHead.phantom, margin: margin) { phantom, place in
      Float(phantom.value(within: margin, of: place) ?? .nan)
    }
  }

  /// A phantom's HU at the centres of voxels.
  private func values(of phantom: LayeredPhantom, on grid: Grid) -> Volume<Float> {
    filled(grid, phantom, margin: 0) { phantom, place in Float(phantom.value(at: place)) }
  }

  /// A value of every voxel's centre, found from the layers of a phantom that come near its line of voxels.
  private func filled(
    _ grid: Grid, _ phantom: LayeredPhantom, margin: Double,
    value: @Sendable (LayeredPhantom, SIMD3<Double>) -> Float
  ) -> Volume<Float> {
    var volume = Volume<Float>(grid: grid, repeating: .nan)
    let last = grid.shape &- 1
    volume.values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      bench.workers.forEach(grid.shape.z) { z in
        func near(_ phantom: LayeredPhantom, rows: ClosedRange<Int>) -> LayeredPhantom {
          func corner(_ x: Int, _ y: Int) -> SIMD3<Double> {
            grid.affine.apply([Double(x), Double(y), Double(z)])
          }
          return phantom.crossing(
            low: corner(0, rows.lowerBound) - margin, high: corner(last.x, rows.upperBound) + margin
          )
        }
        let slice = near(phantom, rows: 0...last.y)
        for y in 0...last.y {
          let row = near(slice, rows: y...y)
          for x in 0...last.x {
            values[grid.offset(x, y, z)] = value(
              row, grid.affine.apply([Double(x), Double(y), Double(z)]))
          }
        }
      }
    }
    return volume
  }

  private func findings(
    _ ct: Volume<Float>, far: Volume<Float>, near: Volume<Float>, pitch: Double
  ) -> [QualityFinding] {
    let name = "pitch \(fixed(pitch, digits: 1))"
    let slices = ct.grid.shape.z
    let vault = Self.slice(Self.vault, of: ct.grid)
    func brain(_ heights: Range<Int>) -> Artefact {
      var differences: [Double] = []
      for (index, known) in far.values.enumerated()
      where known == Float(ForbildHead.brain) && heights.contains(index % slices) {
        differences.append(Double(ct.values[index] - known))
      }
      return Artefact(differences)
    }
    let whole = brain(0..<slices)
    return [
      .init("brain, RMS, \(name)", whole.rms, within: 0...5),
      .init("brain, largest, \(name)", whole.largest),
      .init("brain above ear and sinus, RMS, \(name)", brain(vault..<slices).rms),
      .init("brain beside them, RMS, \(name)", brain(0..<vault).rms),
    ]
      + shading(ct, far: far, name: name)
      + Self.materials.map { material in
        let values = near.values.indices.filter { near.values[$0] == Float(material.hu) }
          .map { Double(ct.values[$0]) }
        return .init(
          "\(material.name), \(name)", Moments(values).mean,
          within: material.limit.map { material.hu - $0...material.hu + $0 },
          note: material.note.isEmpty
            ? "" : "\(fixed(material.hu, digits: 1)) HU in the phantom; \(material.note)")
      }
  }

  /// The differences in brain without what is finer than `Self.smoothing`: ripple averages out, shades stay.
  private func shading(
    _ ct: Volume<Float>, far: Volume<Float>, name: String
  ) -> [QualityFinding] {
    var (difference, weight) = (
      Volume<Float>(grid: ct.grid, repeating: 0), Volume<Float>(grid: ct.grid, repeating: 0)
    )
    let brain = far.values.indices.filter { far.values[$0] == Float(ForbildHead.brain) }
    for index in brain {
      difference.values[index] = ct.values[index] - far.values[index]
      weight.values[index] = 1
    }
    let sigma = SIMD3(Self.smoothing, Self.smoothing, 0)
    let (smooth, part) = (
      difference.gaussianFiltered(sigma: sigma, workers: bench.workers),
      weight.gaussianFiltered(sigma: sigma, workers: bench.workers)
    )
    let shading = Artefact(brain.map { Double(smooth.values[$0] / part.values[$0]) })
    return [
      .init("shading of brain, RMS, \(name)", shading.rms, within: 0...2, digits: 2),
      .init("shading of brain, largest, \(name)", shading.largest),
    ]
  }

  private func pictures(
    of images: [Volume<Float>], coarse: [Volume<Float>], pitches: [Double]
  ) -> [MethodFigure] {
    let order =
      "The phantom; pitch " + pitches.map { fixed($0, digits: 1) }.joined(separator: ", ")
    func figure(
      _ title: String, of images: [Volume<Float>], note: String = "", zoom: Int = 1,
      rowZoom: Int = 1, _ plane: (Volume<Float>) -> PixelImage
    ) -> MethodFigure {
      MethodFigure(
        title: title, caption: "\(order). Level 50, width 100 HU.\(note)",
        picture: QualityPicture.row(
          images.map {
            QualityPicture.gray(plane($0), level: 50, width: 100, zoom: zoom, rowZoom: rowZoom)
          }))
    }
    /// A cut along z: a millimetre along it is `zoom` pixels within a twentieth, as it is across.
    func cut(
      _ title: String, of images: [Volume<Float>],
      _ plane: (Volume<Float>, Double) -> PixelImage
    ) -> MethodFigure {
      let thickness = images[0].grid.spacing.z
      func rows(_ zoom: Int) -> Double { (Double(zoom) * thickness).rounded() }
      func misfit(_ zoom: Int) -> Double { abs(rows(zoom) / Double(zoom) / thickness - 1) }
      let zoom = (2...4).min { misfit($0) < misfit($1) } ?? 2
      return figure(
        title, of: images, note: " A mean over \(Int(Self.cut)) mm.", zoom: zoom,
        rowZoom: Int(rows(zoom))
      ) { plane($0, Self.cut) }
    }
    func middle(_ ct: Volume<Float>) -> PixelImage {
      PixelImage(ct, slice: Self.slice(0, of: ct.grid))
    }
    return [
      figure("Ear, sinus and eyes, z = 0.", of: images, middle),
      figure("The same without bubbles and patterns.", of: coarse, middle),
      figure(
        "Above the sinus, z = 32 mm.", of: images,
        note: " The sinus ends at 30 mm: thick slices still hold a little of its air."
      ) {
        PixelImage($0, slice: Self.slice(32, of: $0.grid))
      },
      cut("Sagittal, forehead to the right.", of: images, QualityPicture.sagittal),
      cut("Coronal through the ear.", of: images, QualityPicture.coronal),
      cut("The same without bubbles and patterns.", of: coarse, QualityPicture.coronal),
    ]
  }
}
