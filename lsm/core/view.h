/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A read-only view of a blob that has been verified, the only way to read one.
 */
#ifndef ISOLATES_CORE_VIEW_H
#define ISOLATES_CORE_VIEW_H

#include "walk.h"

/*
 * Typed pointers to the sections of a verified blob, and how many elements
 * each has. Only isolates_verify() fills it. It is valid as long as the blob's
 * memory is, and as that does not change.
 */
struct isolates_view {
	const struct isolates_header *header;
	const struct isolates_policy *policies;
	const struct isolates_automaton *automata;
	const struct isolates_state *states;
	const __u32 *edges;
	const struct isolates_byte_classes *byte_classes;
	const struct isolates_perms *perms;
	const struct isolates_error *errors;
	const struct isolates_transition *transitions;
	const struct isolates_syscall *syscalls;
	const struct isolates_argument *arguments;
	const struct isolates_rlimit *rlimits;
	const struct isolates_binding *bindings;
	const __u32 *rule_refs;
	const struct isolates_rule *rules;
	const struct isolates_source *sources;
	const char *strings;
};

static inline __u32 isolates_view_count(const struct isolates_view *view,
					enum isolates_section section)
{
	return view->header->count[section];
}

/* The NUL-terminated text of @string. */
static inline const char *isolates_view_text(const struct isolates_view *view,
					     struct isolates_string string)
{
	return view->strings + string.offset;
}

/* Begin to walk @automaton (an index into the automata section). */
static inline struct isolates_walk
isolates_view_walk(const struct isolates_view *view, __u32 automaton)
{
	const struct isolates_automaton *a = view->automata + automaton;
	const struct isolates_walk walk = {
		.states = view->states + a->states.first,
		.edges = view->edges + a->edges.first,
		.byte_classes = a->byte_classes ?
				view->byte_classes + a->byte_classes_map : NULL,
		.state = a->start,
		.matched = 0,
	};

	return walk;
}

#endif /* ISOLATES_CORE_VIEW_H */
