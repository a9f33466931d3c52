// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/kprobes.h>

#include "kill.h"
#include "report.h"
#include "syscall_names.h"
#include "syscall_verdict.h"
#include "table.h"
#include "task.h"

static struct isolates_range rules_on(const struct isolates_view *view,
				      const struct isolates_policy *policy, u32 number)
{
	const char *const name = isolates_syscall_names[number].name;

	return isolates_find_syscall(view, policy, name, strlen(name));
}

/* Is that a rule that denies a call by the call's own name? */
static bool is_named(const struct isolates_syscall *rule)
{
	return rule->action == ISOLATES_SYSCALL_DENY &&
	       !(rule->flags & ISOLATES_SYSCALL_GROUPED);
}

static u32 count_named(const struct isolates_view *view, struct isolates_range rules)
{
	u32 i, count = 0;

	for (i = 0; i < rules.count; i++)
		count += is_named(view->syscalls + rules.first + i);
	return count;
}

/* Does the policy deny the call by its own name, not just as one of many? */
bool isolates_syscall_is_named(const struct isolates_view *view,
			       const struct isolates_policy *policy, u32 number)
{
	return count_named(view, rules_on(view, policy, number));
}

/* Is there more to say of the call than that it is allowed? */
static bool is_spoken_of(const struct isolates_view *view,
			 const struct isolates_policy *policy, u32 number)
{
	const char *const name = isolates_syscall_names[number].name;
	const struct isolates_range rules = rules_on(view, policy, number);
	struct isolates_syscall_verdict verdict;
	u32 i;

	for (i = 0; i < rules.count; i++) {
		const struct isolates_syscall *const rule =
			view->syscalls + rules.first + i;

		if (rule->arguments.count || rule->flags & ISOLATES_SYSCALL_REPORT)
			return true;
	}
	isolates_decide_syscall(view, policy, name, strlen(name), NULL, &verdict);
	return verdict.denied;
}

static bool denies_by_rule(const struct isolates_view *view, struct isolates_range rules)
{
	u32 i;

	for (i = 0; i < rules.count; i++) {
		if (view->syscalls[rules.first + i].action == ISOLATES_SYSCALL_DENY)
			return true;
	}
	return false;
}

/**
 * isolates_syscall_prepare - Look a policy's system calls up, by number
 *
 * @view: of a verified blob.
 * @policy: one of its policies.
 * @spoken_of: set to a bitmap of isolates_syscall_count calls, to be freed with
 *             bitmap_free(), or to NULL if the policy says nothing of any call. The
 *             entries of those that are set are to be probed.
 * @reason: set to a static text on failure.
 *
 * A call that never returns cannot be made to fail. An allow-list need not hold those:
 * a task can end itself in any case.
 *
 * May sleep. Returns: 0, or
 * - -ENOENT: the policy denies, by its name, a call that the kernel's tables do not
 *   have, so its author relies on something we cannot do;
 * - -EOPNOTSUPP: it denies a call that never returns, as exit_group() does;
 * - -ENOMEM.
 */
int isolates_syscall_prepare(const struct isolates_view *view,
			     const struct isolates_policy *policy,
			     unsigned long **spoken_of, const char **reason)
{
	u32 named = count_named(view, policy->syscalls);
	u32 number;

	*spoken_of = NULL;
	if (!policy->syscalls.count)
		return 0;
	*spoken_of = bitmap_zalloc(isolates_syscall_count, GFP_KERNEL_ACCOUNT);
	if (!*spoken_of)
		return -ENOMEM;
	for (number = 0; number < isolates_syscall_count; number++) {
		const struct isolates_range rules = rules_on(view, policy, number);

		named -= count_named(view, rules);
		if (isolates_syscall_names[number].noreturn) {
			if (!rules.count)
				continue;
			if (denies_by_rule(view, rules)) {
				*reason = "the policy denies a system call that never returns";
				return -EOPNOTSUPP;
			}
		}
		if (is_spoken_of(view, policy, number))
			__set_bit(number, *spoken_of);
	}
	/* Names are unique in the kernel's tables. */
	if (named) {
		*reason = "the policy denies a system call that this kernel does not have";
		return -ENOENT;
	}
	return 0;
}

/* What one policy says, which is told where it is worth telling: an errno, or 0. */
static u32 ask(const struct isolates_instance *instance, u32 number,
	       const struct isolates_syscall_arguments *args)
{
	const char *const name = isolates_syscall_names[number].name;
	const u32 mode = READ_ONCE(instance->mode);
	struct isolates_syscall_verdict verdict;

	if (!test_bit(number, instance->syscalls) || mode == ISOLATES_MODE_DISABLED)
		return 0;
	isolates_decide_syscall(&instance->blob->view, instance->policy, name,
				strlen(name), args, &verdict);
	/* An allow-list that leaves it out; see isolates_syscall_prepare(). */
	if (isolates_syscall_names[number].noreturn && verdict.denied)
		return 0;
	isolates_report_syscall(instance, name, &verdict, mode);
	if (!verdict.denied || mode == ISOLATES_MODE_COMPLAIN)
		return 0;
	if (mode == ISOLATES_MODE_KILL)
		isolates_kill_current();
	return verdict.error;
}

NOKPROBE_SYMBOL(ask);

/**
 * isolates_syscall_verdict - What the current task's policies say of a system call
 *
 * @number: of the call, an index into isolates_syscall_names.
 * @args: what it was given; NULL if that is not known.
 *
 * For the handler of a probe: with preemption off, takes no lock, no memory.
 *
 * Returns: 0 or a negative errno.
 */
int isolates_syscall_verdict(u32 number, const struct isolates_syscall_arguments *args)
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

		if (instance && instance->syscalls)
			error = -(int)ask(instance, number, args);
	}
	return error;
}

NOKPROBE_SYMBOL(isolates_syscall_verdict);
