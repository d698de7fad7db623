#!/usr/bin/env bash
# Builds dist/maskct-VERSION-py3-none-manylinux_*.whl: the command with the Swift standard library and
# libdeflate linked into it, its man page and shell completions, and the Python package.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=.build/static
stage=.build/wheel
rm -rf "$stage"
mkdir -p "$scratch/lib" "$stage/share/man/man1" "$stage/share/bash-completion/completions" \
  "$stage/share/zsh/site-functions" "$stage/share/fish/vendor_completions.d"

# A folder with the archive alone, searched first: beside the shared library the linker would take that.
archive=$(clang -print-file-name=libdeflate.a)
[[ -f $archive ]] || { echo "wheel: $archive is missing: install libdeflate-dev" >&2; exit 1; }
ln -sf "$archive" "$scratch/lib/libdeflate.a"
static="$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")/lib/swift_static/linux"
for product in maskct MaskCTC; do
  swift build -c release --static-swift-stdlib --scratch-path "$scratch" \
    -Xlinker "-L$PWD/$scratch/lib" -Xlinker "-L$static" --product $product
done
binaries=$(swift build -c release --scratch-path "$scratch" --show-bin-path)
strip -o "$stage/maskct" "$binaries/maskct"
# The package manager links the standard library into executables only, so this one is linked again, with
# nothing to be seen of it but the functions for Python.
printf '{ global: maskct_*; local: *; };\n' >"$stage/exports.map"
swiftc -emit-library -static-stdlib "@$binaries/MaskCTC.product/Objects.LinkFileList" -L "$scratch/lib" \
  -Xlinker --gc-sections -Xlinker "--version-script=$stage/exports.map" -o "$stage/libMaskCTC.so"
strip "$stage/libMaskCTC.so"

"$stage/maskct" --generate-completion-script bash >"$stage/share/bash-completion/completions/maskct"
"$stage/maskct" --generate-completion-script zsh >"$stage/share/zsh/site-functions/_maskct"
"$stage/maskct" --generate-completion-script fish >"$stage/share/fish/vendor_completions.d/maskct.fish"

# The manual's generator comes with the argument parser. Its package plugin would first build all of
# MaskCT once more without optimisation; built by itself it takes the finished command.
parser="$scratch/checkouts/swift-argument-parser"
swift build --package-path "$parser" --scratch-path .build/manual --product generate-manual
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
.build/manual/debug/generate-manual "$stage/maskct" --output-directory "$stage/share/man/man1" \
  --date "$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)"

python3 -m venv .build/wheel-tools
rm -f dist/maskct-*.whl
.build/wheel-tools/bin/pip wheel --quiet --no-deps --wheel-dir dist ./python
ls dist/maskct-*.whl
