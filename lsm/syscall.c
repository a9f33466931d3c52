// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/io_uring_types.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "confinement.h"
#include "core/decide.h"
#include "probe.h"
#include "report.h"
#include "ring.h"
#include "syscall.h"
#include "syscall_names.h"
#include "table.h"
#include "task.h"

/* All ways into one call: its entries, and what a ring does in its stead. */
#define WAYS_MAX	(ISOLATES_SYSCALL_ENTRIES_MAX + ISOLATES_RING_OPS_MAX)

/* One way into one call, while a policy in force denies the call. */
struct syscall_entry {
	struct kprobe probe;
	u32 number;		/* index into isolates_syscall_names */
	u8 opcode;		/* of a ring's operation: the only one meant */
	bool armed;
};

/* What there is for each call. Written under isolates_admin_lock. */
struct syscall_state {
	u32 policies;		/* in force that deny it */
	struct syscall_entry *entries;	/* WAYS_MAX of them */
};

static struct syscall_state *states;	/* by number */
/* Room for all entries of all calls. Under isolates_admin_lock. */
static struct kprobe **swept;

/* Is that a rule which denies a call whatever its arguments, and by its own name? */
static bool is_named(const struct isolates_syscall *rule)
{
	return rule->action == ISOLATES_SYSCALL_DENY && !rule->arguments.count &&
	       !(rule->flags & ISOLATES_SYSCALL_GROUPED);
}

static u32 count_named(const struct isolates_view *view,
		       const struct isolates_policy *policy)
{
	u32 i, count = 0;

	for (i = 0; i < policy->syscalls.count; i++)
		count += is_named(view->syscalls + policy->syscalls.first + i);
	return count;
}

/**
 * isolates_syscall_prepare - Look a policy's denied calls up, by number
 *
 * @view: of a verified blob.
 * @policy: one of its policies.
 * @errors: set to a table of isolates_syscall_count errnos, to be freed with
 *          kvfree(), or to NULL if the policy denies no call.
 * @reason: set to a static text on failure.
 *
 * What a policy says of a call's arguments, and which calls it allows, is not enforced
 * yet: ipolc warns of that.
 *
 * May sleep. Returns: 0, or
 * - -ENOENT: the policy denies, by its name, a call that the kernel's tables do not
 *   have, so its author relies on something we cannot do;
 * - -EOPNOTSUPP: it denies a call that never returns, as exit_group() does;
 * - -ENOMEM.
 */
int isolates_syscall_prepare(const struct isolates_view *view,
			     const struct isolates_policy *policy, u8 **errors,
			     const char **reason)
{
	u32 named = count_named(view, policy);
	u32 number;

	static_assert(ISOLATES_ERRNO_MAX <= U8_MAX);

	*errors = NULL;
	if (!policy->syscalls.count)
		return 0;
	*errors = kvzalloc(isolates_syscall_count, GFP_KERNEL_ACCOUNT);
	if (!*errors)
		return -ENOMEM;
	for (number = 0; number < isolates_syscall_count; number++) {
		const char *const name = isolates_syscall_names[number].name;
		const struct isolates_range rules =
			isolates_find_syscall(view, policy, name, strlen(name));
		struct isolates_syscall_verdict verdict;
		u32 i;

		isolates_decide_syscall(view, policy, name, strlen(name), NULL,
					&verdict);
		if (!verdict.rule)
			continue;
		if (isolates_syscall_names[number].noreturn) {
			*reason = "the policy denies a system call that never returns";
			return -EOPNOTSUPP;
		}
		(*errors)[number] = verdict.error;
		for (i = 0; i < rules.count; i++)
			named -= is_named(view->syscalls + rules.first + i);
	}
	/* Names are unique in the kernel's tables. */
	if (named) {
		*reason = "the policy denies a system call that this kernel does not have";
		return -ENOENT;
	}
	return 0;
}

/* What the current task's policies say of a call: 0 or a negative errno. */
static int syscall_verdict(u32 number)
{
	const struct isolates_table *table;
	struct isolates_label_set set;
	int error = 0;
	u32 i;

	if (isolates_task_labels_atomic(&set)) {
		isolates_report_refusal(NULL, "under too many policies");
		return -EPERM;
	}
	if (likely(!set.count))
		return 0;
	table = rcu_dereference_sched(isolates_table);
	for (i = 0; i < set.count && !error; i++) {
		const struct isolates_instance *const instance =
			isolates_instance_of(table, set.labels[i]);

		if (!instance || !instance->syscall_errors)
			continue;
		error = -(int)instance->syscall_errors[number];
		if (error)
			isolates_report_syscall(instance,
						isolates_syscall_names[number].name,
						-error);
	}
	return error;
}

