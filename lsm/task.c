// SPDX-License-Identifier: GPL-2.0-only
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/task.h>

#include "cred.h"
#include "kill.h"
#include "label.h"
#include "namespace.h"
#include "report.h"
#include "rlimit.h"
#include "task.h"

/*
 * All that @task is under, if it lives in @residence, by the orders of no later
 * generation than @until. Under rcu_read_lock().
 */
static void collect(const struct task_struct *task,
		    const struct isolates_residence *residence, unsigned long until,
		    struct isolates_entry_set *set)
{
	const struct isolates_task *const blob = isolates_task(task);
	const struct isolates_process process = isolates_process_of(task);
	const struct isolates_process creator = {
		READ_ONCE(blob->creator.tgid), blob->creator.start,
	};
	/* Of another task it may change; then it is the reason that is wrong, no label. */
	struct isolates_past past = {
		.generation = READ_ONCE(blob->generation),
		.is_new = READ_ONCE(blob->is_new),
		.inums = blob->inums,
	};
	/* Before the confinement, in which they are that were obeyed. */
	const unsigned long since = smp_load_acquire(&blob->obeyed);

	isolates_entry_set_begin(set, rcu_dereference(blob->confinement));
	past.is_confined = isolates_entry_set_is_for_good(set);
	isolates_attachment_collect(&creator, since, until, set);
	isolates_attachment_collect(&process, since, until, set);
	isolates_binding_collect(residence, &past, set);
}

static struct isolates_residence current_residence(void)
{
	const struct isolates_residence residence = {
		.nsproxy = current->nsproxy,
		/* Where it lives, which no unshare() or setns() can change. */
		.pid_ns = task_active_pid_ns(current),
		/* Not that of overridden credentials, which are another's. */
		.user_ns = current_real_cred()->user_ns,
	};

	return residence;
}

/*
 * Let hooks pass the current task by, if they may. Not while it executes a program that
 * something confines: some ask by that.
 */
static void note_unconfined(struct isolates_task *task)
{
	const struct isolates_confinement *const confinement =
		rcu_dereference_protected(task->confinement, true);

	task->unconfined_generation =
		isolates_confinement_confines(confinement) || isolates_current_exec() ?
		0 : task->generation;
}

static void report_failure(const struct isolates_entry_set *set)
{
	isolates_report_refusal(NULL, set->overflow ?
				"under too many policies" : "no memory");
}

/*
 * Work out what the current task is under. On failure that is the broken confinement,
 * and what was known before stays as it was, so that the next operation tries again.
 */
static const struct isolates_confinement *resolve(void)
{
	struct isolates_task *const task = isolates_task(current);
	const struct isolates_residence residence = current_residence();
	/* Before the bindings are read: a later one makes us come again. */
	const unsigned long generation = smp_load_acquire(&isolates_generation);
	/* What the program will be under is worked out already: orders wait for it. */
	const bool executes = isolates_current_exec();
	struct isolates_confinement *old, *new;
	struct isolates_entry_set set;

	/* A kernel thread acts for the kernel; what it executes is a task. */
	if (current->flags & PF_KTHREAD)
		return NULL;

	/* Nobody else writes it, so it can be read without RCU. */
	old = rcu_dereference_protected(task->confinement, true);
	rcu_read_lock();
	collect(current, &residence, executes ? task->obeyed : generation, &set);
	if (isolates_confinement_equals(old, &set))
		new = old;
	else
		new = set.count ? isolates_confinement_intern(&set) : NULL;
	rcu_read_unlock();
	if (!new && set.count) {
		report_failure(&set);
		return &isolates_broken_confinement;
	}

	if (new != old) {
		rcu_assign_pointer(task->confinement, new);
		isolates_confinement_put(old);
	}
	/*
	 * At its first look too: it may have been forked while its parent's were to wait;
	 * or have executed a program: see isolates_rlimits_change().
	 */
	if (new && (new != old || !task->nsproxy))
		isolates_rlimits_apply_later(new);
	if (!executes) {
		/* With the confinement in place; others read it. */
		smp_store_release(&task->obeyed, generation);
		WRITE_ONCE(task->creator.tgid, 0);
		task->nsproxy = residence.nsproxy;
		task->user_ns = residence.user_ns;
		isolates_residence_inums(&residence, task->inums);
		WRITE_ONCE(task->generation, generation);
		WRITE_ONCE(task->is_new, false);
	}
	note_unconfined(task);
	return new;
}

/*
 * What the current task will be under by its exec, which leads to @exec, or to what it
 * is under now if that is NULL. Whatever else it has come under since stays. Under
 * rcu_read_lock().
 */
static void collect_exec(const struct isolates_confinement *exec,
			 struct isolates_entry_set *set)
{
	const struct isolates_residence residence = current_residence();
	const struct isolates_confinement *const now =
		rcu_dereference_protected(isolates_task(current)->confinement, true);
	u32 i;

