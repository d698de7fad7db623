import Support

/// What the Python process is asked to do; sent as one line of JSON.
///
/// The fields are the arguments of the function named `command` in the Python file, for Training
/// `Resources/maskct_nnunet.py`, in snake case.
package protocol DriverRequest: Encodable {
  /// What comes back when it is done.
  associatedtype Answer: Decodable
  /// What it reports before that.
  associatedtype Event: Decodable = DriverEvent
  /// The function's name.
  static var command: String { get }
}

/// What a request without a result of its own answers.
package struct Done: Decodable {}

/// Chooses the device; the first request.
package struct StartRequest: DriverRequest {
  package static let command = "start"
  var device: String
  var threads: Int

  /// Where the process computes.
  package struct Answer: Decodable {
    /// `cpu` or `cuda`.
    var device: String
    /// `CPU`, or the name of the GPU.
    var name: String
  }
}

/// Measures shapes and spacings of all cases.
struct FingerprintRequest: DriverRequest {
  typealias Answer = Done
  static let command = "fingerprint"
  var dataset: String
  var workers: Int
}

/// Writes the fixed normalisation into the fingerprint.
struct SetIntensitiesRequest: DriverRequest {
  static let command = "set_intensities"
  var dataset: String
  var intensities: IntensityStatistics

  /// What the fingerprint says of the cases; axes are z, y, x of the patient.
  struct Answer: Decodable {
    /// Spacing of every case, mm.
    var spacings: [[Double]]
    /// Voxels of every case.
    var shapes: [[Double]]
  }
}

/// Lets nnU-Net plan.
struct PlanRequest: DriverRequest {
  static let command = "plan"
  var dataset: String
  var plans: String

  /// What it planned.
  struct Answer: Decodable {
    /// nnU-Net's `transpose_forward`.
    var transpose: [Int]
  }
}

/// Adds the configuration `small` to the plans.
struct AddConfigurationRequest: DriverRequest {
  typealias Answer = Done
  static let command = "add_configuration"
  var dataset: String
  var plans: String
  var name: String
  var sizes: SmallConfiguration
}

/// Normalises and resamples all cases.
struct PreprocessRequest: DriverRequest {
  typealias Answer = Done
  static let command = "preprocess"
  var dataset: String
  var plans: String
  var configuration: String
  var workers: Int
}

/// Trains, from the last checkpoint if `resume`.
struct TrainRequest: DriverRequest {
  typealias Answer = Done
  static let command = "train"
  var dataset: String
  var plans: String
  var configuration: String
  /// `all` or a number.
  var fold: String
  /// Where checkpoints go.
  var folder: String
  var resume: Bool
  var workers: Int
  var validate: Bool
  var settings: TrainerSettings
}

/// Segments images.
struct PredictRequest: DriverRequest {
  typealias Answer = Done
  static let command = "predict"
  /// The model's folder.
  var model: String
  var folds: [String]
  var checkpoint: String
  /// How far the sliding window moves, in patches.
  var step: Double
  var mirroring: Bool
  var precision = "auto"
  var largestComponent: Bool
  /// Image and label map of every case.
  var files: [[String]]
}

/// One line that nnU-Net's process writes while it works; which fields there are depends on `event`.
package struct DriverEvent: Decodable, Sendable {
  /// `case`, `range`, `predicted`, or one of the trainer's: `start`, `step`, `epoch`.
  package var event: String

  // case, predicted
  /// Pieces of work that are done.
  package var done: Int?
  /// All pieces of work.
  package var total: Int?

  // range, predicted
  /// An image.
  package var file: String?
  /// Its smallest value.
  package var minimum: Double?
  /// Its greatest value.
  package var maximum: Double?
  /// Its label map.
  package var output: String?
  /// Why there is no label map.
  package var error: String?

  // start, step, epoch
  /// The epoch, from 1; of `start` the number of epochs that are done.
  package var epoch: Int?
  /// The number of epochs.
  package var epochs: Int?
  /// Iterations done in this epoch.
  package var step: Int?
  /// Iterations per epoch.
  package var iterations: Int?
  /// Mean loss over the epoch.
  package var trainLoss: Double?
  /// The same on validation patches.
  package var validationLoss: Double?
  /// Dice over validation patches, one per structure; NaN where no patch held it.
  package var pseudoDice: [Double]?
  /// How long an epoch or a case took.
  package var seconds: Double?
  /// How many epochs come first at half the resolution.
  package var coarseEpochs: Int?

  /// Reads a line; `nil` for anything else, such as half a line that a killed process left.
  package init?(line: some StringProtocol) {
    guard let event = JSONFile.line(DriverEvent.self, line) else { return nil }
    self = event
  }
}
