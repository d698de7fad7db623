import Painting
public import Support
public import Textures

extension GenerationSettings {
  /// Where a run takes its textures from.
  ///
  /// - Parameters:
  ///   - video: a folder of clips, `dead-leaves` for the built-in texture, or nil for what the recipe says.
  ///   - name: what the user called the recipe.
  ///   - seed: the seed of the run, from which the built-in texture is drawn.
  /// - Returns: nil for recipes without texture.
  /// - Throws: `MaskCTError` (usage) where the recipe wants clips and none are given.
  public static func texture(
    for recipe: Recipe, named name: String, video: String?, seed: UInt64
  ) throws(MaskCTError) -> Texture? {
    guard recipe.paint.needsTexture else { return nil }
    if video == "dead-leaves" || (video == nil && recipe.paint.texture.source == .deadLeaves) {
      return .deadLeaves(seed)
    }
    guard let video else {
      throw MaskCTError(
        .usage, "recipe '\(name)' fills with video and no clips are given",
        remedy: "name a folder with --video, or take the built-in texture with --video dead-leaves")
    }
    return .video(video)
  }
}

extension GenerationSettings.Texture {
  /// Opens the textures.
  ///
  /// - Parameter texture: where from; nil for recipes that use none.
  /// - Throws: `MaskCTError` for a folder without usable clips.
  public static func open(
    _ texture: GenerationSettings.Texture?, workers: Workers
  ) throws -> any TextureProvider {
    switch texture {
    case .video(let path): try VideoLibrary(path: path, workers: workers)
    case .deadLeaves(let seed): DeadLeavesLibrary(seed: seed, workers: workers)
    case nil: DeadLeavesLibrary(seed: 0, workers: workers)
    }
  }
}
