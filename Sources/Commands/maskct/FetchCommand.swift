import ArgumentParser
import Experiments
import Support

/// `maskct fetch`: public data sets, downloaded and verified.
struct FetchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Download a public data set for an experiment; resumes and verifies.",
    discussion: """
      Gets the TotalSegmentator data set from Zenodo, DOI 10.5281/zenodo.6802613 (1204 subjects, 24 GB to \
      download, twice as much while it is unpacked), checks its size and MD5, and unpacks it. Interrupted, \
      it goes on when run again. The data are licensed CC BY 4.0 by their authors.

      EXAMPLES
          maskct fetch totalsegmentator --small --output data
          maskct fetch totalsegmentator --output data
          maskct compare table1-totalsegmentator \\
            --data data/totalsegmentator-6802613/Totalsegmentator_dataset
      """)

  @Argument(help: "totalsegmentator.")
  var dataset: String

  @Flag(help: "The subset of 102 subjects (record 10047263).")
  var small = false

  @Option(help: ArgumentHelp("Another record of the data set on Zenodo.", valueName: "number"))
  var record: Int?

  @Option(help: ArgumentHelp("Folder for the data.", valueName: "folder"))
  var output: String = "."

  @Option(help: ArgumentHelp("Another server with Zenodo's interface.", valueName: "address"))
  var server: String = "https://zenodo.org"

  func run() async throws {
    guard dataset == "totalsegmentator" else {
      throw MaskCTError(
        .usage, "there is no data set '\(dataset)'", remedy: "the one known is totalsegmentator")
    }
    if small && record != nil {
      throw MaskCTError(.usage, "--small and --record exclude each other", remedy: "give one")
    }
    let data = TotalSegmentatorData(
      number: record
        ?? (small ? TotalSegmentatorData.smallRecord : TotalSegmentatorData.record),
      server: server)
    let line = DownloadLine()
    let folder = try await Interrupt.cancelling {
      try await data.fetch(to: output) { line.show($0) }
    }
    line.finish()
    print(folder)
  }
}
