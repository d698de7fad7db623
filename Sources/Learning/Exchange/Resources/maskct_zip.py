"""Packs a model as nnU-Net does, and unpacks one; needs Python alone.

maskct_zip.py pack ZIP FOLDER NAME...   files of a folder, by their names below it
maskct_zip.py unpack ZIP FOLDER         all files, none of them outside the folder
"""

import os
import shutil
import sys
import zipfile

LIMIT = 32 << 30  # bytes that a model may unpack to


def pack(target: str, folder: str, names: list) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            archive.write(os.path.join(folder, name), name)


def unpack(source: str, folder: str) -> None:
    with zipfile.ZipFile(source) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if sum(entry.file_size for entry in entries) > LIMIT:
            sys.exit("would unpack to more than 32 GB")
        for entry in entries:
            parts = entry.filename.split("/")
            if any(part in ("", ".", "..") for part in parts) or "\\" in entry.filename:
                sys.exit(f"holds a file that would lie outside: {entry.filename!r}")
        for entry in entries:
            path = os.path.join(folder, *entry.filename.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(entry) as packed, open(path, "wb") as file:
                shutil.copyfileobj(packed, file)


if __name__ == "__main__":
    try:
        pack(sys.argv[2], sys.argv[3], sys.argv[4:]) if sys.argv[1] == "pack" else unpack(sys.argv[2], sys.argv[3])
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        sys.exit(" ".join(str(error).split()) or type(error).__name__)
