// swift-tools-version: 6.2
import PackageDescription

// One target a stage, in the order of the data flow; a target depends only on targets above it.
// Tests of numerical kernels are only bearable with optimisation: `make test` runs them in release mode.

/// Language features every Swift target is written against.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
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
    .library(name: "Scan", targets: ["Volumes", "Acquisition", "Reconstruction"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
    // Needed by swift-subprocess, which leaves its version open.
    .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
  ],
  targets: [
    // gzip and PNG compression: twice to three times zlib's speed. `make setup` installs it.
    .systemLibrary(
      name: "CLibdeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    // The container of sinograms. `make setup` installs it.
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),

    // The inner loops that Swift cannot express as fast; each is chosen at run time by CPU, so
    // that no unsafe build flag is needed.
    .target(name: "Kernels"),

    .target(name: "Volumes", dependencies: ["CLibdeflate"], swiftSettings: strict),
    .target(
      name: "Configuration", dependencies: ["Volumes", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .target(
      name: "Anatomy", dependencies: ["Volumes", "Configuration"],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    .target(name: "Textures", dependencies: ["Volumes"], swiftSettings: strict),
    .target(
      name: "Painting", dependencies: ["Anatomy", "Textures", "Configuration"],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    .target(
      name: "Acquisition", dependencies: ["Volumes", "Configuration", "Kernels"],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    .target(
      name: "Reconstruction", dependencies: ["Acquisition", "Kernels"], swiftSettings: strict),
    .target(
      name: "Sinograms", dependencies: ["Volumes", "Configuration", "Acquisition", "CHDF5"],
      swiftSettings: strict),
    .target(
      name: "Segmentation",
      dependencies: [
        "Volumes", "Configuration", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    .target(
      name: "Generation",
      dependencies: ["Painting", "Acquisition", "Reconstruction", "Segmentation"],
      swiftSettings: strict),
    .target(name: "Evaluation", dependencies: ["Volumes"], swiftSettings: strict),
    .target(
      name: "Reporting", dependencies: ["Volumes", "Evaluation"],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    .target(
      name: "QualityAssurance",
      dependencies: ["Volumes", "Acquisition", "Reconstruction", "Evaluation", "Reporting"],
      swiftSettings: strict),
    .target(
      name: "Experiments",
      dependencies: ["Configuration", "Generation", "Segmentation", "Evaluation", "Reporting"],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    // The C functions behind the Python package; like the command, it holds no algorithm.
    .target(
      name: "MaskCTC",
      dependencies: [
        "Volumes", "Anatomy", "Painting", "Acquisition", "Reconstruction", "Generation",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "maskct",
      dependencies: [
        "Volumes", "Configuration", "Anatomy", "Painting", "Acquisition", "Reconstruction",
        "Sinograms", "Generation", "Segmentation", "Evaluation", "Reporting",
        "QualityAssurance", "Experiments",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // What fuzzing runs, and the tests of what it found.
    .target(
      name: "HostileInput",
      dependencies: [
        "Volumes", "Anatomy", "Painting", "Acquisition", "Sinograms", "CHDF5", "Generation",
        "Evaluation",
      ],
      path: "Tests/HostileInput", swiftSettings: strict),
    // Phantoms, a seeded generator and assertions that name the worst voxel.
    .target(
      name: "TestSupport", dependencies: ["Volumes", "Anatomy"], path: "Tests/TestSupport",
      swiftSettings: strict),
  ]
    + [
      "Kernels", "Volumes", "Configuration", "Anatomy", "Textures", "Painting", "Acquisition",
      "Reconstruction", "Segmentation", "Generation", "Evaluation", "Reporting", "Experiments",
      "QualityAssurance",
    ].map { module in
      .testTarget(
        name: "\(module)Tests", dependencies: ["TestSupport", .init(stringLiteral: module)],
        swiftSettings: strict)
    } + [
      .testTarget(
        name: "HostileInputTests", dependencies: ["HostileInput"], swiftSettings: strict),
      .testTarget(
        name: "SinogramsTests", dependencies: ["TestSupport", "Sinograms", "Reconstruction"],
        exclude: ["Fixtures"], swiftSettings: strict),
      .testTarget(
        name: "MaskCTCTests", dependencies: ["MaskCTC", "Volumes"], swiftSettings: strict),
      // Runs the built command as a user does.
      .testTarget(
        name: "maskctTests",
        dependencies: [
          "TestSupport", "maskct", "Volumes", "Segmentation", "Acquisition", "Sinograms",
          .product(name: "Subprocess", package: "swift-subprocess"),
        ],
        exclude: ["Snapshots", "Damaged"], swiftSettings: strict),
    ]
)
