"""Three planes of a case as HTML, for notebooks."""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape

import numpy as np
from numpy.typing import NDArray

WINDOW = (-160.0, 240.0)
"""HU that are black and white: soft tissue."""
COLORS = [(255, 200, 0), (0, 190, 255), (255, 90, 90), (120, 220, 90), (220, 120, 255), (255, 150, 60)]
"""Of the first labels; later ones start over."""
HEIGHT = 220
"""Of the tallest plane on the page, CSS pixels."""


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A picture of `(rows, columns, 3)` as a PNG file."""
    rows, columns = pixels.shape[:2]

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    lines = np.zeros((rows, 1 + 3 * columns), np.uint8)  # each line begins with its filter, 0 for none
    lines[:, 1:] = pixels.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines.tobytes(), 6))
            + chunk(b"IEND", b""))


def upright(array: NDArray, affine: NDArray[np.float64]) -> tuple[NDArray, NDArray[np.float64]]:
    """The array with axes to the patient's right, to anterior and to superior, as near as flips and a
    permutation bring it there, and its spacing along them."""
    matrix = affine[:3, :3]
    spacing = np.linalg.norm(matrix, axis=0)
    share = np.abs(matrix / spacing)
    order = [-1, -1, -1]
    for _ in range(3):  # the clearest axis first, so that oblique ones still get one each
        world, axis = np.unravel_index(np.argmax(share), share.shape)
        order[world] = int(axis)
        share[world], share[:, axis] = -1, -1
    array = array.transpose(order)
    for world, axis in enumerate(order):
        if matrix[world, axis] < 0:
            array = np.flip(array, world)
    return array, spacing[order]


def _edges(labels: NDArray) -> NDArray[np.bool_]:
    """Pixels of a label that touch another value or the margin of the picture."""
    padded = np.pad(labels, 1)
    inner = padded[1:-1, 1:-1]
    return (inner > 0) & np.logical_or.reduce(
        [padded[:-2, 1:-1] != inner, padded[2:, 1:-1] != inner, padded[1:-1, :-2] != inner, padded[1:-1, 2:] != inner])


def _painted(image: NDArray, labels: NDArray | None) -> NDArray[np.uint8]:
    low, high = WINDOW
    if image.size and image.min() >= 0 and image.max() > 0:  # MR, whose grey values have no unit
        low, high = 0.0, float(np.percentile(image, 99.5)) or 1.0
    grey = np.clip((image.astype(np.float32) - low) / (high - low), 0, 1) * 255
    pixels = np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
    if labels is not None:
        edges = _edges(labels)
        palette = np.array(COLORS, np.uint8)
        pixels[edges] = palette[(labels[edges].astype(np.intp) - 1) % len(COLORS)]
    return pixels


def planes(image: NDArray, labels: NDArray | None, affine: NDArray[np.float64]):
    """Axial, coronal and sagittal plane through the middle of the labels, else of the volume, as radiologists see
    them: the patient's right on the left, seen from the feet; anterior, or superior, at the top.

    Returns `(title, pixels, (width, height) in mm, (left, right, top, bottom))` for each.
    """
    image, spacing = upright(image, affine)
    labels = None if labels is None else upright(labels, affine)[0]
    at = [n // 2 for n in image.shape]
    if labels is not None and labels.any():
        # The voxel of a label that is nearest to their middle: inside, whatever their shape.
        found = np.argwhere(labels)
        nearest = np.argmin((((found - found.mean(axis=0)) * spacing) ** 2).sum(axis=1))
        at = [int(k) for k in found[nearest]]
    x, y, z = spacing
    views = []
    for title, cut, size, letters in [
        # x runs to the patient's right, and so from right to left on the picture's columns reversed.
        ("axial", np.s_[::-1, ::-1, at[2]], (x, y), "RLAP"),
        ("coronal", np.s_[::-1, at[1], ::-1], (x, z), "RLSI"),
        ("sagittal", np.s_[at[0], ::-1, ::-1], (y, z), "APSI"),
    ]:
        plane = image[cut].T
        mask = None if labels is None else labels[cut].T
        views.append((title, _painted(plane, mask), (plane.shape[1] * size[0], plane.shape[0] * size[1]), letters))
    return views


def html(title: str, image: NDArray, labels: NDArray | None, affine: NDArray[np.float64],
         names: list[str] | None = None) -> str:
    """A row of three planes with their directions; one string that loads nothing."""
    views = planes(image, labels, affine)
    scale = HEIGHT / max(height for _, _, (_, height), _ in views)
    style = "position:absolute;color:#fff;font:12px sans-serif;text-shadow:0 0 2px #000;"
    cells = []
    for name, pixels, (width, height), (left, right, top, bottom) in views:
        data = base64.b64encode(png(pixels)).decode()
        cells.append(
            f'<figure style="margin:0;position:relative;display:inline-block">'
            f'<img alt="{name} plane" width="{width * scale:.0f}" height="{height * scale:.0f}" '
            f'style="display:block;background:#000;image-rendering:auto" src="data:image/png;base64,{data}">'
            f'<span style="{style}left:3px;top:45%">{left}</span><span style="{style}right:3px;top:45%">{right}</span>'
            f'<span style="{style}left:48%;top:1px">{top}</span><span style="{style}left:48%;bottom:1px">{bottom}</span>'
            f'</figure>')
    legend = "".join(
        f'<span style="color:rgb{COLORS[k % len(COLORS)]};-webkit-text-stroke:0.3px #444">&#9632;</span> '
        f'{escape(label)}&ensp;' for k, label in enumerate(names or []))
    spacing = " x ".join(f"{step:.3g}" for step in np.linalg.norm(affine[:3, :3], axis=0))
    shape = " x ".join(map(str, image.shape))
    return (f'<div><div style="display:flex;gap:8px;flex-wrap:wrap;align-items:flex-start">{"".join(cells)}</div>'
            f'<div style="font:12px sans-serif;margin-top:4px">{escape(title)}, {shape} voxels of {spacing} mm, '
            f'HU {WINDOW[0]:.0f} to {WINDOW[1]:.0f} &ensp;{legend}</div></div>')
