// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits on resources belong to the process. Coming under a policy lowers them to what
 * the policy grants, and nobody who is confined raises them above that again; nor those
 * of a process that is under it.
 */
#include <linux/posix-timers.h>
#include <linux/rcupdate.h>
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>

#include "check.h"
#include "compat.h"
#include "confinement.h"
#include "kill.h"
#include "report.h"
#include "rlimit.h"
#include "setup.h"
#include "table.h"
#include "task.h"

static_assert(RLIM_NLIMITS == ISOLATES_RLIMITS);
static_assert(RLIM_INFINITY == ISOLATES_RLIMIT_INFINITY);

/* As the language has them, by number. */
static const char *const names[RLIM_NLIMITS] = {
	"cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock",
	"as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime",
};

/* The limits of a policy in a mode that denies; sets *@count. */
static const struct isolates_rlimit *limits_of(const struct isolates_table *table,
					       const struct isolates_label *label,
					       u32 *count)
{
	const struct isolates_instance *const instance =
		isolates_instance_of(table, label);

	*count = 0;
	if (!instance || !isolates_mode_denies(READ_ONCE(instance->mode)))
		return NULL;
	*count = instance->policy->rlimits.count;
	return instance->blob->view.rlimits + instance->policy->rlimits.first;
}

/* Is the task under @label for good? Not if it only visits. */
static bool is_resident(const struct isolates_confinement *confinement,
			const struct isolates_label *label)
{
	u32 i;

	for (i = 0; i < confinement->entry_count; i++) {
		const struct isolates_entry *const entry = confinement->entries + i;

		if (entry->label == label &&
		    entry->flags & (ISOLATES_ENTRY_RESIDENT | ISOLATES_ENTRY_ATTACHED))
			return true;
	}
	return false;
}

/* What all of a confinement's policies grant. Returns: is anything limited? */
static bool granted(const struct isolates_confinement *confinement,
		    u64 most[RLIM_NLIMITS])
{
	const struct isolates_table *table;
	bool limited = false;
	u32 i, k, count;

	for (i = 0; i < RLIM_NLIMITS; i++)
		most[i] = RLIM_INFINITY;
	rcu_read_lock();
	table = rcu_dereference(isolates_table);
	for (i = 0; i < confinement->count; i++) {
		const struct isolates_rlimit *const limits =
			limits_of(table, confinement->labels[i], &count);

		if (!count || !is_resident(confinement, confinement->labels[i]))
			continue;
		limited = true;
		for (k = 0; k < count; k++)
			most[limits[k].resource] = min(most[limits[k].resource],
							limits[k].limit);
	}
	rcu_read_unlock();
	return limited;
}

static bool has_label(const struct isolates_confinement *confinement,
		      const struct isolates_label *label)
{
	u32 i;

	for (i = 0; i < confinement->count; i++) {
		if (confinement->labels[i] == label)
			return true;
	}
	return false;
}

/* What was limited by policies of @old that are not in @new; a mask by resource. */
static u32 left_behind(const struct isolates_confinement *old,
		       const struct isolates_confinement *new)
{
	const struct isolates_table *table;
	u32 resources = 0;
	u32 i, k, count;

	rcu_read_lock();
	table = rcu_dereference(isolates_table);
	for (i = 0; i < old->count; i++) {
		const struct isolates_rlimit *const limits =
			limits_of(table, old->labels[i], &count);

		for (k = 0; k < count && !has_label(new, old->labels[i]); k++)
			resources |= 1u << limits[k].resource;
	}
	rcu_read_unlock();
	return resources;
}

/*
 * Lower the limits of the current process to @most. Those of @reset go back before to
 * what a process begins with, as far as they may: the program is another one.
 */
static void apply(const u64 most[RLIM_NLIMITS], u32 reset)
{
	struct task_struct *const leader = current->group_leader;
	struct rlimit *const limits = current->signal->rlim;
	u64 cpu_before, cpu;
	u32 i;

	task_lock(leader);
	cpu_before = limits[RLIMIT_CPU].rlim_cur;
	for (i = 0; i < RLIM_NLIMITS; i++) {
		if (reset & 1u << i)
			limits[i].rlim_cur = min(limits[i].rlim_max,
						 init_task.signal->rlim[i].rlim_cur);
		limits[i].rlim_max = min(limits[i].rlim_max, most[i]);
		limits[i].rlim_cur = min(limits[i].rlim_cur, limits[i].rlim_max);
	}
	cpu = limits[RLIMIT_CPU].rlim_cur;
	task_unlock(leader);

	/* It is also a timer; of a process that is ending it fails, and does no harm. */
	if (IS_ENABLED(CONFIG_POSIX_TIMERS) && cpu != cpu_before && cpu != RLIM_INFINITY)
		update_rlimit_cpu(leader, cpu);
}

