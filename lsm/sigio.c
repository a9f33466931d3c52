// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of the signals that a file sends to its owner (F_SETOWN, F_SETSIG): whoever set
 * the owner is who sends them, though they come from wherever data does, perhaps from an
 * interrupt. Nobody is told of a denial or killed for it: current has nothing to do with it.
 */
#include <linux/fs.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "confinement.h"
#include "descriptor.h"
#include "peer.h"
#include "setup.h"
#include "sigio.h"
#include "task.h"

/* Called with the owner's lock held and interrupts off. */
static void hook_file_set_fowner(struct file *file)
{
	const struct isolates_task *const task = isolates_task(current);
	const struct isolates_confinement *confinement;

	if (isolates_current_is_unconfined()) {
		isolates_descriptor_unowned(file);
		return;
	}
	/* No time to look where it lives: what is not known is denied, but for itself. */
	confinement = rcu_access_pointer(task->confinement);
	if (!isolates_task_is_fresh(task))
		confinement = NULL;
	isolates_descriptor_owned(file, confinement ? confinement->id : 0);
}

/*
 * What @task is under. An interrupt cannot wait for its lock: if somebody has that, then
 * what is known, without looking where the task lives. Returns: 0 or a negative errno.
 */
static int labels_of(struct task_struct *task, struct isolates_label_set *set)
{
	const struct isolates_confinement *confinement;
	int error;

	if (spin_trylock(&task->alloc_lock)) {
		error = isolates_task_labels_locked(task, set);
		spin_unlock(&task->alloc_lock);
		return error;
	}
	set->count = 0;
	set->overflow = false;
	confinement = rcu_dereference(isolates_task(task)->confinement);
	if (!confinement)
		return 0;
	if (confinement->broken)
		return -EPERM;
	set->count = confinement->count;
	memcpy(set->labels, confinement->labels, set->count * sizeof(*set->labels));
	return 0;
}

/* May who is under @sender send @signal to who is under @receiver, as both have it? */
static int check_both(const struct isolates_label_set *sender,
		      const struct isolates_label_set *receiver, u8 signal)
{
	struct isolates_peer_request request = {
		.class_id = ISOLATES_CLASS_SIGNAL,
		.operation = ISOLATES_SIGNAL_SEND,
		.prefix = &signal,
		.prefix_length = 1,
		.signal = signal,
		.is_probing = true,
	};
	int error;

	error = isolates_check_peers(sender, &request, receiver);
	request.operation = ISOLATES_SIGNAL_RECEIVE;
	return error ?: isolates_check_peers(receiver, &request, sender);
}

/* Called under rcu_read_lock(), with the owner's lock held, in any context. */
static int hook_file_send_sigiotask(struct task_struct *target, struct fown_struct *owner,
				    int signal)
{
	struct isolates_label_set sender, receiver;
	u64 confinement;
	pid_t process;

	if (!isolates_descriptor_owner(isolates_owned_file(owner), &confinement, &process) ||
	    task_tgid_nr(target) == process)
		return 0;
	if (!isolates_confinement_find(confinement, &sender) || labels_of(target, &receiver))
		return -EPERM;
	/* 0 is SIGIO: see send_sigio_to_task(). */
	return check_both(&sender, &receiver, signal ?: SIGIO);
}

static struct security_hook_list sigio_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(file_set_fowner, hook_file_set_fowner),
	LSM_HOOK_INIT(file_send_sigiotask, hook_file_send_sigiotask),
};

void __init isolates_add_sigio_hooks(void)
{
	security_add_hooks(sigio_hooks, ARRAY_SIZE(sigio_hooks), &isolates_lsm_id);
}
