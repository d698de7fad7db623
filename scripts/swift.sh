#!/usr/bin/env bash
# Runs a subcommand of swift with the flags that every build of this repository shares, so that the command, the
# tests and the scripts use one folder, .build, and nothing is built twice.
#
#   scripts/swift.sh build --product maskct
#   scripts/swift.sh test --filter GridTests
#
# Optimised, because the kernels need it; testable, because tests look inside modules.
set -euo pipefail
cd "$(dirname "$0")/.."
exec swift "$1" -c release -Xswiftc -enable-testing "${@:2}"
