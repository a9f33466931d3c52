// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of bpf() and perf_event_open(), which run code in the kernel and look
 * into it. The kernel lets everybody do some of it, as a sysctl has it; a confined
 * task needs what a privileged one needs, a capability, and of its policy.
 */
#include <linux/capability.h>
#include <linux/perf_event.h>

#include "bpf.h"
#include "capability.h"
#include "setup.h"
#include "task.h"

/*
 * All commands, those on maps and programs of which the task only got a descriptor
 * among them: a map may be what a filter of the host works with.
 */
static int hook_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	if (isolates_current_is_unconfined())
		return 0;
	return isolates_capability_check(CAP_BPF);
}

/*
 * A task may count what itself does in user mode; what another one does too, if it
 * may look into it, see ptrace.c. All else is a look into the kernel, or the system.
 */
static int hook_perf_event_open(ISOLATES_PERF_EVENT_PARAMETERS)
{
	if (type == PERF_SECURITY_OPEN || isolates_current_is_unconfined())
		return 0;
	return isolates_capability_check(CAP_PERFMON);
}

static struct security_hook_list bpf_hooks[] __ro_after_init = {
#ifdef CONFIG_BPF_SYSCALL
	LSM_HOOK_INIT(bpf, hook_bpf),
#endif
#ifdef CONFIG_PERF_EVENTS
	LSM_HOOK_INIT(perf_event_open, hook_perf_event_open),
#endif
};

void __init isolates_add_bpf_hooks(void)
{
	security_add_hooks(bpf_hooks, ARRAY_SIZE(bpf_hooks), &isolates_lsm_id);
}
