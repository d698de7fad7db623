import Support
/// The connected parts of a mask.
///
/// Runs of voxels along z are joined with the runs they touch in neighbouring columns, by union and
/// find (Tarjan 1975): one pass over the mask, memory for the runs alone. Components are numbered
/// from 1 in the order of their first voxel in memory.
public struct ConnectedComponents: Sendable {
  /// Which voxels are neighbours.
  public enum Connectivity: Sendable {
    /// The 6 that share a face.
    case faces
    /// The 26 that share a face, an edge or a corner.
    case corners
  }

  /// One run of voxels in the column `(x, y)`.
  public struct Run: Sendable {
    /// The column.
    public let x: Int, y: Int
    /// The voxels in it.
    public let z: Range<Int>
    /// The number of the component, from 1.
    public let component: Int
  }

  /// The grid of the mask.
  public let grid: Grid
  /// Number of voxels of each component; the first one is component 1.
  public private(set) var voxelCounts: [Int] = []
  /// Number of components.
  public var count: Int { voxelCounts.count }

  /// First run of every column, and the number of all runs at the end.
  private var columns: [Int32]
  private var starts: [Int32] = []
  private var ends: [Int32] = []
  private var components: [Int32] = []

  /// Finds the components of a mask.
  public init(of mask: Mask, connectivity: Connectivity = .faces) {
    grid = mask.grid
    columns = [Int32](repeating: 0, count: mask.grid.columns + 1)
    findRuns(mask)
    joinRuns(connectivity)
    number()
  }

  /// Calls `body` for every run, in the order of memory.
  public func forEachRun(_ body: (Run) -> Void) {
    for column in 0..<grid.columns {
      for run in Int(columns[column])..<Int(columns[column + 1]) {
        body(
          Run(
            x: column % grid.shape.x, y: column / grid.shape.x,
            z: Int(starts[run])..<Int(ends[run]), component: Int(components[run])))
      }
    }
  }

  /// The voxels of the components that fulfil the condition (number from 1, number of voxels).
  public func mask(where isKept: (_ component: Int, _ voxels: Int) -> Bool) -> Mask {
    let kept = [false] + voxelCounts.enumerated().map { isKept($0 + 1, $1) }
    var result = Mask(grid: grid, repeating: 0)
    result.values.withUnsafeMutableBufferPointer { values in
      forEachRun { run in
        if !kept[run.component] { return }
        let column = grid.offset(run.x, run.y, 0)
        for z in run.z { values[column + z] = 1 }
      }
    }
    return result
  }

  /// The component with most voxels (the first of equals); empty for an empty mask.
  public var largest: Mask {
    let greatest = voxelCounts.max() ?? 0
    let number = (voxelCounts.firstIndex(of: greatest) ?? 0) + 1
    return mask { component, _ in component == number }
  }

  private mutating func findRuns(_ mask: Mask) {
    let depth = grid.shape.z
    mask.values.withUnsafeBufferPointer { values in
      for column in 0..<grid.columns {
        let m = values.baseAddress! + column * depth
        var z = 0
        while z < depth {
          if m[z] == 0 {
            z += 1
            continue
          }
          starts.append(Int32(z))
          while z < depth, m[z] != 0 { z += 1 }
          ends.append(Int32(z))
        }
        columns[column + 1] = Int32(starts.count)
      }
    }
  }

  /// Makes `components` a forest: every run points to a run of its component with a lower index.
  private mutating func joinRuns(_ connectivity: Connectivity) {
    components = (0..<Int32(starts.count)).map { $0 }
    let (nx, ny) = (grid.shape.x, grid.shape.y)
    // Neighbouring columns that come earlier in memory, and how far runs may be apart along z.
    let steps: [(x: Int, y: Int)] =
      connectivity == .faces ? [(-1, 0), (0, -1)] : [(-1, 0), (-1, -1), (0, -1), (1, -1)]
    let reach: Int32 = connectivity == .faces ? 0 : 1
    components.withUnsafeMutableBufferPointer { parent in
      starts.withUnsafeBufferPointer { starts in
        ends.withUnsafeBufferPointer { ends in
          for y in 0..<ny {
            for x in 0..<nx {
              let column = y * nx + x
              if columns[column] == columns[column + 1] { continue }
              for step in steps where x + step.x >= 0 && x + step.x < nx && y + step.y >= 0 {
                let other = column + step.y * nx + step.x
                var (a, b) = (Int(columns[column]), Int(columns[other]))
                let (endA, endB) = (Int(columns[column + 1]), Int(columns[other + 1]))
                while a < endA, b < endB {
                  if starts[a] < ends[b] + reach, starts[b] < ends[a] + reach {
                    Self.join(Int32(a), Int32(b), parent)
                  }
                  if ends[a] < ends[b] { a += 1 } else { b += 1 }
                }
              }
            }
          }
        }
      }
    }
  }

  private mutating func number() {
    components.withUnsafeMutableBufferPointer { parent in
      for run in 0..<parent.count {
        // Roots come before all that point to them, so a run's target is numbered already; numbers
        // are negative until all is done.
        let length = Int(ends[run] - starts[run])
        if parent[run] == Int32(run) {
          voxelCounts.append(length)
          parent[run] = -Int32(voxelCounts.count)
        } else {
          parent[run] = parent[Int(parent[run])]
          voxelCounts[Int(-parent[run]) - 1] += length
        }
      }
      for run in 0..<parent.count { parent[run] = -parent[run] }
    }
  }

  private static func root(_ run: Int32, _ parent: UnsafeMutableBufferPointer<Int32>) -> Int32 {
    var run = run
    while parent[Int(run)] != run {
      parent[Int(run)] = parent[Int(parent[Int(run)])]  // halves the path
      run = parent[Int(run)]
    }
    return run
  }

  private static func join(
    _ a: Int32, _ b: Int32, _ parent: UnsafeMutableBufferPointer<Int32>
  ) {
    let (a, b) = (root(a, parent), root(b, parent))
    if a < b { parent[Int(b)] = a } else { parent[Int(a)] = b }
  }
}

extension Mask {
  /// The largest connected part of the mask.
  public func largestComponent(
    _ connectivity: ConnectedComponents.Connectivity = .faces
  ) -> Mask {
    ConnectedComponents(of: self, connectivity: connectivity).largest
  }
}
