#!/bin/bash
# Tests which lines of a kernel's log qemu/vm takes for a report.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/tap.bash
source "$tests/tap.bash"
# shellcheck source=qemu/report.bash
source "$tests/../qemu/report.bash"

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# given LINE: is it a report?
given() {
	printf '[    0.000000] Linux version 6.12\n%s\n[    9.000000] after\n' "$1" >"$log"
	if kernel_report "$log" >/dev/null; then echo yes; else echo no; fi
}

while read -r line; do
	check_equal "report: ${line#*] }" yes "$(given "$line")"
done <<'EOT'
[    1.000000] ------------[ cut here ]------------
[    1.000000] WARNING: CPU: 1 PID: 74 at kernel/fork.c:10 copy_process+0x1/0x2
[    1.000000] WARNING: possible circular locking dependency detected
[    1.000000] WARNING: possible irq lock inversion dependency detected
[    1.000000] WARNING: suspicious RCU usage
[    1.000000] WARNING: inconsistent lock state
[    1.000000] WARNING: bad unlock balance detected!
[    1.000000] BUG: KASAN: slab-use-after-free in kfree+0x1/0x2
[    1.000000] BUG: sleeping function called from invalid context at mm/slab.h:1
[    1.000000] BUG: unable to handle page fault for address: ffff888000000000
[    1.000000] BUG: scheduling while atomic: sh/74/0x00000002
[    1.000000] BUG kmalloc-64 (Tainted: G    B  ): Poison overwritten
[    1.000000] BUG: soft lockup - CPU#0 stuck for 26s! [sh:74]
[    1.000000][   T74] BUG: KASAN: null-ptr-deref in x+0x1/0x2
[    1.000000] kernel BUG at kernel/fork.c:10!
[    1.000000] Oops: int3: 0000 [#1] SMP
[    1.000000] Oops: general protection fault, probably for non-canonical address
[    1.000000] Kernel panic - not syncing: Attempted to kill init!
[    1.000000] UBSAN: array-index-out-of-bounds in kernel/fork.c:10:3
[    1.000000] ODEBUG: free active (active state 0) object: 00000000
[    1.000000] INFO: task sh:74 blocked for more than 120 seconds.
[    1.000000] INFO: trying to register non-static key.
[    1.000000] rcu: INFO: rcu_sched self-detected stall on CPU
[    1.000000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[    1.000000] refcount_t: underflow; use-after-free.
[    1.000000] list_add corruption. prev->next should be next
[    1.000000] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
EOT

while read -r line; do
	check_equal "report: not ${line#*] }" no "$(given "$line")"
done <<'EOT'
[    1.000000] traps: sh[74] general protection fault ip:1 sp:2 error:0
[    1.000000] sh[74]: segfault at 0 ip 0000000000000001 sp 0000000000000002 error 4
[    1.000000] Call Trace:
[    1.000000] FAULT_INJECTION: forcing a failure.
[    1.000000] kmemleak: Kernel memory leak detector initialized
[    1.000000] isolates: DEBUG: this is not a report
WARNING: CPU: 1 PID: 74, said by a program without a time
EOT

printf '[    1.000000] one\n[    2.000000] BUG: two\n[    3.000000] three\n' >"$log"
check_equal 'report: begins at the first line that is one' \
	$'[    2.000000] BUG: two\n[    3.000000] three' "$(kernel_report "$log")"

tap_end
