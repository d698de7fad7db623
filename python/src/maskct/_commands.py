"""The commands of `maskct` as functions with typed results; each runs the command that the wheel installs."""

from __future__ import annotations

import csv
import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Number
from pathlib import Path
from typing import Any

from ._library import MaskCTError
from ._process import options, run

PathLike = str | os.PathLike[str]


def _cases(folder: Path, endings: Iterable[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        for ending in endings:
            if path.name.endswith(ending) and not path.name.startswith("."):
                found[path.name[: -len(ending)]] = path
    return found


@dataclass(frozen=True)
class ImportedStructure:
    """A line of `report.csv`."""

    case: str
    file: str
    name: str
    """As the file has it."""
    structure: str
    """What it was taken for; empty for nothing."""
    ml: float | None
    """Volume; None where it was not written."""
    note: str


@dataclass(frozen=True)
class Imported:
    """What `import_labels` wrote."""

    folder: Path
    """What `generate_dataset(labels=...)` takes."""
    labels: dict[str, Path]
    """Label map of every case."""
    images: dict[str, Path]
    """CT of every case, where they were asked for."""
    structures: dict[int, str]
    """What the numbers of the label maps stand for."""
    report: list[ImportedStructure]
    """Every structure with its volume, and what was left out and why."""
    unmatched: list[str]
    """Names that are no known structure: fill them in in `matched.csv` and import again with `overwrite=True`."""
    failures: list[str]
    """Cases that were left out, one line each."""


def import_labels(
    input: PathLike,
    output: PathLike,
    *,
    images: bool = False,
    table: PathLike | None = None,
    spacing: float = 1.0,
    overwrite: bool = False,
    verbose: bool = True,
) -> Imported:
    """Turns RTSTRUCT, DICOM-SEG, NRRD or MetaImage labels into label maps; `maskct import`.

    Args:
        input: a file, or a folder or zip with any number of patients.
        output: folder to write into.
        images: also convert CT series.
        table: `matched.csv` of another import, corrected.
        spacing: in-plane voxel size for contours without their series, mm.
        overwrite: replace an earlier import.
        verbose: show progress.

    Raises:
        MaskCTError: where nothing can be imported.
    """
    folder = Path(output)
    done = run("import", os.fspath(input), *options(
        output=folder, images=images, table=table, spacing=spacing, overwrite=overwrite), verbose=verbose, partial=True)
    if not (folder / "report.csv").exists() or (done.code and not done.output):
        raise MaskCTError("failure", done.errors[-1] if done.errors else "nothing was imported")
    structures: dict[int, str] = {}
    if (folder / "scheme.yaml").exists():
        found = re.findall(r"^  (\d+): (\S+)$", (folder / "scheme.yaml").read_text(), re.MULTILINE)
        structures = {int(number): name for number, name in found}
    with open(folder / "report.csv", newline="") as file:
        report = [ImportedStructure(r["case"], r["file"], r["name"], r["structure"], float(r["ml"]) if r["ml"] else None,
                                    r["note"]) for r in csv.DictReader(file)]
    unmatched: list[str] = []
    if (folder / "matched.csv").exists():
        with open(folder / "matched.csv", newline="") as file:
            unmatched = [row["name"] for row in csv.DictReader(file) if not row["structure"]]
    return Imported(folder, _cases(folder / "labels", [".nii.gz"]), _cases(folder / "images", [".nii.gz"]), structures,
                    report, unmatched, done.errors)


@dataclass(frozen=True)
class Dataset:
    """An nnU-Net dataset of simulated CT."""

    folder: Path
    images: dict[str, Path]
    """CT of every case."""
    labels: dict[str, Path]
    """Label map of every case."""
    structures: dict[int, str]
    """What the numbers of the label maps stand for."""
    failures: list[str]
    """Cases that were left out, one line each."""

    @property
    def manifest(self) -> dict[str, Any]:
        """`manifest.json`: versions, SHA-256 of every file, times."""
        return json.loads((self.folder / "manifest.json").read_text())


def generate_dataset(
    labels: PathLike | Sequence[PathLike],
    output: PathLike,
    *,
    targets: str | Sequence[str] = (),
    scheme: str | Sequence[str] | None = None,
    recipe: str = "maskct",
    cases: int | None = None,
    seed: int = 1,
    video: PathLike | None = None,
    modality: str = "ct",
    scanner: str | Sequence[str] | None = None,
    protocol: str | Sequence[str] | None = None,
    spacing: float | Sequence[float] | None = None,
    region: str | Sequence[str] | None = None,
    phase: str | Sequence[str] | None = None,
    tissues: PathLike | None = None,
    resume: bool = False,
    overwrite: bool = False,
    threads: int | None = None,
    verbose: bool = True,
) -> Dataset:
    """Generates a dataset from folders of label maps; `maskct generate`, whose help explains the arguments.

    Raises:
        MaskCTError: where no case can be made.
    """
    if spacing is not None and not isinstance(spacing, Number):
        spacing = ",".join(map(str, spacing))
    folder = Path(output)
    done = run("generate", *options(
        labels=[labels] if isinstance(labels, (str, os.PathLike)) else labels, target=targets, scheme=scheme,
        recipe=recipe, cases=cases, seed=seed, video=video, modality=modality, scanner=scanner, protocol=protocol,
        spacing=spacing, region=region, phase=phase, tissues=tissues, output=folder, resume=resume,
        overwrite=overwrite, threads=threads), verbose=verbose, partial=True)
    if not (folder / "dataset.json").exists() or (done.code and not done.output):
        raise MaskCTError("failure", done.errors[-1] if done.errors else "no case was made")
    names = json.loads((folder / "dataset.json").read_text())["labels"]
    return Dataset(folder, _cases(folder / "imagesTr", ["_0000.nii.gz"]), _cases(folder / "labelsTr", [".nii.gz"]),
                   {number: name for name, number in names.items() if number}, done.errors)


@dataclass(frozen=True)
class Model:
    """A trained network."""

    folder: Path
    """nnU-Net's folder of the model: plans, dataset.json and folds."""
    configuration: str
    fold: str
    checkpoint: Path
    """The weights."""
    history: list[dict[str, Any]] = field(repr=False)
    """One dictionary per epoch: losses, Dice of patches, seconds."""


def train(
    dataset: PathLike | int,
    *,
    configuration: str = "small",
    epochs: int | None = None,
    iterations: int | None = None,
    fold: int | str | None = None,
    device: str = "auto",
    seed: int = 0,
    overwrite: bool = False,
    threads: int | None = None,
    verbose: bool = True,
) -> Model:
    """Trains nnU-Net on a dataset, from the last checkpoint if it was interrupted; `maskct train`.

    Args:
        dataset: number, name or folder.
        configuration: `small`, or one that nnU-Net plans.
        epochs, iterations: by default those of the configuration.
        fold: to hold back, or `all`.
        device: `auto`, `cpu` or `cuda`.
        seed: of weights and augmentation.
        overwrite: discard an earlier training.
        threads: by default one per core.
        verbose: show progress.

    Raises:
        MaskCTError: where the training fails.
    """
    done = run("train", *options(
        dataset=dataset, configuration=configuration, epochs=epochs, iterations=iterations, fold=fold, device=device,
        seed=seed, overwrite=overwrite, threads=threads), verbose=verbose)
    folder = Path(re.findall(r"^model: (.*)$", done.output, re.MULTILINE)[-1])
    folds = [path for path in folder.glob("fold_*") if (path / "checkpoint_final.pth").exists()]
    trained = max(folds, key=lambda path: (path / "checkpoint_final.pth").stat().st_mtime)
    if fold is not None:
        trained = folder / f"fold_{fold}"
    progress = trained / "progress.jsonl"
    history = [json.loads(line) for line in progress.read_text().splitlines() if line.startswith("{")]
    return Model(folder, configuration, trained.name[len("fold_"):], trained / "checkpoint_final.pth",
                 [entry for entry in history if entry.get("event") == "epoch"])


@dataclass(frozen=True)
class Predictions:
    """Label maps of images."""

    folder: Path
    files: dict[str, Path]
    """Of every case: NIfTI, or what `format` says."""
    failures: list[str]
    """Images that were not segmented, one line each."""


_SUFFIXES = {"nifti": ".nii.gz", "dicom-seg": ".seg.dcm", "rtstruct": ".rtstruct.dcm", "nrrd": ".seg.nrrd"}


def predict(
    input: PathLike,
    output: PathLike,
    *,
    dataset: PathLike | int | None = None,
    model: PathLike | Model | None = None,
    format: str = "nifti",
    configuration: str | None = None,
    fold: int | str | None = None,
    device: str = "auto",
    largest_component: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    threads: int | None = None,
    verbose: bool = True,
) -> Predictions:
    """Segments CT images; `maskct predict`.

    Args:
        input: folder of NIfTI images or DICOM series, a zip of series, or one file.
        output: folder for the label maps.
        dataset: number, name or folder of the dataset that the model learned from.
        model: in place of `dataset`, a file of `maskct pack`, or what `train` returned for a dataset whose folder of
            raw data is where nnU-Net looks for it.
        format: `nifti`, `dicom-seg`, `rtstruct` or `nrrd`.
        configuration, fold: by default the trained ones.
        device: `auto`, `cpu` or `cuda`.
        largest_component: keep only the largest connected part of every structure.
        overwrite: replace label maps that are there.
        resume: keep them, and predict the others.
        threads: by default one per core.
        verbose: show progress.

    Raises:
        MaskCTError: where nothing can be predicted.
    """
    if isinstance(model, Model):
        dataset, configuration, fold, model = model.folder.parent.name, model.configuration, model.fold, None
    folder = Path(output)
    done = run("predict", *options(
        input=input, output=folder, dataset=dataset, model=model, format=format, configuration=configuration, fold=fold,
        device=device, largest_component=largest_component, overwrite=overwrite, resume=resume, threads=threads),
        verbose=verbose, partial=True)
    files = _cases(folder, [_SUFFIXES[format]])
    if done.code and not done.output:
        raise MaskCTError("failure", done.errors[-1] if done.errors else "nothing was segmented")
    return Predictions(folder, files, done.errors)


@dataclass(frozen=True)
class Scores:
    """Scores of predictions against references."""

    structures: list[str]
    cases: dict[str, dict[str, dict[str, float]]]
    """`cases[case][structure]["Dice"]`; NaN where there is none, as for a structure that neither mask has, and for
    infinite distances."""
    mean: dict[str, dict[str, float]]
    """`mean["liver"]["Dice"]`, over cases."""
    tolerance: float
    """Of the normalised surface Dice, mm."""
    notes: list[str]
    failures: list[str]
    """Cases that were not scored, one line each."""
    summary: Path
    """`summary.json` in nnU-Net's format."""


def evaluate(
    prediction: PathLike,
    reference: PathLike,
    *,
    structures: Mapping[str, Any] | None = None,
    tolerance: float = 2.0,
    output: PathLike | None = None,
    resample: bool = False,
    shared_only: bool = False,
    overwrite: bool = False,
    threads: int | None = None,
    verbose: bool = True,
) -> Scores:
    """Scores label maps against references; `maskct evaluate`.

    Args:
        prediction, reference: folders, or two files.
        structures: such as `{"liver": 1}`, `{"liver": "1:6"}` where predictions and references are numbered
            differently; by default those of a `dataset.json` beside the files.
        tolerance: of the normalised surface Dice, mm.
        output: file for the scores; by default `summary.json` in the folder of predictions.
        resample: resample predictions on another grid rather than refuse them.
        shared_only: score only the cases that both folders have.
        overwrite: replace earlier scores.
        threads: by default one per core.
        verbose: show progress.

    Raises:
        MaskCTError: where no case can be scored.
    """
    prediction = Path(prediction)
    if output is None:
        output = prediction / "summary.json" if prediction.is_dir() else prediction.parent / "summary.json"
    done = run("evaluate", *options(
        prediction=prediction, reference=reference, structure=[f"{k}={v}" for k, v in (structures or {}).items()],
        tolerance=tolerance, output=output, resample=resample, shared_only=shared_only, overwrite=overwrite,
        threads=threads), verbose=verbose, partial=True)
    if not Path(output).exists() or (done.code and not done.output):
        raise MaskCTError("failure", done.errors[-1] if done.errors else "no case was scored")
    text = json.loads(Path(output).read_text())
    own = text["maskct"]
    keys = {entry["key"]: entry["name"] for entry in own["structures"]}

    def numbers(values: Mapping[str, Any]) -> dict[str, float]:
        return {name: math.nan if value is None else value for name, value in values.items()}

    cases = {name: {keys[key]: numbers(values) for key, values in entry["metrics"].items()}
             for name, entry in zip(own["cases"], text["metric_per_case"])}
    return Scores(list(keys.values()), cases, {keys[key]: numbers(values) for key, values in text["mean"].items()},
                  own["nsd_tolerance_mm"], own["notes"], [entry["problem"] for entry in own["failures"]], Path(output))


@dataclass(frozen=True)
class Comparison:
    """The results of an experiment."""

    folder: Path
    table: list[dict[str, Any]] = field(repr=False)
    """A dictionary per arm, structure and metric: mean, interval, median, failures, difference to the baseline, p."""
    scores: list[dict[str, Any]] = field(repr=False)
    """A dictionary per arm, run, case and structure."""
    failures: list[str] = field(default_factory=list)
    """Arms and cases that failed, one line each."""

    @property
    def report(self) -> Path:
        """The HTML page."""
        return self.folder / "report.html"

    @property
    def methods(self) -> str:
        """The method in words, with numbers and citations, ready to paste."""
        return (self.folder / "methods.md").read_text()

    def _repr_html_(self) -> str:
        from html import escape

        rows = [row for row in self.table if row["metric"] == "Dice"]
        cells = "".join(
            f"<tr><td>{escape(row['arm'])}</td><td>{escape(row['structure'])}</td><td>{row['cases']}</td>"
            f"<td>{row['mean']:.3f}</td></tr>" for row in rows if isinstance(row["mean"], float))
        return ("<table><thead><tr><th>arm</th><th>structure</th><th>cases</th><th>mean Dice</th></tr></thead><tbody>"
                f"{cells}</tbody></table>")


def compare(
    experiment: PathLike,
    *,
    output: PathLike | None = None,
    data: PathLike | None = None,
    threads: int | None = None,
    verbose: bool = True,
) -> Comparison:
    """Runs an experiment, or what is left to do of it; `maskct compare`.

    Args:
        experiment: a shipped experiment, or a YAML file.
        output: folder for all results; by default the experiment's name.
        data: folder that the experiment's paths are relative to.
        threads: by default one per core.
        verbose: show progress.

    Raises:
        MaskCTError: where there is no result at all; an arm that failed is in `failures`.
    """
    folder = Path(output) if output is not None else Path(Path(experiment).name.removesuffix(".yaml").removesuffix(".yml"))
    done = run("compare", os.fspath(experiment), *options(output=folder, data=data, threads=threads),
               verbose=verbose, partial=True)
    if not (folder / "table.csv").exists() or (done.code and not done.output):
        raise MaskCTError("failure", done.errors[-1] if done.errors else "there is no result")

    def rows(name: str) -> list[dict[str, Any]]:
        texts = {"arm", "structure", "metric", "run", "case"}
        whole = {"cases", "excluded", "failures"}
        with open(folder / name, newline="") as file:
            return [{key: value if key in texts else None if value == "" else int(value) if key in whole
                     else float(value) for key, value in row.items()} for row in csv.DictReader(file)]

    return Comparison(folder, rows("table.csv"), rows("scores.csv"), done.errors)


def pack(
    dataset: PathLike | int,
    output: PathLike,
    *,
    license: str | None = None,
    masks: str | None = None,
    configuration: str | None = None,
    fold: int | str | None = None,
    overwrite: bool = False,
) -> Path:
    """Packs a trained model with its card into one file; `maskct pack`.

    Raises:
        MaskCTError: where there is no finished model.
    """
    run("pack", *options(dataset=dataset, output=output, license=license, masks=masks, configuration=configuration,
                          fold=fold, overwrite=overwrite), verbose=False)
    return Path(output)


def export_labels(
    input: PathLike | int,
    output: PathLike,
    *,
    format: str = "dicom-seg",
    series: PathLike | None = None,
    scheme: str | None = None,
    overwrite: bool = False,
    verbose: bool = True,
) -> Path:
    """Writes label maps as DICOM-SEG, RTSTRUCT or `.seg.nrrd`, or a dataset as DICOM series; `maskct export`.

    Raises:
        MaskCTError: where a case cannot be written.
    """
    run("export", input, *options(output=output, format=format, series=series, scheme=scheme, overwrite=overwrite),
        verbose=verbose)
    return Path(output)
