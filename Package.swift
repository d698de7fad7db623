// swift-tools-version: 6.2
import PackageDescription

// The house: a floor is a folder of Sources, a module a room on it. A module depends on modules of the
// floors below and of its own floor above it in this list, and on no other; `FloorPlanTests` checks it.
// docs/background/architecture.md describes what lives where.

/// Language features every Swift target is written against.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let subprocess: [Target.Dependency] = [
  .product(name: "Subprocess", package: "swift-subprocess"),
  .product(name: "SystemPackage", package: "swift-system"),
]
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// A module; `resources` embeds its folder Resources in the code, so that the command is one file.
func room(
  _ floor: String, _ name: String, _ dependencies: [Target.Dependency] = [], resources: Bool = false
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)",
    resources: resources ? [.embedInCode("Resources")] : [], swiftSettings: strict)
}

/// The tests of a module, with phantoms and assertions from `TestSupport`.
func tests(
  of module: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(module)Tests",
    dependencies: [.init(stringLiteral: module), "TestSupport"]
      + (module == "Support" ? [] : ["Support"]) + dependencies,
    exclude: exclude, swiftSettings: strict)
}

let ground: [Target] = [
  // The inner loops that Swift cannot express as fast; each is chosen at run time by CPU, so
  // that no unsafe build flag is needed.
  .target(name: "Kernels", path: "Sources/Ground/Kernels"),
  // gzip and PNG compression: twice to three times zlib's speed. `make setup` installs it.
  .systemLibrary(
    name: "CLibdeflate", path: "Sources/Ground/CLibdeflate", pkgConfig: "libdeflate",
    providers: [.apt(["libdeflate-dev"])]),
  // The container of sinograms. `make setup` installs it.
  .systemLibrary(
    name: "CHDF5", path: "Sources/Ground/CHDF5", pkgConfig: "hdf5",
    providers: [.apt(["libhdf5-dev"])]),
  room("Ground", "Support", subprocess),
  room("Ground", "Configuration", ["Support", yams]),
  room("Ground", "Volumes", ["Support", "CLibdeflate"]),
  room("Ground", "Datasets", ["Support"]),
]

let body: [Target] = [
  room(
    "Body", "Anatomy", ["Support", "Configuration", "Volumes", "Datasets"], resources: true),
  room("Body", "Tissues", ["Support", "Configuration", "Anatomy"], resources: true),
  room("Body", "Textures", ["Support", "Volumes"]),
  room(
    "Body", "Painting",
    ["Support", "Volumes", "Anatomy", "Tissues", "Textures"]),
]

let ct: [Target] = [
  room(
    "CT", "Acquisition", ["Support", "Configuration", "Kernels", "Volumes"], resources: true),
  room("CT", "Reconstruction", ["Support", "Kernels", "Volumes", "Acquisition"]),
  room(
    "CT", "CTScan", ["Support", "Volumes", "Painting", "Acquisition", "Reconstruction"]),
  room("CT", "Sinograms", ["Support", "Configuration", "CHDF5", "Volumes", "Acquisition"]),
]

let mr: [Target] = [
  room(
    "MR", "MRScan",
    ["Support", "Configuration", "Kernels", "Volumes", "Tissues", "Painting"], resources: true)
]

let learning: [Target] = [
  // requirements.txt, the lock file of the Python environment, as bytes in the command.
  .target(
    name: "PinnedPackages", path: "Sources/Learning/PinnedPackages",
    exclude: ["requirements.txt"]),
  room(
    "Learning", "Training",
    ["Support", "Configuration", "Volumes", "Datasets", "PinnedPackages"] + subprocess,
    resources: true),
  room("Learning", "Evaluation", ["Support", "Volumes", "Datasets"]),
  room(
    "Learning", "Exchange",
    ["Support", "Configuration", "Datasets", "Anatomy", "Training"], resources: true),
]

