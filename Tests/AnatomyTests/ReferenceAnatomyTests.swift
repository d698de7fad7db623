import Testing

@testable import Anatomy

@Suite struct ReferenceAnatomyTests {
  /// Every structure that is drawn has a name that tissues are found by.
  @Test func structuresAreKnown() {
    let catalog = StructureCatalog.standard
    let head = HeadNeckAnatomy.standard
    let torso = TorsoAnatomy.standard
    let groups = [
      head.chest, head.neck, head.face, head.palate, head.mouth, head.petrous, head.inside_skull,
    ].flatMap { $0 }
    let drawn =
      groups.flatMap { group -> [DrawnPart] in
        switch group {
        case .single(let part): [part]
        case .both(let parts): parts
        }
      } + torso.sacrum_wings + torso.pelvis + torso.muscles + torso.buttocks
    #expect(drawn.count > 60)
    for part in drawn {
      for side in ["left", "right"] { #expect(catalog[part.structure(on: side)] != nil) }
      for name in part.over ?? [] { #expect(catalog[name] != nil) }
    }
    let named =
      head.landmarks.map(\.structure) + torso.landmarks.map(\.structure)
      + head.vertebrae.map(\.structure) + torso.vertebrae.map(\.structure)
      + head.edges.map(\.structure) + torso.edges.map(\.structure)
    for name in named { #expect(catalog[name] != nil) }
    #expect(torso.ribs.count == 12 && torso.sternal.count == 7)
  }

  /// Tables are interpolated: their first column ascends.
  @Test func tablesAscend() {
    let torso = TorsoAnatomy.standard
    for table in [
      torso.spine, torso.cavity, torso.trunk, torso.fat, torso.diaphragm, torso.vertebra_width,
      torso.vertebra_depth, torso.back_spread, torso.back_radius, torso.back_groove,
      HeadNeckAnatomy.standard.cord,
    ] {
      #expect(zip(table, table.dropFirst()).allSatisfy { $0.x < $1.x })
    }
  }

  /// Mirroring turns a part's yaw and roll with it, and leaves its pitch.
  @Test func partsAreMirrored() {
    let part = DrawnEllipsoid(at: [1, 2, 3], radii: [4, 5, 6], turn: [0.1, 0.2, 0.3])
    #expect(part.on(-1).at == [-1, 2, 3])
    #expect(part.on(-1).turn == [-0.1, 0.2, -0.3])
    #expect(part.on(1).at == part.at && part.on(1).turn == part.turn)
  }
}
