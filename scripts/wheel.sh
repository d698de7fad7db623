#!/usr/bin/env bash
# Builds dist/maskct-VERSION-py3-none-manylinux_*.whl: the command with the Swift standard library,
# libdeflate and HDF5 linked into it, its man page and shell completions, and the Python package.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=.build/static
stage=.build/wheel
rm -rf "$stage"
mkdir -p "$scratch/lib" "$stage/share/man/man1" "$stage/share/bash-completion/completions" \
  "$stage/share/zsh/site-functions" "$stage/share/fish/vendor_completions.d"

# A folder with the archives alone, searched first: beside a shared library the linker would take that.
archive() {
  local path
  path=$(clang -print-file-name="$1")
  [[ -f $path ]] || { echo "wheel: $1 is missing: install $2" >&2; exit 1; }
  echo "$path"
}
ln -sf "$(archive libdeflate.a libdeflate-dev)" "$scratch/lib/libdeflate.a"
# One archive for HDF5 and what it needs, so that no order of libraries matters.
hdf5=$(pkg-config --libs-only-L hdf5 | sed 's/^-L//; s/ *$//')
rm -f "$scratch/lib/libhdf5.a"
ar -M <<END
create $scratch/lib/libhdf5.a
addlib $hdf5/libhdf5.a
addlib $(archive libsz.a libaec-dev)
addlib $(archive libaec.a libaec-dev)
addlib $(archive libz.a zlib1g-dev)
save
end
END
# Before the system's description of HDF5, whose folder holds the shared library, too.
mkdir -p "$scratch/pkgconfig"
cat >"$scratch/pkgconfig/hdf5.pc" <<END
Name: hdf5
Description: HDF5 with its filters in one archive
Version: $(pkg-config --modversion hdf5)
Cflags: $(pkg-config --cflags hdf5)
Libs: -L$PWD/$scratch/lib -lhdf5
END
export PKG_CONFIG_PATH=$PWD/$scratch/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
static="$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")/lib/swift_static/linux"
# Two builds of one commit are the same bytes wherever they lie (scripts/reproducible.sh): no path goes into the
# binaries, and neither do digests of paths, which are the linker's build id and the compiler's hashes of modules.
hidden=(
  -Xswiftc -file-prefix-map -Xswiftc "$PWD=/maskct" -Xcc "-ffile-prefix-map=$PWD=/maskct"
  -Xlinker --build-id=none
)
for product in maskct MaskCTC; do
  swift build -c release --static-swift-stdlib --scratch-path "$scratch" "${hidden[@]}" \
    -Xlinker "-L$PWD/$scratch/lib" -Xlinker "-L$static" --product $product
done
binaries=$(swift build -c release --scratch-path "$scratch" --show-bin-path)
strip --remove-section=.swift_modhash -o "$stage/maskct" "$binaries/maskct"
# The package manager links the standard library into executables only, so this one is linked again, with
# nothing to be seen of it but the functions for Python.
printf '{ global: maskct_*; local: *; };\n' >"$stage/exports.map"
swiftc -emit-library -static-stdlib "@$binaries/MaskCTC.product/Objects.LinkFileList" -L "$scratch/lib" \
  -Xlinker --gc-sections -Xlinker --build-id=none -Xlinker "--version-script=$stage/exports.map" -o "$stage/libMaskCTC.so"
strip --remove-section=.swift_modhash "$stage/libMaskCTC.so"

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
# The generator also tells of the command that is for no user.
sed -i '/^\.It Em read-sinogram$/,/^\.El$/d' "$stage/share/man/man1/maskct.1"

python3 -m venv .build/wheel-tools
rm -f dist/maskct-*.whl
.build/wheel-tools/bin/pip wheel --quiet --no-deps --wheel-dir dist ./python
ls dist/maskct-*.whl
