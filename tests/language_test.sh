#!/bin/bash
# Compiles every example of compiler/LANGUAGE.md: a block marked ```ipol as it stands, one
# marked ```ipol-rules within a policy. Warnings are welcome there, errors are not. And
# what the table of contents names is there. IPOLC names the binary.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
page=$tests/../compiler/LANGUAGE.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One file for each example, named by the line where it begins, and the section it is in.
awk -v work="$work" '
	/^## / { section = substr($0, 4) }
	/^```ipol(-rules)?$/ {
		wrap = $0 ~ /-rules$/
		file = sprintf("%s/%04d.ipol", work, NR)
		print section >(file ".section")
		if (wrap) print "policy example {" >file
		inside = 1
		next
	}
	/^```/ && inside {
		if (wrap) print "}" >file
		close(file)
		close(file ".section")
		inside = 0
		next
	}
	inside { print >file }
' "$page"

examples=("$work"/*.ipol)
for example in "${examples[@]}"; do
	line=$(basename "$example" .ipol)
	check "language: $(cat "$example.section"), line $((10#$line))" "$ipolc" check "$example"
done
check_match 'language: there are examples' '^[1-9][0-9]+$' "${#examples[@]}"

# A section for each entry, and an entry for each section.
check_equal 'language: the table of contents is complete' \
	"$(sed -n 's/^## //p' "$page")" "$(sed -n 's/^- \[\(.*\)\](#.*)$/\1/p' "$page")"

tap_end
