import Anatomy
import CTScan
import Painting
public import Support
public import Volumes

/// A case between painting and scanning.
public struct PaintedCase: Sendable {
  let plan: CasePlan
  let map: AnatomicalMap
  /// The structures of the label map's file, before anything was left out or put in.
  let structures: [UInt16: String]
  /// How the published label map was varied; nil for not at all.
  let variation: MapVariation?
  let painted: PaintedBody
  let simulator: CTSimulator
  let stream: RandomStream
  /// What each stage took so far, s.
  let seconds: StageTimes

  /// The label map as it was painted.
  public var labels: LabelMap { map.labels }
  /// The painted body, HU, on the painting grid with what lies beyond the first and last slice.
  public var body: Volume<Float> { painted.hu }
  /// The part of it that contrast medium makes, where a tube voltage is simulated.
  var contrast: Volume<Float>? { painted.contrast }

  /// The readings of one rotation about the middle, see `CTSimulator.sinogram`.
  ///
  /// - Throws: as `CTSimulator.sinogram`.
  public func sinogram(workers: Workers) throws -> (channels: Int, lines: [Float]) {
    try simulator.sinogram(
      body, contrast: contrast, about: labels.grid, stream: stream, workers: workers)
  }
}

/// What the stages of a case take, in seconds with three decimals.
struct StageTimes: Sendable {
  private(set) var seconds: [String: Double] = [:]

  /// Does the work of a stage and notes its time.
  mutating func measure<T>(_ stage: CaseGenerator.Stage, _ work: () throws -> T) rethrows -> T {
    let start = ContinuousClock.now
    let result = try work()
    let spent = (ContinuousClock.now - start).components
    let milliseconds = Double(spent.seconds) * 1000 + Double(spent.attoseconds) * 1e-15
    seconds[stage.rawValue] = milliseconds.rounded() / 1000
    return result
  }
}
