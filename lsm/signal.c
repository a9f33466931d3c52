// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of signals, by the labels of both sides.
 */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "peer.h"
#include "report.h"
#include "setup.h"
#include "signal.h"
#include "task.h"

static noinline int check_kill(struct task_struct *target, int signal)
{
	const u8 number = signal;
	struct isolates_peer_request request = {
		.class_id = ISOLATES_CLASS_SIGNAL,
		.operation = ISOLATES_SIGNAL_SEND,
		.prefix = &number,
		.prefix_length = 1,
		.signal = signal,
	};
	struct isolates_label_set sender, receiver;
	int error;

	rcu_read_lock();
	error = isolates_task_labels_atomic(&sender);
	/* A signal from an unconfined task always arrives, whatever the other is under. */
	if (!error && !sender.count)
		goto out;
	if (error || isolates_task_labels(target, &receiver)) {
		isolates_report_refusal(NULL, "one side is under too many policies");
		error = -EPERM;
	} else {
		error = isolates_check_peers(&sender, &request, &receiver);
		request.operation = ISOLATES_SIGNAL_RECEIVE;
		if (!error)
			error = isolates_check_peers(&receiver, &request, &sender);
	}
out:
	rcu_read_unlock();
	return error;
}

static int hook_task_kill(struct task_struct *target, struct kernel_siginfo *info,
			  int signal, const struct cred *cred)
{
	/*
	 * No boundary runs through a process; abort() must work.
	 *
	 * With credentials of its own it is a completed usbfs request, from an
	 * interrupt: current has nothing to do with it, and the one who made the
	 * request can have named no task but itself.
	 *
	 * A task that is exiting sends nothing of its own any more, but its children
	 * get what they have asked for by PR_SET_PDEATHSIG. That is not its doing;
	 * and tasklist_lock is held for writing then, so that task_lock() would not
	 * be allowed. See forget_original_parent().
	 */
	if (same_thread_group(current, target) || isolates_current_is_unconfined() ||
	    cred || current->flags & PF_EXITING)
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
