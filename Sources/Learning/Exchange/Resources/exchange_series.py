"""Series of CT slices: their order, their grid and their HU.

A grid is a shape (columns, rows, slices) and an affine that takes such an index to mm in DICOM's patient
coordinates (to the left, to the back, upwards).
"""

from dataclasses import dataclass, field

import numpy as np
import pydicom

LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


class Unusable(Exception):
    """Why an input cannot be taken, in words for the user."""


@dataclass
class Grid:
    shape: tuple[int, int, int]
    affine: np.ndarray

    def index(self, points: np.ndarray) -> np.ndarray:
        """Where points in mm lie, in voxels."""
        inverse = np.linalg.inv(self.affine)
        return points @ inverse[:3, :3].T + inverse[:3, 3]

    def check(self) -> None:
        count = np.prod([float(n) for n in self.shape])
        if not np.isfinite(self.affine).all() or max(self.shape) > 4096 or count > 2e9:
            raise Unusable(f"would need {' x '.join(map(str, self.shape))} voxels")

    @property
    def milliliters(self) -> float:
        """The volume of a voxel."""
        return abs(float(np.linalg.det(self.affine[:3, :3]))) / 1000


def grid_of_planes(row, column, spacing, positions, columns, rows) -> Grid:
    """The grid of parallel planes, given the directions of their axes and the first corner of each, in order."""
    affine = np.eye(4)
    affine[:3, 0] = np.asarray(row) * spacing[1]
    affine[:3, 1] = np.asarray(column) * spacing[0]
    if len(positions) > 1:
        affine[:3, 2] = (positions[-1] - positions[0]) / (len(positions) - 1)
    else:
        affine[:3, 2] = np.cross(row, column)
    affine[:3, 3] = positions[0]
    return Grid((int(columns), int(rows), len(positions)), affine)