	isolates_entry_set_begin(set, exec ?: now);
	for (i = 0; now && i < now->entry_count; i++)
		isolates_entry_set_add(set, now->entries + i);
	isolates_entry_set_settle(set);
	isolates_binding_collect(&residence, NULL, set);
}

/**
 * isolates_current_resolve - Work out what the current task is under
 *
 * For isolates_current_confinement(), which says what it returns.
 */
const struct isolates_confinement *isolates_current_resolve(void)
{
	struct isolates_task *const task = isolates_task(current);
	const struct isolates_confinement *confinement;

	if (isolates_task_is_fresh(task)) {
		confinement = rcu_access_pointer(task->confinement);
		note_unconfined(task);
	} else {
		confinement = resolve();
	}
	return isolates_confinement_confines(confinement) ? confinement : NULL;
}

/* Is what the current task, looked at by now, is under, another by its next exec? */
bool isolates_current_awaits_exec(void)
{
	const struct isolates_confinement *const confinement =
		rcu_dereference_protected(isolates_task(current)->confinement, true);

	return confinement && confinement->awaits_exec;
}

/**
 * isolates_task_prepare_exec - Work out what the current task comes under by its exec
 *
 * @exec: where the policies lead that it is under; NULL: nowhere. The reference is taken
 *        over.
 *
 * For namespaces that are bound on exec, processes attached so, and visitors. Does not
 * sleep.
 *
 * Returns: a reference to what the program will be under; NULL: to what the task is
 * under; or -ENOMEM.
 */
struct isolates_confinement *
isolates_task_prepare_exec(struct isolates_confinement *exec)
{
	const struct isolates_confinement *const now =
		rcu_dereference_protected(isolates_task(current)->confinement, true);
	struct isolates_confinement *all;
	struct isolates_entry_set set;

	rcu_read_lock();
	collect_exec(exec, &set);
	if (isolates_confinement_equals(exec ?: now, &set)) {
		all = exec;
	} else {
		all = isolates_confinement_intern(&set);
		isolates_confinement_put(exec);
		if (!all)
			all = ERR_PTR(-ENOMEM);
	}
	rcu_read_unlock();
	if (IS_ERR(all))
		report_failure(&set);
	return all;
}

/**
 * isolates_task_become - Put the current task under what its exec leads to
 *
 * @exec: worked out in this execve(); NULL: what it is under. The reference is taken over.
 *
 * Also under what its namespaces are bound to on exec: those it lives in now. Does not
 * sleep, and does not fail: who cannot be put under what it must be, is killed.
 */
void isolates_task_become(struct isolates_confinement *exec)
{
	struct isolates_task *const task = isolates_task(current);
	struct isolates_confinement *const old =
		rcu_dereference_protected(task->confinement, true);
	struct isolates_confinement *all;
	struct isolates_entry_set set;

	rcu_read_lock();
	collect_exec(exec, &set);
	if (isolates_confinement_equals(exec ?: old, &set)) {
		all = exec;
	} else {
		all = isolates_confinement_intern(&set);
		if (all) {
			isolates_confinement_put(exec);
		} else {
			all = exec;
			report_failure(&set);
			isolates_kill_current();
		}
	}
	rcu_read_unlock();
	if (all)
		isolates_task_change(all);
}

/**
 * isolates_task_change - Put the current task under another confinement
 *
 * @next: it; the reference is taken over.
 *
 * Where the task lives may confine it besides. Does not sleep.
 */
void isolates_task_change(struct isolates_confinement *next)
{
	struct isolates_task *const task = isolates_task(current);
	struct isolates_confinement *const old =
		rcu_dereference_protected(task->confinement, true);

	rcu_assign_pointer(task->confinement, next);
	isolates_rlimits_change(old, next);
	isolates_confinement_put(old);
	/* Stale. */
	task->nsproxy = NULL;
	task->unconfined_generation = 0;
}

/**
 * isolates_task_labels - What any task is under
 *
 * @task: cannot be freed meanwhile; perhaps not the current one.
 * @set: filled; valid under the caller's rcu_read_lock().
 *
 * Sees a task in a bound namespace as confined even if it has done nothing since
 * the binding was made. Does not sleep; takes task_lock(), so not for interrupts.
 *
 * Returns: 0, or -EOVERFLOW if it is under more than fits.
 */
int isolates_task_labels(struct task_struct *task, struct isolates_label_set *set)
{
	int error;

	task_lock(task);
	error = isolates_task_labels_locked(task, set);
	task_unlock(task);
	return error;
}

static void entries_locked(struct task_struct *task, struct isolates_entry_set *set)
{
	struct isolates_residence residence = {};

	if (task->flags & PF_KTHREAD) {
		isolates_entry_set_begin(set, NULL);
		return;
	}
	residence.user_ns = __task_cred(task)->user_ns;
	residence.pid_ns = task_active_pid_ns(task);
	/* Kept by the lock from switch_task_namespaces(), which may put it. */
	residence.nsproxy = task->nsproxy;
	collect(task, &residence, ULONG_MAX, set);
}

