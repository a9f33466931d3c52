// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kprobes.h>
#include <linux/ptrace.h>

#include "detour.h"
#include "probe.h"
#include "task.h"

/* Who is not confined goes straight on, and so does who comes by the detour. */
static int take_detour(struct kprobe *probe, struct pt_regs *regs)
{
	const struct isolates_detour *const detour =
		container_of(probe, struct isolates_detour, probe);
	struct isolates_task *const task = isolates_task(current);

	if (isolates_current_is_unconfined() || current->flags & PF_KTHREAD)
		return 0;
	if (task->detour == detour) {
		task->detour = NULL;
		return 0;
	}
	instruction_pointer_set(regs, (unsigned long)detour->function);
	return 1;
}

NOKPROBE_SYMBOL(take_detour);

/**
 * isolates_detour_register - Lead all calls of a function elsewhere
 *
 * @detour: with the function's symbol.
 *
 * The function must be called by pointer, or from another file, so that no copy of it
 * has become a part of its callers, and by tasks only. May sleep.
 *
 * Returns: 0, or as isolates_probe_register().
 */
int isolates_detour_register(struct isolates_detour *detour)
{
	detour->probe.pre_handler = take_detour;
	return isolates_probe_register(&detour->probe);
}

/* No more of them; who is on the way comes to its end. May sleep. */
void isolates_detour_unregister(struct isolates_detour *detour)
{
	unregister_kprobe(&detour->probe);
}

/**
 * isolates_detour_begin - From a detour's function: let the next call go straight on
 *
 * @detour: the one.
 *
 * Returns: the function that it leads around, to be called once, at once, by the current
 * task. Afterwards isolates_detour_end().
 */
void *isolates_detour_begin(const struct isolates_detour *detour)
{
	isolates_task(current)->detour = detour;
	return detour->probe.addr;
}

void isolates_detour_end(void)
{
	/* It is still there if the probe was switched off meanwhile. */
	isolates_task(current)->detour = NULL;
}
