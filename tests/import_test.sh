#!/bin/bash
# `ipolc import`: which files it reads and writes, its options and its exit status; and
# that what it writes compiles. What it makes of profiles and lists
# tests/unit/import_test.cpp shows. IPOLC names the binary.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ipolc=$(realpath "${IPOLC:-$tests/../build/asan/compiler/ipolc}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export NO_COLOR=1

# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

# refused STATUS NAME PATTERN: of the last run; in one line of stderr, with no result.
refused() {
	check_equal "$2: exit status" "$1" "$status"
	check_match "$2" "$3" "$err"
	check_equal "$2: one line" 1 "$(grep -c 'error: ' err.text)"
	check_equal "$2: no result" '' "$out"
}

cat >small.json <<'JSON'
{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  { "names": ["read", "write", "exit_group", "nosuchcall"], "action": "SCMP_ACT_ALLOW" },
  { "names": ["socket"], "action": "SCMP_ACT_ALLOW",
    "args": [{ "index": 0, "value": 40, "op": "SCMP_CMP_NE" }] },
  { "names": ["clone"], "action": "SCMP_ACT_ALLOW", "excludes": { "caps": ["CAP_SYS_ADMIN"] },
    "args": [{ "index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ" }] },
  { "names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_ADMIN"] } },
  { "names": ["chroot"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_CHROOT"] } } ] }
JSON
printf 'mkdir, 4026532201\nunlink, 4026532201\n' >one.list

run "$ipolc" import seccomp small.json
check_equal 'seccomp: exit status' 0 "$status"
check_match 'seccomp: named by its file' $'\npolicy small flags=' "$out"
check_match 'seccomp: conditions' $'\n  allow syscall clone\\(0 & 0x7e020000 == 0\\),\n' "$out"
check_match 'seccomp: the capabilities are those of Docker' $'\n  allow syscall chroot,\n' "$out"
check_match 'seccomp: warnings name the entry' 'small.json: syscalls\[0\]: unknown system calls: nosuchcall' "$err"
cp out.text small.ipol
run "$ipolc" check small.ipol
check_match 'seccomp: what it writes compiles' '^0 ok: 1 policy, 4 rules$' "$status $out"
run "$ipolc" fmt --check small.ipol
check_equal 'seccomp: what it writes is formatted' 0 "$status"
run "$ipolc" import seccomp --caps sys_admin,CAP_NET_RAW --name other small.json
check_match 'seccomp: --caps and --name' $'policy other .*syscalls\\[2\\] is without CAP_SYS_ADMIN.*allow syscall bpf,.*syscalls\\[4\\] needs CAP_SYS_CHROOT' "$out"
run "$ipolc" import seccomp --caps none small.json
check_match 'seccomp: --caps none' 'needs CAP_SYS_CHROOT' "$out"
run "$ipolc" import seccomp --kernel six small.json
refused 2 'seccomp: --kernel' "takes MAJOR.MINOR, not 'six'"
run "$ipolc" import seccomp --json small.json
check_match 'seccomp: --json' '"policies": \[ *"small" *\].*"text": "# From.*"warnings": 1' "$(tr -d '\n' <out.text)"
check_equal 'seccomp: --json says nothing else' '' "$err"
run "$ipolc" import seccomp -o written.ipol small.json
check 'seccomp: -o' cmp small.ipol written.ipol
check_equal 'seccomp: -o leaves stdout alone' '0 ' "$status $out"

run "$ipolc" import list one.list
check_match 'list: a pid namespace unless told' $'\n  bind pid 4026532201,\n  deny syscall \\(mkdir, unlink\\) errno=EPERM,\n' "$out"
cp out.text one.ipol
run "$ipolc" check one.ipol
check_match 'list: what it writes compiles' '^0 ok: 1 policy' "$status $out"
run "$ipolc" import list --kind net one.list
check_match 'list: --kind' 'bind net 4026532201' "$out"
run "$ipolc" import list --kind nte one.list
refused 2 'list: an unknown kind' "unknown kind of namespace 'nte'; did you mean 'net'"

run "$ipolc" import
refused 2 'no form' 'subcommand is required'
run "$ipolc" import secomp x
refused 2 'an unknown form' "unknown form 'secomp'; did you mean 'seccomp'"
run "$ipolc" import list --name $'a\nb' one.list
refused 2 'a name that is none' 'is no name of a policy'
run "$ipolc" import list nowhere
refused 3 'a missing file' 'cannot read nowhere: No such file'
run "$ipolc" import seccomp .
refused 3 'a folder' 'Is a directory'
run "$ipolc" import list -o nowhere/x one.list
check_equal 'nowhere to write: exit status' 3 "$status"
check_match 'nowhere to write' 'cannot write nowhere/x: No such file' "$err"
echo '{"defaultAction": "SCMP_ACT_ALLOW", "defaultAction": "SCMP_ACT_ERRNO"}' >twice.json
run "$ipolc" import seccomp -o kept twice.json
refused 1 'a key twice' "twice.json: the key 'defaultAction' is there twice"
check 'a failure writes no file' test ! -e kept
echo 'mkdir 5' >bad.list
run "$ipolc" import list bad.list
refused 1 'a line that is none' 'bad.list:1:1: error: this is no line of a list'
truncate -s 5M huge
for form in seccomp list; do
	run "$ipolc" import "$form" huge
	refused 3 "$form: a huge file" 'cannot read huge: it is larger than 4194304 bytes'
done
head -c 4000000 /dev/zero | tr '\0' '[' >deep.json
run "$ipolc" import seccomp deep.json
refused 1 'arrays without end' 'nest deeper than 32'
tap_end