/* The same with task_lock(@task) held. */
int isolates_task_labels_locked(struct task_struct *task, struct isolates_label_set *set)
{
	struct isolates_entry_set entries;

	entries_locked(task, &entries);
	isolates_entry_set_labels(&entries, set);
	return set->overflow ? -EOVERFLOW : 0;
}

/**
 * isolates_task_entries - What any task is under, and why
 *
 * @task: cannot be freed meanwhile.
 * @set: filled; valid under the caller's rcu_read_lock().
 *
 * As isolates_task_labels().
 */
void isolates_task_entries(struct task_struct *task, struct isolates_entry_set *set)
{
	task_lock(task);
	entries_locked(task, set);
	task_unlock(task);
}

/* All labels, or those @lasting when the task leaves what it visits. */
static int labels_atomic(struct isolates_label_set *set, bool lasting)
{
	const struct isolates_task *const task = isolates_task(current);
	const struct isolates_confinement *confinement;
	struct isolates_residence residence;
	struct isolates_entry_set entries;
	u32 i;

	set->count = 0;
	set->overflow = false;
	set->visits = false;
	if (current->flags & PF_KTHREAD)
		return 0;
	if (likely(isolates_task_is_fresh(task))) {
		confinement = rcu_dereference_check(task->confinement,
						    rcu_read_lock_sched_held());
		if (lasting && confinement) {
			isolates_entries_lasting_labels(confinement->entries,
							confinement->entry_count, set);
			return 0;
		}
		for (i = 0; confinement && i < confinement->count; i++)
			set->labels[i] = confinement->labels[i];
		set->count = i;
		set->visits = i && confinement->awaits_exec &&
			      !isolates_entries_are_for_good(confinement->entries,
							     confinement->entry_count);
	} else {
		residence = current_residence();
		rcu_read_lock();
		collect(current, &residence, ULONG_MAX, &entries);
		rcu_read_unlock();
		if (entries.overflow)
			return -EOVERFLOW;
		if (lasting)
			isolates_entries_lasting_labels(entries.entries, entries.count,
							set);
		else
			isolates_entry_set_labels(&entries, set);
	}
	return 0;
}

/**
 * isolates_task_labels_atomic - What the current task is under, for probes
 *
 * @set: filled; valid while preemption is off, or under the caller's rcu_read_lock().
 *
 * Takes no lock, no memory, and changes nothing. Returns: 0, or -EOVERFLOW.
 */
int isolates_task_labels_atomic(struct isolates_label_set *set)
{
	return labels_atomic(set, false);
}

/* The same, but for what the task only visits. */
int isolates_task_lasting_labels_atomic(struct isolates_label_set *set)
{
	return labels_atomic(set, true);
}

static bool is_broken(const struct isolates_confinement *confinement)
{
	return confinement && confinement->broken;
}

/* A child is under all its creator is under; where it lives it will see itself. */
static int hook_task_alloc(struct task_struct *task, unsigned long clone_flags)
{
	const struct isolates_task *const own = isolates_task(current);
	struct isolates_task *const child = isolates_task(task);
	const struct isolates_confinement *confinement;
	struct isolates_confinement *parent;
	int error;

	/*
	 * Looked up now, so that a parent which is found only by its namespaces
	 * cannot have a child that leaves them in the same clone().
	 */
	if (!isolates_current_is_unconfined()) {
		confinement = isolates_current_confinement();
		if (is_broken(confinement))
			return -ENOMEM;
		error = isolates_namespace_check_clone(confinement, clone_flags);
		if (error)
			return error;
	}
	parent = rcu_dereference_protected(own->confinement, true);
	rcu_assign_pointer(child->confinement, isolates_confinement_get(parent));
	isolates_change_inherit(&child->change, &own->change);
	child->obeyed = own->obeyed;
	child->generation = own->generation;
	memcpy(child->inums, own->inums, sizeof(child->inums));
	child->is_new = true;
	child->creator = isolates_process_of(current);
	isolates_cred_own(rcu_access_pointer(task->real_cred));
	return 0;
}

static void hook_task_free(struct task_struct *task)
{
	struct isolates_task *const blob = isolates_task(task);

	isolates_confinement_put(rcu_dereference_protected(blob->confinement, true));
	RCU_INIT_POINTER(blob->confinement, NULL);
	isolates_change_end(&blob->change);
}

/* An exec may move the task into the time namespace made for its children. */
static void hook_bprm_committed_creds(ISOLATES_COMMIT_PARAMETERS)
{
	isolates_cred_own(current_real_cred());
	isolates_current_confinement();
}

static struct security_hook_list task_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(task_alloc, hook_task_alloc),
	LSM_HOOK_INIT(task_free, hook_task_free),
	LSM_HOOK_INIT(bprm_committed_creds, hook_bprm_committed_creds),
};

void __init isolates_add_task_hooks(void)
{
	security_add_hooks(task_hooks, ARRAY_SIZE(task_hooks), &isolates_lsm_id);
}
