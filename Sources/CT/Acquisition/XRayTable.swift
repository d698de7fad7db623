import Support

/// A table of X-ray physics by photon energy, in bins of 1 keV from 10 to 150 keV.
///
/// Written by `scripts/xray-tables.py` from xraylib and SpekPy; a value stands for the middle of its bin.
struct XRayTable: Sendable {
  /// The middles of the bins, keV.
  let energies: [Double]
  private let columns: [String: [Double]]

  /// Mass attenuation coefficients, cm²/g, by material.
  static let attenuation = XRayTable(PackageResources.attenuation_csv)
  /// Photons per mm², mAs and keV at 1 m from a tungsten anode without any filter, by kVp.
  static let tungsten = XRayTable(PackageResources.tungsten_csv)

  private init(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let names = lines[0].split(separator: ",").map(String.init)
    let rows = lines.dropFirst().map { $0.split(separator: ",").map { Double($0)! } }
    energies = rows.map { $0[0] }
    columns = Dictionary(
      uniqueKeysWithValues: names.indices.dropFirst().map { index in
        (names[index], rows.map { $0[index] })
      })
  }

  /// A column by its name, one value a bin.
  subscript(_ name: String) -> [Double] { columns[name]! }
}
