// SPDX-License-Identifier: GPL-2.0-only
#include "decide.h"

/* The facts of all that is not one path. */
static void walk_pieces(struct isolates_walk *walk,
			const struct isolates_request *request)
{
	static const __u8 nul;
	const __u32 file = request->file;
	__u32 i;

	if (request->is_path) {
		isolates_walk_path(walk, request->pieces, file, false);
		isolates_walk_bytes(walk, &nul, 1);
		isolates_walk_path(walk, request->pieces + file,
				   request->count - file, request->is_directory);
		return;
	}
	for (i = 0; i < request->count; i++) {
		if (i && i == file)
			isolates_walk_bytes(walk, &nul, 1);
		isolates_walk_bytes(walk, request->pieces[i].bytes,
				    request->pieces[i].length);
	}
}

static __always_inline void walk_request(struct isolates_walk *walk,
					 const struct isolates_request *request)
{
	if (likely(request->is_path && !request->file))
		isolates_walk_path(walk, request->pieces, request->count,
				   request->is_directory);
	else
		walk_pieces(walk, request);
}

/* EACCES is what open(2) and its like answer; EPERM what all else does. */
static __u32 default_error(__u32 class_id)
{
	return class_id == ISOLATES_CLASS_FILE ||
	       class_id == ISOLATES_CLASS_LINK ? EACCES : EPERM;
}

/* The first rule that gives an errno for any of @denied, in one automaton. */
static const struct isolates_error *
first_error(const struct isolates_view *view, const struct isolates_perms *perms,
	    int whose, __u32 denied)
{
	const struct isolates_error *const errors =
		view->errors + perms->errors.first;
	__u32 i;

	for (i = 0; i < perms->errors.count; i++) {
		if (errors[i].operations[whose] & denied)
			return errors + i;
	}
	return NULL;
}

__u32 isolates_decide_silent(const struct isolates_view *view,
			     const struct isolates_policy *policy,
			     const struct isolates_request *request, __u32 *audited)
{
	const struct isolates_class_rules *const rules =
		policy->classes + request->class_id;
	const struct isolates_perms *const all = view->perms + policy->perms.first;
	const int whose = request->owner ? ISOLATES_OWNER : ISOLATES_OTHER;
	__u32 allow = rules->open;
	__u32 deny = 0, audit = 0;
	__u32 i;

	for (i = 0; i < rules->automata.count; i++) {
		struct isolates_walk walk =
			isolates_view_walk(view, rules->automata.first + i);
		const struct isolates_perms *perms;

		walk_request(&walk, request);
		perms = all + isolates_walk_perms(&walk);
		allow |= perms->allow[whose];
		deny |= perms->deny[whose];
		audit |= perms->audit[whose];
	}
	allow &= ~deny;
	*audited |= audit;
	return request->operations & (~allow | audit) ? 0 : allow;
}

void isolates_decide(const struct isolates_view *view,
		     const struct isolates_policy *policy,
		     const struct isolates_request *request,
		     struct isolates_verdict *verdict)
{
	const struct isolates_class_rules *const rules =
		policy->classes + request->class_id;
	const struct isolates_perms *const all = view->perms + policy->perms.first;
	const int whose = request->owner ? ISOLATES_OWNER : ISOLATES_OTHER;
	__u32 allow = rules->open;
	const struct isolates_error *first = NULL;
	__u32 deny = 0, audit = 0, quiet = 0;
	__u32 i;

	for (i = 0; i < rules->automata.count; i++) {
		struct isolates_walk walk =
			isolates_view_walk(view, rules->automata.first + i);
		const struct isolates_perms *perms;

		walk_request(&walk, request);
		verdict->perms[i] = isolates_walk_perms(&walk);
		perms = all + verdict->perms[i];
		allow |= perms->allow[whose];
		deny |= perms->deny[whose];
		audit |= perms->audit[whose];
		quiet |= perms->quiet[whose];
	}

	verdict->allowed = allow & ~deny;
	verdict->denied = request->operations & ~verdict->allowed;
	verdict->reported = (verdict->denied & ~quiet) |
			    (request->operations & audit);
	verdict->error = 0;
	if (likely(!verdict->denied))
		return;

	for (i = 0; i < rules->automata.count; i++) {
		const struct isolates_error *const error =
			first_error(view, all + verdict->perms[i], whose,
				    verdict->denied);

		if (error && (!first || error->order < first->order))
			first = error;
	}
	verdict->error = first ? first->error :
				 default_error(request->class_id);
}

const struct isolates_rule *
isolates_decide_rule(const struct isolates_view *view,
		     const struct isolates_policy *policy,
		     const struct isolates_request *request,
		     const struct isolates_verdict *verdict)
{
	const int whose = request->owner ? ISOLATES_OWNER : ISOLATES_OTHER;
	const __u32 count = policy->classes[request->class_id].automata.count;
	const struct isolates_rule *const all = view->rules + policy->rules.first;
	const __u32 denied = isolates_rule_operations(request->class_id,
						      verdict->denied);
	const __u32 reported = isolates_rule_operations(request->class_id,
							verdict->reported);
	const struct isolates_rule *first = NULL;
	__u32 i, k;

	for (i = 0; i < count; i++) {
		const struct isolates_perms *const perms =
			view->perms + policy->perms.first + verdict->perms[i];
		const __u32 *const refs = view->rule_refs + perms->rules.first;

		for (k = 0; k < perms->rules.count; k++) {
			const struct isolates_rule *const rule = all + refs[k];

			if (first && rule >= first)
				break;
			if (denied ? rule->deny[whose] & denied :
				     rule->audit[whose] & reported)
				first = rule;
		}
	}
	return first;
}

const struct isolates_transition *
isolates_decide_transition(const struct isolates_view *view,
			   const struct isolates_policy *policy,
			   const struct isolates_request *request,
			   const struct isolates_verdict *verdict)
{
	const int whose = request->owner ? ISOLATES_OWNER : ISOLATES_OTHER;
	const __u32 count = policy->classes[ISOLATES_CLASS_FILE].automata.count;
	__u32 i;

	/* One automaton has all exec rules of a policy that has transitions. */
	for (i = 0; i < count; i++) {
		const struct isolates_perms *const perms =
			view->perms + policy->perms.first + verdict->perms[i];

		if (perms->exec[whose])
			return view->transitions + policy->transitions.first +
			       perms->exec[whose] - 1;
	}
	return NULL;
}