let studies: [Target] = [
  room(
    "Studies", "Generation",
    [
      "Support", "Configuration", "Volumes", "Datasets", "Anatomy", "Tissues", "Textures",
      "Painting", "Acquisition", "CTScan", "MRScan",
    ], resources: true),
  room(
    "Studies", "Reporting", ["Support", "Volumes", "Datasets", "Evaluation"], resources: true),
  room(
    "Studies", "QualityAssurance",
    [
      "Support", "Configuration", "Volumes", "Tissues", "Painting", "Acquisition",
      "Reconstruction", "CTScan", "MRScan", "Evaluation", "Reporting",
    ]),
  room(
    "Studies", "Experiments",
    [
      "Support", "Configuration", "Volumes", "Datasets", "Anatomy", "Tissues", "Textures",
      "Painting", "Acquisition", "Training", "Evaluation", "Generation", "Reporting",
    ], resources: true),
]

let commands: [Target] = [
  // The C functions behind the Python package; like the command, it holds no algorithm.
  room(
    "Commands", "MaskCTC",
    [
      "Support", "Volumes", "Anatomy", "Tissues", "Textures", "Painting", "Acquisition",
      "Reconstruction", "CTScan", "MRScan", "Generation",
    ]),
  .executableTarget(
    name: "maskct",
    dependencies: [
      "Support", "Configuration", "Volumes", "Datasets", "Anatomy", "Tissues", "Painting",
      "Acquisition", "Reconstruction", "CTScan", "MRScan", "Sinograms", "Training", "Evaluation",
      "Exchange", "Generation", "Reporting", "QualityAssurance", "Experiments", argumentParser,
    ],
    path: "Sources/Commands/maskct", swiftSettings: strict),
]

let testing: [Target] =
  [
    // Phantoms, a seeded generator and assertions that name the worst voxel.
    .target(
      name: "TestSupport",
      dependencies: ["Support", "Volumes", "Anatomy", "Acquisition", "Generation"],
      path: "Tests/TestSupport", swiftSettings: strict),
    // What fuzzing runs, and the tests of what it found.
    .target(
      name: "HostileInput",
      dependencies: [
        "Support", "Volumes", "Anatomy", "Painting", "Acquisition", "Sinograms", "CHDF5",
        "Datasets", "Generation", "Evaluation", "Exchange",
      ],
      path: "Tests/HostileInput", swiftSettings: strict),
    .testTarget(
      name: "HostileInputTests", dependencies: ["HostileInput", "Support"], swiftSettings: strict),
  ] + [
    tests(of: "Kernels"),
    tests(of: "Support"),
    tests(of: "Configuration"),
    tests(of: "Volumes"),
    tests(of: "Datasets", ["Volumes"]),
    tests(of: "Anatomy"),
    tests(of: "Tissues"),
    tests(of: "Textures"),
    tests(of: "Painting", ["Tissues", "Generation"]),
    tests(of: "Acquisition"),
    tests(of: "Reconstruction", ["CTScan"]),
    tests(of: "CTScan"),
    tests(of: "MRScan", ["Tissues", "Painting", "Volumes"]),
    tests(of: "Sinograms", ["Reconstruction", "CTScan"], exclude: ["Fixtures"]),
    tests(of: "Training", ["Datasets"]),
    tests(of: "Evaluation", ["Datasets"]),
    tests(
      of: "Exchange", ["Anatomy", "Acquisition", "CTScan", "Datasets", "Training"],
      exclude: ["test_exchange.py"]),
    tests(
      of: "Generation", ["Datasets", "Anatomy", "Tissues", "Painting", "CTScan", "MRScan"]),
    tests(of: "Reporting"),
    tests(of: "QualityAssurance", ["CTScan", "MRScan"]),
    tests(of: "Experiments", ["Datasets"]),
    tests(of: "MaskCTC", ["Volumes"]),
    // Runs the built command as a user does.
    tests(
      of: "maskct",
      ["Anatomy", "Volumes", "Datasets", "Training", "Exchange", "Acquisition", "Sinograms"]
        + subprocess,
      exclude: ["Snapshots", "Damaged"]),
  ]

let package = Package(
  name: "maskct",
  products: [
    .executable(name: "maskct", targets: ["maskct"]),
    // What the Python package loads.
    .library(name: "MaskCTC", type: .dynamic, targets: ["MaskCTC"]),
    // For fuzzing, a package of its own.
    .library(name: "HostileInput", targets: ["HostileInput"]),
    // For the benchmarks, a package of their own.
    .library(name: "Scan", targets: ["Support", "Volumes", "Acquisition", "Reconstruction"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    // Needed by swift-subprocess, which leaves its version open.
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
  ],
  targets: ground + body + ct + mr + learning + studies + commands + testing
)
