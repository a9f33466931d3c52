// SPDX-License-Identifier: GPL-2.0-only
#include "decide.h"

/* As memcmp(), but the shorter one of two that begin alike goes first. */
static int compare_names(const struct isolates_view *view, const char *name,
			 __u32 length, struct isolates_string other)
{
	const __u32 shorter = length < other.length ? length : other.length;
	const int order = memcmp(name, isolates_view_text(view, other), shorter);

	if (order || length == other.length)
		return order;
	return length < other.length ? -1 : 1;
}

/* The first of the policy's rules on a name that is not before @name, or is after it. */
static __u32 bound(const struct isolates_view *view,
		   const struct isolates_policy *policy, const char *name,
		   __u32 length, bool after)
{
	const struct isolates_syscall *const calls =
		view->syscalls + policy->syscalls.first;
	__u32 low = 0, high = policy->syscalls.count;

	while (low < high) {
		const __u32 middle = low + (high - low) / 2;
		const int order = compare_names(view, name, length,
						calls[middle].name);

		if (order < 0 || (!order && !after))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct isolates_range
isolates_find_syscall(const struct isolates_view *view,
		      const struct isolates_policy *policy, const char *name,
		      __u32 length)
{
	const __u32 first = bound(view, policy, name, length, false);
	const struct isolates_range range = {
		.first = policy->syscalls.first + first,
		.count = bound(view, policy, name, length, true) - first,
	};

	return range;
}

bool isolates_argument_holds(const struct isolates_argument *argument, __u64 value)
{
	value &= argument->mask;
	switch (argument->comparison) {
	case ISOLATES_COMPARE_EQUAL:
		return value == argument->value;
	case ISOLATES_COMPARE_UNEQUAL:
		return value != argument->value;
	case ISOLATES_COMPARE_LESS:
		return value < argument->value;
	case ISOLATES_COMPARE_LESS_EQUAL:
		return value <= argument->value;
	case ISOLATES_COMPARE_GREATER:
		return value > argument->value;
	default:
		return value >= argument->value;
	}
}

static bool rule_holds(const struct isolates_view *view,
		       const struct isolates_syscall *rule,
		       const struct isolates_syscall_arguments *args)
{
	const struct isolates_argument *const arguments =
		view->arguments + rule->arguments.first;
	__u32 i;

	for (i = 0; i < rule->arguments.count; i++) {
		const struct isolates_argument *const argument = arguments + i;
		const bool is_known =
			args && !(args->is_narrow && argument->mask >> 32);

		if (is_known ? !isolates_argument_holds(argument,
							args->values[argument->index]) :
			       rule->action != ISOLATES_SYSCALL_DENY)
			return false;
	}
	return true;
}

bool isolates_syscalls_are_closed(const struct isolates_view *view,
				  const struct isolates_policy *policy)
{
	const struct isolates_syscall *const calls =
		view->syscalls + policy->syscalls.first;
	__u32 i;

	for (i = 0; i < policy->syscalls.count; i++) {
		if (calls[i].action == ISOLATES_SYSCALL_ALLOW)
			return true;
	}
	return false;
}

void isolates_decide_syscall(const struct isolates_view *view,
			     const struct isolates_policy *policy,
			     const char *name, __u32 length,
			     const struct isolates_syscall_arguments *args,
			     struct isolates_syscall_verdict *verdict)
{
	const struct isolates_range range =
		isolates_find_syscall(view, policy, name, length);
	const struct isolates_syscall *denying = NULL, *reporting = NULL;
	bool allowed = false, quiet = false;
	__u32 i;

	verdict->error = 0;
	for (i = 0; i < range.count; i++) {
		const struct isolates_syscall *const rule =
			view->syscalls + range.first + i;

		if (!rule_holds(view, rule, args))
			continue;
		if (!reporting && rule->flags & ISOLATES_SYSCALL_REPORT)
			reporting = rule;
		quiet |= !!(rule->flags & ISOLATES_SYSCALL_QUIET);
		allowed |= rule->action == ISOLATES_SYSCALL_ALLOW;
		if (rule->action != ISOLATES_SYSCALL_DENY)
			continue;
		if (!denying)
			denying = rule;
		if (!verdict->error)
			verdict->error = rule->error;
	}

	verdict->denied = denying ||
			  (!allowed && isolates_syscalls_are_closed(view, policy));
	if (verdict->denied && !verdict->error)
		verdict->error = EPERM;
	verdict->reported = reporting || (verdict->denied && !quiet);
	verdict->rule = verdict->denied ? denying : reporting;
}
