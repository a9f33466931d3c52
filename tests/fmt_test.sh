#!/bin/bash
# `ipolc fmt`: which files it writes, what it says and its exit status; and that what
# AppArmor's own parser makes of the profiles of Debian's packages stays the same. What
# it makes of texts tests/unit/format_test.cpp shows. IPOLC names the binary.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export NO_COLOR=1

# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

readonly ugly='policy a{ }
policy  b { /x   r, /y w, # z
}'
readonly odd='policy  b { /x   r, /y w, # z
}'
readonly even='policy b {
  /x r,
  /y w,  # z
}'

run_with "$odd" "$ipolc" fmt -
check_equal 'from stdin to stdout' "$even" "$out"
check_equal 'from stdin to stdout: exit status' 0 "$status"
run_with "$odd" "$ipolc" fmt
check_equal 'no file is stdin' "$even" "$out"
run_with "$odd" "$ipolc" fmt --check -
check_equal '--check of stdin' 'standard input 1' "$out $status"
run_with "$ugly" "$ipolc" fmt -
check_equal 'what is not well-formed gives no text' ' 1' "$out $status"
check_match 'what is not well-formed has a place' 'standard input:1:11: error: this brace closes nothing' "$err"
run_with "$odd" "$ipolc" fmt --json -
check_match '--json and stdout' 'both want the standard output' "$out"
check_equal '--json and stdout: exit status' 2 "$status"
run "$ipolc" fmt -
check_equal 'an empty text stays empty' ' 0' "$out $status"

printf '%s\n' "$even" >even.ipol
printf '%s\n' "$odd" >odd.ipol
printf '%s\n' "$ugly" >ugly.ipol
chmod 640 odd.ipol
ln -s odd.ipol link.ipol
cp odd.ipol before.ipol
inode=$(stat -c %i even.ipol)

run "$ipolc" fmt --check even.ipol link.ipol odd.ipol
check_equal '--check names the files' $'link.ipol\nodd.ipol' "$out"
check_equal '--check: exit status' 1 "$status"
check '--check changes nothing' cmp before.ipol odd.ipol
run "$ipolc" fmt --check --json even.ipol odd.ipol
check_match '--check --json' '"changed": false.*"changed": true' "$(tr -d '\n' <out.text)"
run "$ipolc" fmt even.ipol link.ipol
check_equal 'in place: says nothing' ' 0' "$out$err $status"
check_equal 'in place: a link leads to the same file' odd.ipol "$(readlink link.ipol)"
check 'in place: which is formatted' cmp even.ipol odd.ipol
check_equal 'in place: its mode is kept' 640 "$(stat -c %a odd.ipol)"
check_equal 'in place: a formatted file is not written' "$inode" "$(stat -c %i even.ipol)"
check_equal 'in place: nothing is left beside it' '' "$(find . -name '*.ipol.*')"
if [[ $(id -u) -eq 0 ]]; then
	cp before.ipol odd.ipol
	chown 12:34 odd.ipol
	run "$ipolc" fmt odd.ipol
	check_equal 'in place: its owner is kept' '12:34 640' "$(stat -c '%u:%g %a' odd.ipol)"
fi

cp before.ipol odd.ipol
run "$ipolc" fmt ugly.ipol nowhere.ipol odd.ipol
check_equal 'several: the worst exit status' 3 "$status"
check_match 'several: each failure is told' 'cannot read nowhere.ipol: No such file.*ugly.ipol:1:11' "$err"
check 'several: the others are formatted' cmp even.ipol odd.ipol
check_equal 'several: what is not well-formed is left alone' "$ugly" "$(cat ugly.ipol)"
run "$ipolc" fmt .
check_match 'a folder' 'cannot read .: Is a directory' "$err"
mkfifo pipe
run timeout 10 "$ipolc" fmt pipe
check_match 'a pipe is refused' 'not a regular file' "$err"
check 'a pipe is not replaced' test -p pipe

# what AppArmor's parser makes of a profile: its structures as text, fast to make.
structures() {
	local profile
	for profile in "$1"/*; do
		[[ -f $profile ]] || continue
		printf '== %s\n' "$(basename "$profile")"
		apparmor_parser -d -QKT -b "$1" -I "$1" "$profile" 2>/dev/null || printf 'exit status %d\n' $?
	done
}

if command -v apparmor_parser >/dev/null && [[ -d /usr/share/apparmor/extra-profiles ]]; then
	mkdir before
	cp -rL /etc/apparmor.d/. before
	cp -rL /usr/share/apparmor/extra-profiles/. before
	cp -r before after
	# The files in abi/ are no policies.
	find after -type f ! -path '*/abi/*' -print0 >files
	check "AppArmor: $(tr -cd '\0' <files | wc -c) files are well-formed" xargs -0 "$ipolc" fmt <files
	check 'AppArmor: they are formatted then' xargs -0 "$ipolc" fmt --check <files
	structures before >before.text
	structures after >after.text
	check_match 'AppArmor: its parser takes most of the profiles' '^[1-9][0-9]+$' "$(grep -c '^Name:' before.text)"
	check 'AppArmor: its parser finds them the same' cmp before.text after.text
else
	echo '# no apparmor_parser or no profiles: what it makes of them is not tested'
fi
tap_end
