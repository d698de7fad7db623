"""Reads labels: RTSTRUCT, DICOM-SEG, NRRD (Slicer's .seg.nrrd among them) and MetaImage.

Every reader says first which segments there are (`segments`), without looking at voxels, and then gives their masks
on one grid (`masks`), cropped to where they are.
"""

from dataclasses import dataclass, field

import numpy as np
import pydicom

import exchange_contours as contours
from exchange_inputs import clean, one_line
from exchange_series import Grid, Unusable, axes, grid_of_planes

# SNOMED CT codes of sides.
LEFT, RIGHT = "7771000", "24028007"
# What a planning CT shows across the patient, mm. Contours without their CT get a label map of this width.
PLANNING_FIELD = 500.0


@dataclass
class Segment:
    """One structure of a label object."""
    number: int
    name: str
    code: str = ""  # SNOMED CT
    meaning: str = ""
    side: str = ""  # left, right or nothing


@dataclass
class Mask:
    """A structure's voxels as (columns, rows, slices), cropped; `corner` is the first voxel of the crop."""
    number: int
    corner: tuple[int, int, int]
    voxels: np.ndarray

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.voxels))


@dataclass
class Labels:
    """One file with labels."""
    shown: str
    path: str
    kind: str
    patient: str = ""
    series: str = ""  # UID of the series that it was drawn on
    date: str = ""
    segments: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def cropped(number: int, voxels: np.ndarray) -> Mask:
    box = []
    for axis in range(3):
        used = np.flatnonzero(voxels.any(axis=tuple(a for a in range(3) if a != axis)))
        if not len(used):
            return Mask(number, (0, 0, 0), np.zeros((0, 0, 0), bool))
        box.append((int(used[0]), int(used[-1]) + 1))
    inside = voxels[tuple(slice(*b) for b in box)]
    return Mask(number, tuple(b[0] for b in box), np.array(inside, bool))


def code_of(item) -> tuple[str, str]:
    """A code as SNOMED CT with its meaning; older SNOMED RT codes are translated."""
    scheme, value = str(item.get("CodingSchemeDesignator", "")), str(item.get("CodeValue", ""))
    if scheme in ("SRT", "SNM3", "99SDM"):
        from pydicom.sr._snomed_dict import mapping

        value, scheme = mapping.get("SRT", {}).get(value, value), "SCT"
    return value if scheme == "SCT" else "", clean(item.get("CodeMeaning", ""))


def side_of(items) -> str:
    for item in items or []:
        value, _ = code_of(item)
        if value in (LEFT, RIGHT):
            return "left" if value == LEFT else "right"
    return ""


# -- RTSTRUCT ---------------------------------------------------------------------------------------


def open_structure_set(shown: str, path: str) -> Labels:
    data = pydicom.dcmread(path, force=True)
    labels = Labels(shown, path, "rtstruct", str(data.get("PatientID", "")),
                    date=str(data.get("StructureSetDate", "")) + str(data.get("StructureSetTime", "")))
    if "StructureSetROISequence" not in data or "ROIContourSequence" not in data:
        raise Unusable("is an RTSTRUCT without contours, or truncated")
    observed = {int(item.ReferencedROINumber): item for item in data.get("RTROIObservationsSequence", [])
                if item.get("ReferencedROINumber") is not None}
    for roi in data.StructureSetROISequence:
        segment = Segment(int(roi.ROINumber), clean(roi.get("ROIName", "")))
        codes = observed.get(segment.number, {}).get("RTROIIdentificationCodeSequence")
        if codes:
            segment.code, segment.meaning = code_of(codes[0])
            segment.side = side_of(codes[0].get("SegmentedPropertyTypeModifierCodeSequence"))
        labels.segments.append(segment)
    for frame in data.get("ReferencedFrameOfReferenceSequence", []):
        for study in frame.get("RTReferencedStudySequence", []):
            for series in study.get("RTReferencedSeriesSequence", []):
                labels.series = labels.series or str(series.get("SeriesInstanceUID", ""))
    return labels


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _planes(roi, notes: list) -> list:
    """The closed contours of a structure as (n, 3) points in mm, with whether they exclude each other."""
    found, other = [], 0
    for item in roi.get("ContourSequence", []):
        kind = str(item.get("ContourGeometricType", "CLOSED_PLANAR"))
        values = item.get("ContourData")
        if kind not in ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR") or values is None or len(values) < 9:
            other += 1
            continue
        points = np.array(values, float)
        if len(points) % 3 or not np.isfinite(points).all():
            raise Unusable("a contour's coordinates are damaged")
        found.append((points.reshape(-1, 3), kind == "CLOSEDPLANAR_XOR"))
    if other:
        notes.append(f"{_count(other, 'point or open contour', 'points or open contours')} left out")
    return found


