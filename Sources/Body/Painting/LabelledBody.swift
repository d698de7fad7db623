public import Anatomy
public import Support
public import Tissues
import Volumes

extension Body {
  /// A label map as it is: every voxel the average tissue of its structure, what has no label air.
  ///
  /// - Parameters:
  ///   - channels: magnetic ones.
  ///   - phase: of the contrast agent.
  /// - Throws: `MaskCTError` for a structure whose tissue has no figures for MR.
  public init(
    labelled map: AnatomicalMap, channels: Set<BodyChannel>, phase: ContrastPhase,
    tissues: TissueTable = .standard, magnetic: MagneticTissueTable = .standard
  ) throws(MaskCTError) {
    let order = channels.sorted { $0.name < $1.name }
    var tables = order.map { [Float](repeating: $0.background, count: 65536) }
    for (id, structure) in map.structures where id != 0 {
      let prior = try tissues.prior(for: structure, phase: phase)
      let native = try tissues.prior(for: structure, phase: .native)
      let known = try magnetic.prior(tissue: prior.tissue)
      var tissue = known.mean
      tissue.agent = max(0, prior.mean - native.mean) * MagneticTissue.agentPerHounsfieldUnit
      let draw = MagneticDraw(tissue: tissue, texture: known.texture, scale: 1)
      for (index, channel) in order.enumerated() {
        guard case .magnetic(let value) = channel.quantity else { continue }
        tables[index][Int(id)] = draw.mean(of: value)
      }
    }
    self.init(
      grid: map.labels.grid,
      channels: Dictionary(
        uniqueKeysWithValues: zip(order, tables).map { channel, table in
          (channel, map.labels.map { table[Int($0)] })
        }))
  }
}
