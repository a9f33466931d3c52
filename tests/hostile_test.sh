#!/bin/bash
# Input that means harm: each ends in an error that says what is wrong, within a second of
# CPU time and 100 MB of memory. IPOLC names the binary.
#
# A sanitizer reserves terabytes of address space and takes many times as long: with one
# there is no bound on memory here, and a wider one on time.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export NO_COLOR=1

seconds=1
# What ipolc and its libraries take before they do anything goes on top; in kB.
memory=$((100000 + 20000))
if ldd "$ipolc" 2>/dev/null | grep -q libasan || grep -qa __asan_init "$ipolc"; then
	seconds=30 memory=unlimited
fi
readonly seconds memory

# refused NAME PATTERN [ARGUMENT]...: ipolc compiles none of the arguments, input.ipol if
# there are none, and says why. The timeout is against a wait that has no end.
refused() {
	local name=$1 pattern=$2 status=0
	shift 2
	[[ $# -gt 0 ]] || set -- input.ipol
	(ulimit -t "$seconds" -v "$memory" -c 0
	exec timeout 300 "$ipolc" compile -I . -o blob "$@") >said 2>&1 </dev/null || status=$?
	if [[ $status -ne 1 && $status -ne 3 ]]; then
		tap_result 1 "hostile: $name"
		printf 'exit status %d\n%s\n' "$status" "$(head -c 400 said)" | tap_note
		return
	fi
	check_match "hostile: $name" "$pattern" "$(head -n 1 said)"
}

# repeat COUNT TEXT: TEXT so many times; %d in it is the number, from 1 on.
repeat() {
	local format=$2
	[[ $format == *%d* ]] || format+='%.0s'
	# shellcheck disable=SC2059,SC2046 # numbers for a format
	printf "$format" $(seq "$1")
}
# policy: a policy with its input as the rules.
policy() { printf 'policy p {\n'; cat; printf '\n}\n'; }

printf 'include "input.ipol"\npolicy p { /a r, }\n' >input.ipol
refused 'a file that includes itself' 'input.ipol includes itself'

for i in {1..30}; do
	repeat 2 "policy p$i { include <bomb$((i + 1))>
}
" >"bomb$i"
done
printf '/a r,\n' >bomb31
printf 'include <bomb1>\n' >input.ipol
refused 'includes that double at each level' 'more than [0-9]+ includes|more than [0-9]+ rules|nest'

printf '@{A} = @{B}\n@{B} = @{A}\npolicy p { include <@{A}>\n /@{A} r, }\n' >input.ipol
refused 'a variable that leads to itself' 'error: '

{ printf '/'; head -c 1000000 /dev/zero | tr '\0' a; printf ' r,'; } | policy >input.ipol
refused 'a path of 1 MB' 'longer than'

repeat 500000 'a ' | policy >input.ipol
refused 'a line of 1 MB of words' 'error: '

repeat 500000 ',' | policy >input.ipol
refused 'half a million errors in a line' 'error: '

repeat 500000 $'a,\n' | policy >input.ipol
refused 'half a million errors, a line each' 'error: '

printf '/a\0 r,' | policy >input.ipol
refused 'a NUL byte' 'a NUL byte'

printf '\xff\xfe /\xc3\x28 w,' | policy >input.ipol
refused 'bytes that are no UTF-8, where no word is' 'error: '

{ printf '/'; repeat 10000 '{a,'; printf b; repeat 10000 '}'; printf ' r,'; } | policy >input.ipol
refused 'alternations nested 10,000 deep' 'nested too deep'

{ repeat 10000 'policy p {'; repeat 10000 '}'; } >input.ipol
refused 'policies nested 10,000 deep' 'nest deeper than'

{ repeat 10000 'deny {'; repeat 10000 '}'; } | policy >input.ipol
refused 'blocks nested 10,000 deep' 'nest deeper than'

# shellcheck disable=SC2016 # a variable of the policy's
{ repeat 10000 'if $x {'; repeat 10000 '}'; } | policy >input.ipol
refused 'conditions nested 10,000 deep' 'nest deeper than|error: '

repeat 10000 '(' | policy >input.ipol
refused '10,000 parentheses' 'error: '

{ printf '/'; repeat 2000 '{a,bb}*'; printf ' r,'; } | policy >input.ipol
refused 'alternations that multiply' 'too much for one policy'

{ printf '/**a'; repeat 5000 '?'; printf ' r,'; } | policy >input.ipol
refused 'a glob that remembers 5,000 bytes' 'too much for one policy'

{ printf '@{A} ='; repeat 1000 ' a%d'; printf '\npolicy p { /@{A}@{A}@{A} r, }\n'; } >input.ipol
refused 'variables that multiply to a billion' 'expands to more than'

{ printf '@{A} ='; repeat 4000 ' a%d'; printf '\n'; repeat 2000 $'/%d/@{A} r,\n' | policy; } >input.ipol
refused 'rules that multiply with a variable' 'expand to more than'

{ printf '@{A} = '; repeat 1200000 'a '; printf '\npolicy p { /@{A} r, }\n'; } >input.ipol
refused 'a million words' 'more than [0-9]+ words'

head -c 100000000 /dev/zero | tr '\0' a >input.ipol
refused 'a file of 100 MB' 'larger than'
rm input.ipol

mkfifo pipe
refused 'a pipe' 'not a regular file' pipe
refused 'a device without an end' 'not a regular file' /dev/zero
refused 'a file of the kernel that is no text' 'cannot read|error: ' /proc/self/mem

printf 'include "pipe"\n/a r,' | policy >input.ipol
refused 'a pipe that is included' 'not a regular file'

printf 'include "/dev/zero"\n/a r,' | policy >input.ipol
refused 'a device that is included' 'not a regular file'

tap_end
