import FoundationEssentials
import Support
import TestSupport
import Testing
@testable import Textures

private let video = repositoryRoot() + "/../shared/data/video"
private let hasVideo = FileManager.default.fileExists(atPath: video)
private let hasFFmpeg =
  (try? BlockingProcess.run("ffmpeg", ["-version"]))?.exitCode == 0
  && (try? BlockingProcess.run("ffprobe", ["-version"]))?.exitCode == 0

private func repositoryRoot() -> String {
  #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
}

/// A folder that goes when the test ends.
private final class Folder {
  let path: String

  init() throws {
    path = temporaryFolder + "/maskct-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a test clip made by FFmpeg.
  func add(_ name: String, source: String, _ options: [String] = []) throws {
    let outcome = try BlockingProcess.run(
      "ffmpeg",
      ["-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", source] + options
        + ["file:" + path + "/" + name])
    try #require(outcome.exitCode == 0, "\(outcome.errors)")
  }

  func add(_ name: String, bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: path + "/" + name))
  }
}

private let temporaryFolder = FileManager.default.temporaryDirectory.path(
  percentEncoded: false
).trimmed

extension String {
  fileprivate var trimmed: String { hasSuffix("/") ? String(dropLast()) : self }
}

@Suite(.enabled(if: Requirement.allows(hasFFmpeg), "ffmpeg is not installed"))
struct VideoLibraryTests {
  @Test func decodesAndScales() throws {
    let folder = try Folder()
    try folder.add("a.mp4", source: "testsrc2=size=640x360:rate=25:duration=2")
    let library = try VideoLibrary(path: folder.path)
    #expect(library.clipNames == ["a.mp4"])
    let clip = try library.clip(named: "a.mp4")
    #expect(clip.width == 384)
    #expect(clip.height == 216)
    #expect(clip.frames == 50)
    #expect(clip.statistics.deviation > 30)
    #expect(library.cachedByteCount == clip.byteCount)
    #expect(library.warnings.isEmpty)
  }

  @Test func takesTheMiddleOfALongClip() throws {
    let folder = try Folder()
    // Luminance rises with time: the frames kept are those around the middle.
    try folder.add(
      "long.mkv",
      source:
        "nullsrc=size=64x64:rate=20:duration=10,geq=lum='min(235,N)+20*mod(X,2)':cb=128:cr=128",
      ["-c:v", "ffv1"])
    let clip = try VideoDecoder(maximumFrames: 40)
      .decode(path: folder.path + "/long.mkv", name: "long")
    #expect(clip.frames == 40)
    let first = clip.pixels[..<40]
    #expect(first.last! > first.first! + 30)
    // Frame 80 of 200 has luminance 80 of 16...235, that is 75 of 255.
    #expect(abs(Int(first.first!) - 75) <= 3, "\(first.first!)")
  }

  @Test func namesThatLookLikeOptionsAreFiles() throws {
    let folder = try Folder()
    try folder.add("-y.mp4", source: "testsrc2=size=64x48:rate=25:duration=1")
    try folder.add("a: b'c %d.mp4", source: "testsrc2=size=64x48:rate=25:duration=1")
    let library = try VideoLibrary(path: folder.path)
    #expect(library.clipNames == ["-y.mp4", "a: b'c %d.mp4"])
    #expect(library.warnings.isEmpty)
    for name in library.clipNames { #expect(try library.clip(named: name).frames == 25) }
  }

  @Test func letterboxBarsAreCut() throws {
    let folder = try Folder()
    try folder.add(
      "bars.mp4", source: "testsrc2=size=160x64:rate=25:duration=1",
      ["-vf", "pad=160:128:0:32:black"])
    let clip = try VideoLibrary(path: folder.path).clip(named: "bars.mp4")
    #expect(clip.width == 160)
    #expect((62...66).contains(clip.height), "\(clip.height)")
  }

  @Test func oneBrokenClipIsReportedAndSkipped() throws {
    let folder = try Folder()
    try folder.add("good.mp4", source: "testsrc2=size=64x48:rate=25:duration=1")
    try folder.add("grey.mp4", source: "color=gray:size=64x48:rate=25:duration=1")
    try folder.add("broken.mp4", bytes: Array("this is no video".utf8))
    try folder.add("notes.txt", bytes: Array("neither is this".utf8))
    let library = try VideoLibrary(path: folder.path)
    #expect(library.clipNames == ["good.mp4", "grey.mp4"])
    let warning = try #require(library.warnings.first)
    #expect(warning.path == folder.path + "/broken.mp4")
    #expect(warning.problem.contains("not a video that FFmpeg can read"))
    #expect(warning.remedy != nil)
    // A clip that shows nothing is found when it is drawn, passed over and reported.
    for seed in 0..<4 {
      #expect(try library.drawClips(2, stream: RandomStream(seed: UInt64(seed))) == ["good.mp4"])
    }
    #expect(library.warnings.count == 2)
    #expect(library.warnings[1].problem.contains("shows next to nothing"))
  }

  @Test func aLinkToAFolderIsThatFolder() throws {
    let folder = try Folder()
    try folder.add("clip.mp4", source: "testsrc2=size=64x48:rate=25:duration=1")
    let link = folder.path + "-link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
    defer { try? FileManager.default.removeItem(atPath: link) }
    #expect(try VideoLibrary(path: link).clipNames == ["clip.mp4"])
  }

  @Test func aFolderWithoutVideoIsAnError() throws {
    let folder = try Folder()
    let empty = #expect(throws: MaskCTError.self) { try VideoLibrary(path: folder.path) }
    #expect(empty?.problem == "this folder holds no video")
    try folder.add("a.mp4", bytes: [1, 2, 3])
    try folder.add("b.mp4", bytes: [])
    let broken = #expect(throws: MaskCTError.self) { try VideoLibrary(path: folder.path) }
    #expect(broken?.problem.contains("none of the 2 files") == true)
    let single = #expect(throws: MaskCTError.self) {
      try VideoLibrary(path: folder.path + "/a.mp4")
    }
    #expect(single?.path == folder.path + "/a.mp4")
    let missing = #expect(throws: MaskCTError.self) { try VideoLibrary(path: folder.path + "/no") }
    #expect(missing?.problem == "no such video file or folder")
  }

