import Acquisition
import ArgumentParser
import FoundationEssentials
import Generation
import MRScan
import QualityAssurance
import Support

/// `maskct qa`: phantoms through the simulated scanner, and the figures that physicists measure.
struct QACommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qa",
    abstract: "Measure the simulated scanner with phantoms.",
    discussion: """
      Builds phantoms (water, inserts, iodine, a wire, bars, thin discs, low-contrast rods, discs and a ball \
      for cone and windmill artefacts, the FORBILD head), scans and reconstructs them, and measures HU, \
      uniformity, noise, noise power spectrum, resolution, slice thickness and artefacts. The report is one \
      HTML page with figures, limits, charts and pictures; a JSON file beside it has all the figures. \
      docs/background/qa.md describes every measurement.

      --modality mr measures an MR protocol: contrast against the signal equations, noise, edges, slices and \
      fat.

      Figures outside their limits do not change the exit code unless you give --strict.

      EXAMPLES
        Measure the default scanner:
          maskct qa --output qa.html

        Check your own scanner and protocol in a few minutes:
          maskct qa --scanner mine.yaml --protocol low-dose --quick \\
            --output mine.html

        Measure an MR protocol:
          maskct qa --modality mr --protocol t2-haste --output haste.html

        Measure resolution and noise only:
          maskct qa --sections mtf,nps --output resolution.html
      """)

  @Option(
    help: ArgumentHelp(
      "Report to write (HTML); a .json file beside it has the figures.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("What to measure: ct or mr.", valueName: "name"))
  var modality: String = "ct"

  @OptionGroup var acquisition: ScannerOptions

  @Flag(help: "Measure fewer voltages, pitches and slices.")
  var quick = false

  @Option(
    help: ArgumentHelp(
      "Sections to measure: \(QualityRun.sections.joined(separator: ", ")). (default: all)",
      valueName: "name,name"))
  var sections: String?

  @Flag(help: "Exit with code 1 if a figure is outside its limits.")
  var strict = false

  @Option(help: ArgumentHelp("Seed of the noise and the start angles.", valueName: "n"))
  var seed: UInt64 = 1

  @OptionGroup var overwrite: OverwriteOptions
  @OptionGroup var threads: ThreadOptions

  private var wanted: [String] {
    sections.map { $0.split(separator: ",").map(String.init) } ?? QualityRun.sections
  }

  func run() async throws {
    guard output.hasSuffix(".html") else {
      throw MaskCTError(
        .usage, path: output, "is not the name of an HTML file", remedy: "end it in .html")
    }
    let modalities = try ImageModality.parse(modality)
    guard modalities.count == 1 else {
      throw MaskCTError(.usage, "one modality is measured at a time", remedy: "give ct or mr")
    }
    if modalities == [.mr] { return try measureMR() }
    let costs = try QualityRun.costs(of: wanted)
    let figures = output.dropLast(".html".count) + ".json"
    for file in [output, String(figures)] { try overwrite.check(file) }
    let (scanner, scanProtocol) = try acquisition.load()
    let bench = try QualityBench(
      scanner: scanner, scanProtocol: scanProtocol, isQuick: quick, seed: seed,
      workers: threads.workers)
    let progress = ProgressLine("Measuring", total: costs.count, costs: costs)
    let result = try QualityRun(bench).run(wanted) { progress.update($0, detail: $1) }
    progress.finish()
    try finish(result, String(figures))
  }

  private func measureMR() throws {
    guard sections == nil else {
      throw MaskCTError(
        .usage, "an MR protocol is measured as a whole", remedy: "leave --sections out")
    }
    let figures = output.dropLast(".html".count) + ".json"
    for file in [output, String(figures)] { try overwrite.check(file) }
    let run = MRQualityRun(
      scanProtocol: try acquisition.loadMR(), seed: seed,
      workers: threads.workers)
    let progress = ProgressLine("Measuring", total: MRQualityRun.sections.count)
    let result = try run.run { progress.update($0, detail: $1) }
    progress.finish()
    try finish(result, String(figures))
  }

  private func finish(_ result: QualityResult, _ figures: String) throws {
    try AtomicFile.write(try result.json(version: toolVersion), to: figures)
    try AtomicFile.write(result.report(version: toolVersion).html(), to: output)
    print(output)
    print(figures)
    for failure in result.failures { Failure.warn("outside its limits: \(failure)") }
    let tally = result.tally
    print("\(tally.judged - tally.failed) of \(tally.judged) figures are within their limits")
    if strict, tally.failed > 0 { throw ExitCode(1) }
  }
}
