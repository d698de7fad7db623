public import Support
/// An array of voxels in another program's memory, such as NumPy's: read and written in place.
///
/// Voxel `(i, j, k)` is element `(k * shape.y + j) * shape.x + i`: first axis fastest, as in a file. An array
/// whose last axis is fastest is described with its axes the other way round.
public struct VoxelArray {
  /// How the array's axes lie in the patient.
  public let frame: FileFrame
  /// How a voxel is stored.
  public let type: VoxelType
  /// What messages call the array.
  public static let name = "array"

  /// Describes an array.
  ///
  /// - Parameters:
  ///   - shape: counts along its axes.
  ///   - affine: element index to RAS+ mm.
  /// - Throws: `MaskCTError` of kind `.input` for an affine that cannot be of an image.
  public init(shape: SIMD3<Int>, affine: Affine, type: VoxelType) throws {
    guard (0..<3).allSatisfy({ (1...1 << 20).contains(shape[$0]) }) else {
      throw MaskCTError(
        .input, path: Self.name, "has \(shape.x) x \(shape.y) x \(shape.z) voxels",
        remedy: "give a volume with three axes")
    }
    var header = NIfTIHeader()
    (header.sformCode, header.qformCode) = (1, 1)
    header.setGeometry(shape: shape, affine: affine)
    frame = FileFrame(
      header: header, shape: shape, affine: try header.affine(path: Self.name))
    self.type = type
  }

  /// The array as a volume of HU, copied into memory order.
  ///
  /// - Parameter start: the first element; `shape.x * shape.y * shape.z` of them are read.
  /// - Throws: `MaskCTError` of kind `.input` for values that are not finite.
  public func volume(at start: UnsafeRawPointer, workers: Workers) throws -> Volume<Float> {
    let values = try stored(start).values(VolumeDecoding.self, workers: workers)
    return Volume(grid: frame.grid, values: values)
  }

  /// The array as a label map, copied into memory order.
  ///
  /// - Parameter start: the first element; `shape.x * shape.y * shape.z` of them are read.
  /// - Throws: `MaskCTError` of kind `.input` for values that are no integers from 0 to 65535.
  public func labelMap(at start: UnsafeRawPointer, workers: Workers) throws -> LabelMap {
    let values = try stored(start).values(LabelDecoding.self, workers: workers)
    return LabelMap(grid: frame.grid, values: values)
  }

  private func stored(_ start: UnsafeRawPointer) -> StoredVoxels {
    StoredVoxels(frame: frame, type: type, base: start, name: Self.name)
  }
}

extension FileFrame {
  /// Writes HU into an array on this frame, as `NIfTI.write` writes a file's voxels: int16 rounded to nearest
  /// and saturated, or float32.
  ///
  /// - Precondition: the volume lies on this frame's grid; the array is aligned and has room for it.
  public func copy(
    _ volume: Volume<Float>, to target: UnsafeMutableRawPointer, isInteger: Bool, workers: Workers
  ) {
    if isInteger {
      permute(volume, to: target.assumingMemoryBound(to: Int16.self), Encode<Int16>(), workers)
    } else {
      permute(volume, to: target.assumingMemoryBound(to: Float.self), Encode<Float>(), workers)
    }
  }

  /// Writes labels into an array of uint8 on this frame.
  ///
  /// - Precondition: as `copy(_:to:isInteger:workers:)`; every label is below 256.
  public func copy(_ labels: LabelMap, to target: UnsafeMutableRawPointer, workers: Workers) {
    permute(labels, to: target.assumingMemoryBound(to: UInt8.self), LowByte(), workers)
  }

  private func permute<M: VoxelMapping>(
    _ volume: Volume<M.Source>, to target: UnsafeMutablePointer<M.Target>, _ mapping: M,
    _ workers: Workers
  ) {
    precondition(volume.grid.shape == grid.shape, "a volume is copied on its own frame")
    volume.values.withUnsafeBufferPointer { source in
      Volumes.permute(
        fileShape, from: source.baseAddress!, .memory(self), to: target, .file(fileShape),
        mapping: mapping, workers: workers)
    }
  }
}
