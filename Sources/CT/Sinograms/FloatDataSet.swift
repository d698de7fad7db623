internal import CHDF5
internal import Support

/// A data set of three axes, views x channels x rows, read and written by ranges of views.
struct FloatDataSet {
  /// Views, channels, rows.
  let shape: SIMD3<Int>
  private let handle: HDF5.Handle

  /// Opens a data set and checks what it claims against the file, before anything is allocated for it.
  ///
  /// - Parameter fileSize: size of the whole file, bytes.
  /// - Throws: the problem and the remedy, without a file name.
  init(opening name: String, in parent: HDF5.Handle, fileSize: Int, path: String) throws {
    func refuse(_ problem: String, _ remedy: String) -> MaskCTError {
      MaskCTError(.input, path: path, problem, remedy: remedy)
    }
    guard let opened = HDF5.open(name, in: parent, as: H5O_TYPE_DATASET),
      let space = HDF5.Handle(H5Dget_space(opened.id), { H5Sclose($0) }),
      let type = HDF5.Handle(H5Dget_type(opened.id), { H5Tclose($0) }),
      let layout = HDF5.Handle(H5Dget_create_plist(opened.id), { H5Pclose($0) })
    else {
      throw refuse(
        "holds no data set '\(name)'",
        "write it as docs/reference/sinograms.md says, in this very file")
    }
    guard H5Tget_class(type.id) == H5T_FLOAT, [4, 8].contains(H5Tget_size(type.id)) else {
      throw refuse("'\(name)' does not hold floating-point numbers", "write float32")
    }
    var sizes = [hsize_t](repeating: 0, count: 32)
    guard H5Sget_simple_extent_ndims(space.id) == 3,
      H5Sget_simple_extent_dims(space.id, &sizes, nil) == 3,
      sizes[0..<3].allSatisfy({ (1...1 << 31).contains($0) })
    else {
      throw refuse("'\(name)' has not three axes", "write views x channels x rows")
    }
    shape = SIMD3(Int(sizes[0]), Int(sizes[1]), Int(sizes[2]))
    let (view, overflow) = shape.y.multipliedReportingOverflow(by: shape.z * H5Tget_size(type.id))
    let (bytes, tooMany) = view.multipliedReportingOverflow(by: shape.x)
    guard !overflow, !tooMany else {
      throw refuse("'\(name)' claims more readings than can be", "write the file again")
    }
    try Self.check(layout, name: name, view: view, refuse)
    // Deflate shortens to 1/1032 at best, so fewer bytes than that cannot be what the shape says.
    let filters = H5Pget_nfilters(layout.id)
    let stored = Int(clamping: H5Dget_storage_size(opened.id))
    guard stored <= fileSize, stored >= (filters > 0 ? bytes / 1100 : bytes) else {
      throw refuse(
        "'\(name)' claims \(bytes) bytes of readings, and the file holds \(stored)",
        "the file is cut short or damaged: copy or write it again")
    }
    handle = try Self.withCache(opened, name: name, parent: parent, layout: layout, view: view)
  }

  /// Refuses storage outside of the file, filters that need code of others, and huge chunks.
  private static func check(
    _ layout: HDF5.Handle, name: String, view: Int, _ refuse: (String, String) -> MaskCTError
  ) throws {
    let kind = H5Pget_layout(layout.id)
    guard kind == H5D_CONTIGUOUS || kind == H5D_CHUNKED, H5Pget_external_count(layout.id) == 0
    else {
      throw refuse(
        "the readings of '\(name)' lie outside of the file or inside its header",
        "write them into the file, contiguous or chunked")
    }
    let known = [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32]
    for index in 0..<max(0, H5Pget_nfilters(layout.id)) {
      var flags: UInt32 = 0
      var values = 0
      let filter = H5Pget_filter2(
        layout.id, UInt32(index), &flags, &values, nil, 0, nil, nil)
      guard known.contains(filter) else {
        throw refuse(
          "'\(name)' is stored with filter \(filter)", "use gzip, shuffle and fletcher32 only")
      }
    }
    guard kind == H5D_CHUNKED else { return }
    guard let bytes = chunk(of: layout).map({ $0.x * $0.y * $0.z * 8 }), bytes <= 1 << 30 else {
      throw refuse("'\(name)' is stored in chunks of more than 1 GiB", "use chunks of some views")
    }
  }

