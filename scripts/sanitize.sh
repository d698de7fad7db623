#!/usr/bin/env bash
# Runs all kernels under the address and undefined-behaviour sanitizers, then the tests of kernels, acquisition and readers
# under the address sanitizer, on every instruction set of this CPU, then what runs on several threads under the thread sanitizer.
#
#   scripts/sanitize.sh [address|thread]      both
#
# Builds of their own below .build: a quarter of an hour each on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-both}
[[ $kind == both || $kind == address || $kind == thread ]] ||
  { echo "sanitize: what is '$kind'? give address, thread or nothing" >&2; exit 2; }

# Reading, resampling and compressing volumes; sinograms; textures and the clip cache that threads share; forward projection
# with noise, reconstruction as it streams; compositing; and sessions of the C interface that generate and scan at once.
threads() {
  local options=(-c release -Xswiftc -enable-testing --sanitize=thread --scratch-path .build/thread)
  swift build "${options[@]}" --build-tests
  echo "sanitize: thread"
  SWIFT_BACKTRACE=enable=no swift test "${options[@]}" --skip-build --no-parallel --filter \
    'VolumesTests|SinogramsTests|TexturesTests|MaskCTCTests|ForwardProjectionTests|PhotonNoiseTests|HelicalReconstructionTests|CompositorTests'
}
if [[ $kind == thread ]]; then
  threads
  exit
fi
instruction_sets=(portable)
grep -qw avx2 /proc/cpuinfo && instruction_sets+=(avx2)
grep -qw avx512bw /proc/cpuinfo && instruction_sets+=(avx512)
# What the runtime keeps until the process ends is no leak.
export ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no

mkdir -p .build/undefined
clang=$(command -v clang || command -v "$(dirname "$(command -v swift)")/clang")
"$clang" -O1 -g -std=gnu11 -fuse-ld=lld -fsanitize=undefined,address -fno-sanitize-recover=undefined \
  -I Sources/Ground/Kernels/include Tests/Emulated/kernels.c Sources/Ground/Kernels/*.c -lm -o .build/undefined/kernels
for simd in "${instruction_sets[@]}"; do
  echo "sanitize: address and undefined, $simd"
  MASKCT_SIMD=$simd .build/undefined/kernels .build/undefined/results
done

options=(-c release -Xswiftc -enable-testing --sanitize=address --scratch-path .build/address)
swift build "${options[@]}" --build-tests
for simd in "${instruction_sets[@]}"; do
  echo "sanitize: address, $simd"
  MASKCT_SIMD=$simd swift test "${options[@]}" --skip-build \
    --filter 'KernelsTests|AcquisitionTests|ThinSliceTests|HostileInputTests|SinogramsTests|NIfTI|Gzip|YAMLTests'
done
[[ $kind == address ]] || threads
