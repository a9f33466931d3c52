// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "attachment.h"
#include "binding.h"
#include "confinement.h"
#include "label.h"
#include "seal.h"
#include "table.h"
#include "task.h"

enum order_kind {
	ORDER_ATTACH,
	ORDER_ATTACH_ON_EXEC,
	ORDER_DETACH,
};

/*
 * The last one given out about a process and a policy. It stays as long as the process:
 * a child that is being made may be the last to obey, and nobody sees it before.
 */
struct order {
	struct hlist_node node;		/* written under isolates_admin_lock */
	struct rcu_head rcu;
	enum order_kind kind;
	struct isolates_process process;
	struct isolates_label *label;	/* counted; used, if @keeps_policy */
	/* Who has looked at this generation has obeyed. */
	unsigned long generation;
	/* Somebody will be under the policy who is not yet: it must not be unloaded. */
	bool keeps_policy;
	/* See flush_locked(). */
	bool is_alive, is_wanted;
};

static DEFINE_HASHTABLE(orders, 8);	/* by tgid; read under RCU */
static atomic_t order_count;

static bool is_same(const struct isolates_process *a, const struct isolates_process *b)
{
	return a->tgid == b->tgid && a->start == b->start;
}

/**
 * isolates_attachment_collect - Obey the orders about a process
 *
 * @process: which.
 * @since: the generation of the last look; older orders were obeyed then.
 * @until: that of this look; newer orders will be obeyed by a later one.
 * @set: what a task of it, or one that it has just made, is under; changed.
 *
 * Does not sleep, takes no lock and may be called from a probe's handler. Called under
 * rcu_read_lock(), which keeps the labels alive too.
 */
void isolates_attachment_collect(const struct isolates_process *process,
				 unsigned long since, unsigned long until,
				 struct isolates_entry_set *set)
{
	const struct order *order;

	if (!process->tgid || !atomic_read(&order_count))
		return;
	hash_for_each_possible_rcu(orders, order, node, process->tgid) {
		if (!is_same(&order->process, process) || order->generation <= since ||
		    order->generation > until)
			continue;
		if (order->kind == ORDER_DETACH)
			isolates_entry_set_detach(set, order->label);
		else
			isolates_entry_set_attach(set, order->label,
						  order->kind == ORDER_ATTACH_ON_EXEC);
	}
}

static void order_free(struct order *order)
{
	if (order->keeps_policy)
		isolates_label_unuse(order->label);
	else
		isolates_label_put(order->label);
	kfree(order);
}

static void order_free_rcu(struct rcu_head *rcu)
{
	order_free(container_of(rcu, struct order, rcu));
}

static struct order *order_create(struct isolates_label *label, enum order_kind kind)
{
	struct order *const order = kzalloc(sizeof(*order), GFP_KERNEL_ACCOUNT);

	if (!order)
		return NULL;
	order->kind = kind;
	order->label = label;
	order->keeps_policy = kind != ORDER_DETACH;
	if (order->keeps_policy)
		isolates_label_use(label);
	else
		isolates_label_get(label);
	return order;
}

static void order_remove(struct order *order)
{
	lockdep_assert_held(&isolates_admin_lock);
	hash_del_rcu(&order->node);
	atomic_dec(&order_count);
	call_rcu(&order->rcu, order_free_rcu);
}

/* Note which orders are about @process; and wanted by a task that has obeyed till @since. */
static void note(const struct isolates_process *process, unsigned long since)
{
	struct order *order;

	if (!process->tgid)
		return;
	hash_for_each_possible(orders, order, node, process->tgid) {
		if (is_same(&order->process, process)) {
			order->is_alive = true;
			order->is_wanted |= order->generation > since;
		}
	}
}

