import Datasets
import Support
import Testing

@Suite struct DatasetNameTests {
  @Test func parses() throws {
    let name = try DatasetName(parsing: "nnUNet_raw/Dataset503_Liver-Video.2/")
    #expect(name.id == 503)
    #expect(name.name == "Liver-Video.2")
    #expect("\(name)" == "Dataset503_Liver-Video.2")
    #expect("\(try DatasetName(id: 7, name: "A"))" == "Dataset007_A")
  }

  @Test(arguments: [
    "Liver", "Dataset5_Liver", "Dataset0503_Liver", "Dataset503", "Dataset503_", "Dataset000_Liver",
    "Dataset503_Liver Video", "Dataset+12_Liver", "dataset503_Liver", "Dataset503_Leber\u{E4}",
  ])
  func refuses(text: String) {
    #expect(throws: MaskCTError.self) { try DatasetName(parsing: text) }
  }
}
