import CHDF5
import Sinograms

/// An attribute of a sinogram file, of any type and shape.
struct HostileAttribute {
  /// The group it belongs to; none is the file itself.
  var object: String
  var name: String
  var values: [Double]
  var text: String?
  var isThere = true
  /// 0 is the honest one.
  var type = 0
  /// 0 is the honest one.
  var space = 0

  static let objects = ["geometry", "protocol", "image"]

  /// All that docs/reference/sinograms.md lists.
  static let honest: [HostileAttribute] =
    [("format", "maskct sinogram")].map { .init(object: "", name: $0.0, values: [0], text: $0.1) }
    + [.init(object: "", name: "version", values: [1])]
    + [
      ("source_to_isocenter", 570), ("source_to_detector", 1040), ("fan_angle", 50),
      ("channel_offset", 0.25), ("row_height", 1), ("views_per_rotation", 32), ("pitch", 1),
      ("first_angle", 0), ("first_height", 0), ("water_attenuation", 0.02),
    ].map { .init(object: "geometry", name: $0.0, values: [$0.1]) }
    + [.init(object: "geometry", name: "scanner", values: [0], text: "fuzz")]
    + [("kernel", "smooth"), ("name", "fuzz")].map {
      .init(object: "protocol", name: $0.0, values: [0], text: $0.1)
    }
    + [
      ("slice_thickness", 2), ("resolution", 1), ("mas", 100), ("kvp", 120), ("energy", 70),
    ].map { .init(object: "protocol", name: $0.0, values: [$0.1]) }
    + [
      .init(object: "image", name: "shape", values: [4, 4, 2]),
      .init(object: "image", name: "affine", values: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0]),
    ]

  /// Writes it, if it is there and the library takes it.
  func write(to object: HDF5.Handle) {
    guard isThere, let type = storedType, let space = storedSpace,
      let attribute = HDF5.Handle(
        H5Acreate2(object.id, name, type.id, space.id, 0, 0), { H5Aclose($0) })
    else { return }
    let kind = H5Tget_class(type.id)
    if H5Tis_variable_str(type.id) > 0 {
      let count = max(1, Int(H5Sget_simple_extent_npoints(space.id)))
      (text ?? "1").withCString {
        _ = H5Awrite(
          attribute.id, type.id, [UnsafePointer<CChar>?](repeating: $0, count: count))
      }
    } else if kind == H5T_STRING {
      H5Awrite(
        attribute.id, type.id, Array((text ?? "1").utf8) + [UInt8](repeating: 0, count: 8192))
    } else if kind == H5T_FLOAT || kind == H5T_INTEGER || kind == H5T_ENUM {
      var padded = values + [Double](repeating: values[0], count: 1 << 10)
      H5Awrite(attribute.id, maskct_h5_double(), &padded)
    } else if kind != H5T_VLEN {
      // Twice what the widest type here takes.
      H5Awrite(attribute.id, type.id, [UInt8](repeating: 1, count: 1 << 16))
    }
  }

  private var storedType: HDF5.Handle? {
    func copy(_ id: hid_t) -> HDF5.Handle? { HDF5.Handle(H5Tcopy(id)) { H5Tclose($0) } }
    func new(_ id: hid_t) -> HDF5.Handle? { HDF5.Handle(id) { H5Tclose($0) } }
    switch type % 16 {
    case 0:
      guard let text else { return copy(maskct_h5_stored_double()) }
      return sized(copy(maskct_h5_c_string()), text.utf8.count + 1)
    case 1: return copy(maskct_h5_stored_int64())
    case 2: return copy(maskct_h5_stored_float())
    case 3: return sized(copy(maskct_h5_stored_int64()), 1 + type / 16)
    case 4:
      // Numbers of the other byte order, with gaps, of odd widths.
      let type = copy(maskct_h5_stored_double())
      if let type {
        H5Tset_order(type.id, H5T_ORDER_BE)
        H5Tset_fields(type.id, 60, 48, 12, 0, 40)
        H5Tset_precision(type.id, 61)
      }
      return type
    case 5: return sized(copy(maskct_h5_c_string()), 1)
    case 6: return sized(copy(maskct_h5_c_string()), 4096 + type / 16)
    case 7: return sized(copy(maskct_h5_c_string()), Int.max)
    case 8: return new(H5Tcreate(H5T_OPAQUE, 1 + type / 16 * 512))
    case 9:
      let compound = new(H5Tcreate(H5T_COMPOUND, 16))
      if let compound { H5Tinsert(compound.id, "value", 8, maskct_h5_double()) }
      return compound
    case 10:
      var size: hsize_t = 3
      return new(H5Tarray_create2(maskct_h5_double(), 1, &size))
    case 11: return new(H5Tvlen_create(maskct_h5_double()))
    case 12:
      let type = new(H5Tenum_create(maskct_h5_int64()))
      var value: Int64 = 1
      if let type { H5Tenum_insert(type.id, "one", &value) }
      return type
    case 13:
      let type = sized(copy(maskct_h5_c_string()), 40)
      if let type { H5Tset_strpad(type.id, H5T_STR_SPACEPAD) }
      return type
    case 14: return sized(copy(maskct_h5_stored_int64()), 32)
    default: return copy(maskct_h5_stored_float())
    }
  }

  /// `Int.max` is a text of variable length.
  private func sized(_ type: HDF5.Handle?, _ size: Int) -> HDF5.Handle? {
    if let type { H5Tset_size(type.id, size == .max ? maskct_h5_variable() : size) }
    return type
  }

  private var storedSpace: HDF5.Handle? {
    func simple(_ sizes: [hsize_t]) -> HDF5.Handle? {
      HDF5.Handle(H5Screate_simple(Int32(sizes.count), sizes, nil)) { H5Sclose($0) }
    }
    switch space % 8 {
    case 0:
      if values.count == 1 { return HDF5.Handle(H5Screate(H5S_SCALAR)) { H5Sclose($0) } }
      return simple([hsize_t(values.count)])
    case 1: return HDF5.Handle(H5Screate(H5S_NULL)) { H5Sclose($0) }
    case 2: return simple([hsize_t(space / 8)])
    case 3: return simple([1])
    case 4: return simple([1, hsize_t(values.count), 1])
    case 5: return simple([hsize_t](repeating: 1, count: 32))
    case 6: return simple([hsize_t(values.count), 2])
    default: return simple([3, 4])
    }
  }
}