/* Runs with preemption off, perhaps as an exception: no lock, no memory. */
static int syscall_entered(struct kprobe *probe, struct pt_regs *regs)
{
	const struct syscall_entry *const entry =
		container_of(probe, struct syscall_entry, probe);
	const int error = syscall_verdict(entry->number);

	if (likely(!error))
		return 0;
	isolates_probe_override(regs, error);
	return 1;
}

NOKPROBE_SYMBOL(syscall_entered);

/* The same for the function that does an operation of a ring. */
static int ring_entered(struct kprobe *probe, struct pt_regs *regs)
{
	const struct syscall_entry *const entry =
		container_of(probe, struct syscall_entry, probe);
	const struct io_kiocb *const request =
		(const void *)regs_get_kernel_argument(regs, 0);

	if (request->opcode != entry->opcode)
		return 0;
	return syscall_entered(probe, regs);
}

NOKPROBE_SYMBOL(ring_entered);

/* Disarm what no policy needs any more, all with one wait for those inside. */
static void sweep(void)
{
	u32 number, i, count = 0;

	for (number = 0; number < isolates_syscall_count; number++) {
		struct syscall_state *const state = states + number;

		for (i = 0; i < WAYS_MAX; i++) {
			if (!state->policies && state->entries &&
			    state->entries[i].armed)
				swept[count++] = &state->entries[i].probe;
		}
	}
	unregister_kprobes(swept, count);
	for (number = 0; number < isolates_syscall_count; number++) {
		if (states[number].policies)
			continue;
		kfree(states[number].entries);
		states[number].entries = NULL;
	}
}

/* Returns: 0, or the error of isolates_syscall_arm(); -ENOENT: no such function. */
static int arm_entry(struct syscall_entry *entry, u32 number, const char *symbol,
		     kprobe_pre_handler_t handler, const char **reason)
{
	int error;

	entry->number = number;
	entry->probe.symbol_name = symbol;
	entry->probe.pre_handler = handler;
	error = isolates_probe_register(&entry->probe);
	if (!error)
		entry->armed = true;
	if (!error || error == -ENOMEM || error == -ENOENT)
		return error;
	*reason = "a system call's entry cannot be probed";
	return -EOPNOTSUPP;
}

static int arm_entries(u32 number, const char **reason)
{
	const struct isolates_syscall_name *const name =
		isolates_syscall_names + number;
	struct syscall_entry *const entries = states[number].entries;
	u32 i, armed = 0;
	int error;

	for (i = 0; i < ISOLATES_SYSCALL_ENTRIES_MAX && name->entries[i]; i++) {
		error = arm_entry(entries + i, number, name->entries[i],
				  syscall_entered, reason);
		/* An entry that this kernel was built without needs no guard. */
		if (error && error != -ENOENT)
			return error;
		armed += !error;
	}
	if (armed)
		return 0;
	*reason = "the policy denies a system call that this kernel does not have";
	return -ENOENT;
}

static int arm_ring_ops(u32 number, const char **reason)
{
	struct syscall_entry *const entries =
		states[number].entries + ISOLATES_SYSCALL_ENTRIES_MAX;
	u32 i, count = 0;
	int error;

	for (i = 0; i < isolates_ring_op_count; i++) {
		const struct isolates_ring_op *const op = isolates_ring_ops + i;

		if (strcmp(op->call, isolates_syscall_names[number].name))
			continue;
		error = -ENOENT;
		if (!WARN_ON_ONCE(count == ISOLATES_RING_OPS_MAX)) {
			entries[count].opcode = op->opcode;
			error = arm_entry(entries + count++, number, op->function,
					  ring_entered, reason);
		}
		/* It is there, under another name or within another function. */
		if (error == -ENOENT) {
			*reason = "a ring can do the system call, and cannot be probed";
			return -EOPNOTSUPP;
		}
		if (error)
			return error;
	}
	return 0;
}

static int arm(u32 number, const char **reason)
{
	int error;

	states[number].entries = kcalloc(WAYS_MAX, sizeof(*states->entries),
					 GFP_KERNEL_ACCOUNT);
	if (!states[number].entries)
		return -ENOMEM;
	error = arm_entries(number, reason);
	return error ?: arm_ring_ops(number, reason);
}

