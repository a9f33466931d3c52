// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kprobes.h>
#include <linux/ptrace.h>

#include "detour.h"
#include "task.h"

/**
 * isolates_take_detour - Handle a detour's probe
 *
 * @probe: of the detour.
 * @regs: as the function is entered.
 *
 * Who is not confined goes straight on, and so does who comes by the detour. Returns:
 * whether the call goes elsewhere.
 */
int isolates_take_detour(struct kprobe *probe, struct pt_regs *regs)
{
	struct isolates_detour *const detour =
		container_of(probe, struct isolates_detour, probe);
	struct isolates_task *const task = isolates_task(current);

	if (isolates_current_is_unconfined() || current->flags & PF_KTHREAD)
		return 0;
	if (task->detour == detour) {
		task->detour = NULL;
		return 0;
	}
	/*
	 * The probe may be disarmed, and registered anew, before the function looks for it:
	 * then its address is not there for a moment.
	 */
	WRITE_ONCE(detour->around, probe->addr);
	instruction_pointer_set(regs, (unsigned long)detour->function);
	return 1;
}

NOKPROBE_SYMBOL(isolates_take_detour);

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
	return READ_ONCE(detour->around);
}

void isolates_detour_end(void)
{
	/* It is still there if the probe was disarmed meanwhile. */
	isolates_task(current)->detour = NULL;
}
