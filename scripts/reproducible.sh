#!/usr/bin/env bash
# Builds the wheel of the last commit twice, in two folders with paths of different lengths, and compares the bytes of the
# command, of the library for Python and of the wheel. Two whole builds: some minutes each.
#
#   scripts/reproducible.sh [COMMIT]
set -euo pipefail
cd "$(dirname "$0")/.."
commit=$(git rev-parse "${1:-HEAD}^{commit}")
work=$(mktemp -d "${TMPDIR:-/tmp}/maskct-reproducible-XXXXXX")
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH
folders=("$work/one" "$work/another folder/two")
for folder in "${folders[@]}"; do
  mkdir -p "$folder"
  git archive "$commit" | tar -x -C "$folder"
  echo "reproducible: building in $folder"
  if ! (cd "$folder" && scripts/wheel.sh) >"$work/log" 2>&1; then
    tail -20 "$work/log" >&2
    echo "reproducible: the build failed" >&2
    exit 1
  fi
done

different=0
# Everything that is in the wheel, and the wheel itself.
compare() {
  local sums
  mapfile -t sums < <(sha256sum "$@" | cut -d' ' -f1)
  if [[ ${sums[0]} == "${sums[1]}" ]]; then
    printf 'same       %s  %s\n' "${sums[0]}" "${1##*/}"
  else
    printf 'DIFFERENT  %s\n' "${1##*/}"
    different=1
  fi
}
for name in maskct libMaskCTC.so share/man/man1/maskct.1; do
  compare "${folders[0]}/.build/wheel/$name" "${folders[1]}/.build/wheel/$name"
done
compare "${folders[0]}"/dist/*.whl "${folders[1]}"/dist/*.whl
for binary in maskct libMaskCTC.so; do
  if grep -qaF "$work" "${folders[0]}/.build/wheel/$binary"; then
    echo "PATHS      $binary holds the folder that it was built in"
    different=1
  fi
done
exit $different
