"""`maskct.generate` and `maskct.paint`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arrays import IMAGE_FLOAT, IMAGE_INT16, LABELS, SECOND_INT16, affine_of, copied, describe, result_affine
from ._library import Handle, MaskCTError, Progress, call, call_with_progress, threads as allowed
from ._pictures import html

Labels = ArrayLike | str | os.PathLike[str]
Spacing = float | Sequence[float] | None
Names = str | Sequence[str]


@dataclass
class Case:
    """A generated case."""

    ct: NDArray[np.int16] | None
    """CT in HU, `[x, y, z]`, on the label map's own grid or that of the asked spacing; where the recipe draws a field of
    view (`field_of_view`), with more or fewer voxels on every side. None for MR alone."""
    labels: NDArray[np.uint8]
    """0 for background, k for the k-th target."""
    affine: NDArray[np.float64]
    """4 x 4, from voxel indices to RAS+ mm."""
    record: dict[str, Any]
    """What the case was made of, as in `records/CASE.json`."""
    mr: NDArray[np.int16] | None = None
    """MR in grey values, on the same grid; None for CT alone."""

    @property
    def images(self) -> NDArray[np.int16]:
        """All images, `[channel, x, y, z]`: CT before MR."""
        return np.stack([image for image in (self.ct, self.mr) if image is not None])

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Voxel spacing along the array's axes, mm."""
        return np.linalg.norm(self.affine[:3, :3], axis=0)

    @property
    def notes(self) -> list[str]:
        """What was noticed on the way, for example a label map that was put upright."""
        return self.record["notes"]

    def _repr_html_(self) -> str:
        name = self.record.get("draw", {}).get("name", "case")
        return html(name, self.images[0], self.labels, self.affine, list(self.record.get("targets", [])))


@dataclass
class Painted:
    """A painted body before it is scanned."""

    hu: NDArray[np.float32]
    """HU, `[x, y, z]`: isotropic voxels, and what of the body lies beyond the label map in the plane."""
    affine: NDArray[np.float64]
    """4 x 4, from voxel indices to RAS+ mm."""
    notes: list[str]
    """What was noticed on the way."""

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Voxel spacing along the array's axes, mm."""
        return np.linalg.norm(self.affine[:3, :3], axis=0)

    def _repr_html_(self) -> str:
        return html("painted body", self.hu, None, self.affine)


