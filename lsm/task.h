/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of each task: the confinement it is under, and for which of its
 * namespaces that was worked out.
 */
#ifndef _SECURITY_ISOLATES_TASK_H
#define _SECURITY_ISOLATES_TASK_H

#include <linux/cred.h>
#include <linux/lsm_hooks.h>
#include <linux/sched.h>

#include "binding.h"
#include "confinement.h"
#include "setup.h"
#include "table.h"

/*
 * All fields are written by the task itself (by its parent, before it first runs),
 * so it reads them without a lock; others read @confinement under RCU.
 */
struct isolates_task {
	/* Sticky: labels are added, never taken away. NULL: unconfined. */
	struct isolates_confinement __rcu *confinement;
	/*
	 * What @confinement was worked out for. The pointers are compared only.
	 * They may be of memory that was freed and used again, but not unnoticed:
	 * a task passes the capable hook each time before it changes namespaces,
	 * so it has been looked at with whatever nsproxy it had in between.
	 */
	unsigned long generation;
	const struct nsproxy *nsproxy;
	const struct user_namespace *user_ns;
};

static inline struct isolates_task *isolates_task(const struct task_struct *task)
{
	return task->security + isolates_blob_sizes.lbs_task;
}

struct isolates_confinement *isolates_task_resolve(void);
int isolates_task_labels(struct task_struct *task, struct isolates_label_set *set);
int isolates_task_labels_atomic(struct isolates_label_set *set);

/* Is what we know of @task, which is current, still so? */
static inline bool isolates_task_is_fresh(const struct isolates_task *task)
{
	/* Pairs with the release in binding.c. */
	return task->generation == smp_load_acquire(&isolates_generation) &&
	       task->nsproxy == current->nsproxy &&
	       task->user_ns == current_real_cred()->user_ns;
}

/**
 * isolates_current_confinement - What the current task is under
 *
 * The first line of every hook. Costs an unconfined task a load and three compares.
 * Does not sleep. Not for probes' handlers.
 *
 * Returns: NULL if unconfined; else a confinement that stays valid until the task
 * comes back here. It may be the broken one, which allows nothing.
 */
static inline const struct isolates_confinement *isolates_current_confinement(void)
{
	const struct isolates_task *task;

	if (!static_branch_unlikely(&isolates_in_force))
		return NULL;
	task = isolates_task(current);
	if (likely(isolates_task_is_fresh(task)))
		return rcu_access_pointer(task->confinement);
	return isolates_task_resolve();
}

void isolates_add_task_hooks(void);

#endif /* _SECURITY_ISOLATES_TASK_H */
