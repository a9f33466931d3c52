/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attachments: single processes that the operator puts under a policy.
 *
 * A task's confinement is written by the task alone, so what the operator wants is left
 * as an order, which each task of the process obeys when it next looks at what it is
 * under; see task.c. Whoever it makes afterwards inherits that.
 */
#ifndef _SECURITY_ISOLATES_ATTACHMENT_H
#define _SECURITY_ISOLATES_ATTACHMENT_H

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/types.h>

struct isolates_entry_set;
struct isolates_label;
struct pid;

/* Which process, of all that there ever are: numbers come again, but not at once. */
struct isolates_process {
	pid_t tgid;	/* in the initial pid namespace; 0: none */
	u64 start;	/* when it began, in nanoseconds since boot */
};

/* Under rcu_read_lock(), unless @task is the current one. */
static inline struct isolates_process
isolates_process_of(const struct task_struct *task)
{
	const struct isolates_process process = {
		.tgid = task->tgid,
		.start = READ_ONCE(task->group_leader)->start_boottime,
	};

	return process;
}

int isolates_attach(struct pid *pid, struct isolates_label *label, bool on_exec);
int isolates_detach(struct pid *pid, struct isolates_label *label);
void isolates_attachment_collect(const struct isolates_process *process,
				 unsigned long since, unsigned long until,
				 struct isolates_entry_set *set);
void isolates_attachment_flush(void);

#endif /* _SECURITY_ISOLATES_ATTACHMENT_H */