def structure_set_masks(labels: Labels, wanted: set, grid: Grid | None, spacing: float):
    """The masks of an RTSTRUCT on the grid of its series or, without one, on a grid made from the contours."""
    data = pydicom.dcmread(labels.path, force=True)
    drawn, notes = {}, {number: [] for number in wanted}
    for item in data.ROIContourSequence:
        number = int(item.ReferencedROINumber)
        if number in wanted:
            drawn.setdefault(number, []).extend(_planes(item, notes[number]))
    all_points = [points for planes in drawn.values() for points, _ in planes]
    if grid is not None and not _covers(grid, all_points):
        labels.notes.append("most slices of its series are not among the input: the grid was made from the contours")
        grid = None
    closed = grid is not None
    if grid is None:
        grid = _grid_of_contours(all_points, spacing)
    masks = []
    for number in sorted(wanted):
        masks.append(_fill_structure(number, drawn.get(number, []), grid, notes[number], closed))
    return grid, masks, notes


def _covers(grid: Grid, all_points: list) -> bool:
    """Whether at most every tenth contour lies beyond the slices that are there."""
    levels = [float(grid.index(points[:1])[0, 2]) for points in all_points]
    beyond = sum(not -0.5 <= level <= grid.shape[2] - 0.5 for level in levels)
    return 10 * beyond <= len(levels)


def _grid_of_contours(all_points: list, spacing: float) -> Grid:
    if not all_points:
        raise Unusable("has no closed contours")
    heights = []
    for points in all_points:
        if np.ptp(points[:, 2]) > 0.02:
            raise Unusable("its contours are not in axial planes, and its series is not among the input")
        heights.append(points[:, 2].mean())
    levels = np.unique(np.round(heights, 2))
    if len(levels) > 1:
        gaps = np.diff(levels)
        step = float(np.median(gaps))
        narrow = gaps[gaps > 0.05]
        step = float(min(step, np.percentile(narrow, 10))) if len(narrow) else step
        # Every level must be a whole number of steps from the first.
        off = np.abs((levels - levels[0]) / step - np.rint((levels - levels[0]) / step)).max()
        if off > 0.1:
            raise Unusable(f"its contours lie at uneven heights (a step of {step:.2f} mm does not fit), and its series "
                           "is not among the input")
    else:
        step = spacing
    low = np.min([p.min(axis=0) for p in all_points], axis=0)
    high = np.max([p.max(axis=0) for p in all_points], axis=0)
    # As wide as the CT that contours are drawn on, so that the body around them fits in.
    missing = np.maximum(0, PLANNING_FIELD - (high - low)[:2]) / 2
    first = np.floor((low[:2] - missing) / spacing) - 2
    count = np.ceil((high[:2] + missing) / spacing) + 2 - first + 1
    slices = int(np.rint((levels[-1] - levels[0]) / step)) + 1
    if max(*count, slices) > 4096:
        raise Unusable(f"its contours span {' x '.join(f'{x:.0f}' for x in high - low)} mm, too much for a grid of "
                       f"{spacing:g} mm; give a larger --spacing")
    corners = np.array([[first[0] * spacing, first[1] * spacing, levels[0] + k * step] for k in (0, max(1, slices - 1))])
    grid = grid_of_planes((1, 0, 0), (0, 1, 0), (spacing, spacing), corners, count[0], count[1])
    grid.affine[:3, 2] = (0, 0, step)
    grid.shape = (int(count[0]), int(count[1]), slices)
    grid.check()
    return grid


