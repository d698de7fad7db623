import CHDF5
import Sinograms
import Support

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A sinogram file told by bytes: an honest one of 40 views x 16 channels x 1 row, and what is to be wrong with it.
///
/// No byte makes the honest file; every few bytes are one change, so that a fuzzer that mutates them
/// makes whole HDF5 files of any structure, and not files that the library itself refuses.
struct HostileSinogram {
  /// What lies in files that a sinogram may name but that no reader may follow.
  static let outside: Float = 12345

  private var attributes = HostileAttribute.honest
  private var readings = HostileReadings()
  private var links = [UInt8](repeating: 0, count: 4)
  private var newest = false
  private var cut = 0

  /// Reads changes from bytes; what is missing at their end is 0.
  init(_ bytes: [UInt8]) {
    var rest = bytes[...]
    func next() -> Int { Int(rest.popFirst() ?? 0) }
    func number() -> Double {
      let special: [Double] = [
        .nan, .infinity, -.infinity, 0, -1, 1e308, .leastNonzeroMagnitude, 0x1p53, 0x1p64, 1.5,
      ]
      let choice = next()
      if choice < special.count { return special[choice] }
      return Double(bitPattern: (0..<8).reduce(0) { bits, _ in bits << 8 | UInt64(next()) })
    }
    while !rest.isEmpty {
      switch next() % 9 {
      case 0: attributes[next() % attributes.count].isThere = false
      case 1: attributes[next() % attributes.count].type = next()
      case 2: attributes[next() % attributes.count].space = next()
      case 3:
        let index = next() % attributes.count
        let value = number()
        attributes[index].values = attributes[index].values.map { _ in value }
      case 4:
        let axis = next() % 3
        readings.shape[axis] = UInt64(next()) &<< UInt64(next() % 40)
      case 5: readings.change(layout: next(), chunk: next(), filter: next())
      case 6: (readings.type, readings.value) = (next(), Float(number()))
      case 7: links[next() % 4] = UInt8(next())
      default: (newest, cut) = (next() % 2 == 1, next() | next() << 8)
      }
    }
  }

  /// Writes the file; whatever the library refuses to write is left out.
  ///
  /// - Parameter outside: what links and data sets may lead to.
  func write(to path: String, outside: OutsideFiles?) {
    HDF5.call {
      guard let access = HDF5.Handle(H5Pcreate(maskct_h5_file_access()), { H5Pclose($0) })
      else { return }
      if newest { maskct_h5_newest_format(access.id) }
      guard
        let file = HDF5.Handle(
          H5Fcreate(path, maskct_h5_truncate(), 0, access.id), { H5Fclose($0) })
      else { return }
      for (index, name) in HostileAttribute.objects.enumerated() {
        guard let target = HDF5.Handle(H5Gcreate2(file.id, name, 0, 0, 0), { H5Gclose($0) })
        else { continue }
        for attribute in attributes where attribute.object == name { attribute.write(to: target) }
        link(name, links[index], in: file, outside)
      }
      for attribute in attributes where attribute.object.isEmpty { attribute.write(to: file) }
      readings.write("line_integrals", in: file, outside: outside)
      link("line_integrals", links[3], in: file, outside)
    }
    var status = stat()
    if cut > 0, stat(path, &status) == 0 { truncate(path, max(0, status.st_size - cut)) }
  }

  /// Puts something else under a name.
  private func link(_ name: String, _ kind: UInt8, in file: HDF5.Handle, _ outside: OutsideFiles?) {
    guard kind % 8 != 0 else { return }
    H5Lmove(file.id, name, file.id, "moved_\(name)", 0, 0)
    switch kind % 8 {
    case 1: H5Lcreate_soft("moved_\(name)", file.id, name, 0, 0)
    case 2: H5Lcreate_soft(name, file.id, name, 0, 0)
    case 3: H5Lcreate_external(outside?.sinogram.path ?? "", name, file.id, name, 0, 0)
    case 4: H5Lcreate_hard(file.id, "/", file.id, name, 0, 0)
    case 5: HostileReadings().write(name, in: file, outside: outside)
    case 6:
      if let type = HDF5.Handle(H5Tcopy(maskct_h5_stored_float()), { H5Tclose($0) }) {
        H5Tcommit2(file.id, name, type.id, 0, 0, 0)
      }
    default: break
    }
  }
}

extension Double {
  /// Eight bytes, the highest first.
  var bytes: [UInt8] {
    (0..<8).reversed().map { UInt8(truncatingIfNeeded: bitPattern >> ($0 * 8)) }
  }
}
