#!/usr/bin/env bash
# Disturbs `maskct generate` at random moments, over and over, and checks what is left.
#
#   scripts/faults.sh [RUNS] [SEED] [KIND ...]     500 runs, all kinds in turn
#
# An undisturbed run comes first. Then every run is disturbed in one of the ways below, at a moment drawn between its start
# and the time that the undisturbed one took. Right after it, every file under a final name must be the undisturbed
# run's, byte for byte; then `--resume` must finish, and the whole folder must be the undisturbed run's. Only the times in the
# records are left out of the comparison.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-500}
RANDOM=${2:-1}
kinds=("${@:3}")
((${#kinds[@]})) || kinds=(kill terminate interrupt memory disk read-only vanished truncated stuck)
maskct=${MASKCT:-$PWD/.build/release/maskct}
[[ -x $maskct ]] || { echo "faults: no $maskct; run 'make build'" >&2; exit 1; }

work=$(mktemp -d)
tmpfs=$work/tmpfs
mkdir "$work/bin" "$tmpfs"
finish() {
  pkill -KILL -f "$work" 2>/dev/null || true
  mountpoint -q "$tmpfs" && umount -l "$tmpfs"
  rm -rf "$work"
}
trap finish EXIT

# Three phantoms, painted, scanned and reconstructed coarsely: a second or so on two cores.
"$maskct" demo --output "$work/demo" >/dev/null 2>&1 &
demo=$!
until [[ -s $work/demo/phantoms/training/torso_5.nii.gz ]]; do
  kill -0 "$demo" 2>/dev/null || { echo "faults: the demo drew no phantoms" >&2; exit 1; }
  sleep 0.1
done
kill -INT "$demo"
wait "$demo" || true
mkdir "$work/labels" "$work/clips"
mv "$work"/demo/phantoms/training/torso_{3,4,5}.nii.gz "$work/labels"
rm -rf "$work/demo"
"$maskct" show recipe video | sed 's/^grid:.*/grid: {finest: 4, coarsest: 8}/' >"$work/recipe.yaml"
"$maskct" show scanner rows16 |
  sed 's/^channels:.*/channels: 128/; s/^views_per_rotation:.*/views_per_rotation: 128/
    s/^row_height:.*/row_height: 2.5/; s/^name:.*/name: coarse/' >"$work/scanner.yaml"
ffmpeg -v error -f lavfi -i "mandelbrot=size=160x120:rate=25" -t 4 -c:v mpeg4 "$work/clips/clip.mp4"

# generate FOLDER [OPTION ...]: made below $work/tmpfs as the undisturbed run was, so that records name the same files.
generate() {
  "$maskct" generate --labels "$work/labels" --scheme totalsegmentator-v2 --target liver --spacing 8 --seed 3 \
    --recipe "$work/recipe.yaml" --scanner "$work/scanner.yaml" --video "$work/clips" \
    --output "$tmpfs/nnUNet_raw/Dataset600_Torso" "$@"
}
# digests: of all files under final names. Times are left out, and in a manifest the digests of the records that hold them.
cat >"$work/digests.py" <<'END'
import hashlib, json, os

for folder, folders, files in os.walk("."):
    folders.sort()
    for path in sorted(os.path.join(folder, file) for file in files if not file.startswith(".")):
        content = open(path, "rb").read()
        if path.endswith(".json"):
            value = json.loads(content)
            for key in ("seconds", "created"):
                value.pop(key, None)
            for output in value.get("outputs", []):
                if output["path"].endswith(".json"):
                    output.pop("sha256"), output.pop("bytes")
            content = json.dumps(value, sort_keys=True).encode()
        print(hashlib.sha256(content).hexdigest()[:32], path)
END
digests() { (cd "$tmpfs" && python3 "$work/digests.py"); }
now() { date +%s%N; }

mount -t tmpfs -o size=64m none "$tmpfs" 2>/dev/null || {
  echo "faults: no tmpfs can be mounted here: disk and read-only are left out"
  kinds=($(printf '%s\n' "${kinds[@]}" | grep -v '^disk$\|^read-only$'))
}
begun=$(now)
generate >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
milliseconds=$((($(now) - begun) / 1000000))
digests >"$work/whole"
kilobytes=$(du -sk "$tmpfs" | cut -f1)
echo "faults: an undisturbed run takes $milliseconds ms and writes $kilobytes kB in $(wc -l <"$work/whole") files"

declare -A done_runs disturbed
wrong=0 different=0
fail() {
  echo "faults: run $run ($kind): $1"
  tail -n 3 "$work/log" | tr '\r' '\n' | sed 's/^/    /'
}
for ((run = 1; run <= runs; run++)); do
  kind=${kinds[$(((run - 1) % ${#kinds[@]}))]}
  find "$tmpfs" -mindepth 1 -delete
  moment=$(awk -v r=$RANDOM -v t="$milliseconds" 'BEGIN { printf "%.3f", r / 32768 * t / 1000 }')
  path=$PATH
  case $kind in
    memory) ;;
    disk) mount -o remount,size=$((4 + RANDOM * kilobytes / 32768))k "$tmpfs" ;;
    truncated) cp "$work/clips/clip.mp4" "$work/clip" && truncate -s "$((RANDOM % $(stat -c %s "$work/clip")))" "$work/clips/clip.mp4" ;;
    stuck) printf '#!/bin/sh\nexec sleep 1000 #%s\n' "$work" >"$work/bin/ffmpeg" && chmod +x "$work/bin/ffmpeg" && path=$work/bin:$PATH ;;
  esac
  if [[ $kind == memory ]]; then
    (ulimit -v $((160000 + RANDOM * 9)) && generate) >"$work/log" 2>&1 &
  else
    PATH=$path generate >"$work/log" 2>&1 &
  fi
  process=$!
  sleep "$moment"
  case $kind in
    kill) pkill -KILL -P "$process" -x maskct || true; kill -KILL "$process" 2>/dev/null || true ;;
    terminate) pkill -TERM -f "^$maskct generate.*$work" || true ;;
    interrupt | stuck) pkill -INT -f "^$maskct generate.*$work" || true ;;
    read-only) mount -o remount,ro "$tmpfs" 2>/dev/null || true ;;
    vanished) mv "$work/labels/torso_4.nii.gz" "$work/torso_4" ;;
  esac
  waited=0
  # Just above the least memory, a run may take several times as long as it does undisturbed.
  patience=$((600 + milliseconds / 5))
  while kill -0 "$process" 2>/dev/null && ((waited++ < patience)); do sleep 0.1; done
  ((waited <= patience)) || { fail "did not end within $((patience / 10)) s"; wrong=$((wrong + 1)); pkill -KILL -f "^$maskct generate.*$work" || true; }
  code=0
  wait "$process" 2>/dev/null || code=$?
  case $kind in
    disk) mount -o remount,size=64m "$tmpfs" ;;
    read-only) mount -o remount,rw "$tmpfs" ;;
    vanished) mv "$work/torso_4" "$work/labels/torso_4.nii.gz" ;;
    truncated) mv "$work/clip" "$work/clips/clip.mp4" ;;
  esac
  done_runs[$kind]=$((${done_runs[$kind]:-0} + 1))
  ((code == 0)) || disturbed[$kind]=$((${disturbed[$kind]:-0} + 1))
  # A vanished label map is left out, told, and the other cases are a whole dataset. One that vanished after its case was
  # made has no digest in the manifest, until '--resume' finds it again.
  if [[ $kind == vanished ]]; then
    ((code != 1)) || rm -f "$tmpfs"/nnUNet_raw/*/{dataset.json,DATASET_CARD.md}
  fi
  # A clip that was cut short gives other textures where it still opens: such a run is another experiment, whole in itself.
  if digests | grep -vxFf "$work/whole" >"$work/others"; then
    [[ $kind != vanished ]] || sed -i '\|/manifest.json$|d' "$work/others"
    if [[ -s $work/others && ($kind != truncated || $code != 0) ]]; then
      fail "wrong files: $(cut -d' ' -f2 "$work/others" | tr '\n' ' ')"
      wrong=$((wrong + 1))
    fi
  fi
  [[ $kind == truncated && $code == 0 ]] && find "$tmpfs" -mindepth 1 -delete
  resume=--resume
  [[ -e $tmpfs/nnUNet_raw/Dataset600_Torso/generation.json ]] || resume=--overwrite
  if ! generate $resume >"$work/log" 2>&1; then
    fail "$resume did not finish"
    different=$((different + 1))
  elif ! digests | cmp -s - "$work/whole"; then
    fail "differs from the undisturbed run: $(digests | diff - "$work/whole" | grep '^[<>]' | tr '\n' ' ')"
    different=$((different + 1))
  fi
# Without the shell's own lines about what was killed.
done 2>"$work/shell"
printf '%-10s %6s %10s\n' kind runs disturbed
for kind in "${kinds[@]}"; do
  printf '%-10s %6d %10d\n' "$kind" "${done_runs[$kind]:-0}" "${disturbed[$kind]:-0}"
done
echo "faults: $((run - 1)) runs, $wrong with a wrong or half-written file, $((run - 1 - different)) identical results"
((wrong == 0 && different == 0))
