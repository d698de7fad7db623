#!/usr/bin/env bash
# Resolves the Python packages anew and writes them, with hashes, into the Swift source that ships them.
# Needed only to move to other versions; needs uv (`pip install uv`) and a reachable package index.
#
# A string literal and not an embedded resource: the compiler takes a minute and a half for a quarter of
# a megabyte as an array of bytes, and a second as a string.
set -euo pipefail
cd "$(dirname "$0")/.."
target=Sources/Learning/Training/RequirementsLock.swift
lock=$(mktemp)
trap 'rm -f "$lock"' EXIT

# Without index options in the environment, so that no host finds its way into the file.
env -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
  uv pip compile scripts/requirements.in --universal --python-version 3.10 --generate-hashes \
  --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o "$lock"

{
  cat <<'SWIFT'
// Written by scripts/lock.sh from scripts/requirements.in; do not edit.

/// The pinned Python packages of the managed environment, with hashes of every file.
enum RequirementsLock {
  /// In the format of `pip install --require-hashes -r`, for Python 3.10 and later.
  static let text = #"""
SWIFT
  sed 's/^./    &/' "$lock"
  printf '    """#\n}\n'
} >"$target"
