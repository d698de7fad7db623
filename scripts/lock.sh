#!/usr/bin/env bash
# Resolves the Python packages again and writes them, with hashes, into the lock files that the build embeds.
# Needed only to move to other versions; needs uv (`pip install uv`) and a reachable package index.
#
#   scripts/lock.sh [nnunet|dicom]    one environment; both without a name
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$(mktemp)
trap 'rm -f "$lock"' EXIT

# Without index options in the environment, so that no host finds its way into the file.
resolve() {
  env -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
    uv pip compile "$1" --universal --python-version 3.10 --generate-hashes \
    --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o "$lock"
  cat "$lock" >"$2"
  : >"$lock"
}

names=("$@")
((${#names[@]})) || names=(nnunet dicom)
for name in "${names[@]}"; do
  case $name in
    nnunet) resolve scripts/requirements.in Sources/Learning/PinnedPackages/requirements.txt ;;
    dicom) resolve scripts/requirements-dicom.in Sources/Learning/Exchange/Resources/requirements-dicom.txt ;;
    *) echo "lock: there is no environment '$name': give nnunet or dicom" >&2; exit 2 ;;
  esac
done
