// SPDX-License-Identifier: GPL-2.0-only
#include "verifier.h"

static bool labels_are_sorted(const __u8 *labels, __u32 count)
{
	__u32 i;

	for (i = 1; i < count; i++) {
		if (labels[i] <= labels[i - 1])
			return false;
	}
	return true;
}

/* The words of @state's edges; *@targets of them, from *@first, are states. */
static __u32 edge_words(const struct isolates_automaton *automaton,
			const struct isolates_state *state, __u32 *first,
			__u32 *targets)
{
	switch (state->kind) {
	case ISOLATES_STATE_STRING:
		*first = 0;
		*targets = 1;
		return 1 + (state->count + 3u) / 4;
	case ISOLATES_STATE_SPARSE:
		*first = (state->count + 7u) / 8 * 2;
		*targets = state->count;
		return *first + *targets;
	case ISOLATES_STATE_DENSE:
		*first = 0;
		*targets = automaton->byte_classes;
		return *targets;
	default:
		*first = 0;
		*targets = 0;
		return 0;
	}
}

/* @used: how many of the automaton's edge words the states before it have. */
static int verify_state(struct verifier *v, __u32 index,
			const struct isolates_automaton *automaton, __u32 perms,
			__u32 *used)
{
	const struct isolates_state *const state = v->view.states + index;
	const __u32 *const edges =
		v->view.edges + automaton->edges.first + *used;
	__u32 first, targets, words, i;

	if (state->kind >= ISOLATES_STATE_KINDS || state->reserved)
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "a state of no known kind");
	if (state->perms >= perms)
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "the permissions are beyond the policy's");
	if (state->otherwise >= automaton->states.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "the target is beyond the automaton");

	switch (state->kind) {
	case ISOLATES_STATE_STRING:
	case ISOLATES_STATE_SPARSE:
		if (!state->count)
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "a state without the edges of its kind");
		break;
	case ISOLATES_STATE_DENSE:
		if (!automaton->byte_classes)
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "a dense state without classes of bytes");
		fallthrough;
	default:
		if (state->count || state->otherwise)
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "an unused field is not zero");
	}

	words = edge_words(automaton, state, &first, &targets);
	if (state->edges != *used || words > automaton->edges.count - *used)
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "the edges are not where they belong");
	*used += words;

	for (i = first; i < first + targets; i++) {
		if (edges[i] >= automaton->states.count)
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "an edge leads beyond the automaton");
	}
	if (state->kind == ISOLATES_STATE_STRING &&
	    !bytes_are_zero((const __u8 *)(edges + 1) + state->count,
			    (words - 1) * 4 - state->count))
		return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
			      "the padding is not zero");
	if (state->kind == ISOLATES_STATE_SPARSE) {
		const __u8 *const labels = (const __u8 *)edges;

		if (!labels_are_sorted(labels, state->count))
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "the edges' bytes are not ascending");
		if (!bytes_are_zero(labels + state->count,
				    first * 4 - state->count))
			return refuse(v, -EINVAL, ISOLATES_SECTION_STATES, index,
				      "the padding is not zero");
	}
	return 0;
}

static int verify_byte_classes(struct verifier *v, __u32 index,
			       const struct isolates_automaton *automaton)
{
	const struct isolates_range map = { automaton->byte_classes_map, 1 };
	const __u8 *of;
	__u32 i;

	if (!automaton->byte_classes)
		return automaton->byte_classes_map ?
			refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			       "an unused field is not zero") : 0;
	if (automaton->byte_classes > 256 ||
	    !take(v, ISOLATES_SECTION_BYTE_CLASSES, map))
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "the classes of bytes are not where they belong");
	of = v->view.byte_classes[automaton->byte_classes_map].of;
	for (i = 0; i < 256; i++) {
		if (of[i] >= automaton->byte_classes)
			return refuse(v, -EINVAL, ISOLATES_SECTION_BYTE_CLASSES,
				      automaton->byte_classes_map,
				      "a byte of a class that is not there");
	}
	return 0;
}

int isolates_verify_automaton(struct verifier *v, __u32 index, __u32 perms)
{
	const struct isolates_automaton *const automaton = v->view.automata + index;
	const struct isolates_state *dead;
	__u32 used = 0;
	__u32 i;
	int error;

	if (!take(v, ISOLATES_SECTION_STATES, automaton->states) ||
	    !take(v, ISOLATES_SECTION_EDGES, automaton->edges))
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "the states or edges are not where they belong");
	if (!automaton->states.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "an automaton without a state");
	if (automaton->start >= automaton->states.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "the start state is beyond the automaton");
	dead = v->view.states + automaton->states.first;
	if (dead->kind != ISOLATES_STATE_SINK || dead->perms)
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "the dead state is not dead");
	error = verify_byte_classes(v, index, automaton);
	if (error)
		return error;

	for (i = 0; i < automaton->states.count; i++) {
		error = verify_state(v, automaton->states.first + i, automaton,
				     perms, &used);
		if (error)
			return error;
	}
	if (used != automaton->edges.count)
		return refuse(v, -EINVAL, ISOLATES_SECTION_AUTOMATA, index,
			      "edges that belong to no state");
	return 0;
}
