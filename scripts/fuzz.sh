#!/usr/bin/env bash
# Fuzzes the readers with libFuzzer, one kind after the other.
#
#   scripts/fuzz.sh [SECONDS] [nifti|yaml|json|table|sinogram|hdf5 ...]      60 seconds each, all of them
#
# Starts from Fuzzing/Corpus and what ships with the tool, goes on from what earlier runs found (below .build/fuzz), and
# leaves what fails in .build/fuzz/failures: put it into Fuzzing/Corpus with the repair, and the tests run it.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
kinds=("${@:2}")
((${#kinds[@]})) || kinds=(nifti yaml json table sinogram hdf5)
scratch=$PWD/.build/fuzz
swift build -c release --package-path Fuzzing --scratch-path "$scratch" --product fuzz \
  -Xswiftc -sanitize=fuzzer -Xcc -fsanitize=fuzzer-no-link
fuzz=$(swift build -c release --package-path Fuzzing --scratch-path "$scratch" --show-bin-path)/fuzz
# In memory, and gone in the end; and no traces of the stack from Swift, which would come before libFuzzer's.
TMPDIR=$(mktemp -d -p /dev/shm maskct-fuzz-XXXXXX)
trap 'rm -rf "$TMPDIR"' EXIT
export TMPDIR SWIFT_BACKTRACE=enable=no
for kind in "${kinds[@]}"; do
  mkdir -p "$scratch/found/$kind" "$scratch/failures/$kind" "$scratch/shipped"
  if [[ $kind == yaml ]]; then
    for file in Sources/*/*/Resources/*/*.yaml; do cp "$file" "$scratch/shipped/${file//\//-}"; done
  fi
  seeds=("Fuzzing/Corpus/$kind")
  [[ $kind != yaml ]] || seeds+=("$scratch/shipped")
  longest=8192
  case $kind in
    sinogram) longest=256 ;;
    hdf5) longest=12288 ;;
  esac
  echo "fuzz: $kind for $seconds s"
  MASKCT_FUZZ=$kind "$fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=$longest \
    -artifact_prefix="$scratch/failures/$kind/" -print_final_stats=1 \
    "$scratch/found/$kind" "${seeds[@]}" 2>&1 | grep -v '^[#"]\|NEW_FUNC' | tail -25
done
