#!/usr/bin/env bash
# Resolves the Python packages for DICOM again and pins them with hashes.
# Needed only to move to other versions; needs uv (`pip install uv`) and a reachable package index.
set -euo pipefail
cd "$(dirname "$0")/.."

# Without index options in the environment, so that no host finds its way into the file.
env -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
  uv pip compile scripts/requirements-dicom.in --universal --python-version 3.10 --generate-hashes \
  --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet \
  -o Sources/Learning/Exchange/Resources/requirements-dicom.txt