def axes(orientation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The directions of columns' index, of rows' index, and across, from Image Orientation (Patient)."""
    values = np.array([float(x) for x in orientation])
    if values.shape != (6,) or not np.isfinite(values).all():
        raise Unusable("its orientation is not six numbers")
    row, column = values[:3], values[3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if min(lengths) < 0.5 or abs(np.dot(row, column)) > 1e-3 * lengths[0] * lengths[1]:
        raise Unusable("its axes are not at right angles")
    row, column = row / lengths[0], column / lengths[1]
    return row, column, np.cross(row, column)


@dataclass
class Series:
    """The slices of one series, as found; `arrange` puts them in order."""
    uid: str
    headers: list = field(default_factory=list)  # (path, dataset without pixels)
    grid: Grid = None
    shift: np.ndarray = None  # of every slice along (columns, rows) under a tilted gantry, voxels
    notes: list = field(default_factory=list)

    def first(self):
        return self.headers[0][1]

    def arrange(self) -> "Series":
        """Sorts the slices and finds their grid.

        Slices under a tilted gantry are sheared; their grid is the upright one, and `shift` says how far each lies
        off it. Unequal gaps, missing slices and slices in one place are refused.
        """
        if self.grid is not None:
            return self
        head = self.first()
        if any(int(h.get("NumberOfFrames", 1) or 1) > 1 for _, h in self.headers):
            raise Unusable("it is an enhanced multi-frame CT; convert it to single slices, with dcmtk's or another tool")
        for name in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing", "Rows", "Columns"):
            for path, header in self.headers:
                if header.get(name) in (None, ""):
                    raise Unusable(f"a slice has no {name}")
        row, column, normal = axes(head.ImageOrientationPatient)
        for _, header in self.headers:
            other = axes(header.ImageOrientationPatient)
            if max(np.abs(other[0] - row).max(), np.abs(other[1] - column).max()) > 1e-3:
                raise Unusable("its slices are turned against each other; leave the localizer out")
            if (header.Rows, header.Columns) != (head.Rows, head.Columns) or not np.allclose(
                    [float(x) for x in header.PixelSpacing], [float(x) for x in head.PixelSpacing], rtol=1e-4):
                raise Unusable("its slices differ in size")
        position = {path: np.array([float(x) for x in h.ImagePositionPatient]) for path, h in self.headers}
        self.headers.sort(key=lambda item: float(np.dot(position[item[0]], normal)))
        corners = np.array([position[path] for path, _ in self.headers])
        spacing = [float(x) for x in head.PixelSpacing]
        if min(spacing) <= 0 or not np.isfinite(corners).all():
            raise Unusable("its spacing is not positive")
        across = corners @ normal
        gaps = np.diff(across)
        self.shift = np.zeros((len(corners), 2))
        if len(gaps):
            step = float(np.median(gaps))
            if gaps.min() < 1e-3:
                raise Unusable("several slices lie in one place; split it into one series a phase")
            uneven = int(np.argmax(np.abs(gaps - step)))
            if abs(gaps[uneven] - step) > max(0.01 * step, 0.02):
                raise Unusable(f"its slices are not evenly spaced: {gaps[uneven]:.2f} mm after slice {uneven + 1}, "
                               f"{step:.2f} mm elsewhere")
            aside = corners - corners[0] - np.outer(across - across[0], normal)
            self.shift = np.stack([aside @ row / spacing[1], aside @ column / spacing[0]], axis=1)
            if np.abs(self.shift).max() > 0.05:
                angle = np.degrees(np.arctan2(np.linalg.norm(aside[-1]), across[-1] - across[0]))
                self.notes.append(f"the gantry was tilted by {angle:.1f} degrees: resampled upright")
            else:
                self.shift[:] = 0
        upright = corners[0] + np.outer(across - across[0], normal)
        self.grid = grid_of_planes(row, column, spacing, upright, head.Columns, head.Rows)
        if len(self.headers) == 1:
            self.grid.affine[:3, 2] *= float(head.get("SliceThickness") or 1) or 1
        self.grid.check()
        return self

    def hounsfield(self) -> np.ndarray:
        """The image in HU as (columns, rows, slices): int16, or float32 where the scale is not whole."""
        self.arrange()
        planes = []
        for path, _ in self.headers:
            data = pydicom.dcmread(path)
            slope = float(data.get("RescaleSlope", 1) or 1)
            intercept = float(data.get("RescaleIntercept", 0) or 0)
            stored = pixels(data, path)
            plane = stored * slope + intercept
            padding = data.get("PixelPaddingValue")
            if isinstance(padding, int):
                plane[stored == padding] = -1024
            planes.append(plane)
        image = np.stack(planes).astype(np.float32)
        if self.shift.any():
            image = np.stack([_shifted(plane, *offset) for plane, offset in zip(image, self.shift)])
        if image.min() < -1024:
            self.notes.append("values below -1024 HU were set to -1024")
            image = np.maximum(image, -1024)
        whole = np.rint(image)
        if np.array_equal(whole, image) and image.max() < 32768:
            image = whole.astype(np.int16)
        return image.transpose(2, 1, 0)


def pixels(data, path: str) -> np.ndarray:
    """The stored values of a single-frame image, whatever its compression."""
    try:
        return data.pixel_array.astype(np.float64)
    except (RuntimeError, NotImplementedError):
        import SimpleITK

        # GDCM inside SimpleITK knows more codecs, and applies the scale of values already.
        scaled = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(path))[0].astype(np.float64)
        return (scaled - float(data.get("RescaleIntercept", 0) or 0)) / float(data.get("RescaleSlope", 1) or 1)


def _shifted(plane: np.ndarray, columns: float, rows: float) -> np.ndarray:
    """The plane's values at an upright grid, where the plane itself lies (columns, rows) further on; linear."""
    height, width = plane.shape
    x = np.arange(width) - columns
    y = np.arange(height) - rows
    fill = min(-1000.0, float(plane.min()))
    plane = np.stack([np.interp(x, np.arange(width), line, left=fill, right=fill) for line in plane])
    return np.stack([np.interp(y, np.arange(height), line, left=fill, right=fill) for line in plane.T]).T