def _fill_structure(number: int, planes: list, grid: Grid, notes: list, closed: bool = True) -> Mask:
    width, height, depth = grid.shape
    by_slice, beyond = {}, 0
    for points, exclusive in planes:
        where = grid.index(points)
        if np.ptp(where[:, 2]) > 0.2:
            raise Unusable("a contour is not parallel to the slices")
        level = float(where[:, 2].mean())
        slice_index = int(np.rint(level))
        if not 0 <= slice_index < depth:
            beyond += 1
            continue
        if abs(level - slice_index) > 0.25:
            notes.append("contours lie between slices: taken to the nearest")
        by_slice.setdefault(slice_index, []).append((where[:, :2], exclusive))
    if beyond:
        notes.append(f"{_count(beyond, 'contour lies', 'contours lie')} beyond the images")
    if not by_slice:
        return Mask(number, (0, 0, 0), np.zeros((0, 0, 0), bool))
    corners = np.concatenate([points for planes in by_slice.values() for points, _ in planes])
    low = np.clip(np.floor(corners.min(axis=0)).astype(int) - 1, 0, (width, height))
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 2, 0, (width, height))
    bottom, top = min(by_slice), max(by_slice)
    voxels = np.zeros((top - bottom + 1, max(0, high[1] - low[1]), max(0, high[0] - low[0])), bool)
    if not voxels.size:
        notes.append("lies beyond the images")
        return Mask(number, (0, 0, 0), np.zeros((0, 0, 0), bool))
    for index, drawn in by_slice.items():
        voxels[index - bottom], odd = contours.fill([(p - low, x) for p, x in drawn], voxels.shape[1:], closed)
        notes.extend(odd)
    _bridge(voxels, sorted(k - bottom for k in by_slice), notes)
    mask = cropped(number, voxels.transpose(2, 1, 0))
    if not mask.voxels.size:
        notes.append("is smaller than a voxel")
    mask.corner = tuple(int(c + o) for c, o in zip(mask.corner, (low[0], low[1], bottom)))
    return mask


def _bridge(voxels: np.ndarray, drawn: list, notes: list) -> None:
    """Fills the slices between contours that were drawn on every second or third slice only.

    A structure drawn on neighbouring slices keeps its gaps: there it has two parts.
    """
    gaps = np.diff(drawn)
    if not len(gaps):
        return
    step = int(np.median(gaps))
    filled = 0
    for lower, upper in zip(drawn, drawn[1:]):
        if step < 2 or not 1 < upper - lower <= step + step // 2:
            continue
        for index in range(lower + 1, upper):
            share = (index - lower) / (upper - lower)
            voxels[index] = contours.between(voxels[lower], voxels[upper], share)
            filled += 1
    if filled:
        notes.append(f"drawn on every {step}th slice: {filled} slices between were interpolated".replace(
            "2th", "2nd").replace("3th", "3rd"))
    if step < 2 and gaps.max() > 1:
        notes.append(f"{_count(int((gaps > 1).sum()), 'gap between slices was', 'gaps between slices were')} left empty")


# -- DICOM-SEG --------------------------------------------------------------------------------------


def open_segmentation(shown: str, path: str) -> Labels:
    data = pydicom.dcmread(path, stop_before_pixels=True)
    labels = Labels(shown, path, "seg", str(data.get("PatientID", "")),
                    date=str(data.get("ContentDate", "")) + str(data.get("ContentTime", "")))
    if not data.get("SegmentSequence"):
        raise Unusable("is a DICOM-SEG without segments, or truncated")
    if "TotalPixelMatrixRows" in data:
        raise Unusable("is a segmentation of a microscope's slide")
    for item in data.SegmentSequence:
        kind = item.get("SegmentedPropertyTypeCodeSequence")
        segment = Segment(int(item.get("SegmentNumber", 0)), clean(item.get("SegmentLabel", "")))
        if kind:
            segment.code, segment.meaning = code_of(kind[0])
            segment.side = (side_of(kind[0].get("SegmentedPropertyTypeModifierCodeSequence"))
                            or side_of(item.get("SegmentedPropertyTypeModifierCodeSequence")))
        if str(data.get("SegmentationType", "")) == "LABELMAP" and segment.number == 0:
            continue
        labels.segments.append(segment)
    for series in data.get("ReferencedSeriesSequence", []):
        labels.series = labels.series or str(series.get("SeriesInstanceUID", ""))
    return labels


