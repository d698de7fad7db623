#!/usr/bin/env bash
# Resolves the Python packages again and writes them, with hashes, into the lock file that the build embeds.
# Needed only to move to other versions; needs uv (`pip install uv`) and a reachable package index.
set -euo pipefail
cd "$(dirname "$0")/.."
target=Sources/Learning/PinnedPackages/requirements.txt
lock=$(mktemp)
trap 'rm -f "$lock"' EXIT

# Without index options in the environment, so that no host finds its way into the file.
env -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
  uv pip compile scripts/requirements.in --universal --python-version 3.10 --generate-hashes \
  --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o "$lock"
cat "$lock" >"$target"
