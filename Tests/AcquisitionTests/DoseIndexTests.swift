import Acquisition
import Support
import Testing

@Suite struct DoseIndexTests {
  /// Adult chest examinations with four scanners of 64 rows at 120 kV: effective mAs (mAs over pitch) and
  /// CTDIvol, table 2 of Brit. J. Radiol. 82, 2009, 1010-1018.
  @Test func publishedScansHaveTheirIndex() throws {
    let published: [(perHundred: Double, effective: Double, pitch: Double, index: Double)] = [
      (10.05, 186, 0.828, 18.7), (8.81, 134, 1.375, 11.8), (7.22, 266, 1.0, 19.2),
      (7.86, 112, 1.015, 8.8),
    ]
    for scan in published {
      var scanner = try Scanner.load("rows64")
      scanner.doseIndex = scan.perHundred
      let got = try DoseIndex.volume(
        scanner: scanner,
        scanProtocol: ScanProtocol(
          name: "test", mas: scan.effective * scan.pitch, pitch: scan.pitch, kvp: 120))
      #expect(abs(got - scan.index) < 0.05)
    }
    // Without a figure of its own a scanner is the one of 7.2 mGy, with 38.4 mm of collimation or not.
    let usual = try DoseIndex.volume(
      scanner: Scanner.load("rows64"), scanProtocol: ScanProtocol(name: "test", mas: 266, kvp: 120))
    #expect(abs(usual - 19.2) < 0.1)
  }

  /// Dose is proportional to mAs over pitch, and one energy counts as 120 kVp.
  @Test func followsItsFormula() throws {
    let scanner = try Scanner.load("rows16")
    func index(_ mas: Double, _ pitch: Double, _ kvp: Double?) throws -> Double {
      try DoseIndex.volume(
        scanner: scanner, scanProtocol: ScanProtocol(name: "t", mas: mas, pitch: pitch, kvp: kvp))
    }
    let one = try index(100, 1, nil)
    #expect(abs(one - 7.2) < 1e-9)
    #expect(abs(try index(50, 1, 120) - one / 2) < 1e-9)
    #expect(abs(try index(100, 1.25, 120) - one / 1.25) < 1e-9)
  }

  /// Dose rises with the voltage by a power of two to three and a half, steeper behind more material.
  @Test func risesWithVoltage() throws {
    let scanner = try Scanner.load("rows64")
    for kvp in [80.0, 100, 140] {
      let factor = try DoseIndex.voltageFactor(kvp: kvp, scanner: scanner)
      let power = logarithm(factor) / logarithm(kvp / 120)
      #expect((2.0...3.5).contains(power), "\(factor) at \(kvp) kVp: power \(power)")
    }
  }
}
