public import Support

/// A provider of dead-leaves clips: the built-in stand-in for a folder of video.
///
/// Clip `dead-leaves-SEED-NUMBER` depends on that name and on the texture's size alone, so a
/// record that names it can be replayed.
public final class DeadLeavesLibrary: TextureProvider {
  /// `dead-leaves-7-0`, `dead-leaves-7-1`, ...
  public let clipNames: [String]
  private let texture: DeadLeaves
  private let seed: UInt64
  private let cache: ClipCache
  private let workers: Workers

  /// Clips of the usual size. They depend on their names alone, so that all libraries of a process share them: a dataset
  /// and the replay of its cases, or the arms of an experiment.
  private static let shared = ClipCache(limit: Workers().cacheSize(700_000_000))

  /// Creates a library of `count` clips.
  ///
  /// - Parameter cacheLimit: bytes of rendered clips to keep in a cache of the library's own (a clip takes one byte a pixel
  ///   and frame); without it, that of all libraries of textures of the usual size.
  public init(
    seed: UInt64, count: Int = 24, texture: DeadLeaves = DeadLeaves(), cacheLimit: Int? = nil,
    workers: Workers = Workers()
  ) {
    self.seed = seed
    self.texture = texture
    self.workers = workers
    cache =
      cacheLimit == nil && texture == DeadLeaves()
      ? Self.shared : ClipCache(limit: workers.cacheSize(cacheLimit ?? 700_000_000))
    clipNames = (0..<max(1, count)).map { "dead-leaves-\(seed)-\($0)" }
  }

  /// Renders the clip of that name, or takes it from the cache.
  public func clip(named name: String) throws(MaskCTError) -> Clip {
    let parts = name.split(separator: "-")
    guard parts.count == 4, name.hasPrefix("dead-leaves-"), let seed = UInt64(parts[2]),
      let number = Int(parts[3])
    else {
      throw MaskCTError(
        .input, "there is no built-in texture clip '\(name)'",
        remedy: "its names are dead-leaves-SEED-NUMBER; was the record made with video clips?")
    }
    return try cache.clip(name) { () throws(MaskCTError) in
      texture.clip(
        name: name, stream: RandomStream(seed: seed).split("dead-leaves clip").split(number),
        workers: workers)
    }
  }
}
