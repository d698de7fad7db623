#!/usr/bin/env bash
# Runs a subcommand of swift with the flags that every build of this repository shares, so that the command, the
# tests, the wheel and the scripts use one folder, .build, and nothing is built twice.
#
#   scripts/swift.sh build --product maskct
#   scripts/swift.sh test --filter GridTests
#
# Optimised, because the kernels need it; testable, because tests look inside modules; without the path of this
# folder, because two builds of one commit are the same bytes wherever they lie (scripts/reproducible.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
exec swift "$1" -c release -Xswiftc -enable-testing \
  -Xswiftc -debug-prefix-map -Xswiftc "$PWD=/maskct" -Xcc "-ffile-prefix-map=$PWD=/maskct" "${@:2}"
