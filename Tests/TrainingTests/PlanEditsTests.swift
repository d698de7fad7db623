import FoundationEssentials
import Support
import TestSupport
import Testing

@testable import Training

/// The edits of nnU-Net's own files by the Python process; they need neither nnU-Net nor torch.
@Suite struct PlanEditsTests {
  private static let fingerprint = #"""
    {"foreground_intensity_properties_per_channel": {"0": {"max": 190.0, "mean": 101.3,
     "median": 100.0, "min": 14.0, "percentile_00_5": 15.0, "percentile_99_5": 168.0, "std": 20.1}},
     "median_relative_size_after_cropping": 1.0, "shapes_after_crop": [[9, 9, 9]],
     "spacings": [[1.0, 1.5, NaN]]}
    """#
  private static let plans = #"""
    {"dataset_name": "Dataset001_T", "plans_name": "MaskCTPlans", "transpose_forward": [0, 1, 2],
     "configurations": {"2d": {"spacing": [1.0, 1.0]}, "3d_fullres": {"batch_size": 2,
       "spacing": [1.0, 0.7, 0.7], "normalization_schemes": ["CTNormalization"],
       "architecture": {"network_class_name": "PlainConvUNet", "arch_kwargs": {"n_stages": 6,
         "features_per_stage": [32, 64], "conv_op": "torch.nn.modules.conv.Conv3d",
         "kernel_sizes": [], "strides": [], "n_conv_per_stage": [], "n_conv_per_stage_decoder": [],
         "conv_bias": true}, "_kw_requires_import": ["conv_op"]}}}}
    """#

  /// A folder with the text as a file of Dataset001_T, and the real Python process in front of it.
  private func edit<Request: DriverRequest>(
    _ file: String, _ text: String, _ request: Request
  ) async throws -> (answer: Request.Answer, text: String) {
    let interpreter = try #require(ChildProcess.find("python3"))
    return try await withTemporaryFolder { folder in
      let path = folder + "/Dataset001_T/" + file
      try write(text, to: path)
      let python = try PythonEnvironment.ready(
        at: .init(environment: ["MASKCT_HOME": folder, "MASKCT_PYTHON": interpreter]))
      let answer = try await Driver.run(
        python: python, variables: ["nnUNet_preprocessed": folder], log: folder + "/log"
      ) { try await $0.request(request) }
      return (answer, try #require(readText(path)))
    }
  }

  @Test("the fingerprint's statistics are replaced, the rest is kept")
  func intensities() async throws {
    let request = SetIntensitiesRequest(dataset: "Dataset001_T", intensities: .softTissue)
    let (answer, text) = try await edit("dataset_fingerprint.json", Self.fingerprint, request)
    #expect(answer.shapes == [[9, 9, 9]])
    #expect(answer.spacings[0][1] == 1.5 && answer.spacings[0][2].isNaN)
    struct File: Decodable {
      var foregroundIntensityPropertiesPerChannel: [String: [String: Double]]
      var medianRelativeSizeAfterCropping: Double
    }
    let file = try #require(JSONFile.line(File.self, text))
    #expect(
      file.foregroundIntensityPropertiesPerChannel == [
        "0": [
          "mean": 40, "median": 40, "std": 80, "min": -160, "max": 240, "percentile_99_5": 240,
          "percentile_00_5": -160,
        ]
      ])
    #expect(file.medianRelativeSizeAfterCropping == 1)
    await #expect(throws: MaskCTError.self) {
      _ = try await edit("dataset_fingerprint.json", "{}", request)
    }
  }

  @Test("the plans keep what nnU-Net wrote and gain one configuration")
  func small() async throws {
    let sizes = try SmallConfiguration(
      spacings: [[1, 1, 1]], shapes: [[300, 400, 400]], transpose: [0, 1, 2])
    let request = AddConfigurationRequest(
      dataset: "Dataset001_T", plans: "MaskCTPlans", name: "small", sizes: sizes)
    let (_, text) = try await edit("MaskCTPlans.json", Self.plans, request)
    struct File: Decodable {
      struct Configuration: Decodable {
        struct Architecture: Decodable {
          struct Arguments: Decodable {
            var nStages: Int
            var featuresPerStage: [Int]
            var convOp: String
            var strides: [[Int]]
            var nConvPerStageDecoder: [Int]
          }
          var archKwargs: Arguments
          var _kwRequiresImport: [String]
        }
        var batchSize: Int?
        var inheritsFrom: String?
        var dataIdentifier: String?
        var normalizationSchemes: [String]?
        var patchSize: [Int]?
        var spacing: [Double]
        var architecture: Architecture?
      }
      var datasetName: String
      var configurations: [String: Configuration]
    }
    let file = try #require(JSONFile.line(File.self, text), "\(text)")
    #expect(file.datasetName == "Dataset001_T")
    #expect(Set(file.configurations.keys) == ["2d", "3d_fullres", "small"])
    #expect(file.configurations["3d_fullres"]?.architecture?.archKwargs.nStages == 6)
    let small = try #require(file.configurations["small"])
    #expect(small.inheritsFrom == "3d_fullres")
    #expect(small.dataIdentifier == "MaskCTPlans_small")
    #expect(small.normalizationSchemes == nil, "inherited")
    #expect(small.patchSize == sizes.patch)
    #expect(small.spacing == [Double](repeating: sizes.spacing, count: 3))
    let architecture = try #require(small.architecture)
    #expect(architecture._kwRequiresImport == ["conv_op"])
    #expect(architecture.archKwargs.convOp == "torch.nn.modules.conv.Conv3d")
    #expect(architecture.archKwargs.nStages == sizes.strides.count)
    #expect(architecture.archKwargs.strides == sizes.strides)
    #expect(architecture.archKwargs.nConvPerStageDecoder.count == sizes.strides.count - 1)
    // Adding it again changes nothing.
    #expect(try await edit("MaskCTPlans.json", text, request).text == text)
    let error = await #expect(throws: MaskCTError.self) {
      _ = try await edit("MaskCTPlans.json", #"{"configurations": {}}"#, request)
    }
    #expect(error?.path?.hasSuffix("MaskCTPlans.json") == true)
  }
}
