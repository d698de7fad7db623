"""Simulated helical CT from label masks.

`generate` makes a CT and its labels from a label map, `paint` the body alone, `scan` puts any volume in HU through
the scanner. `Generator` keeps recipe and textures for many cases. For training on the fly: `maskct.torch` and
`maskct.monai`.

The commands are functions, too: `import_labels`, `generate_dataset`, `train`, `predict`, `evaluate`, `compare`,
`pack`, `export_labels`, and `run` for any other.
"""

from importlib.metadata import version as _version

from ._cases import Case, Generator, Painted, generate, paint
from ._commands import (
    Comparison,
    Dataset,
    Imported,
    Model,
    Predictions,
    Scores,
    compare,
    evaluate,
    export_labels,
    generate_dataset,
    import_labels,
    pack,
    predict,
    run,
    train,
)
from ._library import MaskCTError
from ._scan import scan

__version__ = _version("maskct")
__all__ = [
    "Case", "Comparison", "Dataset", "Generator", "Imported", "MaskCTError", "Model", "Painted", "Predictions", "Scores",
    "compare", "evaluate", "export_labels", "generate", "generate_dataset", "import_labels", "pack", "paint", "predict",
    "run", "scan", "train",
]  # fmt: skip
