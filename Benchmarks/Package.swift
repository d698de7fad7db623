// swift-tools-version: 6.2
import PackageDescription

// Benchmarks live apart, so that who uses MaskCT never builds them.
let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "maskct", path: "..")],
  targets: [
    // What times are told against.
    .target(name: "Reference"),
    .target(
      name: "Workload", dependencies: ["Reference", .product(name: "Scan", package: "maskct")]),
    .executableTarget(name: "w1", dependencies: ["Workload"]),
    .executableTarget(name: "scaling", dependencies: ["Workload"]),
  ]
)