  private static func chunk(of layout: HDF5.Handle) -> SIMD3<Int>? {
    var sizes = [hsize_t](repeating: 0, count: 32)
    guard H5Pget_chunk(layout.id, 32, &sizes) == 3,
      sizes[0..<3].allSatisfy({ (1...1 << 20).contains($0) })
    else { return nil }
    return SIMD3(Int(sizes[0]), Int(sizes[1]), Int(sizes[2]))
  }

  /// Opens it again with room for a layer of chunks, which successive reads of some views share.
  private static func withCache(
    _ opened: HDF5.Handle, name: String, parent: HDF5.Handle, layout: HDF5.Handle, view: Int
  ) throws -> HDF5.Handle {
    guard H5Pget_layout(layout.id) == H5D_CHUNKED, let chunk = chunk(of: layout),
      let access = HDF5.Handle(H5Pcreate(maskct_h5_dataset_access()), { H5Pclose($0) })
    else { return opened }
    let (layer, overflow) = view.multipliedReportingOverflow(by: 2 * chunk.x)
    guard !overflow,
      H5Pset_chunk_cache(access.id, 12421, min(max(layer, 1 << 20), 1 << 30), 1) >= 0,
      let again = HDF5.Handle(H5Dopen2(parent.id, name, access.id), { H5Dclose($0) })
    else { return opened }
    return again
  }

  /// Creates a contiguous data set of float32, its room in the file set aside.
  ///
  /// It bears no time of writing, so that equal readings are equal bytes.
  ///
  /// - Returns: `nil` where there is no room.
  init?(creating name: String, in parent: HDF5.Handle, shape: SIMD3<Int>) {
    self.shape = shape
    let sizes = [hsize_t(shape.x), hsize_t(shape.y), hsize_t(shape.z)]
    guard let space = HDF5.Handle(H5Screate_simple(3, sizes, nil), { H5Sclose($0) }),
      let layout = HDF5.Handle(H5Pcreate(maskct_h5_dataset_create()), { H5Pclose($0) }),
      H5Pset_obj_track_times(layout.id, false) >= 0,
      H5Pset_alloc_time(layout.id, H5D_ALLOC_TIME_EARLY) >= 0,
      H5Pset_fill_time(layout.id, H5D_FILL_TIME_NEVER) >= 0,
      let created = HDF5.Handle(
        H5Dcreate2(parent.id, name, maskct_h5_stored_float(), space.id, 0, layout.id, 0),
        { H5Dclose($0) })
    else { return nil }
    handle = created
  }

  /// Reads views into `[view][channel][row]` without gaps.
  ///
  /// - Returns: whether that worked.
  func read(_ views: Range<Int>, into values: UnsafeMutablePointer<Float>) -> Bool {
    select(views) { H5Dread(handle.id, maskct_h5_float(), $0, $1, 0, values) }
  }

  /// Writes views from `[view][channel][row]` without gaps.
  ///
  /// - Returns: whether that worked.
  func write(_ views: Range<Int>, from values: UnsafePointer<Float>) -> Bool {
    select(views) { H5Dwrite(handle.id, maskct_h5_float(), $0, $1, 0, values) }
  }

  private func select(_ views: Range<Int>, _ transfer: (hid_t, hid_t) -> herr_t) -> Bool {
    let start = [hsize_t(views.lowerBound), 0, 0]
    let count = [hsize_t(views.count), hsize_t(shape.y), hsize_t(shape.z)]
    guard let file = HDF5.Handle(H5Dget_space(handle.id), { H5Sclose($0) }),
      let memory = HDF5.Handle(H5Screate_simple(3, count, nil), { H5Sclose($0) }),
      H5Sselect_hyperslab(file.id, H5S_SELECT_SET, start, nil, count, nil) >= 0
    else { return false }
    return transfer(memory.id, file.id) >= 0
  }
}
