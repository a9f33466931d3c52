// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/ftrace.h>
#include <linux/hashtable.h>
#include <linux/init_task.h>
#include <linux/ipc_namespace.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/mnt_namespace.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/proc_ns.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time_namespace.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "binding.h"
#include "confinement.h"
#include "namespace.h"
#include "probe.h"
#include "seal.h"
#include "table.h"

struct binding {
	struct hlist_node node;		/* written under isolates_admin_lock */
	struct rcu_head rcu;
	/*
	 * Numbers are reused at once and memory is too, but a namespace that has
	 * both is either ours or was made after ours died: see @dead.
	 */
	const struct ns_common *ns;	/* compared, never followed */
	u32 inum;
	u32 kind;
	/* The namespace is gone. Set as it dies, before its number is free. */
	bool dead;
	/* Takes hold of a task by its next exec. Set back under isolates_admin_lock. */
	bool on_exec;
	/* The first one with which it takes hold: a look at an older one has missed it. */
	unsigned long generation;
	struct isolates_label *label;	/* used */
};

static DEFINE_HASHTABLE(bindings, 12);	/* by inum, read under RCU */
static atomic_t binding_count;
static atomic_t pending_count;	/* those on exec */
/* How many of each kind, so that a look-up skips the kinds nobody binds. */
static atomic_t kind_counts[ISOLATES_NAMESPACE_COUNT];

/* Starts at 1: a task's 0 is never current. */
unsigned long isolates_generation = 1;

DEFINE_STATIC_KEY_FALSE(isolates_user_ns_bound);

/* The namespaces of @residence by kind; NULL where it has none. */
static void residence_list(const struct isolates_residence *residence,
			   const struct ns_common *list[ISOLATES_NAMESPACE_COUNT])
{
	const struct nsproxy *const nsproxy = residence->nsproxy;

	memset(list, 0, ISOLATES_NAMESPACE_COUNT * sizeof(*list));
	if (nsproxy) {
		list[ISOLATES_NAMESPACE_CGROUP] = &nsproxy->cgroup_ns->ns;
		list[ISOLATES_NAMESPACE_IPC] = &nsproxy->ipc_ns->ns;
		list[ISOLATES_NAMESPACE_MNT] = from_mnt_ns(nsproxy->mnt_ns);
		list[ISOLATES_NAMESPACE_NET] = &nsproxy->net_ns->ns;
		list[ISOLATES_NAMESPACE_TIME] = &nsproxy->time_ns->ns;
		list[ISOLATES_NAMESPACE_UTS] = &nsproxy->uts_ns->ns;
	}
	if (residence->pid_ns)
		list[ISOLATES_NAMESPACE_PID] = &residence->pid_ns->ns;
	if (residence->user_ns)
		list[ISOLATES_NAMESPACE_USER] = &residence->user_ns->ns;
}

/**
 * isolates_residence_inums - The numbers of the namespaces of a residence
 *
 * @residence: of a task; its namespaces cannot go away meanwhile.
 * @inums: filled, by kind; 0 where it has none.
 */
void isolates_residence_inums(const struct isolates_residence *residence,
			      u32 inums[ISOLATES_NAMESPACE_COUNT])
{
	const struct ns_common *list[ISOLATES_NAMESPACE_COUNT];
	u32 kind;

	residence_list(residence, list);
	for (kind = 0; kind < ISOLATES_NAMESPACE_COUNT; kind++)
		inums[kind] = list[kind] ? list[kind]->inum : 0;
}

/*
 * Why is a task of that @past, which lives there now, under the policy of @binding? A
 * visitor has come by itself, since it was made, and unconfined but for other visits; or
 * it is the child of one. Returns: a flag for its entry.
 */
