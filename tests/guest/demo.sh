#!/bin/bash
# Tests that qemu/demo shows what it is to show.
#
#   tests/guest/demo.sh [KERNEL]     KERNEL as in `qemu/vm --kernel`
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

check 'demo: every line is as expected' "$tests/../qemu/demo" --kernel "${1:-test}"

tap_end
