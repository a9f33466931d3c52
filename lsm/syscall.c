// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/io_uring_types.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "compat.h"
#include "multiplex.h"
#include "probe.h"
#include "ring.h"
#include "syscall.h"
#include "syscall_names.h"
#include "syscall_verdict.h"
#include "table.h"

/* All ways into one call: its entries, and what does its work in its stead. */
#define RING_WAYS	ISOLATES_SYSCALL_ENTRIES_MAX
#define MULTIPLEX_WAYS	(RING_WAYS + ISOLATES_RING_OPS_MAX)
#define WAYS_MAX	(MULTIPLEX_WAYS + ISOLATES_MULTIPLEXED_MAX)

/* Where the arguments of a call are, which a rule may be about. */
enum layout {
	LAYOUT_UNKNOWN,
	LAYOUT_64,
	LAYOUT_32,
};

/* One way into one call, while a policy in force has something to say of the call. */
struct syscall_entry {
	struct kprobe probe;
	u32 number;		/* index into isolates_syscall_names */
	u16 selector;		/* what of many the probed function does is meant */
	enum layout layout;
	bool armed;
	bool stays;		/* it could not be disarmed */
	/* Another one of the call has the same function, and asks. */
	bool is_alias;
};

/* What there is for each call. Written under isolates_admin_lock. */
struct syscall_state {
	u32 policies;		/* in force that speak of it */
	struct syscall_entry *entries;	/* WAYS_MAX of them */
};

static struct syscall_state *states;	/* by number */
/* Room for all entries of all calls. Under isolates_admin_lock. */
static struct kprobe **swept;

/* Where a call that came by its own entry has its arguments. */
static bool read_args(const struct syscall_entry *entry, const struct pt_regs *regs,
		      struct isolates_syscall_arguments *args)
{
	/* See arch/x86/include/asm/syscall_wrapper.h. */
	const struct pt_regs *const user =
		(const void *)regs_get_kernel_argument((struct pt_regs *)regs, 0);

	switch (entry->layout) {
	case LAYOUT_64:
		*args = (struct isolates_syscall_arguments) {
			.values = { user->di, user->si, user->dx,
				    user->r10, user->r8, user->r9 },
		};
		return true;
	case LAYOUT_32:
		*args = (struct isolates_syscall_arguments) {
			.values = { (u32)user->bx, (u32)user->cx, (u32)user->dx,
				    (u32)user->si, (u32)user->di, (u32)user->bp },
			.is_narrow = true,
		};
		return true;
	default:
		return false;
	}
}

NOKPROBE_SYMBOL(read_args);

static int override(const struct syscall_entry *entry, struct pt_regs *regs,
		    const struct isolates_syscall_arguments *args)
{
	const int error = isolates_syscall_verdict(entry->number, args);

	if (likely(!error))
		return 0;
	isolates_probe_override(regs, error);
	return 1;
}

NOKPROBE_SYMBOL(override);

/* Runs with preemption off, perhaps as an exception: no lock, no memory. */
static int syscall_entered(struct kprobe *probe, struct pt_regs *regs)
{
	const struct syscall_entry *const entry =
		container_of(probe, struct syscall_entry, probe);
	struct isolates_syscall_arguments args;

	if (entry->is_alias)
		return 0;
	return override(entry, regs, read_args(entry, regs, &args) ? &args : NULL);
}

NOKPROBE_SYMBOL(syscall_entered);

/* The same for the function that does an operation of a ring, whose arguments differ. */
static int ring_entered(struct kprobe *probe, struct pt_regs *regs)
{
	const struct syscall_entry *const entry =
		container_of(probe, struct syscall_entry, probe);
	const struct io_kiocb *const request =
		(const void *)regs_get_kernel_argument(regs, 0);

	return request->opcode == entry->selector ? override(entry, regs, NULL) : 0;
}

NOKPROBE_SYMBOL(ring_entered);

/* The same for a call that does the work of others, with arguments in user memory. */
static int multiplexer_entered(struct kprobe *probe, struct pt_regs *regs)
{
	const struct syscall_entry *const entry =
		container_of(probe, struct syscall_entry, probe);
	const struct pt_regs *const user =
		(const void *)regs_get_kernel_argument(regs, 0);

	return (u16)user->bx == entry->selector ? override(entry, regs, NULL) : 0;
}

NOKPROBE_SYMBOL(multiplexer_entered);

/* After a sweep. Returns: whether one of @entries could not be disarmed. */
static bool any_stays(struct syscall_entry *entries)
{
	bool any = false;
	u32 i;

	for (i = 0; i < WAYS_MAX; i++) {
		struct syscall_entry *const entry = entries + i;

		entry->armed = entry->armed && isolates_probe_is_armed(&entry->probe);
		entry->stays = entry->armed;
		any |= entry->stays;
	}
	return any;
}

/*
 * Disarm what no policy needs any more, all with one wait for those inside. What cannot be
 * disarmed stays, and finds that nothing is denied.
 */
