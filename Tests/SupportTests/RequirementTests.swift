import TestSupport
import Testing

@Suite struct RequirementTests {
  private struct Broken: Error {}

  @Test(
    "the variable CI decides",
    arguments: [
      (["CI": "true"], true), (["CI": "1"], true), (["CI": "woodpecker"], true), ([:], false),
      (["CI": ""], false), (["CI": "false"], false), (["CI": "0"], false),
    ])
  func strict(environment: [String: String], expected: Bool) {
    #expect(Requirement.isStrict(environment) == expected)
  }

  @Test("under CI what cannot be provided fails the test, and says what and why")
  func failsUnderCI() async throws {
    let error = await #expect(throws: Requirement.Unmet.self) {
      try await Requirement.provide("the Python environment", strict: true) { throw Broken() }
    }
    #expect(error?.description == "the Python environment is missing: Broken()")
    #expect(Requirement.allows(false, strict: true))
  }

  @Test("elsewhere it cancels the test: nothing after it runs")
  func cancelsElsewhere() async throws {
    #expect(!Requirement.allows(false, strict: false))
    #expect(Requirement.allows(true, strict: false))
    try await Requirement.provide("what is never there, on purpose,", strict: false) {
      throw Broken()
    }
    Issue.record("this test was to be cancelled")
  }

  @Test func handsOnWhatIsThere() async throws {
    #expect(try await Requirement.provide("seven", strict: true) { 7 } == 7)
  }
}
