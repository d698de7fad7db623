#!/usr/bin/env bash
# Installs the wheel in dist/ into a clean environment and uses it as a user without Swift does: no
# variable of this shell, no other folder on the PATH. Tells the time to the first generated CT.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
wheels=(dist/maskct-*.whl)
[[ -f ${wheels[0]} ]] || { echo "test-wheel: nothing in dist/; run 'make wheel'" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
started=$(date +%s.%N)
fail() { echo "test-wheel: $*" >&2; exit 1; }
# What pip was told about its index is kept; nothing else is.
mapfile -t pip_variables < <(env | grep '^PIP_\|^SSL_CERT' || true)
scrubbed=(env -i "${pip_variables[@]}" HOME="$work/home" PATH="$work/venv/bin:/usr/bin:/bin")
clean() { "${scrubbed[@]}" "$@"; }

mkdir "$work/home"
python3 -m venv "$work/venv"
clean pip install --quiet "$PWD/${wheels[0]}"
cd "$work"
[[ $(clean which maskct) == "$work/venv/bin/maskct" ]] || fail "the command is not in the environment"
clean maskct --version
# Into a file: grep that stops early would end the command with SIGPIPE.
clean maskct show recipe maskct >recipe.yaml
grep -q strategy recipe.yaml || fail "the shipped YAML files are missing"
[[ -s venv/share/man/man1/maskct.1 ]] || fail "the man page is missing"
bash -n venv/share/bash-completion/completions/maskct
[[ $(head -1 venv/share/zsh/site-functions/_maskct) == "#compdef maskct" ]] || fail "no completion for zsh"

# The first stage of the demo: phantoms, then one generated CT; then it is interrupted.
"${scrubbed[@]}" maskct demo --output demo >demo.txt 2>&1 &
demo=$!
until compgen -G 'demo/nnUNet_raw/Dataset999_*/records/*.json' >/dev/null; do
  kill -0 "$demo" 2>/dev/null || { cat demo.txt >&2; fail "the demo stopped"; }
  sleep 0.2
done
seconds=$(date +%s.%N | awk -v a="$started" '{ printf "%.1f", $1 - a }')
kill -TERM "$demo"
code=0
wait "$demo" || code=$?
[[ $code == 130 ]] || { cat demo.txt >&2; fail "an interrupted demo ended with $code instead of 130"; }
echo "test-wheel: first generated CT after $seconds s, environment and installation included"
clean python -W error::DeprecationWarning -m unittest discover --start-directory "$root/python/tests"
echo "test-wheel: passed"
