// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier. It trusts nothing, and it cannot be switched off.
 *
 * Each section has one cursor. Walking the owners in order, every range must
 * start at its cursor and end within the section, and when all is walked every
 * cursor must stand at its section's end. That is the whole argument that no
 * reference leads out of the blob and that the work is linear in its size.
 */
#include "verifier.h"

/* All policies' names, first, as their order makes a look-up a bisection. */
static int verify_names(struct verifier *v)
{
	const __u32 count = isolates_view_count(&v->view, ISOLATES_SECTION_POLICIES);
	__u32 i;

	if (!count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, 0,
			      "there is no policy in it");
	if (count > ISOLATES_POLICIES_MAX)
		return refuse(v, -E2BIG, ISOLATES_SECTION_POLICIES, count,
			      "too many policies");
	for (i = 0; i < count; i++) {
		const struct isolates_string name = v->view.policies[i].name;

		if (!take_string(v, name))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, i,
				      "the name is no string of its own");
		if (!isolates_is_policy_name(isolates_view_text(&v->view, name), name.length))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, i,
				      "this cannot be a policy's name");
		if (i && !isolates_name_is_after(v, name, v->view.policies[i - 1].name))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, i,
				      "the names are not sorted and unique");
	}
	return 0;
}

static bool perms_are_none(const struct isolates_perms *perms)
{
	return !(perms->allow[0] | perms->allow[1] | perms->deny[0] |
		 perms->deny[1] | perms->audit[0] | perms->audit[1] |
		 perms->quiet[0] | perms->quiet[1] | perms->errors.count |
		 perms->rules.count | perms->exec[0] | perms->exec[1]);
}

static int verify_classes(struct verifier *v, __u32 index)
{
	const struct isolates_policy *const policy = v->view.policies + index;
	__u32 class_id, i;
	int error;

	for (class_id = 0; class_id < ISOLATES_CLASS_COUNT; class_id++) {
		const struct isolates_class_rules *const rules =
			policy->classes + class_id;

		if (rules->open & ~isolates_class_operations(class_id))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES,
				      index, "an operation that is not known");
		if (class_id == ISOLATES_CLASS_FILE &&
		    ISOLATES_FILE_ALWAYS_OPEN & ~rules->open)
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES,
				      index, "an operation that must be left open is not");
		if (rules->automata.count > ISOLATES_AUTOMATA_MAX)
			return refuse(v, -E2BIG, ISOLATES_SECTION_POLICIES,
				      index, "too many automata");
		if (!take(v, ISOLATES_SECTION_AUTOMATA, rules->automata))
			return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES,
				      index, "the automata are not where they belong");
		for (i = 0; i < rules->automata.count; i++) {
			error = isolates_verify_automaton(v, rules->automata.first + i,
							  policy->perms.count);
			if (error)
				return error;
		}
	}
	return 0;
}

/* All but its name. */
static int verify_policy(struct verifier *v, __u32 index)
{
	const struct isolates_policy *const policy = v->view.policies + index;
	__u32 i;
	int error;

	if (policy->mode >= ISOLATES_MODE_COUNT)
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, index,
			      "not a mode");
	if (policy->attach_prefix &&
	    !policy->classes[ISOLATES_CLASS_ATTACH].automata.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, index,
			      "an unused field is not zero");
	if (!take(v, ISOLATES_SECTION_PERMS, policy->perms) ||
	    !take(v, ISOLATES_SECTION_TRANSITIONS, policy->transitions) ||
	    !take(v, ISOLATES_SECTION_SYSCALLS, policy->syscalls) ||
	    !take(v, ISOLATES_SECTION_RLIMITS, policy->rlimits) ||
	    !take(v, ISOLATES_SECTION_BINDINGS, policy->bindings) ||
	    !take(v, ISOLATES_SECTION_RULES, policy->rules))
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, index,
			      "its parts are not where they belong");
	if (!policy->perms.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_POLICIES, index,
			      "there are no permissions to refer to");

	for (i = 0; i < policy->perms.count; i++) {
		error = isolates_verify_perms(v, policy->perms.first + i, policy);
		if (error)
			return error;
	}
	if (!perms_are_none(v->view.perms + policy->perms.first))
		return refuse(v, -EINVAL, ISOLATES_SECTION_PERMS,
			      policy->perms.first,
			      "the first permissions are not none");
	for (i = 0; i < policy->rules.count; i++) {
		const struct isolates_rule *const rule =
			v->view.rules + policy->rules.first + i;

		if (rule->source >= isolates_view_count(&v->view,
							ISOLATES_SECTION_SOURCES))
			return refuse(v, -EINVAL, ISOLATES_SECTION_RULES,
				      policy->rules.first + i,
				      "the source is not there");
	}
	for (i = 0; i < policy->rlimits.count; i++) {
		error = isolates_verify_rlimit(v, policy->rlimits.first + i, policy);
		if (error)
			return error;
	}
	return verify_classes(v, index);
}

