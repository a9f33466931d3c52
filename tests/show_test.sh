#!/bin/bash
# ipolc show: what it prints, and what it says of wrong input. IPOLC names the binary.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export NO_COLOR=1

# refused STATUS NAME PATTERN: in one line of stderr, and nothing on stdout.
refused() {
	check_equal "$2: exit status" "$1" "$status"
	check_match "$2" "$3" "$err"
	check_equal "$2: one line" 1 "$(wc -l <err.text)"
	check_equal "$2: no result" '' "$out"
}

printf '@{WWW} = /srv/www\npolicy web {\n  @{WWW}/** r,\n  deny @{WWW}/secret/** r,\n}\n' >web.ipol
text=$'policy web {\n  /srv/www/** r,\n  deny /srv/www/secret/** r,\n}'
"$ipolc" compile -o web.blob web.ipol
"$ipolc" compile --strip -o stripped.blob web.ipol

run "$ipolc" show web.blob
check_equal 'a blob' "$text" "$out"
run "$ipolc" show stripped.blob
check_equal 'a stripped blob' "$text" "$out"
cp out.text shown.ipol
run "$ipolc" compile --strip -o again.blob shown.ipol
check 'compiled again, the same bytes' cmp stripped.blob again.blob
check_equal 'a stripped blob has no source' 0 "$(grep -c WWW stripped.blob || true)"
run "$ipolc" compile --strip -o again.blob web.blob
check 'a blob can be stripped' cmp stripped.blob again.blob

run "$ipolc" show --json stripped.blob
check_match 'JSON' '"name": "web"' "$out"
run "$ipolc" show --source web.blob
check_equal 'the source' "$(printf '# web.ipol\n'; cat web.ipol)" "$out"
run "$ipolc" show --source stripped.blob
refused 1 'the source of a stripped blob' 'stripped.blob was stripped: its sources are not in it'

printf 'policy other { /x r, }\n' >other.ipol
"$ipolc" compile -o both.blob web.ipol other.ipol
run "$ipolc" show both.blob
check_equal 'several policies' $'policy other {\n  /x r,\n}\n\n'"$text" "$out"

# What goes before the first policy is of all of them.
printf '@{A} = /bin/a /bin/b\npolicy one @{A} { /x r, }\npolicy two @{A} { /y r, }\n' >attached.ipol
"$ipolc" compile --strip -o attached.blob attached.ipol
run "$ipolc" show attached.blob
check_match 'variables of several policies' '^@\{attachment\} = /bin/a /bin/b.@\{attachment_1\} = /bin/a /bin/b.policy one' "${out//$'\n'/.}"
cp out.text shown.ipol
run "$ipolc" compile --strip -o again.blob shown.ipol
check 'they compile to the same bytes' cmp attached.blob again.blob

run "$ipolc" show
refused 2 'no file' 'FILE is required'
run "$ipolc" show ./nowhere.blob
refused 3 'a missing file' 'cannot read ./nowhere.blob: No such file'
run "$ipolc" show web.ipol
refused 1 'a source' 'web.ipol is no blob'
head -c 700 web.blob >cut.blob
run "$ipolc" show cut.blob
refused 1 'a truncated blob' 'cut.blob is no valid blob: '
: >empty.blob
run "$ipolc" show empty.blob
refused 1 'an empty file' 'empty.blob is no blob'
run "$ipolc" show "$work"
refused 3 'a folder' 'Is a directory'
if [[ ! -e /sys/kernel/security/isolates ]]; then
	run "$ipolc" show nobody
	refused 3 'a policy, without isolates in the kernel' 'there is no file nobody, nor a policy of that name: '
fi

tap_end