/**
 * isolates_rlimits_change - Let the current process have what an exec leaves it
 *
 * @old: what it was under, or NULL.
 * @new: what it is under, not NULL.
 *
 * For exec, when there is no way back. Does not sleep; takes task_lock(). That of the
 * stack the kernel has set aside, and puts back later in the exec: what lowers it is the
 * next look at the task, see isolates_rlimits_apply_later().
 */
void isolates_rlimits_change(const struct isolates_confinement *old,
			     const struct isolates_confinement *new)
{
	const u32 reset = old ? left_behind(old, new) : 0;
	u64 most[RLIM_NLIMITS];

	if (granted(new, most) || reset)
		apply(most, reset);
}

static void apply_at_return(struct callback_head *work)
{
	const struct isolates_confinement *confinement;
	u64 most[RLIM_NLIMITS];

	isolates_task(current)->limits_wait = false;
	confinement = isolates_current_confinement();
	if (confinement && granted(confinement, most))
		apply(most, 0);
}

/**
 * isolates_rlimits_apply_later - Limit the current process before it goes on
 *
 * @confinement: what it has been found to be under.
 *
 * For hooks, which may have been called with task_lock() held: it happens on the way
 * back to user space. Does not sleep, and takes no lock that it would wait for.
 */
void isolates_rlimits_apply_later(const struct isolates_confinement *confinement)
{
	struct isolates_task *const task = isolates_task(current);
	u64 most[RLIM_NLIMITS];

	/* A worker of io_uring never gets there; whose it is, will. */
	if (task->limits_wait || current->flags & (PF_EXITING | PF_USER_WORKER) ||
	    !granted(confinement, most))
		return;
	init_task_work(&task->limits, apply_at_return);
	task->limits_wait = !task_work_add(current, &task->limits, TWA_RESUME);
}

/* By one policy, of whoever sets it or has it. Returns: 0, or -EACCES. */
static int check_limit(const struct isolates_instance *instance, u32 resource, u64 limit)
{
	const struct isolates_view *const view = &instance->blob->view;
	const struct isolates_rlimit *const limits =
		view->rlimits + instance->policy->rlimits.first;
	const u32 mode = READ_ONCE(instance->mode);
	u32 i;

	if (mode == ISOLATES_MODE_DISABLED)
		return 0;
	for (i = 0; i < instance->policy->rlimits.count; i++) {
		if (limits[i].resource != resource || limit <= limits[i].limit)
			continue;
		isolates_report_rlimit(instance, limits + i, names[resource], mode);
		if (mode == ISOLATES_MODE_KILL)
			isolates_kill_current();
		return isolates_mode_denies(mode) ? -EACCES : 0;
	}
	return 0;
}

static int check_limits(const struct isolates_label_set *set, u32 resource, u64 limit)
{
	const struct isolates_table *const table = rcu_dereference(isolates_table);
	int error = 0;
	u32 i;

	for (i = 0; i < set->count && !error; i++) {
		const struct isolates_instance *const instance =
			isolates_instance_of(table, set->labels[i]);

		if (instance)
			error = check_limit(instance, resource, limit);
	}
	return error;
}

/* To a process that is under something else, as AppArmor has it. */
static int check_other(const struct isolates_confinement *confinement)
{
	static const u8 capability = CAP_SYS_RESOURCE;
	static const struct isolates_piece piece = { &capability, 1 };
	static const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_CAPABILITY,
		.operations = ISOLATES_CAPABILITY_USE,
		.pieces = &piece,
		.count = 1,
	};
	static const struct isolates_object object = { .peer = "sys_resource" };

	return isolates_check(confinement, &request, &object) ? -EACCES : 0;
}

static noinline int check_setrlimit(struct task_struct *task, u32 resource, u64 limit)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	struct isolates_label_set own, target;
	int error;

	if (!confinement)
		return 0;
	if (confinement->broken)
		return -EACCES;
	rcu_read_lock();
	error = isolates_task_labels_atomic(&own);
	if (!error)
		error = isolates_task_labels_locked(task->group_leader, &target);
	if (error) {
		isolates_report_refusal(NULL, "what one side is under is not known");
		error = -EACCES;
		goto out;
	}
	if (!same_thread_group(task, current) &&
	    (own.count != target.count ||
	     memcmp(own.labels, target.labels, own.count * sizeof(*own.labels))))
		error = check_other(confinement);
	if (!error)
		error = check_limits(&own, resource, limit);
	if (!error)
		error = check_limits(&target, resource, limit);
out:
	rcu_read_unlock();
	return error;
}

/* Called with task_lock(@task->group_leader) held. */
static int hook_task_setrlimit(struct task_struct *task, unsigned int resource,
			       struct rlimit *limit)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_setrlimit(task, resource, limit->rlim_max);
}

static struct security_hook_list rlimit_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(task_setrlimit, hook_task_setrlimit),
};

void __init isolates_add_rlimit_hooks(void)
{
	security_add_hooks(rlimit_hooks, ARRAY_SIZE(rlimit_hooks), &isolates_lsm_id);
}