static void note_task(struct task_struct *task)
{
	const struct isolates_task *const blob = isolates_task(task);
	/* Pairs with the release in task.c: has looked, so uses its labels itself. */
	const unsigned long since = smp_load_acquire(&blob->obeyed);
	const struct isolates_process creator = {
		READ_ONCE(blob->creator.tgid), blob->creator.start,
	};
	struct isolates_process process;

	rcu_read_lock();
	process = isolates_process_of(task);
	rcu_read_unlock();
	note(&process, since);
	note(&creator, since);
}

/*
 * Drop the orders about processes that are gone, and let the policies go that whoever
 * is to be under is under.
 */
static void flush_locked(void)
{
	struct task_struct *leader, *thread;
	struct hlist_node *next;
	struct order *order;
	u32 bucket;

	lockdep_assert_held(&isolates_admin_lock);
	if (!atomic_read(&order_count))
		return;
	hash_for_each(orders, bucket, order, node) {
		order->is_alive = false;
		order->is_wanted = false;
	}
	read_lock(&tasklist_lock);
	for_each_process_thread(leader, thread) {
		if (!(thread->flags & PF_KTHREAD) && !READ_ONCE(thread->exit_state))
			note_task(thread);
	}
	read_unlock(&tasklist_lock);
	hash_for_each_safe(orders, bucket, next, order, node) {
		if (!order->is_alive) {
			order_remove(order);
		} else if (order->keeps_policy && !order->is_wanted) {
			order->keeps_policy = false;
			isolates_label_get(order->label);
			isolates_label_unuse(order->label);
		}
	}
}

/*
 * Who has been made by the process already is no part of it, whether or not it has
 * looked at what it is under. Called with tasklist_lock held: who is not listed yet
 * will see the order.
 */
static void release_children(const struct isolates_process *process)
{
	struct task_struct *leader, *thread;

	for_each_process_thread(leader, thread) {
		struct isolates_task *const task = isolates_task(thread);

		if (is_same(&task->creator, process))
			WRITE_ONCE(task->creator.tgid, 0);
	}
}

/* How far has a thread of the process come with what @order asks? */
static int state_of(struct task_struct *thread, const struct order *order)
{
	const struct isolates_entry *entry;
	struct isolates_entry_set set;

	isolates_task_entries(thread, &set);
	entry = isolates_entry_set_find(&set, order->label);
	switch (order->kind) {
	case ORDER_ATTACH:
		return entry && entry->label &&
		       entry->flags & (ISOLATES_ENTRY_RESIDENT |
				       ISOLATES_ENTRY_ATTACHED) ? -EEXIST : 0;
	case ORDER_ATTACH_ON_EXEC:
		return entry && (entry->flags & ISOLATES_ENTRY_PENDING ||
				 (entry->label &&
				  entry->flags & (ISOLATES_ENTRY_RESIDENT |
						  ISOLATES_ENTRY_ATTACHED))) ?
		       -EEXIST : 0;
	case ORDER_DETACH:
		return entry && entry->flags & (ISOLATES_ENTRY_ATTACHED |
						ISOLATES_ENTRY_PENDING) ? 0 : -ENOENT;
	}
	return -EINVAL;
}

/* Is there a thread that @order would change? Under rcu_read_lock(). */
static int check_threads(struct task_struct *leader, const struct order *order)
{
	struct task_struct *thread;
	int error = -ESRCH;

	if (leader->flags & PF_KTHREAD)
		return -EINVAL;
	if (is_global_init(leader) && order->kind != ORDER_DETACH)
		return -EPERM;
	for_each_thread(leader, thread) {
		if (READ_ONCE(thread->exit_state))
			continue;
		error = state_of(thread, order);
		if (!error)
			break;
	}
	return error;
}