def segmentation_masks(labels: Labels, wanted: set, series_grid: Grid | None):
    """The masks of a DICOM-SEG on the grid of its series if that is the same in the plane, else on its own."""
    data = pydicom.dcmread(labels.path)
    kind = str(data.get("SegmentationType", ""))
    frames = data.get("PerFrameFunctionalGroupsSequence")
    count = int(data.get("NumberOfFrames", 1) or 1)
    if not frames or len(frames) != count or "PixelData" not in data:
        raise Unusable("has no whole set of frames: it is truncated")
    shared = (data.get("SharedFunctionalGroupsSequence") or [pydicom.Dataset()])[0]

    def group(frame, name):
        item = frame.get(name) or shared.get(name)
        if not item:
            raise Unusable(f"a frame has no {name}")
        return item[0]

    orientation = group(frames[0], "PlaneOrientationSequence").ImageOrientationPatient
    spacing = [float(x) for x in group(frames[0], "PixelMeasuresSequence").PixelSpacing]
    row, column, normal = axes(orientation)
    corners = []
    for frame in frames:
        corners.append([float(x) for x in group(frame, "PlanePositionSequence").ImagePositionPatient])
    corners = np.array(corners)
    across = (corners - corners[0]) @ normal
    aside = corners - corners[0] - np.outer(across, normal)
    size = (int(data.Columns), int(data.Rows))
    grid = None
    if series_grid is not None and series_grid.shape[:2] == size:
        where = series_grid.index(corners)
        if np.abs(where - np.rint(where)).max() < 0.05 and np.abs(where[:, :2]).max() < 0.05 and np.allclose(
                series_grid.affine[:3, 0], row * spacing[1], atol=1e-3) and np.allclose(
                series_grid.affine[:3, 1], column * spacing[0], atol=1e-3):
            grid, level = series_grid, where[:, 2]
    if grid is None:
        if np.abs(aside).max() > 0.05 * min(spacing):
            raise Unusable("its frames are sheared against each other (a tilted gantry), and its series is not among "
                           "the input")
        levels = np.unique(np.round(across, 3))
        gaps = np.diff(levels)
        gaps = gaps[gaps > 1e-2]
        measures = group(frames[0], "PixelMeasuresSequence")
        step = float(gaps.min()) if len(gaps) else float(
            measures.get("SpacingBetweenSlices") or measures.get("SliceThickness") or 1)
        level = (across - levels[0]) / step
        if np.abs(level - np.rint(level)).max() > 0.1:
            raise Unusable("its frames are not evenly spaced, and its series is not among the input")
        first = corners[np.argmin(across)]
        grid = grid_of_planes(row, column, spacing, np.array([first, first + normal * step]), *size)
        grid.shape = (*size, int(np.rint(level.max())) + 1)
    grid.check()
    level = np.rint(level).astype(int)
    if level.min() < 0 or level.max() >= grid.shape[2]:
        raise Unusable("its frames lie beyond its series")

    planes = {number: {} for number in wanted}
    stored = _stored_frames(data, count)
    for index, frame in enumerate(frames):
        if kind == "LABELMAP":
            values = stored(index)
            for number in np.intersect1d(values, list(wanted)):
                _add(planes[int(number)], level[index], values == number)
            continue
        number = int(group(frame, "SegmentIdentificationSequence").ReferencedSegmentNumber)
        if number in wanted:
            values = stored(index)
            if kind == "FRACTIONAL":
                values = values >= 0.5 * float(data.get("MaximumFractionalValue", 255))
            _add(planes[number], level[index], values != 0)
    masks = []
    for number in sorted(wanted):
        used = sorted(planes[number])
        if not used:
            masks.append(Mask(number, (0, 0, 0), np.zeros((0, 0, 0), bool)))
            continue
        voxels = np.zeros((used[-1] - used[0] + 1, size[1], size[0]), bool)
        for k in used:
            voxels[k - used[0]] = planes[number][k]
        mask = cropped(number, voxels.transpose(2, 1, 0))
        mask.corner = (mask.corner[0], mask.corner[1], mask.corner[2] + used[0])
        masks.append(mask)
    return grid, masks, {number: [] for number in wanted}


def _add(planes: dict, level: int, plane: np.ndarray) -> None:
    if plane.any():
        planes[level] = planes[level] | plane if level in planes else plane


