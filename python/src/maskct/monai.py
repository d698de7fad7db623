"""Cases generated on the fly as a transform of MONAI's."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform, Randomizable

from ._cases import Generator


class GenerateCTd(Randomizable, MapTransform):
    """Makes a simulated CT from the label map under a key, and replaces the label map by that of the targets.

    The label map is what `LoadImaged` and `EnsureChannelFirstd` leave: `[1, x, y, z]` with an affine. Every call makes
    a new draw; `set_random_state` (or MONAI's `set_determinism`) makes the draws reproducible.

    Args:
        keys: the key of the label map.
        generator: the settings.
        image_key: where the CT goes: `[1, x, y, z]`, float32, HU.
        allow_missing_keys: leaves items without the key alone.
    """

    def __init__(
        self,
        keys: KeysCollection,
        generator: Generator,
        image_key: Hashable = "image",
        allow_missing_keys: bool = False,
    ) -> None:
        MapTransform.__init__(self, keys, allow_missing_keys)
        if len(self.keys) != 1:
            raise ValueError("one label map makes one CT: give one key")
        self._generator = generator
        self._image_key = image_key
        self._draw = 0

    def randomize(self, data: Any = None) -> None:
        """Draws which case it will be."""
        self._draw = int(self.R.randint(0, 2**31 - 1))

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        item = dict(data)
        for key in self.key_iterator(item):
            labels = item[key]
            if not isinstance(labels, MetaTensor) or labels.ndim != 4 or labels.shape[0] != 1:
                raise ValueError(f"'{key}' is no [1, x, y, z] MetaTensor; load it with LoadImaged")
            self.randomize()
            array = labels.array[0]
            if array.dtype.kind == "f":
                array = np.rint(array).astype(np.int32)
            case = self._generator.generate(
                array, affine=labels.affine.numpy(), name=f"case-{self._draw}"
            )
            item[self._image_key] = _tensor(case.images.astype(np.float32), case.affine)
            item[key] = _tensor(case.labels[None], case.affine)
        return item


def _tensor(array: np.ndarray, affine: np.ndarray) -> MetaTensor:
    return MetaTensor(np.ascontiguousarray(array), affine=affine)
