// SPDX-License-Identifier: GPL-2.0-only
#include "verifier.h"

static bool is_errno(__u32 error)
{
	return error >= 1 && error <= ISOLATES_ERRNO_MAX;
}

static bool is_rule(__u32 rule, const struct isolates_policy *policy)
{
	return rule == ISOLATES_RULE_NONE || rule < policy->rules.count;
}

int isolates_verify_perms(struct verifier *v, __u32 index,
			  const struct isolates_policy *policy)
{
	const struct isolates_perms *const perms = v->view.perms + index;
	__u32 i;

	for (i = 0; i < 2; i++) {
		if ((perms->allow[i] | perms->deny[i] | perms->audit[i] |
		     perms->quiet[i]) & ~(__u32)ISOLATES_FILE_OPS)
			return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS, index,
				      "an operation that is not known");
		if (perms->exec[i] > policy->transitions.count)
			return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS, index,
				      "the transition is beyond the policy's");
		if (perms->exec[i] && !(perms->allow[i] & ISOLATES_FILE_EXEC))
			return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS, index,
				      "a transition of what is not allowed");
	}
	if (!take(v, ISOLATES_SECTION_ERRORS, perms->errors) ||
	    !take(v, ISOLATES_SECTION_RULE_REFS, perms->rules))
		return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS, index,
			      "the errnos or rules are not where they belong");
	for (i = 0; i < perms->errors.count; i++) {
		const struct isolates_error *const error =
			v->view.errors + perms->errors.first + i;

		if (!is_errno(error->error))
			return refuse(v, -EINVAL, ISOLATES_SECTION_ERRORS,
				      perms->errors.first + i, "not an errno");
		if (i && error->order <= error[-1].order)
			return refuse(v, -EINVAL, ISOLATES_SECTION_ERRORS,
				      perms->errors.first + i,
				      "the errnos are not in their rules' order");
	}
	for (i = 0; i < perms->rules.count; i++) {
		const __u32 *const rule =
			v->view.rule_refs + perms->rules.first + i;

		if (*rule >= policy->rules.count)
			return refuse(v, -EINVAL, ISOLATES_SECTION_RULE_REFS,
				      perms->rules.first + i,
				      "the rule is beyond the policy's");
		if (i && *rule <= rule[-1])
			return refuse(v, -EINVAL, ISOLATES_SECTION_RULE_REFS,
				      perms->rules.first + i,
				      "the rules are not ascending");
	}
	return 0;
}

/* A state without permissions refers to the first, which grants nothing. */
int isolates_verify_transition(struct verifier *v, __u32 index)
{
	const struct isolates_transition *const transition =
		v->view.transitions + index;
	const struct isolates_string target = transition->target;

	if (transition->kind >= ISOLATES_TRANSITION_COUNT ||
	    transition->fallback >= ISOLATES_FALLBACK_COUNT ||
	    transition->flags & ~(__u32)ISOLATES_TRANSITION_SCRUB ||
	    transition->reserved)
		return refuse(v, -EINVAL, ISOLATES_SECTION_TRANSITIONS, index,
			      "not a kind of transition");
	if (!take_string(v, target))
		return refuse(v, -EINVAL, ISOLATES_SECTION_TRANSITIONS, index,
			      "the target is no string of its own");
	if (transition->kind == ISOLATES_TRANSITION_UNCONFINED &&
	    (target.length || transition->fallback))
		return refuse(v, -EINVAL, ISOLATES_SECTION_TRANSITIONS, index,
			      "an unused field is not zero");
	if (target.length &&
	    !isolates_is_policy_name(isolates_view_text(&v->view, target), target.length))
		return refuse(v, -EINVAL, ISOLATES_SECTION_TRANSITIONS, index,
			      "the target cannot be a policy's name");
	return 0;
}

