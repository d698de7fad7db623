import FoundationEssentials
import Support
import Testing

/// The house as Package.swift lists it: a module knows only modules above it in that list.
@Suite struct FloorPlanTests {
  private static let root =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  private struct Module {
    var floor: String
    var name: String
    var folder: String { "\(root)/Sources/\(floor)/\(name)" }
  }

  /// The Swift modules in the order of Package.swift.
  private func modules() throws -> [Module] {
    let text = try #require(readText(Self.root + "/Package.swift"))
    let room = /"(Ground|Body|CT|MR|Learning|Studies|Commands)",\s+"(\w+)"/
    return text.matches(of: room).map { Module(floor: String($0.1), name: String($0.2)) }
      + [Module(floor: "Commands", name: "maskct")]
  }

  @Test("every folder of a floor is in Package.swift")
  func folders() throws {
    let text = try #require(readText(Self.root + "/Package.swift"))
    for floor in names(in: Self.root + "/Sources") {
      for name in names(in: "\(Self.root)/Sources/\(floor)") {
        #expect(text.contains("\"\(name)\""), "Sources/\(floor)/\(name)")
      }
    }
    #expect(try modules().count > 15)
  }

  @Test("a module imports only modules above it")
  func imports() throws {
    let modules = try modules()
    let order = Dictionary(
      uniqueKeysWithValues: modules.enumerated().map { ($0.element.name, $0.offset) })
    let statement = /^(?:@testable )?(?:public |package |internal |private )?import (\w+)/
    for (index, module) in modules.enumerated() {
      let files = try FileManager.default.subpathsOfDirectory(atPath: module.folder)
      for file in files where file.hasSuffix(".swift") {
        for line in try #require(readText(module.folder + "/" + file)).split(separator: "\n") {
          guard line.contains("import "), let name = line.prefixMatch(of: statement)?.1,
            let other = order[String(name)]
          else { continue }
          #expect(other < index, "\(module.name)/\(file) imports \(name)")
        }
      }
    }
  }
}
