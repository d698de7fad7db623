import Volumes

/// The area of surface inside one cell of the corner lattice, for all 256 neighbourhoods.
///
/// A *cell* is the box spanned by the centres of 2 x 2 x 2 neighbouring voxels; its middle is the
/// corner that the eight voxels share. The eight voxels' membership is the cell's *code*: bit
/// `4 dx + 2 dy + dz` is set when voxel `(dx, dy, dz)` of the eight is in the mask. Inside the cell the
/// surface is that of marching cubes (Lorensen and Cline, SIGGRAPH 1987) for a binary mask: its
/// polygons cut the cell's edges half-way between a voxel inside and one outside. One such piece with
/// its area is a *surface element* in the sense of Nikolov et al., *Clinically applicable segmentation
/// of head and neck anatomy for radiotherapy* (J. Med. Internet Res. 23, 2021).
///
/// The polygons are found here, not looked up: on each face of the cell the crossed edges are joined,
/// and where a face has its two mask voxels on a diagonal each is cut off alone (so neighbouring cells
/// agree and the surface is closed). The joints make closed loops; a loop is filled by triangles
/// around the mean of its points. Areas thus do not depend on how the cell is turned or mirrored.
struct SurfaceElementAreas {
  /// Area in mm^2 by code; zero for codes 0 and 255, which have no surface.
  let areas: [Float]

  /// Works out the areas for voxels of the given spacing (mm).
  init(spacing: SIMD3<Double>) {
    areas = (0..<256).map { Float(Self.area(code: $0, spacing: spacing)) }
  }

  /// The area of the surface inside a cell, mm^2.
  static func area(code: Int, spacing: SIMD3<Double>) -> Double {
    loops(code: code).reduce(0) { sum, loop in
      let points = loop.map { $0.middle * spacing }
      let centre = points.reduce([0, 0, 0], +) / Double(points.count)
      var area = 0.0
      for (index, point) in points.enumerated() {
        let next = points[(index + 1) % points.count]
        let normal = cross(point - centre, next - centre)
        area += 0.5 * (normal * normal).sum().squareRoot()
      }
      return sum + area
    }
  }

  /// An edge of the cell, named by its two corners (bits `4 dx + 2 dy + dz`), the lower first.
  private struct Edge: Hashable {
    var a, b: Int

    init(_ first: Int, _ second: Int) {
      a = min(first, second)
      b = max(first, second)
    }

    /// The middle of the edge in units of voxels.
    var middle: SIMD3<Double> { (Self.corner(a) + Self.corner(b)) * 0.5 }

    private static func corner(_ index: Int) -> SIMD3<Double> {
      [Double(index >> 2 & 1), Double(index >> 1 & 1), Double(index & 1)]
    }
  }

  /// The closed loops of crossed edges of a cell.
  private static func loops(code: Int) -> [[Edge]] {
    var neighbours: [Edge: [Edge]] = [:]
    func join(_ first: Edge, _ second: Edge) {
      neighbours[first, default: []].append(second)
      neighbours[second, default: []].append(first)
    }
    for axis in 0..<3 {
      for side in 0..<2 {
        let face = faceCorners(axis: axis, side: side)
        let inside = face.map { code >> $0 & 1 == 1 }
        let crossed = (0..<4).filter { inside[$0] != inside[($0 + 1) % 4] }
        let edge = { (k: Int) in Edge(face[k % 4], face[(k + 1) % 4]) }
        if crossed.count == 2 {
          join(edge(crossed[0]), edge(crossed[1]))
        } else if crossed.count == 4 {
          // Corner k lies between the edges k - 1 and k.
          for k in 0..<4 where inside[k] { join(edge(k + 3), edge(k)) }
        }
      }
    }
    var loops: [[Edge]] = []
    var seen: Set<Edge> = []
    for start in neighbours.keys.sorted(by: { ($0.a, $0.b) < ($1.a, $1.b) })
    where !seen.contains(start) {
      var loop: [Edge] = []
      var current: Edge? = start
      while let edge = current {
        seen.insert(edge)
        loop.append(edge)
        current = neighbours[edge]!.first { !seen.contains($0) }
      }
      loops.append(loop)
    }
    return loops
  }

  /// The corners of a face in the order around it.
  private static func faceCorners(axis: Int, side: Int) -> [Int] {
    let fixed = side << (2 - axis)
    let others = [0, 1, 2].filter { $0 != axis }.map { 1 << (2 - $0) }
    return [
      fixed, fixed | others[0], fixed | others[0] | others[1], fixed | others[1],
    ]
  }
}
