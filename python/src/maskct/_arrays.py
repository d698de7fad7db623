"""NumPy arrays as the library sees them: first axis fastest, with an affine to RAS+ mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._library import Handle, MaskCTError, call

IMAGE_FLOAT, IMAGE_INT16, LABELS, SECOND_INT16 = 0, 1, 2, 3
_DTYPES = {IMAGE_FLOAT: np.float32, IMAGE_INT16: np.int16, LABELS: np.uint8, SECOND_INT16: np.int16}


def affine_of(spacing: float | Sequence[float] | None, affine: ArrayLike | None) -> NDArray[np.float64]:
    """The 4 x 4 affine that a caller means by either of the two."""
    if (spacing is None) == (affine is None):
        raise MaskCTError("usage", "give either spacing or affine, and not both")
    if affine is not None:
        matrix = np.array(affine, dtype=np.float64)
        if matrix.shape != (4, 4):
            raise MaskCTError("usage", f"the affine has shape {matrix.shape}; give 4 x 4 numbers")
        return matrix
    steps = np.broadcast_to(np.asarray(spacing, dtype=np.float64), (3,)) if np.size(spacing) in (1, 3) else None
    if steps is None or not np.all((steps > 0) & np.isfinite(steps)):
        raise MaskCTError("usage", f"the spacing {spacing} cannot be used; give one number or three, in mm")
    return np.diag([*steps, 1.0])


@dataclass
class Described:
    """An array in a layout that the library reads in place."""

    array: NDArray[Any]
    """Keeps the memory alive."""
    request: dict[str, Any]
    """Shape, affine and type, as the library wants them."""
    is_reversed: bool
    """Whether the last axis is fastest, so that the library is told the axes the other way round."""

    @property
    def address(self) -> int:
        """Where the first element lies."""
        return self.array.ctypes.data


def describe(array: ArrayLike, affine: NDArray[np.float64]) -> Described:
    """Describes an array; copies only what is not contiguous or of a type that the library does not know."""
    array = np.asarray(array)
    if array.ndim != 3 or array.size == 0:
        raise MaskCTError("usage", f"the array has shape {array.shape}; give a volume with three axes")
    if array.dtype == np.bool_:
        array = array.view(np.uint8)
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    elif array.dtype.kind not in "iuf" or array.dtype.itemsize > 8:
        raise MaskCTError("usage", f"the array holds {array.dtype}; give integers or floating point numbers")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    is_reversed = array.flags.c_contiguous
    if not is_reversed and not array.flags.f_contiguous:
        array = np.ascontiguousarray(array)
        is_reversed = True
    shape = array.shape[::-1] if is_reversed else array.shape
    columns = affine[:3, [2, 1, 0, 3]] if is_reversed else affine[:3]
    request = {"shape": list(shape), "affine": columns.ravel().tolist(), "type": array.dtype.name}
    return Described(array, request, is_reversed)


def copied(result: Handle, what: int, shape: Sequence[int], is_reversed: bool) -> NDArray[Any]:
    """The image or the labels of a result, written by the library into a new array of the caller's layout."""
    array = np.empty(tuple(shape)[::-1], dtype=_DTYPES[what])
    call("copy", result.pointer, what, array.size, array.ctypes.data)
    return array if is_reversed else array.T


def result_affine(numbers: Sequence[float], is_reversed: bool) -> NDArray[np.float64]:
    """The affine of a result for the caller's order of axes."""
    affine = np.vstack([np.array(numbers).reshape(3, 4), [0, 0, 0, 1]])
    return affine[:, [2, 1, 0, 3]] if is_reversed else affine