class Generator:
    """Recipe, textures and scanners, read once for any number of cases; the options of `maskct generate`.

    A case is a function of these, of the label map and of its name. May be used from several threads, and in the
    worker processes of a data loader, to which it can be sent.

    Args:
        scheme: names the numbers of label maps: a name (`maskct show scheme`), a YAML file, or a dictionary such as
            `{1: "liver", 2: "spleen"}`. Folders of TotalSegmentator's need none.
        targets: structures to learn; label 1 is the first.
        recipe: name (`maskct show recipe`) or YAML file.
        video: folder of clips for textures, or `dead-leaves`; by default what the recipe says.
        seed: of everything random.
        modality: `ct`, `mr`, or `ct,mr` for both of one body.
        scanner: name or file, or several of which one is drawn for each case; by default the recipe's.
        protocol: as `scanner`; of CT or of MR.
        out_spacing: voxel spacing of the cases in mm, one number or three along the patient's x, y, z; by default
            the label map's.
        tissues: YAML file with a table of tissue priors, a copy of what `maskct show tissues` prints; by default that.
        threads: by default one a core; always one in a forked process.

    Raises:
        MaskCTError: on the first use, for unknown names and files that cannot be used.
    """

    def __init__(
        self,
        *,
        scheme: str | Mapping[int, str] | None = None,
        targets: Names = (),
        recipe: str = "maskct",
        video: str | os.PathLike[str] | None = None,
        seed: int = 1,
        modality: str = "ct",
        scanner: Names = (),
        protocol: Names = (),
        out_spacing: float | Sequence[float] | None = None,
        tissues: str | os.PathLike[str] | None = None,
        threads: int | None = None,
    ) -> None:
        def names(value: Names) -> list[str]:
            return [value] if isinstance(value, str) else list(value)

        spacing = None
        if out_spacing is not None:
            spacing = affine_of(out_spacing, None).diagonal()[:3].tolist()
        is_name = scheme is None or isinstance(scheme, (str, os.PathLike))
        self._request = {
            "scheme": os.fspath(scheme) if is_name and scheme is not None else None,
            "structures": None if is_name else {str(int(key)): name for key, name in scheme.items()},
            "targets": names(targets), "recipe": recipe, "video": None if video is None else os.fspath(video),
            "seed": seed, "modality": modality, "scanners": names(scanner), "protocols": names(protocol), "spacing": spacing,
            "tissues": None if tissues is None else os.fspath(tissues),
        }  # fmt: skip
        self._threads = threads
        self._session: tuple[int, Handle] | None = None

    def generate(
        self,
        labels: Labels,
        spacing: Spacing = None,
        *,
        affine: ArrayLike | None = None,
        name: str | None = None,
        save_to: str | os.PathLike[str] | None = None,
        progress: Progress | None = None,
    ) -> Case:
        """Generates one case; see `maskct.generate`."""
        request, address, is_reversed, array = self._case(labels, spacing, affine, name)
        result = Handle(
            call_with_progress("generate", progress, self._opened().pointer, request, address)
        )
        del array
        if save_to is not None:
            call("write", result.pointer, os.fsencode(save_to))
        description = result.describe()
        shape = description["shape"]
        names = [taken["modality"] for taken in description["record"]["draw"]["acquisitions"]]
        parts = dict(zip(names, (IMAGE_INT16, SECOND_INT16), strict=False))

        def image(modality: str) -> NDArray[np.int16] | None:
            return copied(result, parts[modality], shape, is_reversed) if modality in parts else None

        return Case(
            ct=image("ct"),
            mr=image("mr"),
            labels=copied(result, LABELS, shape, is_reversed),
            affine=result_affine(description["affine"], is_reversed),
            record=description["record"],
        )

    def paint(
        self,
        labels: Labels,
        spacing: Spacing = None,
        *,
        affine: ArrayLike | None = None,
        name: str | None = None,
    ) -> Painted:
        """Paints one body; see `maskct.paint`."""
        request, address, is_reversed, array = self._case(labels, spacing, affine, name)
        result = Handle(call("paint", self._opened().pointer, request, address))
        del array
        description = result.describe()
        return Painted(
            hu=copied(result, IMAGE_FLOAT, description["shape"], is_reversed),
            affine=result_affine(description["affine"], is_reversed),
            notes=description["notes"],
        )

    @staticmethod
    def _case(labels: Labels, spacing: Spacing, affine: ArrayLike | None, name: str | None):
        if isinstance(labels, (str, os.PathLike)):
            if spacing is not None or affine is not None:
                raise MaskCTError("usage", "a file has its own spacing; leave spacing and affine out")
            request = {"name": name, "path": os.fspath(labels)}
            return json.dumps(request).encode(), None, False, None
        array = describe(labels, affine_of(spacing, affine))
        request = {"name": name, "array": array.request}
        return json.dumps(request).encode(), array.address, array.is_reversed, array

    def _opened(self) -> Handle:
        # A worker process opens its own: its number of threads is another.
        if self._session is None or self._session[0] != os.getpid():
            request = {**self._request, "threads": allowed(self._threads)}
            self._session = (os.getpid(), Handle(call("open", json.dumps(request).encode())))
        return self._session[1]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_session": None}


def generate(
    labels: Labels,
    spacing: Spacing = None,
    *,
    affine: ArrayLike | None = None,
    name: str | None = None,
    save_to: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Case:
    """Makes a CT and its labels from a label map; the same bytes as `maskct generate` with the same settings.

    Args:
        labels: label map as an array `[x, y, z]` or a NIfTI file; a folder of binary masks as TotalSegmentator's.
        spacing: of an array, voxel spacing in mm, one number or three; axes run to the right, to anterior and to
            superior.
        affine: in place of `spacing`, 4 x 4, from voxel indices to RAS+ mm, as nibabel has it.
        name: of the case; another name draws another case. By default that of the file, or `case`.
        save_to: folder to write `NAME_0000.nii.gz`, `NAME.nii.gz` and `NAME.json` to.
        progress: called with the fraction done; what it raises stops the work.
        settings: `scheme`, `targets`, `recipe`, `video`, `seed`, `modality`, `scanner`, `protocol`, `out_spacing`, `tissues` and `threads`,
            see `Generator`. For many cases make one `Generator`, which keeps the textures.

    Raises:
        MaskCTError: for settings and label maps that cannot be used.
    """
    return Generator(**settings).generate(
        labels, spacing, affine=affine, name=name, save_to=save_to, progress=progress
    )


def paint(
    labels: Labels,
    spacing: Spacing = None,
    *,
    affine: ArrayLike | None = None,
    name: str | None = None,
    **settings: Any,
) -> Painted:
    """Paints a label map with HU, without scanning it.

    What a recipe varies of the label map and of the scan (`deformation`, `dropout`, `lesions`, `acquisition`) is left out.

    Args:
        labels, spacing, affine, name: as for `generate`.
        settings: as for `generate`; `targets` matter to the recipe `cylinder` alone.

    Raises:
        MaskCTError: for settings and label maps that cannot be used.
    """
    return Generator(**settings).paint(labels, spacing, affine=affine, name=name)
