#!/bin/bash
# `ipolc compile --dump`: its stages, options and exit status. What the dumps say
# tests/unit/dump_test.cpp shows. IPOLC names the binary.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export NO_COLOR=1

# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

printf 'policy p {\n  /a/{b,c}* r,\n  signal (send) peer=q,\n}\n' >good.ipol
printf 'policy p {\n  /a rq,\n}\n' >bad.ipol

for stage in tokens ast policy nfa dfa blob; do
	run "$ipolc" compile --dump "$stage" good.ipol
	check_equal "$stage: exit status" '0 ' "$status $err"
	check "$stage: says something" test -s out.text
	cp out.text first.text
	run "$ipolc" compile --dump "$stage" good.ipol
	check "$stage: says the same again" cmp first.text out.text
	run "$ipolc" compile --dump "$stage" bad.ipol
	if [[ $stage == tokens ]]; then
		check_equal 'tokens: bad letters are a word' 0 "$status"
	elif [[ $stage != ast ]]; then
		check_equal "$stage: a bad policy" '1 ' "$status $out"
		check_match "$stage: a bad policy has its errors" 'bad.ipol:2:' "$err"
	fi
done
for stage in nfa dfa; do
	run "$ipolc" compile --dump "$stage" --dot good.ipol
	check_match "$stage: a graph for each class" $'^digraph "p file.*\n}\ndigraph "p signal.*\n}$' "$out"
	if command -v dot >/dev/null; then check "$stage: Graphviz reads it" dot -Tdot out.text; fi
done
run "$ipolc" compile --dump blob --dot good.ipol
check_match '--dot is for automata' '--dot is for' "$err"
check_equal '--dot is for automata: exit status' 2 "$status"
run "$ipolc" compile --dump nothing good.ipol
check_equal 'an unknown stage' 2 "$status"
"$ipolc" compile -o good.blob good.ipol
run "$ipolc" compile --dump blob good.blob
check_match 'a blob has a dump too' $'^blob: version 1.*\npolicy p: mode 0\n' "$out"
run "$ipolc" compile --dump ast --json good.ipol
check_match '--json' '"ast": "policy 1:8 p' "$out"
tap_end
