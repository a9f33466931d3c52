// SPDX-License-Identifier: GPL-2.0-only
/*
 * The automaton walk: the hot loop of every decision.
 */
#include "walk.h"

/*
 * Where in the eight bytes at @labels is @byte? Returns its position, or 8.
 * The classic zero-byte test on the difference: the lowest bit found is always
 * a true one, as a borrow only ever runs upwards from a true zero byte.
 */
static __u32 find_label(const __u32 *labels, __u8 byte)
{
	const __u64 ones = 0x0101010101010101ull;
	const __u64 word = (labels[0] | (__u64)labels[1] << 32) ^ (ones * byte);
	const __u64 zero = (word - ones) & ~word & (ones << 7);

	return zero ? (__u32)__builtin_ctzll(zero) >> 3 : 8;
}

static __u32 sparse_target(const struct isolates_state *state,
			   const __u32 *edges, __u8 byte)
{
	const __u32 count = state->count;
	const __u32 label_words = (count + 7) / 8 * 2;
	__u32 base;

	for (base = 0; base < count; base += 8) {
		const __u32 found = base + find_label(edges + base / 4, byte);

		/* The padding behind the last label is no label. */
		if (found < base + 8)
			return found < count ? edges[label_words + found] :
					       state->otherwise;
	}
	return state->otherwise;
}

void isolates_walk_bytes(struct isolates_walk *walk, const __u8 *bytes,
			 __u32 length)
{
	const __u8 *const end = bytes + length;
	const struct isolates_state *state = walk->states + walk->state;
	const __u32 *edges = walk->edges + state->edges;
	__u32 matched = walk->matched;
	__u32 next = walk->state;

	while (bytes < end) {
		switch (state->kind) {
		case ISOLATES_STATE_STRING: {
			const __u8 *const run = (const __u8 *)(edges + 1);

			do {
				if (*bytes++ != run[matched]) {
					next = state->otherwise;
					goto arrived;
				}
				if (++matched == state->count) {
					next = edges[0];
					goto arrived;
				}
			} while (bytes < end);
			goto out;
		}
		case ISOLATES_STATE_SPARSE:
			next = sparse_target(state, edges, *bytes++);
			break;
		case ISOLATES_STATE_DENSE:
			next = edges[walk->byte_classes->of[*bytes++]];
			break;
		default:
			goto out;
		}
arrived:
		matched = 0;
		state = walk->states + next;
		edges = walk->edges + state->edges;
	}
out:
	walk->state = next;
	walk->matched = matched;
}
