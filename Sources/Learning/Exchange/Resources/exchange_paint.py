"""One label map of several masks, and NIfTI files."""

import os

import nibabel
import numpy as np

from exchange_series import LPS_TO_RAS, Grid


def paint(grid: Grid, masks: list, ids: dict) -> tuple[np.ndarray, dict]:
    """The label map, and how many voxels each mask lost to others.

    Where structures overlap the smaller one is seen: a tumour in its organ, an organ in the outline of the body.
    """
    labels = np.zeros(grid.shape, np.uint16)
    ordered = sorted((m for m in masks if m.voxels.size), key=lambda m: (-m.count, m.number))
    for mask in ordered:
        _view(labels, mask)[mask.voxels] = ids[mask.number]
    hidden = {}
    for mask in ordered:
        lost = np.count_nonzero(_view(labels, mask)[mask.voxels] != ids[mask.number])
        if lost:
            hidden[mask.number] = int(lost)
    return labels, hidden


def _view(labels, mask):
    return labels[tuple(slice(c, c + n) for c, n in zip(mask.corner, mask.voxels.shape))]


def write_nifti(voxels: np.ndarray, grid: Grid, path: str) -> None:
    """Writes a whole file or none: under another name first."""
    if voxels.dtype == np.uint16 and voxels.max(initial=0) < 256:
        voxels = voxels.astype(np.uint8)
    affine = LPS_TO_RAS @ grid.affine
    image = nibabel.Nifti1Image(voxels, affine)
    image.header.set_xyzt_units("mm")
    image.set_qform(affine, 1)
    image.set_sform(affine, 1)
    part = os.path.join(os.path.dirname(path), ".part." + os.path.basename(path))
    try:
        nibabel.save(image, part)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)


def read_nifti(path: str) -> tuple[np.ndarray, Grid]:
    """The stored values, as whole numbers where they are, and the grid in DICOM's coordinates."""
    image = nibabel.load(path)
    values = np.asanyarray(image.dataobj)
    if values.ndim == 4 and values.shape[3] == 1:
        values = values[..., 0]
    return values, Grid(values.shape, LPS_TO_RAS @ image.affine)
