import Anatomy
import Volumes

/// The body that no label covers, as the anatomy module completes it.
enum Surroundings {
  /// The structures that a completion may hold, by name.
  static let structures: [String] = []

  /// The completion of a map, or nothing while there is none.
  static func make(
    for map: AnatomicalMap, marginBefore: Double, marginAfter: Double, stream: RandomStream,
    workers: Workers
  ) -> AnatomicalMap? { nil }
}