static void sweep(void)
{
	u32 number, i, count = 0;

	for (number = 0; number < isolates_syscall_count; number++) {
		struct syscall_state *const state = states + number;

		for (i = 0; i < WAYS_MAX; i++) {
			if (!state->policies && state->entries &&
			    state->entries[i].armed && !state->entries[i].stays)
				swept[count++] = &state->entries[i].probe;
		}
	}
	isolates_probes_unregister(swept, count);
	for (number = 0; number < isolates_syscall_count; number++) {
		if (states[number].policies || !states[number].entries ||
		    any_stays(states[number].entries))
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

	/* From before; whatever is probed comes at the same place each time. */
	if (entry->armed)
		return 0;
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

/*
 * Some calls of 32-bit programs take one argument in two registers, or all of them by a
 * pointer, so that what comes where is not what the call's rules are about.
 */
static enum layout layout_of(const char *symbol)
{
	static const char *const others[] = {
		"__ia32_sys_ia32_", "__ia32_compat_sys_ia32_", "__ia32_sys_old_",
		"__ia32_compat_sys_old_", "__ia32_compat_sys_fanotify_mark",
	};
	u32 i;

	if (strstarts(symbol, "__x64_"))
		return LAYOUT_64;
	/* It only has the last two in another order, and these are pointers. */
	if (!strcmp(symbol, "__ia32_compat_sys_ia32_clone"))
		return LAYOUT_32;
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (strstarts(symbol, others[i]))
			return LAYOUT_UNKNOWN;
	}
	return strstarts(symbol, "__ia32_") ? LAYOUT_32 : LAYOUT_UNKNOWN;
}

/*
 * A call without arguments is one function, whoever calls it. If each of its names asked,
 * what is to be told would be told as often.
 */
static bool is_alias(const struct syscall_entry *entries, u32 at)
{
	u32 i;

	for (i = 0; i < at; i++) {
		if (entries[i].armed && entries[i].probe.addr == entries[at].probe.addr)
			return true;
	}
	return false;
}

static int arm_entries(u32 number, const char **reason)
{
	const struct isolates_syscall_name *const name =
		isolates_syscall_names + number;
	struct syscall_entry *const entries = states[number].entries;
	u32 i, armed = 0;
	int error;

	for (i = 0; i < ISOLATES_SYSCALL_ENTRIES_MAX && name->entries[i]; i++) {
		entries[i].layout = layout_of(name->entries[i]);
		error = arm_entry(entries + i, number, name->entries[i],
				  syscall_entered, reason);
		/* An entry that this kernel was built without needs no guard. */
		if (error && error != -ENOENT)
			return error;
		entries[i].is_alias = !error && is_alias(entries, i);
		armed += !error;
	}
	if (armed)
		return 0;
	*reason = "the policy denies a system call that this kernel does not have";
	return -ENOENT;
}

static int arm_ring_ops(u32 number, const char **reason)
{
	struct syscall_entry *const entries = states[number].entries + RING_WAYS;
	u32 i, count = 0;
	int error;

	for (i = 0; i < isolates_ring_op_count; i++) {
		const struct isolates_ring_op *const op = isolates_ring_ops + i;

		if (op->opcode == ISOLATES_RING_CANNOT ||
		    strcmp(op->call, isolates_syscall_names[number].name))
			continue;
		error = -ENOENT;
		if (!WARN_ON_ONCE(count == ISOLATES_RING_OPS_MAX)) {
			entries[count].selector = op->opcode;
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

static int arm_multiplexers(u32 number, const char **reason)
{
	struct syscall_entry *const entries = states[number].entries + MULTIPLEX_WAYS;
	u32 i, count = 0;
	int error;

	for (i = 0; i < isolates_multiplexed_count; i++) {
		const struct isolates_multiplexed *const way = isolates_multiplexed + i;

		if (strcmp(way->call, isolates_syscall_names[number].name))
			continue;
		if (WARN_ON_ONCE(count == ISOLATES_MULTIPLEXED_MAX))
			return -EOPNOTSUPP;
		entries[count].selector = way->selector;
		error = arm_entry(entries + count++, number, way->entry,
				  multiplexer_entered, reason);
		/* A kernel without 32-bit programs has neither entry. */
		if (error && error != -ENOENT)
			return error;
	}
	return 0;
}

static int arm(u32 number, const char **reason)
{
	int error;

	if (!states[number].entries)
		states[number].entries = kcalloc(WAYS_MAX, sizeof(*states->entries),
						 GFP_KERNEL_ACCOUNT);
	if (!states[number].entries)
		return -ENOMEM;
	error = arm_entries(number, reason);
	return error ?: arm_ring_ops(number, reason) ?: arm_multiplexers(number, reason);
}

static bool speaks(const struct isolates_instance *instance, u32 number)
{
	return instance && instance->syscalls && test_bit(number, instance->syscalls);
}

/* The first @count calls; what is then not needed is swept later. */
static void unuse(const struct isolates_instance *instance, u32 count)
{
	u32 number;

	for (number = 0; number < count; number++) {
		if (speaks(instance, number))
			states[number].policies--;
	}
}

/* A call that this kernel was built without needs no guard, unless it was asked for. */
static int arm_for(const struct isolates_instance *instance, u32 number,
		   const char **reason)
{
	const char *why = NULL;
	const int error = arm(number, &why);

	if (error == -ENOENT &&
	    !isolates_syscall_is_named(&instance->blob->view, instance->policy, number))
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
		if (!speaks(instance, number))
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
		if (!instances[i]->syscalls)
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

/* List the probes, a line each. */
void isolates_syscall_show(struct seq_file *m)
{
	const bool work = isolates_probes_work();
	u32 number, i;

	mutex_lock(&isolates_admin_lock);
	for (number = 0; number < isolates_syscall_count; number++) {
		for (i = 0; i < WAYS_MAX; i++) {
			struct syscall_entry *const entry =
				states[number].entries ?
				states[number].entries + i : NULL;

			if (entry && entry->armed)
				isolates_probe_show(m, &entry->probe, work);
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
