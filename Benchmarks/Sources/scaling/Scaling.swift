import Acquisition
import Support
import Workload

/// How time grows with the work: each of W1's dimensions alone, from a quarter of it on.
///
///     swift run -c release --package-path Benchmarks scaling
///
/// Times are told for one unit of work, so a column that stays level is linear growth.
@main
struct Scaling {
  static func main() throws {
    let all = Workers()
    let table = Table(
      "what", "value", "forward, s", "ns a ray", "reconstruction, s", "ns an update", "ratio")
    func measure(_ what: String, _ value: Int, _ workload: Workload, workers: Workers) throws {
      let machine = Machine(workers: all)
      let source = SimulatedScan(
        scan: workload.scan, body: workload.object(workers: workers), noise: nil,
        workers: workers)
      let forward = try time { try source.readAll() }
      let recorded = RecordedScan(source)
      let reconstruction = try time { try workload.reconstruct(recorded, workers: workers) }
      let ratio = (forward + reconstruction) * machine.arithmetic / 1000
      table.row(
        what, String(value), text(forward, 2), text(forward / workload.rays * 1e9, 1),
        text(reconstruction, 2), text(reconstruction / workload.updates * 1e9, 3), text(ratio, 2))
    }
    // A quarter of W1's slices, so that the whole takes minutes.
    var base = Workload()
    base.slices = 64
    for width in [128, 192, 256, 384, 512] {
      var workload = base
      workload.width = width
      try measure("voxels a side", width, workload, workers: all)
    }
    for views in [360, 720, 1440] {
      var workload = base
      workload.views = views
      try measure("views a rotation", views, workload, workers: all)
    }
    for rows in [16, 32, 64, 128] {
      var workload = base
      workload.rows = rows
      try measure("rows", rows, workload, workers: all)
    }
    for slices in [64, 128, 256, 512] {
      var workload = base
      workload.slices = slices
      try measure("slices", slices, workload, workers: all)
    }
    for threads in 1...all.count {
      try measure("threads", threads, base, workers: Workers(count: threads))
    }
  }
}
