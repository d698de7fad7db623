#!/usr/bin/env bash
# Runs all kernels under the address and undefined-behaviour sanitizers, then the tests of kernels and readers under the
# address sanitizer, on every instruction set of this CPU.
#
# A build of its own below .build: a quarter of an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
instruction_sets=(portable)
grep -qw avx2 /proc/cpuinfo && instruction_sets+=(avx2)
grep -qw avx512bw /proc/cpuinfo && instruction_sets+=(avx512)
# What the runtime keeps until the process ends is no leak.
export ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no

mkdir -p .build/undefined
clang=$(command -v clang || command -v "$(dirname "$(command -v swift)")/clang")
"$clang" -O1 -g -std=gnu11 -fuse-ld=lld -fsanitize=undefined,address -fno-sanitize-recover=undefined \
  -I Sources/Kernels/include Tests/Emulated/kernels.c Sources/Kernels/*.c -lm -o .build/undefined/kernels
for simd in "${instruction_sets[@]}"; do
  echo "sanitize: address and undefined, $simd"
  MASKCT_SIMD=$simd .build/undefined/kernels .build/undefined/results
done

options=(-c release -Xswiftc -enable-testing --sanitize=address --scratch-path .build/address)
swift build "${options[@]}" --build-tests
for simd in "${instruction_sets[@]}"; do
  echo "sanitize: address, $simd"
  MASKCT_SIMD=$simd swift test "${options[@]}" --skip-build \
    --filter 'KernelsTests|HostileInputTests|SinogramsTests|NIfTI|Gzip|YAMLTests'
done
