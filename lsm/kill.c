// SPDX-License-Identifier: GPL-2.0-only
#include <linux/preempt.h>
#include <linux/sched/signal.h>
#include <linux/task_work.h>

#include "compat.h"
#include "kill.h"
#include "task.h"

static void kill_at_return(struct callback_head *work)
{
	struct isolates_task *const task = isolates_task(current);

	task->is_killed = false;
	/* Of a pid namespace's init too, which a plain SIGKILL would spare. */
	force_exit_sig(SIGKILL);
}

/**
 * isolates_kill_current - Kill the current process
 *
 * A hook may be called with locks held that sending a signal takes, and a probe's
 * handler must take none at all: so it happens on the way back to user space, before
 * which nothing but the denied operation's failure does.
 *
 * In any context in which current is the one to blame.
 */
void isolates_kill_current(void)
{
	struct isolates_task *const task = isolates_task(current);

	if (task->is_killed || current->flags & PF_EXITING)
		return;
	init_task_work(&task->kill, kill_at_return);
	/* If it cannot be added the task is past its last return to user space. */
	task->is_killed = !task_work_add(current, &task->kill,
					 in_nmi() ? TWA_NMI_CURRENT : TWA_RESUME);
}
