/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One walk of one automaton over a byte string that arrives in pieces.
 */
#ifndef ISOLATES_CORE_WALK_H
#define ISOLATES_CORE_WALK_H

#include "facts.h"

/*
 * @states, @edges and @byte_classes point into a verified blob, at the
 * automaton's own first elements; @byte_classes is NULL if it has none.
 * @matched counts the bytes of a STRING state's run that are behind us.
 */
struct isolates_walk {
	const struct isolates_state *states;
	const __u32 *edges;
	const struct isolates_byte_classes *byte_classes;
	__u32 state;
	__u32 matched;
};

/* No further byte can change the outcome of @walk. */
static inline bool isolates_walk_is_over(const struct isolates_walk *walk)
{
	return walk->states[walk->state].kind == ISOLATES_STATE_SINK;
}

/* The permissions (relative to the policy's) of the string walked so far. */
static inline __u32 isolates_walk_perms(const struct isolates_walk *walk)
{
	return walk->states[walk->state].perms;
}

/**
 * isolates_walk_bytes - Go on along an automaton
 *
 * @walk: a walk over a verified automaton.
 * @bytes: what to walk along. May change meanwhile (a name under rename): the
 *         outcome is then meaningless, but nothing outside is ever read.
 * @length: of @bytes.
 */
void isolates_walk_bytes(struct isolates_walk *walk, const __u8 *bytes,
			 __u32 length);

/**
 * isolates_walk_path - Go on along an automaton, by the components of a path
 *
 * @walk: as above.
 * @pieces: the components; a slash goes before each.
 * @count: of @pieces.
 * @is_directory: a slash goes behind the last one; it does if there is none, too.
 *
 * The same as that many calls of isolates_walk_bytes(), in less time.
 */
void isolates_walk_path(struct isolates_walk *walk,
			const struct isolates_piece *pieces, __u32 count,
			bool is_directory);

#endif /* ISOLATES_CORE_WALK_H */