static int verify_argument(struct verifier *v, __u32 index)
{
	const struct isolates_argument *const argument = v->view.arguments + index;

	if (argument->index >= ISOLATES_ARGUMENTS ||
	    argument->comparison >= ISOLATES_COMPARISONS)
		return refuse(v, -EINVAL, ISOLATES_SECTION_ARGUMENTS, index,
			      "not an argument, or a way of comparing one");
	if (!argument->mask || argument->value & ~argument->mask)
		return refuse(v, -EINVAL, ISOLATES_SECTION_ARGUMENTS, index,
			      "the mask does not cover the value");
	return 0;
}

static bool syscalls_are_in_order(const struct verifier *v,
				  const struct isolates_syscall *before,
				  const struct isolates_syscall *call)
{
	if (isolates_name_is_after(v, call->name, before->name))
		return true;
	return before->name.length == call->name.length &&
	       !memcmp(isolates_view_text(&v->view, before->name),
		       isolates_view_text(&v->view, call->name),
		       call->name.length) &&
	       (call->rule == ISOLATES_RULE_NONE || call->rule > before->rule);
}

int isolates_verify_syscall(struct verifier *v, __u32 index,
			    const struct isolates_policy *policy)
{
	const struct isolates_syscall *const call = v->view.syscalls + index;
	__u32 i;
	int error;

	if (!take_string(v, call->name) || !call->name.length)
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "the name is no string of its own");
	if (call->action >= ISOLATES_SYSCALL_ACTIONS ||
	    call->flags & ~(__u32)ISOLATES_SYSCALL_FLAGS)
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "an action or a flag that is not known");
	if (call->error && (call->action != ISOLATES_SYSCALL_DENY ||
			    !is_errno(call->error)))
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "not an errno");
	if (!is_rule(call->rule, policy))
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "the rule is beyond the policy's");
	if (index > policy->syscalls.first &&
	    !syscalls_are_in_order(v, call - 1, call))
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "the names or rules are not in order");
	if (!take(v, ISOLATES_SECTION_ARGUMENTS, call->arguments))
		return refuse(v, -EINVAL, ISOLATES_SECTION_SYSCALLS, index,
			      "the arguments are not where they belong");
	for (i = 0; i < call->arguments.count; i++) {
		error = verify_argument(v, call->arguments.first + i);
		if (error)
			return error;
	}
	return 0;
}

int isolates_verify_rlimit(struct verifier *v, __u32 index,
			   const struct isolates_policy *policy)
{
	const struct isolates_rlimit *const rlimit = v->view.rlimits + index;

	if (rlimit->resource >= ISOLATES_RLIMITS ||
	    (index > policy->rlimits.first &&
	     rlimit->resource <= rlimit[-1].resource))
		return refuse(v, -EINVAL, ISOLATES_SECTION_RLIMITS, index,
			      "not a resource, or not in order");
	if (!is_rule(rlimit->rule, policy))
		return refuse(v, -EINVAL, ISOLATES_SECTION_RLIMITS, index,
			      "the rule is beyond the policy's");
	return 0;
}

int isolates_verify_binding(struct verifier *v, __u32 index,
			    const struct isolates_policy *policy)
{
	const struct isolates_binding *const binding = v->view.bindings + index;
	const bool by_path = binding->where == ISOLATES_WHERE_PATH;

	if (binding->kind >= ISOLATES_NAMESPACE_COUNT ||
	    binding->where >= ISOLATES_WHERE_COUNT)
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "not a kind of namespace, or of naming one");
	if (binding->flags & ~(__u32)ISOLATES_BINDING_FLAGS)
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "unknown flags");
	if (!take_string(v, binding->path))
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "the path is no string of its own");
	if (by_path != !!binding->path.length || by_path == !!binding->number)
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "needs either a path or a number");
	if (!is_rule(binding->rule, policy))
		return refuse(v, -EINVAL, ISOLATES_SECTION_BINDINGS, index,
			      "the rule is beyond the policy's");
	return 0;
}
