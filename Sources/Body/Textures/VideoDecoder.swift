import FoundationEssentials
public import Support

/// What FFmpeg says of a video file before it is decoded.
public struct VideoInfo: Equatable, Sendable {
  /// Pixels along a row.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Frames per second, 0 where unknown.
  public var rate: Double
  /// Frames in all, 0 where unknown.
  public var frames: Int
}

/// Decodes video files to grey clips through an `ffmpeg` child process.
///
/// Any format that FFmpeg reads. Frames are scaled down while decoding, to at most `longEdge` pixels
/// on the longer edge, and at most `maximumFrames` are kept, taken from the middle of the clip (a
/// clip of 512 x 384 x 216 bytes takes 42 MB). The same file gives the same pixels with the same
/// FFmpeg.
public struct VideoDecoder: Sendable {
  /// Pixels on the longer edge at most.
  public var longEdge: Int
  /// Frames at most.
  public var maximumFrames: Int
  /// Frames at least; a shorter clip is refused.
  public var minimumFrames = 8
  /// Luminance deviation (grey levels of 256) below which a clip is refused as showing nothing.
  public var minimumDeviation = 4.0
  /// Seconds that FFmpeg may take to print anything; a clip's first picture takes one at the most.
  public var patience = 120
  /// The program that decodes.
  public var ffmpeg: String
  /// The program that probes.
  public var ffprobe: String

  /// Creates a decoder.
  public init(
    longEdge: Int = 384, maximumFrames: Int = 512, ffmpeg: String = "ffmpeg",
    ffprobe: String = "ffprobe"
  ) {
    self.longEdge = longEdge
    self.maximumFrames = maximumFrames
    self.ffmpeg = ffmpeg
    self.ffprobe = ffprobe
  }

