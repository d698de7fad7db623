"""Simulated helical CT from label masks.

`generate` makes a CT and its labels from a label map, `paint` the body alone, `scan` puts any volume in HU through
the scanner. `Generator` keeps recipe and textures for many cases. For training on the fly: `maskct.torch` and
`maskct.monai`.
"""

from importlib.metadata import version as _version

from ._cases import Case, Generator, Painted, generate, paint
from ._library import MaskCTError
from ._scan import scan

__version__ = _version("maskct")
__all__ = ["Case", "Generator", "MaskCTError", "Painted", "generate", "paint", "scan"]
