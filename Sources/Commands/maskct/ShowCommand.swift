import Generation
import Acquisition
import Anatomy
import ArgumentParser
import Configuration
import Experiments
import MRScan
import Painting
import Support
import Tissues

/// `maskct show`: the YAML files that ship with the tool, to read, copy and edit.
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract:
      "List and print the recipes, schemes, scanners and tables that ship with MaskCT.",
    discussion: """
      EXAMPLES
        List everything:
          maskct show

        Copy a recipe, edit it, and use it in place of a name:
          maskct show recipe video > mine.yaml
          maskct generate --recipe mine.yaml ...

        Print the tissue priors with their sources:
          maskct show tissues
      """)

  @Argument(
    help:
      "Kind: recipe, scheme, scanner, protocol, mr-protocol, experiment, tissues, tissues-mr or structures."
  )
  var kind: String?

  @Argument(help: "Name of the one to print.")
  var name: String?

  private static let presets: [(kind: String, presets: Presets)] = [
    ("recipe", Recipe.presets), ("scheme", LabelScheme.presets), ("scanner", Scanner.presets),
    ("protocol", ScanProtocol.presets),
    ("mr-protocol", MRProtocol.presets), ("experiment", Experiment.presets),
  ]

  func run() async throws {
    guard let kind else {
      for (kind, presets) in Self.presets {
        print("\(kind): \(presets.names.joined(separator: ", "))")
      }
      print("tissues: the table of tissue priors")
      print("tissues-mr: what the tissues are in MR")
      print("structures: the names of structures, with synonyms and groups")
      return
    }
    if kind == "tissues" { return print(TissueTable.standardText, terminator: "") }
    if kind == "tissues-mr" { return print(MagneticTissueTable.standardText, terminator: "") }
    if kind == "structures" { return print(StructureCatalog.standardText, terminator: "") }
    guard let presets = Self.presets.first(where: { $0.kind == kind || $0.kind + "s" == kind })
    else {
      let kinds = Self.presets.map(\.kind) + ["tissues", "tissues-mr", "structures"]
      throw MaskCTError(
        .usage, "there is no '\(kind)' to show",
        remedy: NearMiss.remedy(
          for: kind, among: kinds, otherwise: "choose one of \(kinds.joined(separator: ", "))"))
    }
    if let name {
      print(try presets.presets.source(name).text, terminator: "")
    } else {
      for name in presets.presets.names { print(name) }
    }
  }
}
