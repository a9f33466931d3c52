// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of signals, by the labels of both sides.
 */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "check.h"
#include "confinement.h"
#include "label.h"
#include "setup.h"
#include "signal.h"
#include "task.h"

/* May @subject do this with a peer that goes by @name? */
static int check_peer(const struct isolates_confinement *subject, u32 operation,
		      int signal, const char *name, u32 length)
{
	const u8 number = signal;
	const struct isolates_piece pieces[] = {
		{ &number, 1 },
		{ (const u8 *)name, length },
	};
	const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_SIGNAL,
		.operations = operation,
		.pieces = pieces,
		.count = ARRAY_SIZE(pieces),
	};
	const struct isolates_object object = { .peer = name, .signal = signal };

	return isolates_check(subject, &request, &object);
}

/* The same with every name that the peer goes by. */
static int check_peers(const struct isolates_confinement *subject, u32 operation,
		       int signal, struct isolates_label *const *labels, u32 count)
{
	int error = 0;
	u32 i;

	if (!count)
		return check_peer(subject, operation, signal, ISOLATES_UNCONFINED,
				  sizeof(ISOLATES_UNCONFINED) - 1);
	for (i = 0; i < count && !error; i++)
		error = check_peer(subject, operation, signal, labels[i]->name,
				   labels[i]->length);
	return error;
}

/* Does the target let @signal in? Each of its policies must, for each sender's. */
static int check_receive(const struct isolates_label_set *target, int signal,
			 const struct isolates_confinement *sender)
{
	DEFINE_RAW_FLEX(struct isolates_confinement, one, labels, 1);
	int error = 0;
	u32 i;

	one->count = 1;
	for (i = 0; i < target->count && !error; i++) {
		one->labels[0] = target->labels[i];
		error = check_peers(one, ISOLATES_SIGNAL_RECEIVE, signal,
				    sender->labels, sender->count);
	}
	return error;
}

static noinline int check_kill(struct task_struct *target, int signal)
{
	const struct isolates_confinement *const sender =
		isolates_current_confinement();
	struct isolates_label_set set;
	int error;

	/* A signal from an unconfined task always arrives. */
	if (!sender)
		return 0;
	if (sender->broken)
		return -EPERM;
	/* No boundary runs through a process; abort() must work. */
	if (same_thread_group(current, target))
		return 0;

	rcu_read_lock();
	error = isolates_task_labels(target, &set) ? -EPERM : 0;
	if (error)
		isolates_report_refusal(NULL, "the peer is under too many policies");
	if (!error)
		error = check_peers(sender, ISOLATES_SIGNAL_SEND, signal, set.labels,
				    set.count);
	if (!error)
		error = check_receive(&set, signal, sender);
	rcu_read_unlock();
	return error;
}

static int hook_task_kill(struct task_struct *target, struct kernel_siginfo *info,
			  int signal, const struct cred *cred)
{
	/*
	 * With credentials of its own it is a completed usbfs request, from an
	 * interrupt: current has nothing to do with it, and the one who made the
	 * request can have named no task but itself.
	 *
	 * A task that is exiting sends nothing of its own any more, but its children
	 * get what they have asked for by PR_SET_PDEATHSIG. That is not its doing;
	 * and tasklist_lock is held for writing then, so that task_lock() would not
	 * be allowed. See forget_original_parent().
	 */
	if (cred || current->flags & PF_EXITING || isolates_current_is_unconfined())
		return 0;
	return check_kill(target, signal);
}

static struct security_hook_list signal_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(task_kill, hook_task_kill),
};

void __init isolates_add_signal_hooks(void)
{
	security_add_hooks(signal_hooks, ARRAY_SIZE(signal_hooks), &isolates_lsm_id);
}
