import Acquisition
import Reconstruction
import Support
import Volumes

/// Images without a scanner, with the resolution and the strength of noise that a scan would have: what is left when the
/// physics of a scan are taken away (`ScanProtocol.Imaging.blur`).
///
/// In the plane the body is blurred by the Gaussian whose transfer function is a half where that of the kernel is, along z
/// by one with the variance of the slice profile, a box of the thickness T:
///
///     exp(-2 pi² s² f²) = 1/2  at  W(f) = 1/2,   s_z = T / sqrt(12)
///
/// Noise is white, with the standard deviation that the scan has near the axis (`ExposureControl`). What is missing is
/// all that a scanner adds beyond: grain, streaks, partial volume of helical weights, noise that follows the body.
extension CTSimulator {
  /// The image of a body on `grid`, HU.
  func blurred(
    _ hu: Volume<Float>, onto grid: Grid, planned: Grid, stream: RandomStream, workers: Workers
  ) throws -> Volume<Float> {
    let scan = plan(planned, stream: stream)
    let placement = try GantryPlacement(of: hu.grid, reference: planned)
    let scale = Float(waterAttenuation / 1000)
    let object = VoxelObject(
      hu: hu, placement: placement, radius: scan.scanner.fieldOfViewRadius, workers: workers
    ) { max(0, ($0 + 1000) * scale) }
    let attenuation = Scout.logAttenuation(
      scan, body: object, waterAttenuation: waterAttenuation, workers: workers)
    let current = exposure.tubeCurrent(of: scan, onto: planned) { attenuation }
    let noise = Float(
      exposure.noise(
        of: scan, onto: planned, current: current, logAttenuation: attenuation)(current.mas))

    let voxel = max(grid.spacing.x, grid.spacing.y)
    let width = blur(kernel.limited(toVoxel: min(voxel, scanProtocol.resolution ?? voxel)))
    let height = (scanProtocol.sliceThickness ?? grid.spacing.z) / 12.0.squareRoot()
    var image = hu.gaussianFiltered(sigma: [width, width, height], workers: workers)
      .resampled(to: grid, outside: .value(-1000), workers: workers)
    let row = grid.shape.x * grid.shape.z
    let stream = stream.split("noise")
    image.values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      workers.forEach(grid.shape.y) { y in
        var own = stream.split(y)
        for index in y * row..<(y + 1) * row {
          values[index] += noise * Float(own.gaussian(mean: 0, deviation: 1))
        }
      }
    }
    return image
  }

  /// Standard deviation of the Gaussian that passes a half of what the kernel passes a half of, mm.
  private func blur(_ kernel: ReconstructionKernel) -> Double {
    // From the cut-off down: a kernel that enhances edges passes a half only once.
    var half = kernel.cutoff
    while kernel.window(half) < 0.5, half > 0 { half -= kernel.cutoff / 1000 }
    return (logarithm(2) / 2).squareRoot() / (Double.pi * half)
  }
}