/* The parts of all policies that own strings, section by section. */
static int verify_parts(struct verifier *v)
{
	const __u32 count = isolates_view_count(&v->view, ISOLATES_SECTION_POLICIES);
	__u32 i, k;
	int error;

	for (i = 0; i < count; i++) {
		const struct isolates_policy *const policy = v->view.policies + i;

		for (k = 0; k < policy->transitions.count; k++) {
			error = isolates_verify_transition(v,
							   policy->transitions.first + k);
			if (error)
				return error;
		}
	}
	for (i = 0; i < count; i++) {
		const struct isolates_policy *const policy = v->view.policies + i;

		for (k = 0; k < policy->syscalls.count; k++) {
			error = isolates_verify_syscall(v,
							policy->syscalls.first + k,
							policy);
			if (error)
				return error;
		}
	}
	for (i = 0; i < count; i++) {
		const struct isolates_policy *const policy = v->view.policies + i;

		for (k = 0; k < policy->bindings.count; k++) {
			error = isolates_verify_binding(v,
							policy->bindings.first + k,
							policy);
			if (error)
				return error;
		}
	}
	return 0;
}

static int verify_sources(struct verifier *v)
{
	const __u32 count = isolates_view_count(&v->view, ISOLATES_SECTION_SOURCES);
	__u32 i;

	for (i = 0; i < count; i++) {
		if (!take_string(v, v->view.sources[i].name) ||
		    !take_string(v, v->view.sources[i].text))
			return refuse(v, -EINVAL, ISOLATES_SECTION_SOURCES, i,
				      "the name or text is no string of its own");
	}
	return 0;
}

/* What no element before has claimed is not allowed to be there. */
static int verify_all_is_owned(struct verifier *v)
{
	__u32 i;

	v->cursor[ISOLATES_SECTION_POLICIES] =
		isolates_view_count(&v->view, ISOLATES_SECTION_POLICIES);
	v->cursor[ISOLATES_SECTION_SOURCES] =
		isolates_view_count(&v->view, ISOLATES_SECTION_SOURCES);
	for (i = 0; i < ISOLATES_SECTION_COUNT; i++) {
		if (v->cursor[i] != v->view.header->count[i])
			return refuse(v, -EINVAL, i, v->cursor[i],
				      "belongs to nothing");
	}
	return 0;
}

int isolates_verify(const void *blob, size_t size, struct isolates_view *view,
		    struct isolates_refusal *refusal)
{
	struct verifier v = { .refusal = refusal };
	__u32 i;
	int error;

	error = isolates_verify_header(&v, blob, size);
	if (!error)
		error = verify_names(&v);
	for (i = 0; !error && i < isolates_view_count(&v.view, ISOLATES_SECTION_POLICIES); i++)
		error = verify_policy(&v, i);
	if (!error)
		error = verify_parts(&v);
	if (!error)
		error = verify_sources(&v);
	if (!error)
		error = verify_all_is_owned(&v);
	if (!error)
		*view = v.view;
	return error;
}
