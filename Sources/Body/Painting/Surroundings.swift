import Anatomy
import Support

/// The body that no label covers, as the anatomy module completes it.
enum Surroundings {
  /// The completion of a map, in which the excluded structures do not occur.
  ///
  /// - Parameter options: everything else that is asked of the completion.
  static func make(
    for map: AnatomicalMap, excluded: [String], margins: (before: Double, after: Double),
    options: BodyCompletion.Options, seed: UInt64, workers: Workers
  ) throws(MaskCTError) -> AnatomicalMap {
    var options = options
    options.excluded = Set(excluded)
    return try BodyCompletion(options: options).complete(
      map, marginBefore: margins.before, marginAfter: margins.after,
      stream: RandomStream(seed: seed).split("completion"), workers: workers)
  }
}
