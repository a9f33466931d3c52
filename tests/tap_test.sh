#!/bin/bash
# Tests how tests/run judges what a test program printed: a program that did not do what
# it was to do must never count as passed.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

# judged STATUS OUTPUT: "PASSED FAILED SKIPPED", and what is shown.
judged() { printf '%b' "$2" | awk -v status="$1" -f "$tests/tap.awk"; }
counts() { judged "$@" | head -n 1; }

check_equal 'tap: results are added up' '2 0 0' "$(counts 0 'ok 1 - a\nok 2 - b\n1..2\n')"
check_equal 'tap: the plan may come first' '2 0 0' "$(counts 0 '1..2\nok 1 - a\nok 2 - b\n')"
check_equal 'tap: failures are counted' '1 1 0' "$(counts 1 'not ok 1 - a\nok 2 - b\n1..2\n')"
check_equal 'tap: skips are neither' '1 0 1' "$(counts 0 'ok 1 - a # SKIP no\nok 2 - b\n1..2\n')"
check_equal 'tap: a whole program can be skipped' '0 0 0' "$(counts 0 '1..0 # SKIP no\n')"
check_equal 'tap: a failure comes with its diagnostics' \
	$'1 1 0\nnot ok 1 - a\n# want 1\n# got 2' \
	"$(judged 1 'not ok 1 - a\n# want 1\n# got 2\nok 2 - b\n# of b\n1..2\n')"

check_equal 'tap: no plan fails' '1 1 0' "$(counts 0 'ok 1 - a\n')"
check_equal 'tap: two plans fail' '1 1 0' "$(counts 0 '1..1\nok 1 - a\n1..1\n')"
check_equal 'tap: a short run fails' '1 1 0' "$(counts 0 '1..2\nok 1 - a\n')"
check_equal 'tap: a long run fails' '2 1 0' "$(counts 0 '1..1\nok 1 - a\nok 2 - b\n')"
check_equal 'tap: a crash fails' '1 1 0' "$(counts 139 '1..1\nok 1 - a\n')"
check_equal 'tap: no output fails' '0 1 0' "$(counts 0 '')"
check_equal 'tap: an empty plan fails' '0 1 0' "$(counts 0 '1..0\n')"
check_equal 'tap: bailing out fails' '1 1 0' "$(counts 0 '1..1\nok 1 - a\nBail out! no\n')"
check_match 'tap: a crash shows the last words' 'not ok - printed no plan, status 134.*# assertion' \
	"$(judged 134 'ok 1 - a\nassertion failed\n' | tr '\n' ' ')"

tap_end
