#!/bin/bash
# Golden tests: what `ipolc check` says of each golden/*.ipol, byte for byte.
#
#   tests/golden_test.sh [--accept]
#
# NAME.ipol is checked in its folder, with -I include, and with the arguments in
# NAME.args if there are any. Its stdout and stderr, and then its exit status, are to be
# those of NAME.expected; --accept writes that file anew, to be reviewed as a diff.
# IPOLC names the binary.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
cd "$tests/golden"

# say NAME: what ipolc says of it.
say() {
	local arguments=() status=0
	if [[ -e $1.args ]]; then read -ra arguments <"$1.args"; fi
	# Without a terminal there is no colour; this is to be sure of that.
	env -u NO_COLOR "$ipolc" check -I include "${arguments[@]}" "$1.ipol" 2>&1 </dev/null || status=$?
	printf 'exit status %d\n' "$status"
}

for source in *.ipol; do
	name=${source%.ipol}
	if [[ ${1:-} == --accept ]]; then
		say "$name" >"$name.expected"
		continue
	fi
	status=0
	difference=$(diff -u "$name.expected" <(say "$name")) || status=$?
	tap_result "$status" "golden: $name"
	[[ $status -eq 0 ]] || tap_note <<<"$difference"
done
[[ ${1:-} == --accept ]] || tap_end
