import CHDF5
import Sinograms

/// A data set of readings, of any type, shape and storage.
struct HostileReadings {
  /// What the file says; the honest ones are written.
  var shape: [UInt64] = [40, 16, 1]
  var type = 0
  var value: Float = 1
  private var layout = 0
  private var chunk = 0
  private var filters: [Int] = []

  /// Another storage, and one more filter.
  mutating func change(layout: Int, chunk: Int, filter: Int) {
    (self.layout, self.chunk) = (layout, chunk)
    if filters.count < 4 { filters.append(filter) }
  }

  /// Writes it; readings that fit into 64 kB are `value`, and larger ones are left out.
  func write(_ name: String, in file: HDF5.Handle, outside: OutsideFiles?) {
    var shape = shape
    if type / 16 % 4 == 1 { shape.removeLast() }
    if type / 16 % 4 == 2 { shape.append(1) }
    guard let type = storedType,
      let creation = HDF5.Handle(H5Pcreate(maskct_h5_dataset_create()), { H5Pclose($0) }),
      let space = HDF5.Handle(
        H5Screate_simple(Int32(shape.count), shape, nil), { H5Sclose($0) })
    else { return }
    let small = shape.reduce(1.0) { $0 * Double($1) } <= 16384
    // Room for what is large would be set aside: late, it is a promise only.
    H5Pset_alloc_time(creation.id, small ? H5D_ALLOC_TIME_EARLY : H5D_ALLOC_TIME_LATE)
    prepare(creation, shape: shape, space: space, outside)
    guard
      let set = HDF5.Handle(
        H5Dcreate2(file.id, name, type.id, space.id, 0, creation.id, 0), { H5Dclose($0) })
    else { return }
    guard small, layout % 8 < 4 else { return }
    let kind = H5Tget_class(type.id)
    guard kind == H5T_FLOAT || kind == H5T_INTEGER else { return }
    H5Dwrite(
      set.id, maskct_h5_float(), 0, 0, 0, [Float](repeating: value, count: 1 << 14))
  }

  private func prepare(
    _ creation: HDF5.Handle, shape: [UInt64], space: HDF5.Handle, _ outside: OutsideFiles?
  ) {
    switch layout % 8 {
    case 1, 2: chunked(creation, shape)
    case 3: H5Pset_layout(creation.id, H5D_COMPACT)
    case 4:
      H5Pset_external(creation.id, outside?.floats.path ?? "", 0, hsize_t.max)
    case 5:
      H5Pset_virtual(
        creation.id, space.id, outside?.sinogram.path ?? "", "line_integrals", space.id)
    case 6:
      // Chunks that nobody ever wrote.
      H5Pset_alloc_time(creation.id, H5D_ALLOC_TIME_INCR)
      chunked(creation, shape)
    default: break
    }
  }

  private func chunked(_ creation: HDF5.Handle, _ shape: [UInt64]) {
    let edge = UInt64(max(1, chunk % 16)) << UInt64(chunk / 16 * 2)
    let sizes = shape.indices.map { min(max(1, shape[$0]), $0 == 0 ? edge : UInt64.max) }
    H5Pset_chunk(creation.id, Int32(sizes.count), sizes)
    for filter in filters {
      switch filter % 8 {
      case 0: H5Pset_deflate(creation.id, UInt32(filter / 8 % 10))
      case 1: H5Pset_shuffle(creation.id)
      case 2: H5Pset_fletcher32(creation.id)
      case 3:
        // Of no library. HDF5's own further filters are left out: while it makes a data set, some end the process.
        H5Pset_filter(creation.id, 32000 + H5Z_filter_t(filter / 8), 1, 0, nil)
      default: break
      }
    }
  }

  private var storedType: HDF5.Handle? {
    func copy(_ id: hid_t) -> HDF5.Handle? { HDF5.Handle(H5Tcopy(id)) { H5Tclose($0) } }
    switch type % 8 {
    case 1: return copy(maskct_h5_stored_double())
    case 2: return copy(maskct_h5_stored_int64())
    case 3: return copy(maskct_h5_c_string())
    case 4:
      let type = copy(maskct_h5_stored_float())
      if let type {
        H5Tset_order(type.id, H5T_ORDER_BE)
        H5Tset_fields(type.id, 20, 15, 5, 0, 10)
      }
      return type
    case 5: return HDF5.Handle(H5Tvlen_create(maskct_h5_float())) { H5Tclose($0) }
    case 6:
      let compound = HDF5.Handle(H5Tcreate(H5T_COMPOUND, 4)) { H5Tclose($0) }
      if let compound { H5Tinsert(compound.id, "value", 0, maskct_h5_float()) }
      return compound
    default: return copy(maskct_h5_stored_float())
    }
  }
}
