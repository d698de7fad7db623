#!/usr/bin/env bash
# Installs the wheel in dist/ into a clean environment and uses it as a user without Swift does: no
# variable of this shell, no other folder on the PATH. Tells the time to the first generated CT.
#
#   scripts/test-wheel.sh             the command, the demo up to its first CT, the Python package
#   scripts/test-wheel.sh --nnunet    with nnU-Net from PyPI (some GB): generates, trains for a moment, predicts, scores
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
mode=${1:-}
[[ -z $mode || $mode == --nnunet ]] || { echo "test-wheel: what is '$mode'? give --nnunet or nothing" >&2; exit 2; }
wheels=(dist/maskct-*.whl)
[[ -f ${wheels[0]} ]] || { echo "test-wheel: nothing in dist/; run 'make wheel'" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
started=$(date +%s.%N)
elapsed() { date +%s.%N | awk -v a="$1" '{ printf "%.1f", $1 - a }'; }
fail() { echo "test-wheel: $*" >&2; exit 1; }
# What pip was told about its index is kept; nothing else is.
mapfile -t pip_variables < <(env | grep '^PIP_\|^SSL_CERT' || true)
scrubbed=(env -i "${pip_variables[@]}" HOME="$work/home" PATH="$work/venv/bin:/usr/bin:/bin")
clean() { "${scrubbed[@]}" "$@"; }

mkdir "$work/home"
python3 -m venv "$work/venv"
extra=
[[ $mode != --nnunet ]] || extra='[nnunet]'
clean pip install --quiet "$PWD/${wheels[0]}$extra"
installed=$(elapsed "$started")
cd "$work"
[[ $(clean which maskct) == "$work/venv/bin/maskct" ]] || fail "the command is not in the environment"
clean maskct --version
# Into a file: grep that stops early would end the command with SIGPIPE.
clean maskct show recipe maskct >recipe.yaml
grep -q strategy recipe.yaml || fail "the shipped YAML files are missing"
[[ -s venv/share/man/man1/maskct.1 ]] || fail "the man page is missing"
bash -n venv/share/bash-completion/completions/maskct
[[ $(head -1 venv/share/zsh/site-functions/_maskct) == "#compdef maskct" ]] || fail "no completion for zsh"

# Ten of the demo's phantoms as label maps, then the way of the README with nnU-Net of this environment.
if [[ $mode == --nnunet ]]; then
  ! clean which swift || fail "Swift is on the PATH"
  # FFmpeg may be missing here, which the doctor minds.
  clean maskct doctor >doctor.txt || grep -q 'MISSING *FFmpeg' doctor.txt || { cat doctor.txt >&2; fail "maskct doctor"; }
  grep 'nnU-Net' doctor.txt
  grep -q "^ok *nnU-Net .*($work/venv" doctor.txt || fail "maskct doctor does not find nnU-Net beside the command"
  clean python - "$root/python/tests" <<'PYTHON'
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
import phantom

Path("labels").mkdir()
for index in range(6):
    affine = phantom.AFFINE.copy()
    affine[:3, 3] += index
    phantom.write(Path(f"labels/body{index}.nii"), phantom.labels(), affine)
Path("scheme.yaml").write_text(phantom.SCHEME)
PYTHON
  step() {
    local from
    from=$(date +%s.%N)
    echo "test-wheel: maskct $*"
    clean maskct "$@" >step.txt 2>&1 || { tail -20 step.txt >&2; fail "maskct $1 failed"; }
    echo "test-wheel: maskct $1 took $(elapsed "$from") s"
  }
  dataset=nnUNet_raw/Dataset501_Tiny
  step generate --labels labels --scheme scheme.yaml --target liver --recipe constant --output $dataset
  step train --dataset $dataset --epochs 1 --iterations 2
  mkdir unseen reference
  cp $dataset/imagesTr/*1_0000.nii.gz unseen/
  cp $dataset/labelsTr/*1.nii.gz reference/
  step predict --dataset $dataset --input unseen --output predictions
  step evaluate --prediction predictions --reference reference --structure liver=1
  [[ $(find predictions -name '*.nii.gz' | wc -l) == "$(find unseen -name '*.nii.gz' | wc -l)" ]] ||
    fail "not every case was predicted"
  [[ ! -e home/.local/share/maskct/python-* ]] || fail "another environment was made"
  echo "test-wheel: environment and installation took $installed s, $(du -sh venv | cut -f1) on disk"
  clean pip list 2>/dev/null | grep -i '^nnunetv2 \|^torch '
  echo "test-wheel: passed with nnU-Net, $(elapsed "$started") s in all"
  exit 0
fi

# The first step of the demo: phantoms, then one generated CT; then it is interrupted.
"${scrubbed[@]}" maskct demo --output demo >demo.txt 2>&1 &
demo=$!
until compgen -G 'demo/nnUNet_raw/Dataset700_*/records/*.json' >/dev/null; do
  kill -0 "$demo" 2>/dev/null || { cat demo.txt >&2; fail "the demo stopped"; }
  sleep 0.2
done
seconds=$(elapsed "$started")
kill -TERM "$demo"
code=0
wait "$demo" || code=$?
[[ $code == 130 ]] || { cat demo.txt >&2; fail "an interrupted demo ended with $code instead of 130"; }
echo "test-wheel: first generated CT after $seconds s, environment and installation included"
clean python -W error::DeprecationWarning -m unittest discover --start-directory "$root/python/tests"
echo "test-wheel: passed"
