public import Support
import Synchronization

/// Where clips come from: a folder of video files, or the built-in dead-leaves texture.
///
/// A provider is shared by threads. What it returns for a name depends on that name alone, never on
/// what was asked before or on the number of threads.
public protocol TextureProvider: Sendable {
  /// The names of all clips that may be drawn, in a fixed order.
  var clipNames: [String] { get }

  /// The clip of that name.
  ///
  /// - Throws: `MaskCTError` where there is no such clip or it cannot be used.
  func clip(named name: String) throws(MaskCTError) -> Clip

  /// What is wrong with clips that were left out, by name; grows when a clip fails later on.
  var warnings: [MaskCTError] { get }
}

extension TextureProvider {
  /// Nothing to report.
  public var warnings: [MaskCTError] { [] }

  /// Draws up to `count` different usable clips, in the order they were drawn.
  ///
  /// A clip that proves unusable is passed over (see `warnings`); whether a clip is usable depends
  /// on its file alone, so the draw can be repeated. Clips are decoded on the workers' threads.
  ///
  /// - Throws: `MaskCTError` where no clip at all is usable.
  public func drawClips(_ count: Int, stream: RandomStream, workers: Workers = Workers())
    throws(MaskCTError) -> [String]
  {
    var stream = stream
    var names = clipNames
    // Fisher-Yates: the whole order first, then the first that are usable.
    for index in stride(from: names.count - 1, to: 0, by: -1) {
      names.swapAt(index, min(index, Int(stream.uniform() * Double(index + 1))))
    }
    var drawn: [String] = []
    var failure: MaskCTError?
    while drawn.count < count, !names.isEmpty {
      let batch = Array(names.prefix(count - drawn.count))
      names.removeFirst(batch.count)
      let results = Mutex<[Int: MaskCTError]>([:])
      workers.forEach(batch.count) { index in
        do throws(MaskCTError) {
          _ = try clip(named: batch[index])
        } catch {
          results.withLock { $0[index] = error }
        }
      }
      let failed = results.withLock { $0 }
      drawn += batch.indices.filter { failed[$0] == nil }.map { batch[$0] }
      failure = failure ?? failed.min { $0.key < $1.key }?.value
    }
    if drawn.isEmpty {
      throw failure
        ?? MaskCTError(.input, "there is no texture clip", remedy: "give a folder of video clips")
    }
    return drawn
  }
}
