// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of looking into other processes: ptrace(), and all that the kernel treats
 * alike, as /proc/PID/mem, process_vm_readv(), pidfd_getfd() and kcmp().
 *
 * A process may always look into itself: no hook is called for that.
 */
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "namespace.h"
#include "peer.h"
#include "ptrace.h"
#include "report.h"
#include "setup.h"
#include "task.h"

/*
 * Both sides must allow it. Who only visits is unconfined again when it leaves, and goes by
 * that name too: what has control of it, or of its descriptors, would leave with it.
 */
static int check_both(const struct isolates_label_set *tracer,
		      const struct isolates_label_set *tracee, unsigned int mode)
{
	static const struct isolates_label_set unconfined;
	const bool reads = mode & PTRACE_MODE_READ;
	struct isolates_peer_request request = {
		.class_id = ISOLATES_CLASS_PTRACE,
		.operation = reads ? ISOLATES_PTRACE_READ : ISOLATES_PTRACE_TRACE,
		/* As for /proc/PID/stat, which then has zeros for some fields. */
		.is_probing = mode & PTRACE_MODE_NOAUDIT,
	};
	int error;

	error = isolates_check_peers(tracer, &request, tracee);
	if (!error && tracee->visits && !tracer->visits)
		error = isolates_check_peers(tracer, &request, &unconfined);
	if (error)
		return error;
	request.operation = reads ? ISOLATES_PTRACE_READBY : ISOLATES_PTRACE_TRACEDBY;
	return isolates_check_peers(tracee, &request, tracer);
}

static int refuse(void)
{
	isolates_report_refusal(NULL, "what a tracer or its tracee is under is not known");
	return -EPERM;
}

static noinline int check_access(struct task_struct *child, unsigned int mode)
{
	struct isolates_label_set tracer, tracee;
	int error;

	rcu_read_lock();
	/* A visitor looks at whose namespaces it is about to leave for. */
	error = isolates_namespace_is_entered() ?
		isolates_task_lasting_labels_atomic(&tracer) :
		isolates_task_labels_atomic(&tracer);
	/* An unconfined tracer may do what it likes, as with signals. */
	if (!error && !tracer.count)
		goto out;
	if (error || isolates_task_labels_locked(child, &tracee))
		error = refuse();
	else
		error = check_both(&tracer, &tracee, mode);
out:
	rcu_read_unlock();
	return error;
}

/* Called with task_lock(@child) held. */
static int hook_ptrace_access_check(struct task_struct *child, unsigned int mode)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_access(child, mode);
}

/* How often to try for the parent's lock, which is held for moments only. */
#define TRIES	1000

/*
 * With tasklist_lock held for writing nobody may wait for a task_lock(), whose holder may
 * wait for tasklist_lock; see task_lock(). So it is tried for, and not for ever.
 */
static int parent_labels(struct task_struct *parent, struct isolates_label_set *set)
{
	int error = -EAGAIN;
	u32 i;

	for (i = 0; i < TRIES && error == -EAGAIN; i++) {
		if (spin_trylock(&parent->alloc_lock)) {
			error = isolates_task_labels_locked(parent, set);
			spin_unlock(&parent->alloc_lock);
		} else {
			cpu_relax();
		}
	}
	return error;
}

static noinline int check_traceme(struct task_struct *parent)
{
	struct isolates_label_set tracer, tracee;
	int error;

	rcu_read_lock();
	error = parent_labels(parent, &tracer);
	if (!error && !tracer.count)
		goto out;
	if (error || isolates_task_labels_atomic(&tracee))
		error = refuse();
	else
		error = check_both(&tracer, &tracee, PTRACE_MODE_ATTACH);
out:
	rcu_read_unlock();
	return error;
}

/*
 * Called with tasklist_lock held for writing. Whether or not the current task is
 * confined, its parent may be.
 */
static int hook_ptrace_traceme(struct task_struct *parent)
{
	if (!static_branch_unlikely(&isolates_in_force))
		return 0;
	return check_traceme(parent);
}

/**
 * isolates_ptrace_may_become - May who traces the current task trace what it will be?
 *
 * @confinement: what it will be under.
 *
 * Does not sleep. Returns: 0, also if nobody traces it, or the negative errno to fail
 * with.
 */
int isolates_ptrace_may_become(const struct isolates_confinement *confinement)
{
	struct isolates_label_set tracer, tracee = {};
	struct task_struct *parent;
	int error = 0;

	rcu_read_lock();
	parent = ptrace_parent(current);
	if (!parent)
		goto out;
	error = isolates_task_labels(parent, &tracer);
	if (error) {
		error = refuse();
	} else if (tracer.count) {
		tracee.count = confinement->count;
		memcpy(tracee.labels, confinement->labels,
		       confinement->count * sizeof(*tracee.labels));
		error = check_both(&tracer, &tracee, PTRACE_MODE_ATTACH);
	}
out:
	rcu_read_unlock();
	return error;
}

static struct security_hook_list ptrace_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(ptrace_access_check, hook_ptrace_access_check),
	LSM_HOOK_INIT(ptrace_traceme, hook_ptrace_traceme),
};

void __init isolates_add_ptrace_hooks(void)
{
	security_add_hooks(ptrace_hooks, ARRAY_SIZE(ptrace_hooks), &isolates_lsm_id);
}
