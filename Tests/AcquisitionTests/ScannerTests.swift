import Acquisition
import Support
import Testing

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
    func photons(_ scanner: Scanner) -> Double {
      let noise = PhotonNoise(
        scanner: scanner, mas: 100, waterAttenuation: 0.02, stream: RandomStream(seed: 1))
      return Double(noise.incident.reduce(0, +)) * Double(scanner.viewsPerRotation)
    }
    #expect(abs(photons(binned) / photons(scanner) - 1) < 0.01)
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

  /// A protocol may read the middle rows alone and choose a bow-tie filter; the rest of the scanner stays.
  @Test func protocolsChooseRowsAndBowtie() throws {
    let scanner = try Scanner.load("rows64")
    var settings = ScanProtocol(name: "narrow")
    #expect(try settings.applied(to: scanner) == scanner)
    settings.rows = 20
    settings.bowtie = .small
    let used = try settings.applied(to: scanner)
    #expect(used.rows == 20 && used.bowtieDiameter == 220)
    #expect(abs(used.collimation - 12) < 1e-9)
    #expect(used.channels == scanner.channels && used.rowHeight == scanner.rowHeight)
    #expect(try settings.applied(to: used) == used, "applied twice is applied once")
    // At the edge of the field all of the cylinder's water is missing: the filter holds half of its diameter.
    for bowtie in Bowtie.allCases {
      settings.bowtie = bowtie
      let water = try settings.applied(to: scanner).bowtieWater
      #expect(abs(water[0] - bowtie.diameter / 2) < 1e-9 && water.min()! < 0.01)
    }
    settings.rows = 65
    let error = #expect(throws: MaskCTError.self) { _ = try settings.applied(to: scanner) }
    #expect(error?.remedy?.contains("64 rows") == true)
    settings.rows = 0
    #expect(throws: MaskCTError.self) { try settings.validate() }
    settings.rows = nil
    settings.rotationTime = -1
    #expect(throws: MaskCTError.self) { try settings.validate() }
  }
}