  @Test func aStillPictureIsTooShort() throws {
    let folder = try Folder()
    try folder.add("still.mp4", source: "testsrc2=size=64x48:rate=25:duration=0.1")
    let error = #expect(throws: MaskCTError.self) {
      try VideoDecoder().decode(path: folder.path + "/still.mp4", name: "s")
    }
    #expect(error?.description.contains("frames of video; give a clip of at least 8") == true)
  }

  @Test func theCacheForgetsTheOldestAndGivesTheSame() throws {
    let folder = try Folder()
    for name in ["a", "b", "c"] {
      try folder.add(
        name + ".mp4", source: "testsrc2=size=64x48:rate=25:duration=1:alpha=\(name == "a" ? 1 : 2)"
      )
    }
    let one = 64 * 48 * 25
    let small = try VideoLibrary(path: folder.path, cacheLimit: 2 * one)
    let large = try VideoLibrary(path: folder.path)
    var sizes: [String: Int] = [:]
    for name in ["a.mp4", "b.mp4", "c.mp4", "a.mp4", "c.mp4"] {
      sizes[name] = try large.clip(named: name).byteCount
      #expect(try small.clip(named: name) == large.clip(named: name))
      #expect(small.cachedByteCount <= 2 * one)
    }
    #expect(large.cachedByteCount == sizes.values.reduce(0, +))
  }

  @Test func manyThreadsShareTheCache() throws {
    let folder = try Folder()
    for name in ["a", "b", "c"] {
      try folder.add(name + ".mp4", source: "testsrc2=size=64x48:rate=25:duration=1")
    }
    let library = try VideoLibrary(path: folder.path, cacheLimit: 64 * 48 * 30)
    let expected = try library.clip(named: "b.mp4").pixels
    Workers(count: 8).forEach(40) { index in
      let name = ["a.mp4", "b.mp4", "c.mp4"][index % 3]
      let clip = try? library.clip(named: name)
      if index % 3 == 1 { #expect(clip?.pixels == expected) }
    }
  }

  @Test(.enabled(if: hasVideo, "the reference video is not here"))
  func readsTheReferenceVideo() throws {
    let library = try VideoLibrary(path: video)
    #expect(library.clipNames.count >= 10)
    #expect(library.warnings.isEmpty)
    let clip = try library.clip(named: library.clipNames[0])
    #expect(max(clip.width, clip.height) <= 384)
    #expect(clip.frames >= 8)
  }
}

@Suite struct VideoToolsTests {
  @Test func aMissingFFmpegNamesTheRemedy() throws {
    let folder = try Folder()
    try folder.add("a.mp4", bytes: [1, 2, 3])
    let decoder = VideoDecoder(ffmpeg: "no-such-ffmpeg", ffprobe: "no-such-ffprobe")
    let error = #expect(throws: MaskCTError.self) {
      try VideoLibrary(path: folder.path, decoder: decoder)
    }
    #expect(error?.kind == .environment)
    #expect(error?.description.contains("apt-get install") == true)
  }

  @Test func aChildThatPrintsMuchOnBothPipesDoesNotBlock() throws {
    let outcome = try BlockingProcess.run(
      "sh", ["-c", "head -c 500000 /dev/zero; head -c 300000 /dev/zero >&2; exit 3"])
    #expect(outcome.exitCode == 3)
    #expect(outcome.output.count == 500_000)
  }

  @Test func aChildIsStoppedAtItsLimit() throws {
    let outcome = try BlockingProcess.run("cat", ["/dev/zero"], outputLimit: 1 << 20)
    #expect(outcome.exitCode == 128 + 9)
    #expect(outcome.output.count <= 1 << 20)
  }

  @Test func aSilentChildIsStopped() {
    #expect(throws: BlockingProcess.Failure.silent(1)) {
      try BlockingProcess.run("sleep", ["600"], patience: 1)
    }
  }

  @Test func aClipOfAnFFmpegThatWasKilledIsNoShorterClip() throws {
    let folder = try Folder()
    try folder.add("a.mp4", source: "testsrc2=size=64x64:rate=25:duration=2")
    // Passes 20 whole frames of 50 on, then kills itself.
    let killed = folder.path + "/ffmpeg"
    try folder.add(
      "ffmpeg", bytes: Array("#!/bin/sh\nffmpeg \"$@\" | head -c 83000\nkill -9 $$\n".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: killed)
    let path = folder.path + "/a.mp4"
    #expect(try VideoDecoder().decode(path: path, name: "a").frames == 50)
    let error = #expect(throws: MaskCTError.self) {
      try VideoDecoder(ffmpeg: killed).decode(path: path, name: "a")
    }
    #expect(error?.kind == .environment)
    #expect(error?.description.contains("signal 9") == true, "\(error!)")
  }
}
