"""Cases generated on the fly as a `torch.utils.data.Dataset`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from ._cases import Generator


class GeneratedCases(Dataset):
    """Cases made when they are asked for: item i is case i of `maskct generate` with the same settings.

    Label maps come round again when there are more cases than maps, each time with a new draw. A new epoch
    (`set_epoch`) goes on where the last ended, so that no case is seen twice; without it all epochs are the same.

    Args:
        generator: the settings. It should have a fixed `out_spacing`, or a `transform` should cut patches: batches
            need one shape.
        labels: label maps, NIfTI files; their order decides which case is which.
        cases: length of an epoch; by default one a label map.
        transform: called with the item, a dictionary with `image` (float32, HU, `[1, x, y, z]`), `label` (uint8, the
            same shape), `affine` (4 x 4) and `name`.
    """

    def __init__(
        self,
        generator: Generator,
        labels: Sequence[str | os.PathLike[str]],
        *,
        cases: int | None = None,
        transform: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        if not labels:
            raise ValueError("no label maps are given")
        self._generator = generator
        self._labels = [Path(path) for path in labels]
        self._cases = len(self._labels) if cases is None else cases
        self._transform = transform
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Chooses the cases of an epoch, from 0 on; call it before the loader is iterated."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._cases

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < self._cases:
            raise IndexError(index)
        turn, which = divmod(self._epoch * self._cases + index, len(self._labels))
        path = self._labels[which]
        name = path.name.removesuffix(".gz").removesuffix(".nii")
        case = self._generator.generate(path, name=f"{name}_{turn + 1}" if turn else name)
        item = {
            "image": torch.from_numpy(np.ascontiguousarray(case.images, dtype=np.float32)),
            "label": torch.from_numpy(np.ascontiguousarray(case.labels[None])),
            "affine": torch.from_numpy(case.affine),
            "name": case.record["draw"]["name"],
        }
        return item if self._transform is None else self._transform(item)
