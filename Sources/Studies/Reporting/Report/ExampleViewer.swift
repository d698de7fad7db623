import Evaluation
import FoundationEssentials
import Support

/// Cases to look at: slices with outlines, a slider each, and switches for what is outlined.
struct ExampleViewer {
  private let examples: [CaseExample]
  private let comparison: Comparison
  private let styles: [ArmStyle]
  /// All structures; their places are those of the colours.
  private let structures: [String]

  init(_ examples: [CaseExample], comparison: Comparison, styles: [ArmStyle]) {
    self.examples = examples
    self.comparison = comparison
    self.styles = styles
    structures = examples.reduce(into: comparison.structures) { names, example in
      for name in example.stack.structures where !names.contains(name) { names.append(name) }
    }
  }

  /// All viewers, by arm, under one legend; nil without an example.
  func section() -> Markup? {
    guard !examples.isEmpty else { return nil }
    let names = examples.reduce(into: comparison.arms.map(\.name)) { names, example in
      if !names.contains(example.arm) { names.append(example.arm) }
    }
    var groups: [Markup] = []
    for (place, name) in names.enumerated() {
      let own = examples.enumerated().filter { $0.element.arm == name }
      guard !own.isEmpty else { continue }
      let arm = place < comparison.arms.count ? place : nil
      let badge = arm.map { styles[$0].badge }
      let sorted = CaseExample.Rank.allCases.flatMap { rank in
        own.filter { $0.element.rank == rank }
      }
      groups.append(
        """
        <h3>\(badge) \(arm.map { comparison.arms[$0].title } ?? name)</h3>
        <div class="viewers">
        \(sorted.map { figure($0.element, number: $0.offset) })
        </div>
        """)
    }
    return """
      <div class="examples">
      \(legend)
      \(groups)
      </div>
      """
  }

  /// The style of the outlines' colours, and of what hides them; for the page's head.
  var rules: Markup {
    let rules = structures.indices.map { place -> Markup in
      let id = UInt16(truncatingIfNeeded: place + 1)
      return """
        .s\(place){stroke:\(Self.hex(Palette.color(of: id)))}\
        .s\(place).p{stroke:\(Self.hex(Palette.predictionColor(of: id)))}\
        .hide-s\(place) .slice .s\(place){display:none}
        """
    }
    return Markup(rules)
  }

  private static func hex(_ color: Color) -> String {
    func digits(_ value: UInt8) -> String {
      let text = String(value, radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    return "#" + digits(color.red) + digits(color.green) + digits(color.blue)
  }

  /// What the lines mean; with script every entry is a switch.
  private var legend: Markup {
    func entry(_ text: String, hides key: String, lines: String) -> Markup {
      """
      <label><input type="checkbox" checked data-hide="\(key)">\
      <svg width="30" height="10" viewBox="0 0 30 10" aria-hidden="true">\
      \(Markup(trusted: lines))</svg> \(text)</label>
      """
    }
    let line = "<path d=\"M1 5h28\" class=\"sample\"/>"
    let dashed = "<path d=\"M1 5h28\" class=\"sample dashed\"/>"
    let names = structures.enumerated().map { place, name in
      entry(
        name, hides: "s\(place)",
        lines: "<path d=\"M1 3h28\" class=\"s\(place)\"/>"
          + "<path d=\"M1 8h28\" class=\"s\(place) p\"/>")
    }
    return """
      <fieldset class="switches"><legend>Outlines</legend>
      \(entry("reference", hides: "reference", lines: line))
      \(entry("prediction", hides: "prediction", lines: dashed))
      \(names)
      </fieldset>
      """
  }

  private func figure(_ example: CaseExample, number: Int) -> Markup {
    let stack = example.stack
    let rank =
      switch example.rank {
      case .best: "Best"
      case .median: "Median"
      case .worst: "Worst"
      }
    let dice = ReportNumbers.text(example.dice, digits: 3)
    let count = stack.slices.count
    let indices = stack.slices.map { String($0.index + 1) }.joined(separator: " ")
    return """
      <figure class="viewer">
      <figcaption><b>\(rank)</b> <span class="case">\(example.caseName)</span> \
      <span class="dice">Dice \(dice)</span></figcaption>
      \(picture(example))
      <div class="control"><label for="slice-\(number)">Slice</label>\
      <input id="slice-\(number)" type="range" min="1" max="\(count)" value="\(stack.first + 1)" \
      data-indices="\(indices)" data-total="\(stack.total)" \
      aria-label="Slice of \(example.caseName)">\
      <output for="slice-\(number)">\(stack.slices[stack.first].index + 1) / \(stack.total)</output>\
      </div>
      </figure>
      """
  }

  private func picture(_ example: CaseExample) -> Markup {
    let stack = example.stack
    let width = Int((10 * stack.width).rounded())
    let height = Int((10 * stack.height).rounded())
    let places = Dictionary(
      structures.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let slices = stack.slices.enumerated().map { place, slice -> Markup in
      let paths = slice.contours.map { contour in
        let structure = places[stack.structures[contour.structure]]!
        let side = contour.isPrediction ? "p" : "r"
        return "<path class=\"s\(structure) \(side)\" d=\"\(contour.path)\"/>"
      }
      let shown = place == stack.first ? " on" : ""
      return Markup(trusted: "<g class=\"slice\(shown)\">\(paths.joined())</g>")
    }
    let encoded = Markup(
      trusted: "data:image/png;base64," + Data(stack.strip).base64EncodedString())
    // Letters and bar in the picture's own unit, tenths of a mm, so that they grow with it.
    let letter = max(width, height) / 20
    let bar = Self.barLength(width: stack.width)
    let foot = height - letter / 2
    return """
      <svg class="stage" viewBox="0 0 \(width) \(height)" data-height="\(height)" role="img" \
      aria-label="Axial slices of \(example.caseName), \(example.rank.rawValue) case of \
      \(example.arm): reference outlined solid, prediction dashed">
      <image href="\(encoded)" x="0" y="\(-height * stack.first)" width="\(width)" \
      height="\(height * stack.slices.count)" preserveAspectRatio="none"/>
      \(slices)
      <g class="marks" font-size="\(letter)"><text x="\(letter / 3)" \
      y="\(height / 2 + letter / 3)">R</text><text x="\(width / 2)" y="\(letter)" \
      text-anchor="middle">A</text>\
      <text x="\(width - letter / 2)" y="\(foot - letter / 3)" text-anchor="end">\(bar) mm</text>\
      <path d="M\(width - letter / 2) \(foot)h\(-10 * bar)"/></g>
      </svg>
      """
  }

  /// A round length under a third of the width, mm.
  private static func barLength(width: Double) -> Int {
    [100, 50, 20, 10, 5, 2, 1].first { Double($0) <= width / 3 } ?? 1
  }
}
