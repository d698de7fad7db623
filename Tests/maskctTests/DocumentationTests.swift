import FoundationEssentials
import Support
import Testing

/// What the pages of the documentation name exists: commands, options, keys, files, types and links.
///
/// Parts of the reference are generated from the command. After a wanted change of help or of a shipped YAML file:
/// `MASKCT_UPDATE_SNAPSHOTS=1 scripts/swift.sh test --filter 'HelpTests|DocumentationTests'`, and read the diff.
@Suite struct DocumentationTests {
  // Commands and options.

  @Test func commandsAndOptionsExist() async throws {
    let help = try await Self.help()
    let everything = Set(help.values.flatMap { $0 })
    for page in try DocumentationPage.all() {
      for call in (page.blocks.flatMap(\.commands) + page.spans).flatMap(Self.calls) {
        guard let options = help[call.command] else {
          Issue.record("\(page.path): there is no command 'maskct \(call.command)'")
          continue
        }
        for option in call.options where !options.contains(option) {
          Issue.record("\(page.path): 'maskct \(call.command)' has no \(option)")
        }
      }
      for span in page.spans where span.hasPrefix("--") {
        let option = String(span.prefix { $0 != "=" && $0 != " " })
        if !everything.contains(option) { Issue.record("\(page.path): no command has \(option)") }
      }
    }
  }

