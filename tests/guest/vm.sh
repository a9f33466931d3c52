#!/bin/bash
# Tests qemu/vm by booting guests: what comes out of one, and what makes it fail.
#
#   tests/guest/vm.sh [KERNEL]     KERNEL as in `qemu/vm --kernel`
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"

kernel=${1:-test}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What the guest runs is busybox's; the checkout's ipolc is not what is tested here.
export IPOLC=none

# vm ARGUMENT...: sets status, and leaves what came out in $work/out and $work/err.
vm() {
	status=0
	"$tests/../qemu/vm" --kernel "$kernel" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

# ended NAME STATUS: was that the status? Shows what was written to stderr if not.
ended() {
	check_equal "vm: $1" "$2" "$status"
	[[ $status == "$2" ]] || tap_note <"$work/err"
}

# fails NAME MESSAGE ARGUMENT...: status 125 and a message that matches.
fails() {
	local name=$1 message=$2
	shift 2
	vm "$@"
	ended "$name fails" 125
	check "vm: $name is reported" grep -Eq -- "$message" "$work/err"
}

for want in 0 1 42 125; do
	vm -- sh -c "exit $want"
	ended "exit status $want is passed on" "$want"
done

vm -- sh -c 'kill -TERM $$'
ended 'death by a signal is 128 + its number' 143
vm -- /no/such/program
ended 'a command that does not exist is 127' 127

vm -- sh -c 'echo to stdout; echo to stderr >&2; echo more >/dev/stderr'
check_equal 'vm: stdout is passed on' 'to stdout' "$(cat "$work/out")"
check_equal 'vm: stderr is passed on, and nothing else' $'to stderr\nmore' "$(cat "$work/err")"

arguments=('' 'two words' "it's" '"quoted"' "\$HOME \`id\` \\" '*' $'a\nb' 'ü' '--')
vm -- printf '[%s]' "${arguments[@]}"
check_equal 'vm: arguments survive' "$(printf '[%s]' "${arguments[@]}")" "$(cat "$work/out")"

for _ in {1..2000}; do printf '\r\n\x04\x00\xff%s' "$RANDOM"; done >"$work/bytes"
vm --add "$work/bytes" -- cat bytes
check 'vm: output is passed on byte for byte' cmp "$work/bytes" "$work/out"

mkdir -p "$work/folder/sub"
# shellcheck disable=SC2016 # for the guest's shell
printf '%s\n' '#!/bin/sh' 'echo "from $0"' >"$work/folder/sub/script"
chmod +x "$work/folder/sub/script"
vm --add "$work/folder:/opt/here" --add "$work/folder/sub/script:/bin/added" \
	-- sh -c '/opt/here/sub/script; added; ls -ld /bin /tmp | cut -c1-10'
check_equal 'vm: --add puts files and folders where it is told' \
	$'from /opt/here/sub/script\nfrom /usr/bin/added\nlrwxrwxrwx\ndrwxrwxrwt' "$(cat "$work/out")"
fails 'adding a file that does not exist' 'no such file' --add "$work/none" -- true

vm --append 'first=1' --append 'second="a b"' -- cat /proc/cmdline
check_match 'vm: --append reaches the kernel' ' first=1 second="a b"' "$(cat "$work/out")"
vm --append 'lsm=landlock,apparmor' -- cat /sys/kernel/security/lsm
check_equal 'vm: lsm= chooses the modules' 'capability,landlock,apparmor' "$(cat "$work/out")"

# shellcheck disable=SC2016 # for the guest's shell
vm -- sh -c 'for fs in proc sysfs devtmpfs tmpfs securityfs debugfs tracefs cgroup2; do
	grep -q " $fs " /proc/mounts || echo "$fs"; done; id -u; nproc'
check_equal 'vm: the file systems are mounted, and the command is root on 2 CPUs' $'0\n2' \
	"$(cat "$work/out")"

# A daemon that keeps the output open must not keep the guest up.
vm --timeout 120 -- sh -c 'sleep 10000 & (setsid sleep 10000 &) ; echo done'
ended 'a command that leaves processes behind ends' 0
check_equal 'vm: ... and its output is whole' 'done' "$(cat "$work/out")"

crash() { echo "echo $1 >/sys/kernel/debug/provoke-crash/DIRECT; echo survived"; }
fails 'a WARNING' 'WARNING: CPU' -- sh -c "$(crash WARNING)"
check_equal 'vm: ... after the command went on' 'survived' "$(cat "$work/out")"
fails 'a BUG' 'kernel BUG at' -- sh -c "$(crash BUG)"
fails 'a panic' 'Kernel panic' -- sh -c 'echo c >/proc/sysrq-trigger'
fails 'a reboot from inside' 'ended without a status' -- reboot -f
fails 'a guest that hangs' 'did not end within 10 s' --timeout 10 -- sleep 1000
if [[ $kernel == debug ]]; then
	fails 'a write after free' 'KASAN: slab-use-after-free' -- sh -c "$(crash WRITE_AFTER_FREE)"
fi

vm -- sh -c 'echo "BUG: said by a program" | cat; echo "an error" >&2'
ended 'what a program writes is no kernel report' 0

# The kernel's own clock, on its way through the same instructions twice. Not the whole
# way: when the host answers a device is not the guest's to decide.
for run in 1 2; do
	vm --icount -- dmesg
	ended "--icount run $run" 0
	sed -n 's/^\[ *\([0-9.]*\)\].*/\1/p' "$work/out" | head -n 80 >"$work/times.$run"
done
# shellcheck disable=SC2016 # awk's
check 'vm: --icount makes time a matter of instructions' \
	awk 'NR == FNR { first[FNR] = $1; next }
		{ apart = $1 - first[FNR]; if (apart > 5e-6 || apart < -5e-6) { print; exit 1 } }
		END { if (FNR < 80) exit 1 }' "$work/times.1" "$work/times.2"
vm --icount -- nproc
check_equal 'vm: --icount has one CPU' 1 "$(cat "$work/out")"

fails 'no such kernel' 'no such kernel' --kernel none -- true
fails 'an unknown option' 'unknown option' --frob -- true
fails 'no command and no terminal' 'no terminal'

tap_end
