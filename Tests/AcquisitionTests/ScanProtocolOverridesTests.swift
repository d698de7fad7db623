import Acquisition
import Support
import Testing

@Suite struct ScanProtocolOverridesTests {
  @Test func masReplaceANoiseIndex() throws {
    var plain = try ScanProtocol.load("abdomen")
    plain.noiseIndex = 12
    var user = ProtocolOverrides()
    user.mas = 40
    let dosed = try plain.overridden(by: user)
    #expect(dosed.mas == 40 && dosed.noiseIndex == nil)
  }

  @Test func whatIsNotStatedStays() throws {
    var plain = try ScanProtocol.load("abdomen")
    plain.noiseIndex = 12
    #expect(try plain.overridden(by: ProtocolOverrides()) == plain)
    var user = ProtocolOverrides()
    (user.kernel, user.pitch, user.sliceThickness) = ("sharp", 0.8, 2)
    (user.kvp, user.modulation) = (80, .combined)
    let changed = try plain.overridden(by: user)
    #expect(changed.kernel == "sharp" && changed.pitch == 0.8 && changed.sliceThickness == 2)
    #expect(changed.kvp == 80 && changed.modulation == .combined && changed.noiseIndex == 12)
  }

  @Test func bothAreRefused() throws {
    var user = ProtocolOverrides()
    (user.mas, user.noiseIndex) = (40, 12)
    let plain = try ScanProtocol.load("abdomen")
    #expect(throws: MaskCTError.self) { try plain.overridden(by: user) }
  }
}
