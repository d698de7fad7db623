package import CHDF5
internal import Support

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The few calls of HDF5 that sinograms need, over handles that close themselves.
///
/// Only objects inside the file itself are followed: no links to other files, no external storage, no
/// virtual data sets, and no filter that would have to be loaded. Visible in the package for what writes hostile files.
package enum HDF5 {
  /// The library keeps state of its own and is built without threads in mind: one call at a time. Recursive,
  /// because handles also close within calls.
  nonisolated(unsafe) private static let lock: UnsafeMutablePointer<pthread_mutex_t> = {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, &attributes)
    return mutex
  }()

  /// Runs calls of the library while no other thread does.
  package static func call<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(lock)
    defer {
      // The result says what failed; a stack of errors that stays keeps the library from closing.
      maskct_h5_forget()
      pthread_mutex_unlock(lock)
    }
    // Every time: some builds of the library keep this setting a thread.
    maskct_h5_quiet()
    return try body()
  }

  /// An open file, group, attribute, type or space.
  package final class Handle {
    package let id: hid_t
    private let close: (hid_t) -> herr_t

    /// - Returns: `nil` for the negative number that tells a failure.
    package init?(_ id: hid_t, _ close: @escaping (hid_t) -> herr_t) {
      guard id >= 0 else { return nil }
      self.id = id
      self.close = close
    }

    deinit { _ = HDF5.call { close(id) } }
  }

  /// Opens a file, to read or, to create one, to write.
  ///
  /// Without HDF5's lock on the file, which some file systems of clusters refuse and which a child process started while
  /// a file was written would keep. Ours need none: they get their name when they are complete.
  static func file(_ path: String, new: Bool = false) -> Handle? {
    guard let access = Handle(H5Pcreate(maskct_h5_file_access()), { H5Pclose($0) }),
      maskct_h5_without_locks(access.id) >= 0
    else { return nil }
    return Handle(
      new
        ? H5Fcreate(path, maskct_h5_truncate(), 0, access.id)
        : H5Fopen(path, maskct_h5_read_only(), access.id), { H5Fclose($0) })
  }

  /// A group or data set of that name that lies in the file itself.
  static func open(_ name: String, in parent: Handle, as type: H5O_type_t) -> Handle? {
    var link = H5L_info_t()
    guard H5Lget_info(parent.id, name, &link, 0) >= 0, link.type == H5L_TYPE_HARD,
      let object = Handle(H5Oopen(parent.id, name, 0), { H5Oclose($0) })
    else { return nil }
    let found = H5Iget_type(object.id)
    return found == (type == H5O_TYPE_GROUP ? H5I_GROUP : H5I_DATASET) ? object : nil
  }

  /// The numbers of an attribute, `nil` where it is missing, no number, or not `count` of them.
  static func numbers(_ name: String, of object: Handle, count: Int = 1) -> [Double]? {
    guard let attribute = attribute(name, of: object),
      let space = Handle(H5Aget_space(attribute.id), { H5Sclose($0) }),
      H5Sget_simple_extent_npoints(space.id) == hssize_t(count),
      let type = Handle(H5Aget_type(attribute.id), { H5Tclose($0) })
    else { return nil }
    let kind = H5Tget_class(type.id)
    guard kind == H5T_FLOAT || kind == H5T_INTEGER else { return nil }
    var values = [Double](repeating: .nan, count: count)
    guard H5Aread(attribute.id, maskct_h5_double(), &values) >= 0 else { return nil }
    return values
  }

  /// The text of an attribute of at most 4096 bytes, of fixed or variable length.
  static func text(_ name: String, of object: Handle) -> String? {
    guard let attribute = attribute(name, of: object),
      let space = Handle(H5Aget_space(attribute.id), { H5Sclose($0) }),
      H5Sget_simple_extent_npoints(space.id) == 1,
      let type = Handle(H5Aget_type(attribute.id), { H5Tclose($0) }),
      H5Tget_class(type.id) == H5T_STRING
    else { return nil }
    if H5Tis_variable_str(type.id) > 0 {
      var pointer: UnsafeMutablePointer<CChar>?
      guard H5Aread(attribute.id, type.id, &pointer) >= 0, let text = pointer else { return nil }
      defer { H5free_memory(text) }
      return String(cString: text)
    }
    let size = H5Tget_size(type.id)
    guard (1...4096).contains(size) else { return nil }
    var bytes = [UInt8](repeating: 0, count: size)
    guard H5Aread(attribute.id, type.id, &bytes) >= 0 else { return nil }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func attribute(_ name: String, of object: Handle) -> Handle? {
    guard H5Aexists(object.id, name) > 0 else { return nil }
    return Handle(H5Aopen(object.id, name, 0)) { H5Aclose($0) }
  }

  /// Writes numbers as an attribute; one number as a scalar.
  ///
  /// - Returns: whether that worked.
  static func write(_ values: [Double], as name: String, to object: Handle) -> Bool {
    write(values, maskct_h5_double(), maskct_h5_stored_double(), name, object)
  }

  /// Writes whole numbers as an attribute; one number as a scalar.
  static func write(_ values: [Int64], as name: String, to object: Handle) -> Bool {
    write(values, maskct_h5_int64(), maskct_h5_stored_int64(), name, object)
  }

  private static func write<Number: BitwiseCopyable>(
    _ values: [Number], _ memory: hid_t, _ stored: hid_t, _ name: String, _ object: Handle
  ) -> Bool {
    var count = hsize_t(values.count)
    guard
      let space = Handle(
        values.count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nil),
        { H5Sclose($0) }),
      let attribute = Handle(
        H5Acreate2(object.id, name, stored, space.id, 0, 0), { H5Aclose($0) })
    else { return false }
    return values.withUnsafeBytes { H5Awrite(attribute.id, memory, $0.baseAddress) } >= 0
  }

  /// Writes a text as an attribute, in UTF-8.
  static func write(_ text: String, as name: String, to object: Handle) -> Bool {
    let bytes = Array(text.utf8) + [0]
    guard let type = Handle(H5Tcopy(maskct_h5_c_string()), { H5Tclose($0) }),
      H5Tset_size(type.id, bytes.count) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0,
      let space = Handle(H5Screate(H5S_SCALAR), { H5Sclose($0) }),
      let attribute = Handle(
        H5Acreate2(object.id, name, type.id, space.id, 0, 0), { H5Aclose($0) })
    else { return false }
    return H5Awrite(attribute.id, type.id, bytes) >= 0
  }
}
