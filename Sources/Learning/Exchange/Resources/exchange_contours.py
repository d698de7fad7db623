"""Polygons to masks and masks to polygons, in the plane of a slice.

Pixel coordinates: x along columns, y along rows, pixel centres at whole numbers. A pixel belongs to a structure if
its centre lies inside the contours (even-odd rule) or on one of them. Both directions agree: the polygons that
`outline` draws run half-way between pixel centres, so that `fill` gives back every pixel of the mask.
"""

import numpy as np

# How near a centre counts as on the contour, pixels. Coordinates are written with two decimals of a millimetre at
# worst, and some programs draw their contours from centre to centre.
TOLERANCE = 0.01


def raster(points: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The pixels inside a closed polygon, and those on its line; `points` is (n, 2), x before y."""
    height, width = shape
    inside = np.zeros((height, width + 1), bool)
    line = np.zeros(shape, bool)
    a, b = points, np.roll(points, -1, axis=0)
    # From low to high y, so that an edge gives the same crossings in both directions: a keyhole's channel cancels.
    swap = a[:, 1] > b[:, 1]
    a, b = np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)

    rows, edge = _rows(a[:, 1], b[:, 1], height, 0.0)
    x = _crossing(a[edge], b[edge], rows)
    first = np.clip(np.ceil(x), 0, width).astype(np.intp)
    np.logical_xor.at(inside, (rows, first), True)
    inside = np.logical_xor.accumulate(inside, axis=1)[:, :width]

    # Centres on the line: where it crosses their row, and along edges that follow a row.
    rows, edge = _rows(a[:, 1] - TOLERANCE, b[:, 1] + TOLERANCE, height, TOLERANCE)
    steep = (b[edge, 1] - a[edge, 1]) > 2 * TOLERANCE
    x = _crossing(a[edge[steep]], b[edge[steep]], rows[steep])
    low = np.minimum(a[edge[steep], 0], b[edge[steep], 0])
    high = np.maximum(a[edge[steep], 0], b[edge[steep], 0])
    near = np.rint(np.clip(x, low, high))
    hit = (np.abs(x - near) <= TOLERANCE) & (near >= 0) & (near < width)
    line[rows[steep][hit], near[hit].astype(np.intp)] = True
    for row, index in zip(rows[~steep], edge[~steep]):
        low, high = sorted((a[index, 0], b[index, 0]))
        line[row, max(0, int(np.ceil(low - TOLERANCE))):max(0, int(np.floor(high + TOLERANCE)) + 1)] = True
    return inside, line


def _rows(low, high, height, tolerance):
    """The rows from `low` to below `high` of every edge, and the edge of each."""
    first = np.clip(np.ceil(low), 0, height).astype(np.intp)
    # Half open: an edge that ends on a row leaves it to the next one.
    last = np.clip(np.floor(high) + 1 if tolerance else np.ceil(high), 0, height).astype(np.intp)
    count = np.maximum(last - first, 0)
    edge = np.repeat(np.arange(len(count)), count)
    return np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + first[edge], edge


def _crossing(a, b, rows):
    rise = b[:, 1] - a[:, 1]
    share = np.divide(rows - a[:, 1], rise, out=np.zeros_like(rise), where=rise > 0)
    return a[:, 0] + share * (b[:, 0] - a[:, 0])


def fill(contours: list[tuple[np.ndarray, bool]], shape: tuple[int, int],
         closed: bool = True) -> tuple[np.ndarray, list[str]]:
    """The mask of a structure's contours in one slice, and what was odd about them.

    Each contour comes with whether it is of type CLOSEDPLANAR_XOR. Otherwise a contour that lies wholly inside
    others is a hole (or, inside a hole, an island); contours that overlap in part are united; one that is there
    twice counts once. Without `closed`, pixels on a contour belong to one side or the other by chance: right where the
    grid has nothing to do with that on which the contours were drawn, and volumes must come out without a bias.
    """
    notes = []
    mask = np.zeros(shape, bool)
    lines = np.zeros(shape, bool)
    seen = set()
    for points, exclusive in sorted(contours, key=lambda c: -abs(area(c[0]))):
        key = frozenset(map(tuple, np.round(points, 3)))
        if key in seen:
            notes.append("a contour is there twice")
            continue
        seen.add(key)
        # In the box around it: there may be 10^5 of them in a wide image.
        low = np.clip(np.floor(points.min(axis=0)).astype(int) - 1, 0, shape[::-1])
        high = np.clip(np.ceil(points.max(axis=0)).astype(int) + 2, 0, shape[::-1])
        if (high <= low).any():
            continue
        box = np.s_[low[1]:high[1], low[0]:high[0]]
        inside, line = raster(points - low, (high[1] - low[1], high[0] - low[0]))
        filled, drawn = mask[box], lines[box]
        if exclusive:
            filled ^= inside
        elif not (filled & inside).any():
            filled |= inside
        elif not (inside & ~filled & ~drawn).any():
            filled &= ~inside
        else:
            filled |= inside
            notes.append("contours overlap in part and were united")
        drawn |= line
    return mask | lines if closed else mask, notes


def area(points: np.ndarray) -> float:
    """The signed area of a polygon, positive where x turns towards y."""
    x, y = points[:, 0], points[:, 1]
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def outline(mask: np.ndarray) -> list[np.ndarray]:
    """Closed polygons around the parts of a mask; holes are joined to their part by a keyhole.

    The polygons join the midpoints between neighbouring pixels inside and outside, without points on straight runs.
    """
    box = np.argwhere(mask)
    if not len(box):
        return []
    (top, left), (bottom, right) = box.min(axis=0), box.max(axis=0) + 1
    cells = np.pad(mask[top:bottom, left:right], 1).astype(np.uint8)
    # Corners of every cell of 2 x 2 pixel centres, and the sides through which the outline passes, inside at its
    # right: side 0 is at the top, 1 right, 2 bottom, 3 left.
    case = cells[:-1, :-1] + 2 * cells[:-1, 1:] + 4 * cells[1:, 1:] + 8 * cells[1:, :-1]
    passes = {1: [(0, 3)], 2: [(1, 0)], 3: [(1, 3)], 4: [(2, 1)], 5: [(0, 3), (2, 1)], 6: [(2, 0)], 7: [(2, 3)],
              8: [(3, 2)], 9: [(0, 2)], 10: [(1, 0), (3, 2)], 11: [(1, 2)], 12: [(3, 1)], 13: [(0, 1)], 14: [(3, 0)]}
    offsets = np.array([(1, 0), (2, 1), (1, 2), (0, 1)])  # of a side's midpoint in half pixels, x before y
    following = {}
    for number, ways in passes.items():
        y, x = np.nonzero(case == number)
        corner = np.stack([2 * x, 2 * y], axis=1)
        for start, end in ways:
            following.update(zip(map(tuple, (corner + offsets[start]).tolist()),
                                 map(tuple, (corner + offsets[end]).tolist())))
    loops = []
    while following:
        start, point = following.popitem()
        loop = [start]
        while point != start:
            loop.append(point)
            point = following.pop(point)
        points = np.array(loop)
        straight = np.roll(points, -1, axis=0) - points
        turn = np.any(straight != np.roll(straight, 1, axis=0), axis=1)
        loops.append(points[turn] / 2.0 + [left - 1, top - 1])
    # A loop that turns as the first passes do is an outer one; the others are holes.
    sign = np.sign(area(max(loops, key=lambda p: abs(area(p)))))
    outer = [p for p in loops if np.sign(area(p)) == sign]
    holes = [p for p in loops if np.sign(area(p)) != sign]
    for hole in sorted(holes, key=lambda p: p[:, 0].min()):
        around = [k for k, p in enumerate(outer) if _contains(p, hole[0])]
        owner = min(around, key=lambda k: abs(area(outer[k])))
        outer[owner] = _keyhole(outer[owner], hole, mask)
    return outer


def _contains(polygon: np.ndarray, point: np.ndarray) -> bool:
    a, b = polygon, np.roll(polygon, -1, axis=0)
    across = (a[:, 1] > point[1]) != (b[:, 1] > point[1])
    a, b = a[across], b[across]
    x = a[:, 0] + (point[1] - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    return bool(np.count_nonzero(x > point[0]) % 2)


def _keyhole(outer: np.ndarray, hole: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """One polygon of both, joined by a channel without width.

    The shortest channel that meets no pixel's centre outside the mask: centres on a contour count as inside.
    """
    distance = ((outer[:, None] - hole[None]) ** 2).sum(axis=2)
    nearest = np.argsort(distance, axis=None, kind="stable")[:256]
    for k in nearest:
        at, entry = np.unravel_index(k, distance.shape)
        ends = np.array([outer[at], hole[entry]])
        low = np.maximum(np.floor(ends.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(ends.max(axis=0)).astype(int) + 1, mask.shape[::-1])
        part = mask[low[1]:high[1], low[0]:high[0]]
        if not (raster(ends - low, part.shape)[1] & ~part).any():
            break
    else:
        at, entry = np.unravel_index(nearest[0], distance.shape)
    around = np.roll(hole, -entry, axis=0)
    return np.concatenate([outer[:at + 1], around, around[:1], outer[at:]])


def between(lower: np.ndarray, upper: np.ndarray, share: float) -> np.ndarray:
    """The mask at `share` of the way between two masks: where the mean of their signed distances is inside.

    Distances are 0 on a mask's outermost pixels and 1 on their neighbours outside, so its edge is at 0.5.
    """
    return (1 - share) * _signed(lower) + share * _signed(upper) < 0.5


def _signed(mask: np.ndarray) -> np.ndarray:
    import SimpleITK

    image = SimpleITK.GetImageFromArray(mask.astype(np.uint8))
    distance = SimpleITK.SignedMaurerDistanceMap(image, squaredDistance=False, useImageSpacing=False)
    return SimpleITK.GetArrayFromImage(distance)
