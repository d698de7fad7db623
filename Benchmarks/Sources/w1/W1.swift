import Acquisition
import Support
import Workload

/// Workload W1 (`Workload`): the whole of it, then each stage alone, against this machine's peak.
///
///     swift run -c release --package-path Benchmarks w1 [ROOFLINE.svg]
///
/// `ratio` is a stage's time over that of 10¹² floating-point operations at the peak of the same run.
@main
struct W1 {
  static func main() throws {
    let workers = Workers()
    if let bodies = Chain.bodies(arguments: CommandLine.arguments) {
      return try Chain.run(bodies: bodies, workers: workers)
    }
    let machine = Machine(workers: workers)
    let workload = Workload()
    let scan = workload.scan
    // What W1 may take on 286 GFLOP/s, on this machine.
    let budget = 25 * 286 / machine.arithmetic
    print(
      """
      \(workers.count) threads, \(InstructionSet.current); peak \(text(machine.arithmetic, 0)) GFLOP/s, \
      memory \(text(machine.memory)) GB/s
      \(scan.viewCount) views, \(text(workload.rays / 1e6, 0)) M rays, \
      \(text(workload.updates / 1e9, 2)) G updates; 25 s at 286 GFLOP/s are \(text(budget)) s here

      """)
    let table = Table("stage", "seconds", "ratio", "rate")
    func report(_ stage: String, _ seconds: Double, _ rate: String = "") {
      table.row(stage, text(seconds, 2), text(seconds * machine.arithmetic / 1000, 2), rate)
    }

    let (seconds, peak) = try Chain.inItsOwnProcess(bodies: 1)
    report("**scan with noise, reconstruction**", seconds, "\(text(peak, 2)) GiB at the most")
    let (twice, longPeak) = try Chain.inItsOwnProcess(bodies: 2)
    let more = text((longPeak / peak - 1) * 100)
    report("the same for a body twice as long", twice, "\(more) % more memory")

    let body = workload.object(workers: workers)
    func source(noise: PhotonNoise?) -> SimulatedScan {
      SimulatedScan(scan: scan, body: body, noise: noise, workers: workers)
    }
    let forward = try time { try source(noise: nil).readAll() }
    report("forward projection", forward, "\(text(workload.rays / forward / 1e6, 0)) M rays/s")
    let noisy = try time { try source(noise: workload.noise).readAll() }
    report(
      "noise (forward with less without)", noisy - forward,
      "\(text(workload.rays / (noisy - forward) / 1e6, 0)) M rays/s")

    let recorded = RecordedScan(source(noise: workload.noise))
    let copying = try time { try recorded.readAll() }
    let filtering = try medianTime {
      try workload.reconstruct(recorded, oneColumn: true, workers: workers)
    }
    let samples = Double(scan.viewCount) * 721 * 64
    report(
      "rebinning and filter", filtering - copying,
      "\(text(samples / (filtering - copying) / 1e6, 0)) M samples/s")
    let reconstruction = try medianTime { try workload.reconstruct(recorded, workers: workers) }
    let updates = workload.updates / (reconstruction - filtering)
    report(
      "back-projection", reconstruction - filtering, "\(text(updates / 1e9, 2)) G updates/s")

    if CommandLine.arguments.count > 1 {
      let stages = workload.stages(
        forward: forward, noise: noisy - forward, filtering: filtering - copying,
        backProjection: reconstruction - filtering, updates: workload.updates)
      try AtomicFile.write(
        roofline(stages, arithmetic: machine.arithmetic, memory: machine.memory),
        to: CommandLine.arguments[1])
    }

    let mono = try time {
      try SimulatedScan(
        scan: scan, body: body, noise: workload.noise, workers: workers
      ).readAll()
    }
    for contrast in [false, true] {
      let seconds = try polychromatic(workload, contrast: contrast, workers: workers)
      table.row(
        "polychromatic scan over monoenergetic" + (contrast ? ", with contrast medium" : ""),
        text(seconds, 2), "", "\(text(seconds / mono, 2)) times")
    }
  }

  /// Seconds for all views of a polychromatic scan with noise.
  ///
  /// - Parameter contrast: whether all water of the body holds iodine, far more than any patient does.
  static func polychromatic(
    _ workload: Workload, contrast: Bool, workers: Workers
  ) throws -> Double {
    let scanner = workload.scanner
    let response = try scanner.response(kvp: 120)
    let noise = try PhotonNoise(
      scanner: scanner, mas: 200, response: response, stream: RandomStream(seed: 1))
    let body = BasisObject(
      tissue: { workload.object(workers: workers, quantity: $0) },
      contrast: contrast
        ? { quantity in workload.object(workers: workers) { quantity($0 == 0 ? 40 : 0) } } : nil)
    let beam = SimulatedScan(
      scan: workload.scan, body: body,
      beam: PolychromaticBeam(
        response: response, scanner: scanner, noise: noise, correctsHardening: true),
      workers: workers)
    return try time { try beam.readAll() }
  }
}
