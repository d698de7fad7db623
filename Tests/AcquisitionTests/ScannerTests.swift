import Acquisition
import Testing
import Volumes

@Suite struct ScannerTests {
  @Test(arguments: ["rows16", "rows64", "rows128"]) func binningKeepsDoseAndField(name: String)
    throws
  {
    let scanner = try Scanner.load(name)
    #expect(scanner.binned(forVoxel: 1.5) == scanner)
    let binned = scanner.binned(forVoxel: 3)
    #expect(binned.channels == scanner.channels / 2)
    #expect(binned.viewsPerRotation == scanner.viewsPerRotation / 2)
    // The field of view loses the interpolation's margin, four of the finer channels.
    #expect(abs(binned.fieldOfViewRadius - scanner.fieldOfViewRadius) < 4)
    func quanta(_ scanner: Scanner) -> Double {
      let noise = QuantumNoise(
        scanner: scanner, mas: 100, waterAttenuation: 0.02, stream: RandomStream(seed: 1))
      return Double(noise.incident.reduce(0, +)) * Double(scanner.viewsPerRotation)
    }
    #expect(abs(quanta(binned) / quanta(scanner) - 1) < 0.01)
    #expect(scanner.binned(forVoxel: 30).viewsPerRotation >= 180)
  }

  @Test func presetsAreValidAndBadFilesAreRefused() throws {
    for name in Scanner.presets.names { _ = try Scanner.load(name) }
    for name in ScanProtocol.presets.names { _ = try ScanProtocol.load(name) }
    let error = #expect(throws: MaskCTError.self) { _ = try Scanner.load("row64") }
    #expect(error?.remedy?.contains("rows64") == true)
    #expect(throws: MaskCTError.self) { try ScanProtocol(name: "x", pitch: 1.7).validate() }
    #expect(throws: MaskCTError.self) { try ScanProtocol(name: "x", mas: -5).validate() }
  }
}