/* Give @order out. An older one about the same is void. */
static int order_give(struct order *order, struct pid *pid)
{
	struct task_struct *leader;
	struct hlist_node *next;
	struct order *older;
	int error;

	lockdep_assert_held(&isolates_admin_lock);
	flush_locked();
	rcu_read_lock();
	leader = pid_task(pid, PIDTYPE_TGID);
	error = leader ? check_threads(leader, order) : -ESRCH;
	if (!error)
		order->process = isolates_process_of(leader);
	rcu_read_unlock();
	if (error)
		return error;

	atomic_inc(&order_count);
	/* Whoever is not listed by now will see it when it begins, or when it forks. */
	read_lock(&tasklist_lock);
	order->generation = isolates_generation + 1;
	/* Behind the older one, which it is to undo for who sees both. */
	hlist_add_tail_rcu(&order->node,
			   &orders[hash_min(order->process.tgid, HASH_BITS(orders))]);
	isolates_next_generation();
	release_children(&order->process);
	read_unlock(&tasklist_lock);

	hash_for_each_possible_safe(orders, older, next, node, order->process.tgid) {
		if (older != order && older->label == order->label &&
		    is_same(&older->process, &order->process))
			order_remove(older);
	}
	return 0;
}

static int order_about(struct pid *pid, struct isolates_label *label,
		       enum order_kind kind)
{
	struct order *const order = order_create(label, kind);
	const struct isolates_table *table;
	int error;

	if (!order)
		return -ENOMEM;
	mutex_lock(&isolates_admin_lock);
	table = rcu_dereference_protected(isolates_table,
					  lockdep_is_held(&isolates_admin_lock));
	if (isolates_is_sealed())
		error = -EROFS;
	else if (kind != ORDER_DETACH && !isolates_instance_of(table, label))
		error = -ENOENT;
	else
		error = order_give(order, pid);
	mutex_unlock(&isolates_admin_lock);
	if (error)
		order_free(order);
	return error;
}

/**
 * isolates_attach - Put a process under a policy
 *
 * @pid: of the process, held by the caller.
 * @label: of the policy.
 * @on_exec: only the program that it executes next, or that one of its children does.
 *
 * All threads of the process are under it from their next mediated operation on, for
 * good, and whomever they make inherits it. So does each child whose fork() was not
 * done when this was called; none gets away. Processes that it had made before do not.
 *
 * May sleep. Returns: 0, or
 * - -ESRCH: there is no such process, or it has ended;
 * - -EINVAL: it is a kernel thread;
 * - -EPERM: it is the system's init, all of whose children would be under it;
 * - -ENOENT: the policy is not in force;
 * - -EEXIST: it is under it already, or under what that has led to, or will be;
 * - -EROFS: nothing may be changed any more;
 * - -ENOMEM.
 */
int isolates_attach(struct pid *pid, struct isolates_label *label, bool on_exec)
{
	return order_about(pid, label, on_exec ? ORDER_ATTACH_ON_EXEC : ORDER_ATTACH);
}

/**
 * isolates_detach - Undo an attachment
 *
 * @pid: of a process, held by the caller: the one that was attached, or one that has
 *       inherited it, each of which is detached for itself.
 * @label: of the policy it was attached to, whatever has become of that by its execs.
 *
 * Takes hold of each of its threads at its next mediated operation. If the process is
 * under the policy for where it lives too, it stays so.
 *
 * May sleep. Returns: 0, or
 * - -ESRCH: there is no such process, or it has ended;
 * - -EINVAL: it is a kernel thread;
 * - -ENOENT: it is not attached to the policy;
 * - -EROFS: nothing may be changed any more;
 * - -ENOMEM.
 */
int isolates_detach(struct pid *pid, struct isolates_label *label)
{
	return order_about(pid, label, ORDER_DETACH);
}

/**
 * isolates_attachment_flush - Forget orders that are obeyed
 *
 * May sleep; not with isolates_admin_lock held. They are freed after a grace period,
 * and until then may use their labels.
 */
void isolates_attachment_flush(void)
{
	mutex_lock(&isolates_admin_lock);
	flush_locked();
	mutex_unlock(&isolates_admin_lock);
}