static bool denies(const struct isolates_instance *instance, u32 number)
{
	return instance && instance->syscall_errors &&
	       instance->syscall_errors[number];
}

/* The first @count calls; what is then not needed is swept later. */
static void unuse(const struct isolates_instance *instance, u32 count)
{
	u32 number;

	for (number = 0; number < count; number++) {
		if (denies(instance, number))
			states[number].policies--;
	}
}

/* Does the policy deny the call by its own name, not just as one of a group? */
static bool names(const struct isolates_instance *instance, u32 number)
{
	const struct isolates_view *const view = &instance->blob->view;
	const char *const name = isolates_syscall_names[number].name;
	const struct isolates_range rules =
		isolates_find_syscall(view, instance->policy, name, strlen(name));
	u32 i;

	for (i = 0; i < rules.count; i++) {
		if (is_named(view->syscalls + rules.first + i))
			return true;
	}
	return false;
}

/* A call of a group that this kernel was built without needs no guard. */
static int arm_for(const struct isolates_instance *instance, u32 number,
		   const char **reason)
{
	const char *why = NULL;
	const int error = arm(number, &why);

	if (error == -ENOENT && !names(instance, number))
		return 0;
	if (error && why)
		*reason = why;
	return error;
}

static int use(const struct isolates_instance *instance, const char **reason)
{
	u32 number;
	int error;

	for (number = 0; number < isolates_syscall_count; number++) {
		if (!denies(instance, number))
			continue;
		error = states[number].policies ? 0 :
			arm_for(instance, number, reason);
		if (error) {
			unuse(instance, number);
			return error;
		}
		states[number].policies++;
	}
	return 0;
}

/**
 * isolates_syscall_arm - Arm the probes of policies that are to be in force
 *
 * @instances: the policies.
 * @count: how many they are.
 * @reason: set to a static text where one helps.
 *
 * To be called before they are published, with isolates_admin_lock held. May sleep.
 *
 * Returns: 0, or, with nothing changed,
 * - -ENOENT: this kernel was built without one of the calls;
 * - -EOPNOTSUPP: an entry cannot be probed, or probes do not override;
 * - -ENOMEM.
 */
int isolates_syscall_arm(const struct isolates_instance **instances, u32 count,
			 const char **reason)
{
	u32 i;
	int error;

	lockdep_assert_held(&isolates_admin_lock);
	for (i = 0; i < count; i++) {
		if (!instances[i]->syscall_errors)
			continue;
		if (!isolates_probes_work()) {
			*reason = "probes are switched off on this kernel";
			error = -EOPNOTSUPP;
			goto undo;
		}
		error = use(instances[i], reason);
		if (error)
			goto undo;
	}
	return 0;
undo:
	while (i--)
		unuse(instances[i], isolates_syscall_count);
	sweep();
	return error;
}

/**
 * isolates_syscall_disarm - Disarm what policies that are in force no more used
 *
 * @instances: the policies; NULLs among them are skipped.
 * @count: how many they are.
 *
 * To be called after they were replaced, with isolates_admin_lock held. May sleep.
 */
void isolates_syscall_disarm(const struct isolates_instance **instances, u32 count)
{
	u32 i;

	lockdep_assert_held(&isolates_admin_lock);
	for (i = 0; i < count; i++)
		unuse(instances[i], isolates_syscall_count);
	sweep();
}

/* List the probes, a line each: the symbol, whether it is armed, misses. */
void isolates_syscall_show(struct seq_file *m)
{
	/* When all are switched off together, a single one does not know. */
	const bool work = isolates_probes_work();
	u32 number, i;

	mutex_lock(&isolates_admin_lock);
	for (number = 0; number < isolates_syscall_count; number++) {
		for (i = 0; i < WAYS_MAX; i++) {
			struct syscall_entry *const entry =
				states[number].entries ?
				states[number].entries + i : NULL;

			if (!entry || !entry->armed)
				continue;
			seq_printf(m, "probe %s %s missed %lu\n",
				   entry->probe.symbol_name,
				   work && isolates_probe_is_armed(&entry->probe) ?
				   "armed" : "DISARMED",
				   entry->probe.nmissed);
		}
	}
	mutex_unlock(&isolates_admin_lock);
}

int __init isolates_syscall_init(void)
{
	states = kvcalloc(isolates_syscall_count, sizeof(*states), GFP_KERNEL);
	swept = kvcalloc(isolates_syscall_count,
			 WAYS_MAX * sizeof(*swept), GFP_KERNEL);
	return states && swept ? 0 : -ENOMEM;
}
