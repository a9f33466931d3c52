# What the end of a guest means: its status, and what its kernel had to report.
# shellcheck shell=bash

# Lines of the kernel's log that only a kernel in trouble writes. What user space does
# to itself ("traps: x[1] general protection", "segfault at") is none of it, and neither
# is a bare "Call Trace:", which an injected failure prints as well.
readonly report_patterns=(
	'------------\[ cut here \]------------'
	'WARNING: (CPU:|possible |suspicious |inconsistent |bad unlock|held lock|lock held|Nested lock|HARDIRQ|SOFTIRQ|stack |can.t )'
	' BUG:? '
	'kernel BUG at'
	'Oops: '
	'Kernel panic'
	'UBSAN: '
	'ODEBUG: '
	'(KASAN|KFENCE): '
	'INFO: (task .* blocked|trying to register non-static key|possible )'
	'INFO: .*(detected stall|detected expedited stall|self-detected stall)'
	'sleeping function called from invalid context'
	'scheduling while atomic'
	'refcount_t: '
	'list_(add|del) corruption'
	'kmemleak: [0-9]+ new suspected memory leaks'
	'double fault: '
)

# Taint flags that such a kernel sets: bad page, oops, warning, soft lockup.
readonly report_taint=$((1 << 5 | 1 << 7 | 1 << 9 | 1 << 14))

# kernel_report LOG: the first report in it, with what follows; fails if there is none.
# Kernel messages begin with a time; init.c's and user space's do so as well.
kernel_report() {
	local IFS='|'
	LC_ALL=C grep -aEm1 -A60 "^\[ *[0-9]+\.[0-9]+\](\[[^]]*\])?.*(${report_patterns[*]})" "$1"
}

# conclude DIR QEMU_STATUS TIMEOUT: exits with the command's status, or 125 and the reason.
conclude() {
	local dir=$1 qemu_status=$2 timeout=$3 reason='' shown='' status='' taint=''
	read -r _ status _ taint <"$dir/status" || true
	if shown=$(kernel_report "$dir/log"); then
		reason='the kernel reports a problem'
	elif [[ $qemu_status -eq 124 || $qemu_status -eq 137 ]]; then
		reason="the guest did not end within $timeout s"
	elif [[ $qemu_status -ne 0 ]]; then
		reason="QEMU failed with status $qemu_status"
	elif [[ ! $status =~ ^[0-9]+$ || ! $taint =~ ^[0-9]+$ ]]; then
		reason='the guest ended without a status'
	elif [[ $((taint & report_taint)) -ne 0 ]]; then
		reason="the kernel is tainted ($taint), but its log does not say why"
	else
		exit "$status"
	fi
	[[ $shown ]] || shown=$(tail -n 40 "$dir/log" | tr -d '\r')
	mkdir -p "$cache/log"
	cp "$dir/log" "$cache/log/guest-$$.log"
	keep_newest 10 "$cache"/log/guest-*.log
	note "$reason; the whole log is $cache/log/guest-$$.log"
	sed 's/^/    /' <<<"$shown" >&2
	exit 125
}
