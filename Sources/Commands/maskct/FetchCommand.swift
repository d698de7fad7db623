import ArgumentParser
import Experiments
import Support

/// `maskct fetch`: public data sets, downloaded and verified.
struct FetchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Download a public dataset for an experiment.",
    discussion: """
      Downloads the TotalSegmentator dataset from Zenodo, DOI 10.5281/zenodo.6802613 (1204 subjects, a \
      download of 24 GB; twice that on disk while it is unpacked), verifies its size and MD5, and unpacks \
      it. An interrupted download resumes when you run the same command again. The authors license the \
      data under CC BY 4.0.

      EXAMPLES
          maskct fetch totalsegmentator --small --output data
          maskct fetch totalsegmentator --output data
          maskct compare table1-totalsegmentator \\
            --data data/totalsegmentator-6802613/Totalsegmentator_dataset
      """)

  @Argument(help: "The dataset: totalsegmentator.")
  var dataset: String

  @Flag(help: "Download the subset of 102 subjects (record 10047263).")
  var small = false

  @Option(help: ArgumentHelp("Another Zenodo record of the dataset.", valueName: "number"))
  var record: Int?

  @Option(help: ArgumentHelp("Folder for the data.", valueName: "folder"))
  var output: String = "."

  @Option(help: ArgumentHelp("Another server with Zenodo's API.", valueName: "address"))
  var server: String = "https://zenodo.org"

  func run() async throws {
    guard dataset == "totalsegmentator" else {
      throw MaskCTError(
        .usage, "there is no dataset '\(dataset)'", remedy: "the one known is totalsegmentator")
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
