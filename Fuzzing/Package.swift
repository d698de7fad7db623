// swift-tools-version: 6.2
import PackageDescription

// Fuzzing lives apart, because libFuzzer brings a main function of its own. Built by scripts/fuzz.sh, which adds the
// instrumentation.
let package = Package(
  name: "Fuzzing",
  dependencies: [.package(name: "maskct", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "HostileInput", package: "maskct")],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  ]
)
