import Datasets
import Generation
import Reporting
import Support
import Volumes

/// The stages of one generated case as pictures: label map, painted body, sinogram, reconstruction; then
/// a real scan with reference and prediction.
struct MethodFigures {
  let dataset: NNUNetDataset
  let caseName: String
  let names: [UInt16: String]
  let workers: Workers

  /// Makes the case again from its record and draws every stage.
  ///
  /// - Parameters:
  ///   - scan: a test case with its reference and the arm's prediction.
  ///   - kind: what such a scan is called: real CT, say.
  ///   - arm: what the arm is called.
  /// - Throws: `MaskCTError` if the record or what it names is gone.
  func figures(scan: CaseImages, kind: String, arm: String) throws -> [MethodFigure] {
    let record = try CaseRecord(path: dataset.rawFolder + "/records/\(caseName).json")
    var stages: (labels: LabelMap, body: Volume<Float>?, sinogram: Picture?)?
    let made = try record.replay(workers: workers) { painted in
      stages = (
        painted.anatomy.labels,
        painted.body.channels.contains(.attenuation)
          ? painted.body[.attenuation].resampled(
            to: painted.anatomy.labels.grid, workers: workers) : nil,
        try painted.sinogram(workers: workers).map(Self.sinogram)
      )
    }
    let (map, body, sinogram) = stages!
    // Everything of the generated case is shown in the same slice and crop.
    let simulated = CaseImages(
      name: caseName, image: made.image, labels: made.labels, names: names)
    var figures = [
      MethodFigure(
        title: "Label map", caption: "\(caseName), one axial slice; one colour per label",
        picture: Montage.axial(CaseImages(name: caseName, labels: map), through: simulated))
    ]
    if let body {
      figures.append(
        MethodFigure(
          title: "Painted body",
          caption: "Recipe \(arm): attenuation in HU, soft-tissue window",
          picture: Montage.axial(CaseImages(name: caseName, image: body), through: simulated)))
    }
    if let sinogram {
      figures.append(
        MethodFigure(
          title: "Sinogram",
          caption: "One rotation, middle detector row: channels across, views down",
          picture: sinogram))
    }
    figures.append(
      MethodFigure(
        title: body == nil ? "Simulated MR" : "Simulated CT",
        caption: "Reconstructed with noise; outlines of the targets",
        picture: Montage.axial(simulated)))
    var plain = scan
    (plain.labels, plain.prediction) = (nil, nil)
    figures.append(
      MethodFigure(
        title: kind, caption: "\(scan.name), a test case that no arm learned from",
        picture: Montage.axial(plain, through: scan)))
    figures.append(
      MethodFigure(
        title: "Prediction", caption: "Reference drawn through, prediction dashed",
        picture: Montage.axial(scan)))
    return figures
  }

  /// Line integrals as gray values, air black, at most 480 pixels either way.
  private static func sinogram(_ readings: (channels: Int, lines: [Float])) -> Picture {
    let (channels, lines) = readings
    let views = lines.count / channels
    let (stepX, stepY) = (max(1, channels / 480), max(1, views / 480))
    let (width, height) = (channels / stepX, views / stepY)
    let highest = max(lines.max() ?? 1, 1e-6)
    var gray = [UInt8](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        let value = lines[y * stepY * channels + x * stepX] / highest
        gray[y * width + x] = UInt8((255 * max(0, min(1, value))).rounded())
      }
    }
    return Picture(width: width, height: height, gray: gray)
  }
}
