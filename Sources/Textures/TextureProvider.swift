public import Volumes

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
  /// on its file alone, so the draw can be repeated.
  ///
  /// - Throws: `MaskCTError` where no clip at all is usable.
  public func drawClips(_ count: Int, stream: RandomStream) throws(MaskCTError) -> [String] {
    var stream = stream
    var names = clipNames
    var drawn: [String] = []
    var failure: MaskCTError?
    // Fisher-Yates, one name at a time.
    while drawn.count < count, !names.isEmpty {
      let index = min(names.count - 1, Int(stream.uniform() * Double(names.count)))
      let name = names[index]
      names.swapAt(index, names.count - 1)
      names.removeLast()
      do throws(MaskCTError) {
        _ = try clip(named: name)
        drawn.append(name)
      } catch {
        failure = failure ?? error
      }
    }
    if drawn.isEmpty {
      throw failure
        ?? MaskCTError(.input, "there is no texture clip", remedy: "give a folder of video clips")
    }
    return drawn
  }
}
