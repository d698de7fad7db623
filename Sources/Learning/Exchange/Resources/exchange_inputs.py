"""Finds what a file, a folder or a zip holds: label objects, CT series, and what is neither.

Nothing is ever written under a name that comes from a file: what a zip holds is unpacked under numbers.
"""

import itertools
import os
import re
import shutil
import warnings
import zipfile
import zlib
from dataclasses import dataclass, field

import pydicom
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

from exchange_series import Series

SEGMENTATION = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"
CT_IMAGE = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1")
VOLUMES = (".nrrd", ".nhdr", ".mha", ".mhd")
# What is read of every DICOM file at first.
TAGS = ["SOPClassUID", "SOPInstanceUID", "PatientID", "Modality", "StudyInstanceUID", "SeriesInstanceUID",
        "SeriesDescription", "SeriesNumber", "FrameOfReferenceUID", "ImageOrientationPatient", "ImagePositionPatient",
        "PixelSpacing", "Rows", "Columns", "NumberOfFrames", "SliceThickness", "ImageType"]
EXPANSION = 64 << 30  # bytes that one zip may unpack to
_numbers = itertools.count()


@dataclass
class Found:
    """What an input holds."""
    objects: list = field(default_factory=list)  # (path to show, path to read, kind)
    series: dict = field(default_factory=dict)  # by UID
    skipped: list = field(default_factory=list)  # (path to show, reason)
    instances: set = field(default_factory=set)  # UIDs of slices that were read
    files: int = 0


def find(path: str, scratch: str, report=lambda files: None) -> Found:
    found = Found()
    for shown, real in _files(path, scratch, found):
        found.files += 1
        if found.files % 500 == 0:
            report(found.files)
        lower = shown.lower()
        try:
            if lower.endswith(VOLUMES):
                found.objects.append((shown, real, "volume"))
            elif lower.endswith((".nii", ".nii.gz")):
                found.skipped.append((shown, "is NIfTI already: generate and predict read it as it is"))
            else:
                _dicom(shown, real, found)
        except Exception as error:  # whatever a damaged file makes of a library
            found.skipped.append((shown, f"cannot be read: {one_line(error)}"))
    report(found.files)
    return found


def _dicom(shown: str, real: str, found: Found) -> None:
    with open(real, "rb") as file:
        preamble = file.read(132)
    if preamble[128:] != b"DICM" and not shown.lower().endswith((".dcm", ".ima")):
        if os.path.basename(shown).upper() != "DICOMDIR":
            found.skipped.append((shown, "is not a DICOM, NRRD or MetaImage file"))
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = pydicom.dcmread(real, stop_before_pixels=True, specific_tags=TAGS,
                                     force=preamble[128:] != b"DICM")
    except (InvalidDicomError, EOFError) as error:
        found.skipped.append((shown, f"is not a whole DICOM file: {one_line(error)}"))
        return
    kind = str(header.get("SOPClassUID", ""))
    if kind in SEGMENTATION:
        found.objects.append((shown, real, "seg"))
    elif kind == STRUCTURE_SET:
        found.objects.append((shown, real, "rtstruct"))
    elif kind in CT_IMAGE:
        image_type = [str(part).upper() for part in header.get("ImageType", None) or []]
        if "LOCALIZER" in image_type:
            found.skipped.append((shown, "is a localizer"))
            return
        uid = str(header.get("SeriesInstanceUID", ""))
        instance = str(header.get("SOPInstanceUID", ""))
        if instance and instance in found.instances:
            found.skipped.append((shown, "is another copy of a slice that was read already"))
            return
        found.instances.add(instance)
        found.series.setdefault(uid, Series(uid)).headers.append((real, header))
        found.series[uid].shown = os.path.dirname(shown) or shown
    elif kind:
        name = UID(kind).name
        found.skipped.append((shown, f"holds no labels and is no CT: {clean(name)}"))
    elif os.path.basename(shown).upper() != "DICOMDIR":
        found.skipped.append((shown, "is not a DICOM file: it names no SOP class"))


def _files(path: str, scratch: str, found: Found):
    """Path to show and path to read of every file, in order; zips are unpacked on the way."""
    if not os.path.isdir(path):
        yield from _unpacked(os.path.basename(path), path, scratch, found)
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            real = os.path.join(folder, name)
            shown = os.path.relpath(real, path)
            if name.startswith(".") or not os.path.isfile(real):
                continue
            # MetaImage and NRRD headers name their data file; it is no input of its own.
            if name.lower().endswith((".raw", ".zraw", ".raw.gz")):
                continue
            yield from _unpacked(shown, real, scratch, found)


def _unpacked(shown: str, real: str, scratch: str, found: Found):
    if not real.lower().endswith(".zip"):
        yield shown, real
        return
    try:
        with zipfile.ZipFile(real) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir()]
            total = sum(e.file_size for e in entries)
            room = shutil.disk_usage(scratch).free // 2
            if total > min(EXPANSION, room):
                found.skipped.append((shown, f"would unpack to {total / 1e9:.1f} GB"))
                return
            for entry in entries:
                inside = f"{shown}/{entry.filename}"
                if entry.flag_bits & 1:
                    found.skipped.append((inside, "is encrypted"))
                    continue
                suffix = next((s for s in VOLUMES + (".nii.gz", ".nii", ".dcm", ".zip")
                               if entry.filename.lower().endswith(s)), "")
                if suffix in (".zip", ".nhdr", ".mhd"):
                    found.skipped.append((inside, "is inside a zip: unpack it first"))
                    continue
                target = os.path.join(scratch, f"{next(_numbers):06d}{suffix}")
                with archive.open(entry) as source, open(target, "wb") as copy:
                    if not _copy(source, copy, entry.file_size):
                        found.skipped.append((inside, "is longer than the zip says"))
                        continue
                yield inside, target
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        found.skipped.append((shown, f"is a damaged zip: {one_line(error)}"))


def _copy(source, target, size: int) -> bool:
    while piece := source.read(1 << 20):
        size -= len(piece)
        if size < 0:
            return False
        target.write(piece)
    return True


def clean(text) -> str:
    """Text from a file, printable and on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())


def one_line(error) -> str:
    text = clean(error)[:200] or type(error).__name__
    return f"it has no {text}" if isinstance(error, KeyError) else text


def safe(text: str) -> str:
    """A name for a file, from whatever a header says; empty where nothing of it can stay."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", clean(text)).strip("._-")
    return name[:64]
