public import Anatomy
import CTScan
public import Painting
public import Support
import Volumes

/// A case between painting and imaging.
public struct PaintedCase: Sendable {
  let plan: CasePlan
  let drawn: DrawnCase
  /// The structures of the label map's file, before anything was left out or put in.
  let structures: [UInt16: String]
  /// The painted body, on the painting grid with what lies beyond the first and last slice.
  public let body: Body
  let modalities: [any Modality]
  /// What each stage took so far, s.
  private(set) var seconds = StageTimes()

  init(
    plan: CasePlan, drawn: DrawnCase, structures: [UInt16: String], body: Body,
    modalities: [any Modality]
  ) {
    self.plan = plan
    self.drawn = drawn
    self.structures = structures
    self.body = body
    self.modalities = modalities
  }

  /// What the image shows of the label map as it was painted, with how it lies in a file and what was noticed about it.
  public var anatomy: AnatomicalMap { drawn.shown }

  /// The readings of one rotation about the middle, see `CTSimulator.sinogram`.
  ///
  /// - Throws: as `CTSimulator.sinogram`.
  /// - Returns: `nil` where no CT is made.
  public func sinogram(workers: Workers) throws -> (channels: Int, lines: [Float])? {
    for (index, modality) in modalities.enumerated() {
      guard let ct = modality as? CTSimulator else { continue }
      return try ct.sinogram(
        of: body, about: drawn.planned, stream: drawn.draw.noise(of: index), workers: workers)
    }
    return nil
  }

  /// The case with the times of its stages.
  func timed(_ times: StageTimes) -> PaintedCase {
    var painted = self
    painted.seconds = times
    return painted
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
