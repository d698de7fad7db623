/// `EXPERIMENT_CARD.md`: what an experiment compared, on what, with which result, for someone who finds its folder.
struct ExperimentCard {
  let facts: ExperimentFacts
  /// The table of scores in Markdown.
  let table: String

  static let fileName = "EXPERIMENT_CARD.md"

  /// The card in Markdown; it holds no path of the machine.
  var text: String {
    let experiment = facts.experiment
    let arms = facts.arms.map { arm in
      let source =
        arm.isClinical
        ? "real CT"
        : """
        \(arm.real == nil ? "" : "real CT and ")simulated, recipe \(arm.recipe ?? ""), label maps of \
        \(arm.collections.joined(separator: ", "))
        """
      return "| \(arm.title) | \(arm.cases.map(String.init) ?? "-") | \(source) |"
    }
    let description = experiment.description.isEmpty ? "" : "\n\(experiment.description)\n"
    return """
      # \(experiment.title)
      \(description)
      Made by MaskCT \(facts.version("maskct")). Networks for \(facts.structures), the same for all arms, tested on \
      \(facts.testCases) scans.

      * Licences and origin of label maps and scans: AUTHOR: state them

      ## Arms

      | arm | training cases | learned from |
      | --- | --- | --- |
      \(arms.joined(separator: "\n"))

      ## Scores

      \(table)
      ## Files

      * `report.html`: scores, charts, pictures, settings
      * `methods.md`, `methods.tex`, `references.bib`: the method in words, ready to paste
      * `claim.md`: CLAIM 2024, filled in as far as the experiment knows
      * `manifest.json`: SHA-256 of every file that was read, versions, times; `experiment.json`: the settings
      * `nnUNet_raw/DATASET/DATASET_CARD.md`: how each simulated dataset was made

      ## Limits

      Scores hold for these test scans. For research; not a medical device.

      """
  }
}
