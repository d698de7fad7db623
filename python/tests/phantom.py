"""A small label map and a NIfTI file of it, for the tests."""

import struct
from pathlib import Path

import numpy as np

STRUCTURES = {1: "liver", 2: "spleen"}
SCHEME = 'name: two\ndescription: liver and spleen\nlabels:\n  1: liver\n  2: spleen\n'
# 5 mm voxels, axes to the left, to posterior, to superior, as scanners write them.
AFFINE = np.array([[-5.0, 0, 0, 110], [0, -5, 0, 90], [0, 0, 5, -40], [0, 0, 0, 1]])


def labels(order: str = "C") -> np.ndarray:
    """Liver on the patient's right, spleen on the left, for AFFINE."""
    x, y, z = np.indices((44, 36, 14), dtype=float)
    array = np.zeros(x.shape, dtype=np.uint8)
    array[((x - 13) / 10) ** 2 + ((y - 17) / 9) ** 2 + ((z - 7) / 6) ** 2 < 1] = 1
    array[((x - 34) / 5) ** 2 + ((y - 23) / 5) ** 2 + ((z - 7) / 5) ** 2 < 1] = 2
    return np.array(array, order=order)


def write(path: Path, array: np.ndarray, affine: np.ndarray = AFFINE) -> None:
    """Writes a NIfTI-1 file of uint8."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *array.shape, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, 1, *np.linalg.norm(affine[:3, :3], axis=0), 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    header[123] = 2
    struct.pack_into("<2h", header, 252, 0, 1)
    struct.pack_into("<12f", header, 280, *affine[:3].ravel())
    header[344:348] = b"n+1\0"
    path.write_bytes(bytes(header) + array.astype(np.uint8).tobytes(order="F"))


def read(path: Path) -> np.ndarray:
    """Reads the voxels of a file that MaskCT wrote, int16 or uint8."""
    import gzip

    data = gzip.decompress(path.read_bytes())
    shape = struct.unpack_from("<3h", data, 42)
    (kind,) = struct.unpack_from("<h", data, 70)
    return np.frombuffer(data[352:], {4: "<i2", 2: "u1"}[kind]).reshape(shape, order="F")