static unsigned long reason_of(const struct binding *binding,
			       const struct isolates_past *past,
			       const struct isolates_entry_set *set)
{
	const struct isolates_entry *entry;

	if (READ_ONCE(binding->generation) > past->generation)
		return ISOLATES_ENTRY_RESIDENT;
	if (past->inums[binding->kind] == binding->inum) {
		entry = isolates_entry_set_find(set, binding->label);
		return entry && entry->flags & (ISOLATES_ENTRY_LEAVING |
						ISOLATES_ENTRY_VISITOR) ?
		       ISOLATES_ENTRY_VISITOR : ISOLATES_ENTRY_RESIDENT;
	}
	/* Born inside. No other way leads into a pid namespace. */
	if (past->is_new || binding->kind == ISOLATES_NAMESPACE_PID)
		return ISOLATES_ENTRY_RESIDENT;
	return past->is_confined ? ISOLATES_ENTRY_RESIDENT : ISOLATES_ENTRY_VISITOR;
}

/**
 * isolates_binding_collect - Add what a residence is bound to
 *
 * @residence: of a task; its namespaces cannot go away meanwhile.
 * @past: of the task; NULL: it executes a program: by what is bound on exec too, and as
 *	  a resident.
 * @set: what the task was under; added to, and visits that are over are taken away.
 *
 * Does not sleep, takes no lock and may be called from a probe's handler. Called
 * under rcu_read_lock(), which keeps the labels alive too.
 */
void isolates_binding_collect(const struct isolates_residence *residence,
			      const struct isolates_past *past,
			      struct isolates_entry_set *set)
{
	const struct ns_common *list[ISOLATES_NAMESPACE_COUNT];
	const struct binding *binding;
	struct isolates_entry entry;
	u32 kind;

	if (past)
		isolates_entry_set_begin_leaving(set);
	residence_list(residence, list);
	for (kind = 0; kind < ISOLATES_NAMESPACE_COUNT; kind++) {
		const struct ns_common *const ns = list[kind];

		if (!ns || !atomic_read(kind_counts + kind))
			continue;
		hash_for_each_possible_rcu(bindings, binding, node, ns->inum) {
			if (binding->inum != ns->inum || binding->ns != ns ||
			    READ_ONCE(binding->dead))
				continue;
			/* Pairs with the release in binding_hasten(). */
			if (smp_load_acquire(&binding->on_exec) && past)
				continue;
			entry.origin = binding->label;
			entry.label = binding->label;
			entry.flags = past ? reason_of(binding, past, set) :
					     ISOLATES_ENTRY_RESIDENT;
			isolates_entry_set_add(set, &entry);
		}
	}
	if (past)
		isolates_entry_set_end_leaving(set);
}

/* Tell every task that what it knows of what it is under is stale. */
void isolates_next_generation(void)
{
	lockdep_assert_held(&isolates_admin_lock);
	/* Pairs with the acquire in task.c: new generation, new bindings. */
	smp_store_release(&isolates_generation, isolates_generation + 1);
}

static void binding_free_rcu(struct rcu_head *rcu)
{
	struct binding *const binding =
		container_of(rcu, struct binding, rcu);

	isolates_label_unuse(binding->label);
	kfree(binding);
}

/* Make @binding take hold. Before that, make every task notice what it is about. */
static void binding_add(struct binding *binding)
{
	lockdep_assert_held(&isolates_admin_lock);
	if (binding->kind == ISOLATES_NAMESPACE_USER)
		static_branch_inc(&isolates_user_ns_bound);
	isolates_label_use(binding->label);
	atomic_inc(&binding_count);
	if (binding->on_exec)
		atomic_inc(&pending_count);
	atomic_inc(kind_counts + binding->kind);
	binding->generation = isolates_generation + 1;
	hash_add_rcu(bindings, &binding->node, binding->inum);
	isolates_next_generation();
}

static void binding_remove(struct binding *binding)
{
	lockdep_assert_held(&isolates_admin_lock);
	if (binding->kind == ISOLATES_NAMESPACE_USER)
		static_branch_dec(&isolates_user_ns_bound);
	hash_del_rcu(&binding->node);
	atomic_dec(kind_counts + binding->kind);
	if (binding->on_exec)
		atomic_dec(&pending_count);
	atomic_dec(&binding_count);
	call_rcu(&binding->rcu, binding_free_rcu);
}

/* Make @binding, which takes hold on exec, take hold at once. */
static void binding_hasten(struct binding *binding)
{
	lockdep_assert_held(&isolates_admin_lock);
	/* Who is inside by now is a resident, as if it were made now. */
	WRITE_ONCE(binding->generation, isolates_generation + 1);
	/* Pairs with the acquire in isolates_binding_collect(). */
	smp_store_release(&binding->on_exec, false);
	atomic_dec(&pending_count);
	isolates_next_generation();
}