def _stored_frames(data, count: int):
    """A function that gives the stored values of a frame; one frame at a time, as they may be thousands."""
    rows, columns = int(data.Rows), int(data.Columns)
    if int(data.BitsAllocated) == 1 and not data.file_meta.TransferSyntaxUID.is_compressed:
        packed = np.frombuffer(data.PixelData, np.uint8)
        if 8 * len(packed) < count * rows * columns:
            raise Unusable("its frames are truncated")

        def frame(index):
            first = index * rows * columns
            part = packed[first // 8:(first + rows * columns + 7) // 8]
            bits = np.unpackbits(part, bitorder="little")[first % 8:]
            return bits[:rows * columns].reshape(rows, columns)

        return frame
    from pydicom.pixels import pixel_array

    return lambda index: pixel_array(data, index=index if count > 1 else None)


# -- NRRD and MetaImage -----------------------------------------------------------------------------


def open_volume(shown: str, path: str) -> Labels:
    import SimpleITK

    reader = SimpleITK.ImageFileReader()
    reader.SetFileName(path)
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise Unusable(f"cannot be read: {_itk(error)}")
    if reader.GetDimension() != 3:
        raise Unusable(f"has {reader.GetDimension()} dimensions, not 3")
    # Before anything is allocated for it: a damaged header may say any size.
    size = reader.GetSize()
    if np.prod([float(n) for n in size]) * reader.GetNumberOfComponents() > 1e9:
        raise Unusable(f"would need {' x '.join(map(str, size))} voxels of {reader.GetNumberOfComponents()} values")
    tags = {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}
    labels = Labels(shown, path, "volume")
    index = 0
    while f"Segment{index}_ID" in tags or f"Segment{index}_Name" in tags:
        prefix = f"Segment{index}_"
        segment = Segment(index + 1, clean(tags.get(prefix + "Name", tags.get(prefix + "ID", ""))))
        _terminology(segment, tags.get(prefix + "Tags", ""))
        labels.segments.append(segment)
        index += 1
    if index:
        labels.kind = "seg.nrrd"
    return labels


def _terminology(segment: Segment, tags: str) -> None:
    """Reads Slicer's `TerminologyEntry:CONTEXT~CATEGORY~TYPE~MODIFIER~...`, each a `SCHEME^CODE^MEANING`."""
    for tag in tags.split("|"):
        if not tag.startswith("TerminologyEntry:"):
            continue
        parts = [part.split("^") for part in tag.split(":", 1)[1].split("~")]
        for place, part in enumerate(parts[2:4]):
            if len(part) < 3 or not part[1]:
                continue
            item = {"CodingSchemeDesignator": part[0], "CodeValue": part[1], "CodeMeaning": part[2]}
            if place == 0:
                segment.code, segment.meaning = code_of(item)
            else:
                segment.side = side_of([item])


def read_volume(labels: Labels):
    """The voxels as (columns, rows, slices, layers), the grid, and what the file says about itself."""
    import SimpleITK

    try:
        image = SimpleITK.ReadImage(labels.path)
    except RuntimeError as error:
        raise Unusable(f"cannot be read: {_itk(error)}")
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
    affine[:3, 3] = image.GetOrigin()
    grid = Grid(image.GetSize(), affine)
    grid.check()
    voxels = SimpleITK.GetArrayFromImage(image)
    voxels = voxels.transpose(2, 1, 0, 3) if voxels.ndim == 4 else voxels.transpose(2, 1, 0)[..., None]
    return voxels, grid, {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}


def name_values(labels: Labels) -> bool:
    """Makes a segment of every value of a volume that names none; false where it is an image."""
    voxels, _, _ = read_volume(labels)
    if voxels.dtype.kind == "f" and not np.array_equal(voxels, np.rint(voxels)) or voxels.min() < 0:
        return False
    if voxels.shape[3] > 1:
        raise Unusable(f"has {voxels.shape[3]} values a voxel and names no segments")
    values = np.unique(voxels)
    if len(values) > 1000 or values.max() > 65535:
        return False
    labels.segments = [Segment(int(v), f"label {int(v)}") for v in values if v]
    if not labels.segments:
        raise Unusable("is empty: no voxel carries a label")
    return True


def volume_masks(labels: Labels, wanted: set):
    voxels, grid, tags = read_volume(labels)
    masks = []
    for number in sorted(wanted):
        layer, value = 0, number
        if labels.kind == "seg.nrrd":
            prefix = f"Segment{number - 1}_"
            layer, value = int(tags.get(prefix + "Layer", 0)), int(tags.get(prefix + "LabelValue", 1))
            # Before Slicer 4.11 there was a layer a segment and no value.
            if prefix + "LabelValue" not in tags:
                layer = number - 1
        if layer >= voxels.shape[3]:
            raise Unusable(f"has no layer {layer}")
        masks.append(cropped(number, voxels[..., layer] == value))
    return grid, masks, {number: [] for number in wanted}


def _itk(error) -> str:
    """The sentence in ITK's five lines."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return one_line(lines[-1].split("): ")[-1] if lines else error)
