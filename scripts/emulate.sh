#!/usr/bin/env bash
# Builds the kernels for 64-bit Arm, runs all of them in an emulator and compares with what this CPU makes.
#
#   scripts/emulate.sh        needs clang (Swift's will do), and on Debian the packages below
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in qemu-aarch64 aarch64-linux-gnu-gcc; do
  command -v "$tool" >/dev/null || {
    echo "emulate: no $tool; run 'apt-get install qemu-user gcc-aarch64-linux-gnu'" >&2
    exit 1
  }
done
clang=$(command -v clang || command -v "$(dirname "$(command -v swift)")/clang")
folder=.build/emulated
mkdir -p "$folder"
sources=(Tests/Emulated/kernels.c Sources/Ground/Kernels/portable.c Sources/Ground/Kernels/dispatch.c)
flags=(-O2 -std=gnu11 -I Sources/Ground/Kernels/include)
"$clang" "${flags[@]}" --target=aarch64-linux-gnu --gcc-toolchain=/usr --sysroot=/ \
  -isystem /usr/aarch64-linux-gnu/include -L /usr/aarch64-linux-gnu/lib -fuse-ld=lld \
  -static "${sources[@]}" -lm -o "$folder/kernels-aarch64"
"$clang" "${flags[@]}" "${sources[@]}" Sources/Ground/Kernels/avx*.c -lm -o "$folder/kernels"
"$folder/kernels" "$folder/results"
qemu-aarch64 "$folder/kernels-aarch64" --against "$folder/results"