  /// Reads a file's size, rate and length.
  ///
  /// - Throws: `MaskCTError` where FFmpeg is not installed, or finds no video in the file.
  public func probe(path: String) throws(MaskCTError) -> VideoInfo {
    let outcome = try run(
      ffprobe,
      [
        "-v", "error", "-protocol_whitelist", "file", "-select_streams", "v:0", "-show_entries",
        "stream=width,height,avg_frame_rate,nb_frames,duration:format=duration", "-of",
        "default=noprint_wrappers=1", Self.url(path),
      ], path: path, outputLimit: 1 << 20)
    var fields: [Substring: Substring] = [:]
    for line in String(decoding: outcome.output, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1)
      // The stream's own duration stands first and wins over the container's.
      if parts.count == 2, fields[parts[0]] == nil || fields[parts[0]] == "N/A" {
        fields[parts[0]] = parts[1]
      }
    }
    guard outcome.exitCode == 0, let width = fields["width"].flatMap({ Int($0) }),
      let height = fields["height"].flatMap({ Int($0) }), width > 0, height > 0
    else { throw unreadable(path, outcome.errors) }
    let rate = (fields["avg_frame_rate"] ?? "").split(separator: "/").compactMap { Double($0) }
    let perSecond = rate.count == 2 && rate[1] > 0 ? rate[0] / rate[1] : 0
    let duration = fields["duration"].flatMap { Double($0) } ?? 0
    let frames = fields["nb_frames"].flatMap { Int($0) } ?? Int(min(duration * perSecond, 1e9))
    return VideoInfo(width: width, height: height, rate: perSecond, frames: max(0, frames))
  }

  /// Decodes a file into a clip without borders.
  ///
  /// - Throws: `MaskCTError` where FFmpeg is not installed, cannot read the file, or the clip is too
  ///   short, too small or shows (nearly) nothing but one luminance.
  public func decode(path: String, name: String) throws(MaskCTError) -> Clip {
    let info = try probe(path: path)
    var start = 0.0
    if info.frames > maximumFrames, info.rate > 0 {
      start = Double(info.frames - maximumFrames) / 2 / info.rate
    }
    var clip = try decode(path: path, name: name, start: start)
    if start > 0, clip.frames < minimumFrames {
      // The file's own idea of its length was wrong.
      clip = try decode(path: path, name: name, start: 0)
    }
    guard clip.frames >= minimumFrames else {
      throw MaskCTError(
        .input, path: path,
        "has only \(clip.frames) frame\(clip.frames == 1 ? "" : "s") of video",
        remedy: "give a clip of at least \(minimumFrames) frames")
    }
    let picture = clip.croppedToPicture()
    guard min(picture.width, picture.height) >= 32 else {
      throw MaskCTError(
        .input, path: path, "shows a picture of only \(picture.width) x \(picture.height) pixels",
        remedy: "give a clip of at least 32 x 32 pixels")
    }
    guard picture.statistics.deviation >= minimumDeviation else {
      throw MaskCTError(
        .input, path: path, "shows next to nothing: its luminance hardly changes",
        remedy: "remove it from the video folder, or give a clip with some contrast")
    }
    return picture
  }

  private func decode(path: String, name: String, start: Double) throws(MaskCTError) -> Clip {
    let milliseconds = Int((start * 1000).rounded())
    let thousandths = String(1000 + milliseconds % 1000).dropFirst()
    let edge = "\(longEdge)"
    // Frames get even time stamps: with the default they would be dropped or doubled to a constant
    // rate. The options of the scaler make its result independent of the machine.
    let filter =
      "scale=w='min(\(edge),iw)':h='min(\(edge),ih)':force_original_aspect_ratio=decrease"
      + ":flags=area+accurate_rnd+full_chroma_int+bitexact,setpts=N/25/TB"
    let outcome = try run(
      ffmpeg,
      [
        "-v", "error", "-nostdin", "-protocol_whitelist", "file", "-ss",
        "\(milliseconds / 1000).\(thousandths)", "-i", Self.url(path), "-map", "0:v:0", "-an",
        "-sn", "-dn", "-vf", filter, "-r", "25", "-frames:v", "\(maximumFrames)", "-pix_fmt",
        "gray", "-strict", "-1", "-f", "yuv4mpegpipe", "pipe:1",
      ], path: path, outputLimit: (longEdge * longEdge + 64) * maximumFrames + 1024)
    // What a program that was stopped has printed would be another, shorter clip.
    guard outcome.exitCode < 128 else {
      throw MaskCTError(
        .environment, path: path,
        "reading it was cut short: \(ffmpeg) was ended by signal \(outcome.exitCode - 128)",
        remedy: "see that the machine has memory left, and go on with --resume")
    }
    guard outcome.exitCode == 0, let clip = Self.clip(yuv4mpeg: outcome.output, name: name) else {
      throw unreadable(path, outcome.errors)
    }
    return clip
  }

  /// `file:` in front: so that a name that begins with `-` is not taken for an option, nor one with a colon for a protocol.
  static func url(_ path: String) -> String { "file:" + path }

  /// Reads the container that names its own picture size: a line `YUV4MPEG2 W320 H240 ...`, then for
  /// every frame a line `FRAME` and `W * H` bytes. Frames cut off at the end are left out.
  static func clip(yuv4mpeg bytes: [UInt8], name: String) -> Clip? {
    guard let headEnd = bytes.firstIndex(of: 0x0A), headEnd < 1024 else { return nil }
    var width = 0
    var height = 0
    for field in String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: " ") {
      if field.hasPrefix("W") { width = Int(field.dropFirst()) ?? 0 }
      if field.hasPrefix("H") { height = Int(field.dropFirst()) ?? 0 }
    }
    guard width > 0, height > 0, width * height < 1 << 30 else { return nil }
    var planes: [UInt8] = []
    planes.reserveCapacity(bytes.count)
    var frames = 0
    var position = headEnd + 1
    while let lineEnd = bytes[position...].prefix(256).firstIndex(of: 0x0A) {
      let end = lineEnd + 1 + width * height
      guard end <= bytes.count else { break }
      planes += bytes[lineEnd + 1..<end]
      frames += 1
      position = end
    }
    guard frames > 0 else { return nil }
    return Clip(name: name, width: width, height: height, frames: frames, planes: planes)
  }

  private func run(_ program: String, _ arguments: [String], path: String, outputLimit: Int)
    throws(MaskCTError) -> BlockingProcess.Outcome
  {
    do throws(BlockingProcess.Failure) {
      return try BlockingProcess.run(
        program, arguments, outputLimit: outputLimit, patience: patience)
    } catch {
      switch error {
      case .notFound:
        throw MaskCTError(
          .environment, "\(program) is not installed, and is needed to read video",
          remedy: "install it: sudo apt-get install -y ffmpeg (macOS: brew install ffmpeg)")
      case .refused(let code):
        throw MaskCTError(
          .environment, "\(program) could not be started (system error \(code))",
          remedy: "check that it can be run and that the machine has memory and processes left")
      case .silent(let seconds):
        throw MaskCTError(
          .environment, path: path,
          "\(program) gave nothing of it for \(seconds) s and was stopped",
          remedy: "check that the disk can be read, and go on with --resume")
      }
    }
  }

  private func unreadable(_ path: String, _ errors: String) -> MaskCTError {
    // FFmpeg's last line names the cause; the file's name in it is already at the front of ours.
    let lines = errors.split(whereSeparator: \.isNewline).map { line in
      line.replacing(Self.url(path) + ": ", with: "").replacing(Self.url(path), with: "the file")
    }
    let cause = lines.last.map { " (FFmpeg: \($0))" } ?? ""
    return MaskCTError(
      .input, path: path, "is not a video that FFmpeg can read\(cause)",
      remedy: "remove it, or convert it to MP4")
  }
}
