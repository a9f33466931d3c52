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

#include "attachment.h"
#include "binding.h"
#include "change.h"
#include "confinement.h"
#include "mount.h"
#include "setup.h"
#include "table.h"

/*
 * All fields are written by the task itself (by its parent, before it first runs),
 * so it reads them without a lock; others read @confinement under RCU.
 */
struct isolates_task {
	/*
	 * Sticky: entries are added, and never taken away but by the operator, or when a
	 * visit is over. NULL: unconfined.
	 */
	struct isolates_confinement __rcu *confinement;
	/*
	 * What @confinement was worked out for. The pointers are compared only.
	 * They may be of memory that was freed and used again, but not unnoticed:
	 * a task passes the capable hook each time before it changes namespaces,
	 * so it has been looked at with whatever nsproxy it had in between;
	 * see capability.c.
	 */
	unsigned long generation;
	unsigned long unconfined_generation;	/* @generation; 0: confined */
	const struct nsproxy *nsproxy;	/* NULL: stale */
	const struct user_namespace *user_ns;
	/* And the namespaces' numbers, for the next look: see struct isolates_past. */
	u32 inums[ISOLATES_NAMESPACE_COUNT];
	bool is_new;		/* not looked at: it is its parent's look, as it was made */
	/* Orders that are not newer than this generation are in @confinement. */
	unsigned long obeyed;
	/*
	 * Until its first look: who made it, as orders about that process are about it
	 * as well, if they came while it was being made. Its number is set back by
	 * others, too.
	 */
	struct isolates_process creator;
	/*
	 * While the task is in execve(): what the program will be under, kept by the
	 * credentials that are made for it; NULL: the same as now.
	 */
	struct isolates_confinement *exec;
	/* What it has asked to be under; see change.c. */
	struct isolates_change change;
	/* What the next call of may go straight on; see detour.c. */
	const struct isolates_detour *detour;
	/* Whom its unix socket is to be connected, or to send to; see unix.c. */
	struct {
		u32 operation;
		const struct inode *inode;	/* compared only */
		bool is_path;
	} unix_target;
	/* See mount.c. */
	struct isolates_mount_note mount;
	/* See kill.c. */
	struct callback_head kill;
	/* See rlimit.c. */
	struct callback_head limits;
	bool is_killed;		/* @kill is on its way */
	bool limits_wait;	/* and so is @limits */
};

static inline struct isolates_task *isolates_task(const struct task_struct *task)
{
	return task->security + isolates_blob_sizes.lbs_task;
}

const struct isolates_confinement *isolates_current_resolve(void);
struct isolates_confinement *
isolates_task_prepare_exec(struct isolates_confinement *exec);
void isolates_task_become(struct isolates_confinement *exec);
void isolates_task_change(struct isolates_confinement *next);
bool isolates_current_awaits_exec(void);
void isolates_task_entries(struct task_struct *task, struct isolates_entry_set *set);
int isolates_task_labels(struct task_struct *task, struct isolates_label_set *set);
int isolates_task_labels_locked(struct task_struct *task,
				struct isolates_label_set *set);
int isolates_task_labels_atomic(struct isolates_label_set *set);
int isolates_task_lasting_labels_atomic(struct isolates_label_set *set);

/* Does the current task, whose blob is @task, live where it did? */
static inline bool isolates_task_has_not_moved(const struct isolates_task *task)
{
	return task->nsproxy == current->nsproxy &&
	       (!static_branch_unlikely(&isolates_user_ns_bound) ||
		task->user_ns == current_real_cred()->user_ns);
}

/**
 * isolates_current_is_unconfined - Has this task nothing to fear?
 *
 * The first line of every hook, and for nearly every task of a system the last: so
 * it needs no stack frame, no write and no memory that CPUs share and write.
 *
 * Returns: true if it has been looked at since the last binding, has not moved, and
 * is unconfined. Otherwise ask isolates_current_confinement().
 */
static __always_inline bool isolates_current_is_unconfined(void)
{
	const struct isolates_task *task;

	if (!static_branch_likely(&isolates_in_force))
		return true;
	task = isolates_task(current);
	/* Pairs with the release in binding.c. */
	return likely(smp_load_acquire(&isolates_generation) ==
		      task->unconfined_generation) &&
	       likely(isolates_task_has_not_moved(task));
}

/* Is what is known of the current task, whose blob is @task, still so? */
static __always_inline bool isolates_task_is_fresh(const struct isolates_task *task)
{
	/* Pairs with the release in binding.c. */
	return task->generation == smp_load_acquire(&isolates_generation) &&
	       isolates_task_has_not_moved(task);
}

/**
 * isolates_current_confinement - What the current task is under
 *
 * For hooks, behind isolates_current_is_unconfined(). Does not sleep. Not for the
 * handlers of probes: see isolates_task_labels_atomic().
 *
 * Returns: NULL if unconfined; else a confinement that stays valid until the task
 * comes back here. It may be the broken one, which allows nothing.
 */
static inline const struct isolates_confinement *isolates_current_confinement(void)
{
	const struct isolates_task *const task = isolates_task(current);
	const struct isolates_confinement *confinement;

	if (!static_branch_unlikely(&isolates_in_force))
		return NULL;
	confinement = rcu_access_pointer(task->confinement);
	if (likely(isolates_task_is_fresh(task)) &&
	    likely(isolates_confinement_confines(confinement)))
		return confinement;
	return isolates_current_resolve();
}

/* What the program is under that the current task is executing; NULL: as the task. */
static inline const struct isolates_confinement *isolates_current_exec(void)
{
	return current->in_execve ? isolates_task(current)->exec : NULL;
}

void isolates_add_task_hooks(void);

#endif /* _SECURITY_ISOLATES_TASK_H */