static bool is_initial(const struct ns_common *ns)
{
	const struct isolates_residence initial = {
		.nsproxy = init_task.nsproxy,
		.pid_ns = &init_pid_ns,
		.user_ns = &init_user_ns,
	};
	const struct ns_common *list[ISOLATES_NAMESPACE_COUNT];
	u32 kind;

	residence_list(&initial, list);
	for (kind = 0; kind < ISOLATES_NAMESPACE_COUNT; kind++) {
		if (list[kind] == ns)
			return true;
	}
	return false;
}

static struct binding *binding_find(u32 kind, u32 inum,
				    const struct isolates_label *label)
{
	struct binding *binding;

	lockdep_assert_held(&isolates_admin_lock);
	hash_for_each_possible(bindings, binding, node, inum) {
		if (binding->inum == inum && binding->kind == kind &&
		    binding->label == label && !READ_ONCE(binding->dead))
			return binding;
	}
	return NULL;
}

/**
 * isolates_bind - Put all who live in a namespace under a policy
 *
 * @nsfs: an open file; held by the caller, and so is its namespace.
 * @kind: the enum isolates_namespace that it must be.
 * @label: of the policy.
 * @allow_initial: the caller knows what it does if this is the host's namespace.
 * @on_exec: whoever lives there only from the next program on that it executes.
 *
 * Takes hold of tasks that are inside already at their next mediated operation, for
 * good; of those that come later by setns() while they are inside. One that was bound on
 * exec may be bound at once later, but not the other way round.
 * May sleep. Returns: 0, or
 * - -EBADF: @nsfs is no namespace's file;
 * - -EINVAL: its namespace is of another kind;
 * - -EPERM: it is an initial namespace, and not @allow_initial;
 * - -ENOENT: the policy is not in force;
 * - -EEXIST: the two are bound already;
 * - -EOPNOTSUPP: the death of namespaces cannot be seen on this kernel;
 * - -EROFS: nothing may be changed any more;
 * - -ENOMEM.
 */
int isolates_bind(struct file *nsfs, u32 kind, struct isolates_label *label,
		  bool allow_initial, bool on_exec)
{
	const struct isolates_table *table;
	struct binding *binding, *other;
	const struct ns_common *ns;
	int error = 0;

	if (!proc_ns_file(nsfs))
		return -EBADF;
	ns = get_proc_ns(file_inode(nsfs));
	if (ns->ops->type != isolates_namespace_flag(kind))
		return -EINVAL;
	if (is_initial(ns) && !allow_initial)
		return -EPERM;

	binding = kzalloc(sizeof(*binding), GFP_KERNEL_ACCOUNT);
	if (!binding)
		return -ENOMEM;
	binding->ns = ns;
	binding->inum = ns->inum;
	binding->kind = kind;
	binding->label = label;
	binding->on_exec = on_exec;

	mutex_lock(&isolates_admin_lock);
	table = rcu_dereference_protected(isolates_table,
					  lockdep_is_held(&isolates_admin_lock));
	other = binding_find(kind, ns->inum, label);
	if (isolates_is_sealed())
		error = -EROFS;
	else if (!isolates_instance_of(table, label))
		error = -ENOENT;
	else if (other && (on_exec || !other->on_exec))
		error = -EEXIST;
	else if (other)
		binding_hasten(other);
	else if (!isolates_probes_work())
		error = -EOPNOTSUPP;
	if (!error && !other) {
		binding_add(binding);
		binding = NULL;
	}
	mutex_unlock(&isolates_admin_lock);

	kfree(binding);
	return error;
}

/**
 * isolates_unbind - Undo a binding
 *
 * @kind: enum isolates_namespace.
 * @inum: the namespace's inode number.
 * @label: of the policy.
 *
 * Whoever comes into the namespace from now on is not confined by it. Residents that
 * were found inside stay confined: confinement never shrinks by itself. Visitors are
 * released.
 *
 * May sleep. Returns: 0, or
 * - -ENOENT: there is no such binding;
 * - -EROFS: nothing may be changed any more.
 */
