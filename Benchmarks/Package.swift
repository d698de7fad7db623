// swift-tools-version: 6.2
import PackageDescription

// Benchmarks live apart, so that who uses MaskCT never builds them.
let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "maskct", path: "..")],
  targets: [
    .executableTarget(name: "w1", dependencies: [.product(name: "Scan", package: "maskct")])
  ]
)