  /// The calls of `maskct` in a line of shell or a span of code: the command, empty for the root, and its options.
  private static func calls(in text: String) -> [(command: String, options: [String])] {
    text.matches(of: #/(?:^|[ \t("'])maskct ((?:--)?[a-z][a-z-]*)([^|);]*)/#).map { match in
      let name = String(match.output.1)
      if name.hasPrefix("--") { return ("", [name]) }
      if name == "help" {
        // `maskct help COMMAND` stands for any command.
        let command = match.output.2.split { " '".contains($0) }.first ?? ""
        return (command.first?.isLowercase == true ? String(command) : "", [])
      }
      return (name, match.output.2.matches(of: #/ (--[a-z-]+)/#).map { String($0.output.1) })
    }
  }

  // Keys.

  @Test func keysExist() throws {
    let known = try Self.yamlKeys().union(try Self.codingKeys())
    for page in try DocumentationPage.all() {
      for block in page.blocks where block.language == "yaml" {
        for key in Self.keys(in: block.lines.joined(separator: "\n")) {
          if !known.contains(key) { Issue.record("\(page.path): no file has the key '\(key)'") }
        }
      }
      for table in page.tables {
        guard let heading = table.header.first, heading == "key" || heading.hasPrefix("key of")
        else { continue }
        for key in table.rows.compactMap(\.first).flatMap(Self.code) {
          if !known.contains(key) { Issue.record("\(page.path): no file has the key '\(key)'") }
        }
      }
    }
  }

  @Test(arguments: [
    ("recipes", ["recipes/"], []),
    ("scanners", ["scanners/", "protocols/"], ["Scanner", "ScanProtocol"]),
    ("mr", ["mr-protocols/"], ["MRProtocol"]), ("schemes", ["schemes/"], []),
    ("experiments", ["experiments/"], ["Experiment"]),
  ]) func everyKeyIsDocumented(page: String, folders: [String], types: [String]) throws {
    let text = try Self.read("docs/reference/\(page).md")
    let spans = Set(DocumentationPage(path: page, text: text).spans)
    var keys: Set<String> = []
    for file in Self.resources where folders.contains(where: { file.contains("/Resources/\($0)") })
    {
      keys.formUnion(Self.keys(in: try Self.read(file)))
    }
    for type in types {
      let file = try #require(Self.sources.first { $0.hasSuffix("/\(type).swift") })
      keys.formUnion(Self.codingKeys(in: try Self.read(file)))
    }
    #expect(!keys.isEmpty)
    for key in keys.sorted() {
      #expect(spans.contains(key), "\(page).md does not explain '\(key)'")
    }
  }

  // Names of the source code.

  @Test func namesExistInTheSources() throws {
    let files = ["Sources", "Tests", "python", "scripts", "Benchmarks", "Fuzzing"].flatMap(
      DocumentationPage.files)
    let endings = [".swift", ".yaml", ".py", ".c", ".h", ".inc", ".sh", ".js", ".txt"]
    var words: Set<ArraySlice<UInt8>> = []
    for file in files where endings.contains(where: file.hasSuffix) {
      words.formUnion(
        try ByteFile.read(DocumentationPage.root + file).split {
          !(48...57).contains($0) && !(65...90).contains($0) && !(97...122).contains($0) && $0 != 95
        })
    }
    let names = Set(files.compactMap { $0.split(separator: "/").last })
    for page in try DocumentationPage.all() where page.path != "CHANGELOG.md" {
      for span in page.spans {
        for name in Self.names(in: span) where !words.contains(Array(name.utf8)[...]) {
          Issue.record("\(page.path): the sources do not name '\(name)'")
        }
        if span.wholeMatch(of: #/[A-Za-z+]+\.swift/#) != nil {
          if !names.contains(Substring(span)) {
            Issue.record("\(page.path): there is no file '\(span)'")
          }
        }
        if span.wholeMatch(of: #/(Sources|Tests|docs|scripts|python|packaging|Fuzzing)\/[^*<> ]+/#)
          != nil
        {
          #expect(Self.exists(span), "\(page.path): there is no file '\(span)'")
        }
      }
    }
  }

  /// The names of the source code in a span: `snake_case`, `TypeName`, and both sides of `Type.member`.
  private static func names(in span: String) -> [String] {
    if span.wholeMatch(of: #/[a-z]{2,}(_[a-z]+)+|([A-Z][a-z]+){2,}[A-Z]?/#) != nil { return [span] }
    guard let match = span.wholeMatch(of: #/([A-Z][A-Za-z]+)\.([a-z][A-Za-z]+)(\(.*\))?/#),
      match.output.2 != "swift", match.output.2 != "md"
    else { return [] }
    return [String(match.output.1), String(match.output.2)]
  }

  // Links.

  @Test func linksLeadSomewhere() throws {
    let pages = try DocumentationPage.all()
    for page in pages {
      let folder = page.path.split(separator: "/").dropLast().map(String.init)
      for link in page.links where !link.contains("://") {
        let parts = link.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        var path = parts[0].isEmpty ? page.path.split(separator: "/").map(String.init) : folder
        for part in parts[0].split(separator: "/") {
          if part == ".." { path.removeLast() } else { path.append(String(part)) }
        }
        let target = path.joined(separator: "/")
        #expect(Self.exists(target), "\(page.path): there is no '\(link)'")
        guard parts.count == 2, let page = pages.first(where: { $0.path == target }) else {
          continue
        }
        #expect(
          page.headings.map(DocumentationPage.anchor).contains(parts[1]),
          "'\(link)' names no heading of \(target)")
      }
    }
  }

  /// Comments, messages and help name pages, too.
  @Test func pagesNamedInTheSourcesExist() throws {
    for file in Self.sources {
      for match in try Self.read(file).matches(of: #/docs\/[a-z\/-]+\.md/#) {
        #expect(Self.exists(String(match.output)), "\(file): there is no \(match.output)")
      }
    }
  }

  // Words.

  /// A page opens with what it is for and for whom, and a table has a sentence before it.
  @Test func pagesExplainThemselves() throws {
    for page in try DocumentationPage.all() where page.path.hasPrefix("docs/") {
      let paragraphs = page.text.split(separator: "\n\n")
      #expect(paragraphs.first?.hasPrefix("# ") == true, "\(page.path) begins with its title")
      let opening = paragraphs.dropFirst().first?.lowercased() ?? ""
      #expect(
        opening.hasPrefix("for ") || opening.contains(" for "), "\(page.path) says for whom it is")
      for table in page.tables {
        #expect(
          !table.before.hasPrefix("#"), "\(page.path): \(table.header) has no sentence before it")
      }
    }
  }

  /// Phrases that no native speaker would write, and what to write instead.
  @Test(arguments: [
    (#"\b(left|leave it) away\b"#, "left out"), (#"\banew\b"#, "again, start over, rerun"),
    (#"\b(goes|gone|go|going) on\b"#, "resumes, continues"),
    (#"\bother wishes\b"#, "by default"),
    (#"\bis no (dataset|shard|fold|file|folder)\b"#, "is not a"),
    (#"\b(are|is) told (by|in)\b"#, "relative to, described in"),
    (
      #"\b(one|once|line|file|folder|thread|MB|GB) an? (case|arm|structure|core|label|epoch|line|axis|map)\b"#,
      "per"
    ),
    (#"\bquanta\b"#, "photons"), (#"\b(is|are) worth\b"#, "the figure"),
    (#"\bwins\b"#, "the figure"),
    (#"\bcosts\b"#, "the figure with its unit"), (#"\bdata sets?\b"#, "dataset"),
  ]) func phrasesAreIdiomatic(pattern: String, instead: String) throws {
    let phrase = try Regex(pattern).ignoresCase()
    var texts = try DocumentationPage.all().map { ($0.path, $0.prose) }
    let shipped = DocumentationPage.files(below: "Sources").filter { $0.hasSuffix(".yaml") }
    #expect(shipped.contains { $0.hasSuffix("recipes/video.yaml") })
    for file in DocumentationPage.files(below: "Tests/maskctTests/Snapshots") + shipped {
      texts.append((file, try Self.read(file)))
    }
    for (path, text) in texts {
      let lines = text.replacing("\n", with: " ")
      for match in lines.matches(of: phrase) {
        Issue.record("\(path): '\(lines[match.range])'; write: \(instead)")
      }
    }
  }

  // Generated parts.

  @Test func referenceIsGenerated() async throws {
    var commands = ""
    for name in try await Self.help().keys.sorted() {
      let outcome = try await Command.run(name.isEmpty ? ["--help"] : [name, "--help"])
      commands += "## maskct\(name.isEmpty ? "" : " " + name)\n\n```text\n\(outcome.output)```\n\n"
    }
    try Self.check(commands, in: "commands")
    try Self.check(try await Self.shipped(["recipe"]), in: "recipes")
    try Self.check(try await Self.shipped(["scanner", "protocol"]), in: "scanners")
    try Self.check(try await Self.shipped(["mr-protocol"]), in: "mr")
  }

  /// The YAML files of some kinds as `maskct show` prints them, under headings.
  private static func shipped(_ kinds: [String]) async throws -> String {
    let list = try await Command.run(["show"]).output.split(separator: "\n")
    var text = ""
    for kind in kinds {
      let line = try #require(list.first { $0.hasPrefix(kind + ": ") })
      for name in line.dropFirst(kind.count + 2).split(separator: ", ").map(String.init) {
        let file = try await Command.run(["show", kind, name]).output
        text +=
          "### \(kind.prefix(1).uppercased() + kind.dropFirst().replacing("r-", with: "R ")) \(name)\n\n```yaml\n\(file)```\n\n"
      }
    }
    return text
  }

  /// Compares the generated part of a reference page, or writes it.
  private static func check(_ generated: String, in page: String) throws {
    let path = DocumentationPage.root + "docs/reference/\(page).md"
    let text = try read("docs/reference/\(page).md")
    let (start, end) = ("<!-- generated: \(page) -->\n", "<!-- end -->")
    let from = try #require(text.firstRange(of: start)).upperBound
    let to = try #require(text.firstRange(of: end)).lowerBound
    let wanted = text[..<from] + "\n" + generated + text[to...]
    if ProcessInfo.processInfo.environment["MASKCT_UPDATE_SNAPSHOTS"] != nil {
      try AtomicFile.write(String(wanted), to: path)
    } else {
      if text != wanted { Issue.record("\(page).md is not what the command prints") }
    }
  }

  // What there is.

  /// The options of every command by its name; those of the root under the empty name.
  private static func help() async throws -> [String: Set<String>] {
    func options(_ text: String) -> Set<String> {
      Set(text.matches(of: #/--[a-z][a-z-]*/#).map { String($0.output) })
    }
    let root = try await Command.run(["--help"]).output
    let commands = try #require(root.split(separator: "SUBCOMMANDS:").last)
    // The root can also write completions, which its help does not mention.
    var result = ["": options(root).union(["--generate-completion-script"])]
    for match in commands.matches(of: #/\n  ([a-z][a-z-]*) {2,}/#) {
      let name = String(match.output.1)
      result[name] = options(try await Command.run([name, "--help"]).output)
    }
    return result
  }

  private static let sources = DocumentationPage.files(below: "Sources").filter {
    $0.hasSuffix(".swift")
  }

  private static let resources = DocumentationPage.files(below: "Sources").filter {
    $0.hasSuffix(".yaml")
  }

  /// All keys of the shipped YAML files, those in comments included.
  private static func yamlKeys() throws -> Set<String> {
    try resources.reduce(into: []) { $0.formUnion(keys(in: try read($1), withComments: true)) }
  }

  /// All keys that the sources decode.
  private static func codingKeys() throws -> Set<String> {
    try sources.reduce(into: []) { $0.formUnion(codingKeys(in: try read($1))) }
  }

  /// The keys of a YAML text: `key:` at the start of a line and after a brace or a comma.
  private static func keys(in text: String, withComments: Bool = false) -> Set<String> {
    var result: Set<String> = []
    for line in text.split(separator: "\n") {
      var code = line
      if line.drop(while: { $0 == " " }).hasPrefix("#") {
        guard withComments else { continue }
        code = line.drop { $0 == " " || $0 == "#" }
      }
      code = code.split(separator: " #", maxSplits: 1).first ?? ""
      for match in code.matches(of: #/(?:^|[{,]) *(?:- *\{?)? *([A-Za-z_]+):(?: |$)/#) {
        result.insert(String(match.output.1))
      }
    }
    return result
  }

  /// The names of all cases of `CodingKeys` (or `Keys`) in a source file, and of stored properties that are keys
  /// as they stand.
  private static func codingKeys(in text: String) -> Set<String> {
    var result: Set<String> = []
    for match in text.matches(of: #/public var ([a-z]+): [^{\n]+\n/#) {
      result.insert(String(match.output.1))
    }
    for block in text.matches(of: #/enum (?:Coding)?Keys: String, CodingKey \{([^}]*)\}/#) {
      for line in block.output.1.matches(of: #/case ([^\n]*)/#) {
        for part in line.output.1.split(separator: ",") {
          let sides = part.split(separator: "=").map { $0.filter { $0 != " " && $0 != "\"" } }
          if let name = sides.last { result.insert(name) }
        }
      }
    }
    return result
  }

  /// The code in a cell of a table.
  private static func code(_ cell: String) -> [String] {
    cell.matches(of: #/`([^`]+)`/#).map { String($0.output.1) }
  }

  private static func read(_ path: String) throws -> String {
    String(decoding: try ByteFile.read(DocumentationPage.root + path), as: UTF8.self)
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: DocumentationPage.root + path)
  }
}
