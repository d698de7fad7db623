#!/usr/bin/env bash
# Installs what MaskCT needs on Debian or Ubuntu, builds it, and creates its Python environment.
# Does only what is missing, so running it again takes seconds.
#
#   scripts/setup.sh            everything
#   scripts/setup.sh packages   the system packages only
#   scripts/setup.sh tests      what some tests need and nothing else does; without it they are skipped
set -euo pipefail
cd "$(dirname "$0")/.."

# libdeflate: gzip; libhdf5: sinograms; ffmpeg: video textures; python3 with venv: nnU-Net runs in it.
packages=(libdeflate-dev libhdf5-dev pkg-config ffmpeg python3 python3-venv)

# A Slurm cluster of one node, started by the test of `maskct compare --engine slurm`.
if [[ ${1:-} == tests ]]; then
  command -v slurmctld >/dev/null || [[ -x /usr/sbin/slurmctld ]] && exit 0
  if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "setup: slurm-wlm is not installed: the test of the Slurm engine is skipped"
    exit 0
  fi
  echo "setup: installing slurm-wlm for the test of the Slurm engine"
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm; } >/dev/null 2>&1; then
    # Under CI everything is installed; a broken installer must not pass for a missing package.
    [[ -n ${CI:-} && ${CI:-} != 0 && ${CI:-} != false ]] &&
      { echo "setup: slurm-wlm cannot be installed" >&2; exit 1; }
    echo "setup: slurm-wlm cannot be installed: that test is skipped"
  fi
  exit 0
fi

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# pkgconf answers for pkg-config on newer releases, so ask for what is used, not for package names.
missing=()
for package in "${packages[@]}"; do
  case $package in
    pkg-config) command -v pkg-config >/dev/null && continue ;;
    ffmpeg) command -v ffmpeg >/dev/null && continue ;;
    python3) command -v python3 >/dev/null && continue ;;
    python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null && continue ;;
    libdeflate-dev) pkg-config --exists libdeflate 2>/dev/null && continue ;;
    libhdf5-dev) pkg-config --exists hdf5 2>/dev/null && continue ;;
  esac
  missing+=("$package")
done

if ((${#missing[@]})); then
  command -v apt-get >/dev/null ||
    fail "please install with your package manager: ${missing[*]}"
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "ask an administrator to run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[[ ${1:-} == packages ]] && exit 0

command -v swift >/dev/null ||
  fail "Swift 6.3 is not on the PATH; install it from swift.org and run this again"

say "building"
scripts/swift.sh build --product maskct
say "Python environment"
.build/release/maskct setup
say "done"
