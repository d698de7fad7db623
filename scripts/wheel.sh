#!/usr/bin/env bash
# Builds dist/maskct-VERSION-py3-none-manylinux_*.whl: the command with the Swift standard library,
# libdeflate and HDF5 linked into it, its man page and shell completions, and the Python package.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=.build/wheel
libraries=.build/static
rm -rf "$stage"
mkdir -p "$libraries" "$stage/share/man/man1" "$stage/share/bash-completion/completions" \
  "$stage/share/zsh/site-functions" "$stage/share/fish/vendor_completions.d"

# A folder with the archives alone, searched first: beside a shared library the linker would take that.
archive() {
  local path
  path=$(clang -print-file-name="$1")
  [[ -f $path ]] || { echo "wheel: $1 is missing: install $2" >&2; exit 1; }
  echo "$path"
}
ln -sf "$(archive libdeflate.a libdeflate-dev)" "$libraries/libdeflate.a"
# One archive for HDF5 and what it needs, so that no order of libraries matters.
hdf5=$(pkg-config --libs-only-L hdf5 | sed 's/^-L//; s/ *$//')
rm -f "$libraries/libhdf5.a"
ar -M <<END
create $libraries/libhdf5.a
addlib $hdf5/libhdf5.a
addlib $(archive libsz.a libaec-dev)
addlib $(archive libaec.a libaec-dev)
addlib $(archive libz.a zlib1g-dev)
save
end
END

# The objects are those of every build (scripts/swift.sh); only the link is another, with archives instead of shared
# libraries. Objects name the shared libraries of Swift that they need; their archives need those added here.
# No build id: it is a digest of paths.
link() {
  swiftc -static-stdlib "@.build/release/$1.product/Objects.LinkFileList" -L "$libraries" "${@:2}" \
    -lCoreFoundation -l_FoundationICU -l_FoundationCShims -l_FoundationCollections \
    -Xlinker --gc-sections -Xlinker --build-id=none
}
# What the compiler says of modules by a hash of paths is left out, too.
strip_to() { strip --remove-section=.swift_modhash -o "$2" "$1"; }
for product in maskct MaskCTC; do scripts/swift.sh build --product $product; done
# The package manager renames the main functions of executables, so that tests can import them.
link maskct -emit-executable -Xlinker --defsym=main=maskct_main -o "$libraries/maskct"
strip_to "$libraries/maskct" "$stage/maskct"
# Nothing is to be seen of the library but the functions for Python.
printf '{ global: maskct_*; local: *; };\n' >"$libraries/exports.map"
link MaskCTC -emit-library -Xlinker "--version-script=$libraries/exports.map" -o "$libraries/libMaskCTC.so"
strip_to "$libraries/libMaskCTC.so" "$stage/libMaskCTC.so"

"$stage/maskct" --generate-completion-script bash >"$stage/share/bash-completion/completions/maskct"
"$stage/maskct" --generate-completion-script zsh >"$stage/share/zsh/site-functions/_maskct"
"$stage/maskct" --generate-completion-script fish >"$stage/share/fish/vendor_completions.d/maskct.fish"

# The manual's generator comes with the argument parser. Its package plugin would first build all of
# MaskCT once more without optimisation; built by itself it takes the finished command.
parser=.build/checkouts/swift-argument-parser
swift build --package-path "$parser" --scratch-path .build/manual --product generate-manual
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
.build/manual/debug/generate-manual "$stage/maskct" --output-directory "$stage/share/man/man1" \
  --date "$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)"
# The generator also tells of the command that is for no user.
sed -i '/^\.It Em read-sinogram$/,/^\.El$/d' "$stage/share/man/man1/maskct.1"

python3 -m venv .build/wheel-tools
rm -f dist/maskct-*.whl
.build/wheel-tools/bin/pip wheel --quiet --no-deps --wheel-dir dist ./python
ls dist/maskct-*.whl
