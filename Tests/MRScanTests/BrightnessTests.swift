import Support
import Testing
import Tissues

@testable import MRScan

/// The order of brightness that radiologists know of each sequence.
@Suite struct BrightnessTests {
  /// Groups from bright to dark; within a group either may be brighter.
  static let orders: [(name: String, groups: [[String]])] = [
    ("t1-in-phase", [["fat"], ["liver", "marrow"], ["muscle", "spleen"], ["fluid"]]),
    ("t1-opposed-phase", [["fat"], ["liver"], ["muscle", "spleen"], ["fluid", "marrow"]]),
    ("vibe-dixon", [["liver"], ["muscle", "spleen"], ["marrow", "fluid"], ["fat"]]),
    ("t1-head-neck", [["fat"], ["marrow"], ["liver"], ["muscle", "spleen"], ["fluid"]]),
    ("mprage", [["fat"], ["liver", "marrow", "spleen", "muscle"], ["fluid"]]),
    ("t2-spir", [["fluid"], ["spleen"], ["liver", "marrow"], ["muscle", "fat"]]),
    ("t2-haste", [["fluid", "fat"], ["marrow", "spleen"], ["liver"], ["muscle"]]),
    ("stir-head-neck", [["fluid"], ["spleen"], ["muscle", "liver", "marrow"], ["fat"]]),
    ("flair", [["spleen"], ["fat", "marrow"], ["liver"], ["muscle"], ["fluid"]]),
    ("trufi", [["fluid"], ["fat"], ["liver", "spleen", "marrow"], ["muscle"]]),
  ]
  static let tissues = [
    "fat": "subcutaneous_fat", "marrow": "cancellous_bone", "fluid": "cerebrospinal_fluid",
    "muscle": "muscle", "liver": "liver", "spleen": "spleen",
  ]

  @Test("tissues have the right order of brightness", arguments: orders)
  func order(_ name: String, _ groups: [[String]]) throws {
    var own = try MRProtocol.load(name)
    own.contrastAgent = nil
    let values = try groups.map { group in
      try group.map { name in
        own.brightness(of: try MagneticTissueTable.standard.prior(tissue: Self.tissues[name]!).mean)
      }
    }
    for (bright, dark) in zip(values.indices, values.indices.dropFirst()) {
      let (low, high) = (values[bright].min()!, values[dark].max()!)
      #expect(low > 1.04 * high, "\(name): \(groups[bright]) \(low), \(groups[dark]) \(high)")
    }
    #expect(Set(groups.joined()).count == 6, "\(name) orders all tissues")
  }

  @Test("every preset is ordered here or has no contrast of its own")
  func complete() {
    #expect(
      Set(Self.orders.map(\.name)).union(["proton-density"]) == Set(MRProtocol.presets.names))
  }

  @Test("contrast agent brightens the liver and the vessels in T1")
  func agent() throws {
    let own = try MRProtocol.load("vibe-dixon")
    for (name, hounsfield, least) in [("liver", 52.0, 1.3), ("artery", 108, 2)] {
      var tissue = try MagneticTissueTable.standard.prior(tissue: name).mean
      let native = own.brightness(of: tissue)
      tissue.agent = hounsfield * MagneticTissue.agentPerHounsfieldUnit
      #expect(own.brightness(of: tissue) > least * native)
      // T1 of blood in the portal venous phase is about 200 ms (0.1 mmol/kg).
      if name == "artery" {
        #expect((150...330).contains(tissue.relaxation(at: 3, withAgent: true).t1))
      }
    }
  }

  @Test("every CT tissue is one in MR, too")
  func tables() {
    #expect(MagneticTissueTable.standard.names == TissueTable.standard.names)
  }
}
