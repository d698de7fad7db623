#!/usr/bin/env bash
# Builds the documentation into .build/site with the mkdocs that docs/requirements.txt pins; a warning is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=.build/docs-tools
# The marker is written last, so an installation that was killed is started over.
if ! cmp -s docs/requirements.txt "$tools/requirements.txt"; then
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r docs/requirements.txt
  cp docs/requirements.txt "$tools/requirements.txt"
fi
NO_MKDOCS_2_WARNING=1 "$tools/bin/mkdocs" build --strict
echo "documentation: .build/site/index.html"
