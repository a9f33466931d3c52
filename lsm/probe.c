// SPDX-License-Identifier: GPL-2.0-only
#include <linux/error-injection.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/seq_file.h>

#include "probe.h"

/* Without it override_function_with_return() is empty, and nothing is denied. */
#ifndef CONFIG_FUNCTION_ERROR_INJECTION
#error "isolates needs CONFIG_FUNCTION_ERROR_INJECTION"
#endif

/* What a probed function returns to the canary below when it is overridden. */
#define CANARY_SINGS	1
#define CANARY_SILENT	2

/*
 * An optimised kprobe jumps without looking at a changed instruction pointer; one
 * with a post handler is never optimised. See can_optimize() in kernel/kprobes.c.
 */
static void keep_unoptimised(struct kprobe *probe, struct pt_regs *regs,
			     unsigned long flags)
{
}

/**
 * isolates_probe_register - Arm a probe
 *
 * @probe: with its symbol, or else the address of its function, and its pre handler,
 *	   which may override the function.
 *
 * May sleep. Returns: 0, or what register_kprobe() says: -ENOENT if this kernel
 * has no such function, or -EOPNOTSUPP if it was taken but is not armed, as when
 * all kprobes have been switched off.
 */
int isolates_probe_register(struct kprobe *probe)
{
	int error;

	/* Left over from an earlier registration. */
	if (probe->symbol_name)
		probe->addr = NULL;
	probe->flags = 0;
	probe->post_handler = keep_unoptimised;
	error = register_kprobe(probe);
	if (error)
		return error;
	if (!isolates_probe_is_armed(probe)) {
		unregister_kprobe(probe);
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * isolates_probes_unregister - Disarm probes, all with one wait for those inside
 *
 * @probes: those, registered; reordered.
 * @count: of @probes.
 *
 * Without memory to disarm it, one stays as it was, isolates_probe_is_armed(): its memory
 * must not be freed, and it must not be tried again, as the kernel has miscounted it by
 * then; see __disarm_kprobe_ftrace() in kernel/kprobes.c. May sleep.
 */
void isolates_probes_unregister(struct kprobe **probes, u32 count)
{
	u32 i, disarmed = 0;

	/* unregister_kprobes() would forget the address of one that it cannot disarm. */
	for (i = 0; i < count; i++) {
		if (!disable_kprobe(probes[i]))
			probes[disarmed++] = probes[i];
	}
	unregister_kprobes(probes, disarmed);
}

bool isolates_probe_is_armed(struct kprobe *probe)
{
	return !kprobe_gone(probe) && !kprobe_disabled(probe);
}

/*
 * Write a line for an armed probe: the function, whether it is still armed, misses. When
 * all are switched off together, so that they do not @work, a single one does not know.
 */
void isolates_probe_show(struct seq_file *m, struct kprobe *probe, bool work)
{
	seq_puts(m, "probe ");
	if (probe->symbol_name)
		seq_puts(m, probe->symbol_name);
	else
		seq_printf(m, "%ps", probe->addr);
	seq_printf(m, " %s missed %lu\n",
		   work && isolates_probe_is_armed(probe) ? "armed" : "DISARMED",
		   probe->nmissed);
}

/**
 * isolates_probe_override - Make the probed function fail
 *
 * @regs: as given to the pre handler, which returns 1 afterwards.
 * @error: a negative errno.
 */
void isolates_probe_override(struct pt_regs *regs, int error)
{
	regs_set_return_value(regs, error);
	override_function_with_return(regs);
}

NOKPROBE_SYMBOL(isolates_probe_override);

/* A function for nothing but to be probed; the barrier keeps calls to it real. */
static noinline int canary(void)
{
	int song = CANARY_SILENT;

	OPTIMIZER_HIDE_VAR(song);
	return song;
}

static int canary_sings(struct kprobe *probe, struct pt_regs *regs)
{
	isolates_probe_override(regs, CANARY_SINGS);
	return 1;
}

NOKPROBE_SYMBOL(canary_sings);

static struct kprobe canary_probe = {
	.pre_handler = canary_sings,
};

/**
 * isolates_probes_work - Does a probe override its function, now?
 *
 * A root user can switch all kprobes off (debugfs kprobes/enabled), and those that
 * stand on ftrace as well (kernel.ftrace_enabled); neither makes registering fail.
 * So whatever relies on probes asks here first, and a denied call really denied
 * is the only answer that counts.
 */
bool isolates_probes_work(void)
{
	return canary() == CANARY_SINGS;
}

int __init isolates_probe_init(void)
{
	int error;

	canary_probe.addr = (kprobe_opcode_t *)canary;
	canary_probe.post_handler = keep_unoptimised;
	error = register_kprobe(&canary_probe);
	if (error)
		return error;
	return isolates_probes_work() ? 0 : -EOPNOTSUPP;
}