int isolates_unbind(u32 kind, u32 inum, struct isolates_label *label)
{
	struct binding *binding;
	int error = 0;

	mutex_lock(&isolates_admin_lock);
	binding = binding_find(kind, inum, label);
	if (isolates_is_sealed()) {
		error = -EROFS;
	} else if (!binding) {
		error = -ENOENT;
	} else {
		binding_remove(binding);
		isolates_next_generation();
	}
	mutex_unlock(&isolates_admin_lock);
	return error;
}

/* Undo all bindings to what is not in @table. Called with isolates_admin_lock held. */
void isolates_binding_remove_unloaded(const struct isolates_table *table)
{
	struct binding *binding;
	struct hlist_node *next;
	u32 bucket;

	hash_for_each_safe(bindings, bucket, next, binding, node) {
		if (!isolates_instance_of(table, binding->label))
			binding_remove(binding);
	}
	isolates_next_generation();
}

/* List the bindings of @label, a line each: the kind and the number, and "on exec". */
void isolates_binding_show(struct seq_file *m, const struct isolates_label *label)
{
	const struct binding *binding;
	u32 bucket;

	rcu_read_lock();
	hash_for_each_rcu(bindings, bucket, binding, node) {
		if (binding->label == label && !READ_ONCE(binding->dead))
			seq_printf(m, "%s %u%s\n",
				   isolates_namespace_name(binding->kind), binding->inum,
				   READ_ONCE(binding->on_exec) ? " on exec" : "");
	}
	rcu_read_unlock();
}

/* How many there are, the dead ones that are not yet removed among them. */
u32 isolates_binding_count(void)
{
	return atomic_read(&binding_count);
}

/* Is there a namespace that is bound on exec? */
bool isolates_binding_waits(void)
{
	return atomic_read(&pending_count);
}

static void remove_dead(struct work_struct *work)
{
	struct binding *binding;
	struct hlist_node *next;
	u32 bucket;

	mutex_lock(&isolates_admin_lock);
	hash_for_each_safe(bindings, bucket, next, binding, node) {
		if (READ_ONCE(binding->dead))
			binding_remove(binding);
	}
	mutex_unlock(&isolates_admin_lock);
}

static DECLARE_WORK(remove_dead_work, remove_dead);

static void queue_remove_dead(struct irq_work *work)
{
	schedule_work(&remove_dead_work);
}

static DEFINE_IRQ_WORK(remove_dead_irq_work, queue_remove_dead);

/**
 * isolates_binding_flush - Wait for the end of bindings whose namespaces have died
 *
 * May sleep; not with isolates_admin_lock held. They are freed after a grace period.
 */
void isolates_binding_flush(void)
{
	irq_work_sync(&remove_dead_irq_work);
	flush_work(&remove_dead_work);
}

/*
 * Every kind of namespace frees its number through proc_free_inum(), when no task
 * lives in it any more and before the number can be given out again.
 *
 * This is no kprobe: the last process of a pid namespace frees it in an interrupt, and
 * where that comes while the handler of another kprobe runs, ours would be passed by. What
 * ftrace calls is called in any case.
 */
static void namespace_dies(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			   struct ftrace_regs *fregs)
{
	const u32 inum = regs_get_kernel_argument(ftrace_get_regs(fregs), 0);
	struct binding *binding;
	bool found = false;

	/* With preemption off, which RCU waits for. */
	hash_for_each_possible_rcu(bindings, binding, node, inum) {
		if (binding->inum == inum) {
			WRITE_ONCE(binding->dead, true);
			found = true;
		}
	}
	if (found)
		irq_work_queue(&remove_dead_irq_work);
}

NOKPROBE_SYMBOL(namespace_dies);

static struct ftrace_ops namespace_death = {
	.func = namespace_dies,
	.flags = FTRACE_OPS_FL_SAVE_REGS,
};

/* Called once, when kprobes work. */
int __init isolates_binding_init(void)
{
	int error;

	error = ftrace_set_filter_ip(&namespace_death, (unsigned long)proc_free_inum, 0, 0);
	return error ?: register_ftrace_function(&namespace_death);
}
