"""`maskct.scan`."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arrays import IMAGE_FLOAT, affine_of, copied, describe
from ._library import Handle, Progress, call_with_progress, threads as allowed


def scan(
    hu: ArrayLike,
    spacing: float | Sequence[float] | None = None,
    *,
    affine: ArrayLike | None = None,
    scanner: str = "rows64",
    protocol: str = "abdomen",
    kernel: str | None = None,
    mas: float | None = None,
    kvp: float | None = None,
    iodine: ArrayLike | None = None,
    noiseless: bool = False,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Scans a volume in the simulated helical CT scanner and reconstructs it on its own grid; as `maskct scan`.

    Args:
        hu: volume in HU, `[x, y, z]`.
        spacing: voxel spacing in mm, one number or three; axes run to the right, to anterior and to superior.
        affine: in place of `spacing`, 4 x 4, from voxel indices to RAS+ mm, as nibabel has it.
        scanner: name (`maskct show scanner`) or YAML file.
        protocol: name (`maskct show protocol`) or YAML file.
        kernel: reconstruction kernel: `smooth`, `standard`, `sharp`; by default the protocol's.
        mas: tube current times rotation time, mAs; by default the protocol's.
        kvp: tube voltage of a polychromatic scan, 70 to 150; by default one energy.
        iodine: iodine in every voxel, mg/mL, of the shape of `hu`, which has it in it at 70 keV; needs a tube voltage.
        noiseless: leaves the noise out.
        seed: of noise and start angle.
        threads: by default one a core; always one in a forked process.
        progress: called with the fraction done; what it raises stops the scan.

    Returns:
        HU as float32, of the shape and memory order of `hu`.

    Raises:
        MaskCTError: for values, a geometry or names that cannot be used.
    """
    matrix = affine_of(spacing, affine)
    array = describe(hu, matrix)
    contrast = None if iodine is None else describe(iodine, matrix)
    request = {
        "array": array.request, "iodine": contrast and contrast.request, "scanner": scanner, "scanProtocol": protocol, "kernel": kernel, "mas": mas,
        "kvp": kvp, "noiseless": noiseless, "seed": seed, "threads": allowed(threads),
    }  # fmt: skip
    result = Handle(
        call_with_progress(
            "scan", progress, json.dumps(request).encode(), array.address, contrast and contrast.address
        )
    )
    return copied(result, IMAGE_FLOAT, array.request["shape"], array.is_reversed)
