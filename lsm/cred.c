// SPDX-License-Identifier: GPL-2.0-only
#include <linux/sched.h>

#include "cred.h"
#include "task.h"

/*
 * A process, as long as it runs one program: a ring and its workers do not outlive
 * that. Numbers and memory would be used again; this is not.
 */
static u64 process_start(void)
{
	return current->group_leader->start_boottime;
}

/* What the kernel makes of others' credentials to act for itself is still theirs. */
static void inherit(struct isolates_cred *cred, const struct isolates_cred *from)
{
	cred->process_start = from->process_start;
	cred->exec_id = from->exec_id;
	cred->confinement = isolates_confinement_get_weak(from->confinement);
}

/* Returns: 0, or -ENOMEM if what the current task is under cannot be worked out. */
static int sign(struct isolates_cred *cred)
{
	const struct isolates_confinement *confinement;

	cred->process_start = process_start();
	cred->exec_id = current->self_exec_id;
	if (isolates_current_is_unconfined())
		return 0;
	confinement = isolates_current_confinement();
	if (confinement && confinement->broken)
		return -ENOMEM;
	cred->confinement =
		isolates_confinement_get_weak((struct isolates_confinement *)confinement);
	return 0;
}

/* Are they the current process's own, or were made by it since its last exec? */
bool isolates_cred_is_made_here(const struct cred *cred)
{
	const struct isolates_cred *const blob = isolates_cred(cred);

	return cred == current_real_cred() ||
	       (blob->process_start == process_start() &&
		blob->exec_id == current->self_exec_id);
}

/**
 * isolates_cred_is_of_current - Does who acts with them act for the current task?
 *
 * @cred: any credentials, held by the caller.
 *
 * Not if they were made by someone else, unconfined, who did not lend them. A task's
 * own may have been made by its parent.
 */
bool isolates_cred_is_of_current(const struct cred *cred)
{
	const struct isolates_cred *const blob = isolates_cred(cred);

	return isolates_cred_is_made_here(cred) || blob->confinement ||
	       READ_ONCE(blob->is_lent);
}

/**
 * isolates_kernel_acts_for_itself - Is what is done now not the current task's doing?
 *
 * Returns: true if it is done with credentials that the kernel has made for that, as
 * overlayfs does to its layers, but in another process. A ring acts for the task: with
 * what was registered with it, or with what was the task's when it was asked to, which
 * it may have replaced since.
 */
bool isolates_kernel_acts_for_itself(void)
{
	const struct cred *const cred = current_cred();
	const struct isolates_cred *const blob = isolates_cred(cred);

	return !READ_ONCE(blob->is_lent) && !READ_ONCE(blob->is_a_tasks) &&
	       !isolates_cred_is_made_here(cred);
}

/* Note that a task has got @cred by a fork or an exec; what else it gets it makes. */
void isolates_cred_own(const struct cred *cred)
{
	struct isolates_cred *const blob = isolates_cred(cred);

	if (!READ_ONCE(blob->is_a_tasks))
		WRITE_ONCE(blob->is_a_tasks, true);
}

/* Note that others are going to act with @cred for themselves. */
void isolates_cred_lend(const struct cred *cred)
{
	struct isolates_cred *const blob = isolates_cred(cred);

	if (!READ_ONCE(blob->is_lent))
		WRITE_ONCE(blob->is_lent, true);
}

/* What @cred was made for is what the current task has become, see isolates_task_become(). */
void isolates_cred_become(struct cred *cred)
{
	struct isolates_cred *const blob = isolates_cred(cred);
	struct isolates_confinement *const now =
		rcu_dereference_protected(isolates_task(current)->confinement, true);

	isolates_confinement_put_weak(blob->confinement);
	blob->confinement = isolates_confinement_confines(now) ?
			    isolates_confinement_get_weak(now) : NULL;
}

static int hook_cred_prepare(struct cred *new, const struct cred *old, gfp_t gfp)
{
	if (isolates_cred_is_of_current(old))
		return sign(isolates_cred(new));
	inherit(isolates_cred(new), isolates_cred(old));
	return 0;
}

/* For keyctl(KEYCTL_SESSION_TO_PARENT): a parent gets what its child has made. */
static void hook_cred_transfer(struct cred *new, const struct cred *old)
{
	isolates_cred(new)->is_lent = true;
}

static void hook_cred_free(struct cred *cred)
{
	struct isolates_cred *const blob = isolates_cred(cred);

	isolates_confinement_put_weak(blob->confinement);
	isolates_confinement_put(blob->exec);
}

static struct security_hook_list cred_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(cred_prepare, hook_cred_prepare),
	LSM_HOOK_INIT(cred_transfer, hook_cred_transfer),
	LSM_HOOK_INIT(cred_free, hook_cred_free),
};

void __init isolates_add_cred_hooks(void)
{
	security_add_hooks(cred_hooks, ARRAY_SIZE(cred_hooks), &isolates_lsm_id);
}
