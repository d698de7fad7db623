public import Textures
public import Tissues

/// Everything random in a painted body, drawn before anything is painted.
///
/// With the same anatomy, settings and clips it gives the same body.
public struct PaintDraw: Codable, Equatable, Sendable {
  /// The contrast phase of the patient.
  public var phase: ContrastPhase
  /// The clips of this case.
  public var clips: [String]
  /// Seed of what the patient is like: of the body completion, and of what its tissues share.
  public var bodySeed: UInt64
  /// Against gravity, in patient coordinates (right, anterior, superior), of length 1; `nil` where no structure has
  /// contents.
  public var up: [Double]?
  /// What each labelled structure is filled with.
  public var structures: [FillDraw]
  /// What each structure of the completed body is filled with, sorted by name: all that a completion may
  /// hold (`BodyCompletion.repertoire`), whether this one does or not.
  public var surroundings: [FillDraw]
  /// The cylinder, where one is painted.
  public var cylinder: CylinderDraw?
}

/// What one structure is filled with.
public struct FillDraw: Codable, Equatable, Sendable {
  /// The structure.
  public var structure: String
  /// Mean, HU.
  public var mean: Double
  /// Standard deviation from voxel to voxel, HU; 0 for one value.
  public var deviation: Double
  /// The texture, where it is not one value.
  public var texture: TextureDraw?
  /// What it is made of, laid over each other in this order; `nil` where it is one thing, with the mean and the
  /// deviation above.
  public var parts: [PartDraw]?
  /// What it holds; `nil` where it is not hollow.
  public var contents: ContentsDraw?
  /// The part of the mean that contrast medium makes, HU; `nil` for none. Used where a tube voltage is simulated.
  public var contrast: Double?
  /// How far the structure reaches beyond its label, mm; `nil` for not at all.
  public var offset: Double?
  /// What it is in MR; `nil` where only CT is made.
  public var magnetic: MagneticDraw?
}

extension FillDraw {
  /// Whether it says what the structure and all of its parts are in MR.
  var isMagnetic: Bool {
    magnetic != nil
      && ((parts ?? []) + (contents?.materials ?? []).flatMap { $0 })
        .allSatisfy { $0.magnetic != nil }
  }
}

/// What one structure is in MR.
public struct MagneticDraw: Codable, Equatable, Sendable {
  /// The tissue of this patient.
  public var tissue: MagneticTissue
  /// What its texture changes from voxel to voxel.
  public var texture: MagneticTexture
  /// Multiplies `texture`.
  public var scale: Double
}

/// The cylinder around a target.
public struct CylinderDraw: Codable, Equatable, Sendable {
  /// Half-axis along x, mm.
  public var radiusX: Double
  /// Half-axis along y, mm.
  public var radiusY: Double
  /// Exponent of the superellipse: 2 for an ellipse, more for flatter sides.
  public var exponent: Double
  /// The centre along x from the centre of the field of view, mm.
  public var offsetX: Double
  /// The centre along y from the centre of the field of view, mm.
  public var offsetY: Double
  /// Distribution of HU inside.
  public var distribution: [TargetDistribution.Component]
  /// The texture inside.
  public var texture: TextureDraw
}
