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

/* Are they alike? In few steps, as most runs are short and most bytes match. */
static __always_inline bool are_equal(const __u8 *a, const __u8 *b, __u32 length)
{
	__u64 a8, b8;
	__u32 a4, b4;
	__u16 a2, b2;

	for (; length >= 8; length -= 8) {
		memcpy(&a8, a, sizeof(a8));
		memcpy(&b8, b, sizeof(b8));
		if (a8 != b8)
			return false;
		a += 8;
		b += 8;
	}
	if (length & 4) {
		memcpy(&a4, a, sizeof(a4));
		memcpy(&b4, b, sizeof(b4));
		if (a4 != b4)
			return false;
		a += 4;
		b += 4;
	}
	if (length & 2) {
		memcpy(&a2, a, sizeof(a2));
		memcpy(&b2, b, sizeof(b2));
		if (a2 != b2)
			return false;
		a += 2;
		b += 2;
	}
	return !(length & 1) || *a == *b;
}

/* Where a walk is; a local one of these is in registers. */
struct place {
	const struct isolates_state *state;
	__u32 matched;
};

static __always_inline void arrive(const struct isolates_walk *walk,
				   struct place *at, __u32 state)
{
	at->state = walk->states + state;
	at->matched = 0;
}

static __always_inline const __u32 *edges_of(const struct isolates_walk *walk,
					     const struct place *at)
{
	return walk->edges + at->state->edges;
}

/* Go on by as many bytes as the run of a STRING state has, or as there are. */
static __always_inline const __u8 *go_along(const struct isolates_walk *walk,
					    struct place *at, const __u8 *bytes,
					    const __u8 *end)
{
	const __u32 *const edges = edges_of(walk, at);
	const __u8 *const run = (const __u8 *)(edges + 1) + at->matched;
	const __u32 left = at->state->count - at->matched;
	const __u32 given = (__u32)(end - bytes);
	const __u32 length = left < given ? left : given;
	__u32 i;

	if (likely(are_equal(run, bytes, length))) {
		at->matched += length;
		if (length == left)
			arrive(walk, at, edges[0]);
		return bytes + length;
	}
	/* Bytes may change under us: it does end, wherever they are alike by now. */
	for (i = 0; i + 1 < length && run[i] == bytes[i]; i++)
		;
	arrive(walk, at, at->state->otherwise);
	return bytes + i + 1;
}

static __always_inline void go(const struct isolates_walk *walk, struct place *at,
			       const __u8 *bytes, const __u8 *end)
{
	while (bytes < end) {
		switch (at->state->kind) {
		case ISOLATES_STATE_STRING:
			bytes = go_along(walk, at, bytes, end);
			break;
		case ISOLATES_STATE_SPARSE:
			arrive(walk, at, sparse_target(at->state, edges_of(walk, at),
						       *bytes++));
			break;
		case ISOLATES_STATE_DENSE:
			arrive(walk, at,
			       edges_of(walk, at)[walk->byte_classes->of[*bytes++]]);
			break;
		default:
			return;
		}
	}
}

static __always_inline struct place place_of(const struct isolates_walk *walk)
{
	const struct place at = {
		.state = walk->states + walk->state,
		.matched = walk->matched,
	};

	return at;
}

static __always_inline void note_place(struct isolates_walk *walk,
				       const struct place *at)
{
	walk->state = (__u32)(at->state - walk->states);
	walk->matched = at->matched;
}

void isolates_walk_bytes(struct isolates_walk *walk, const __u8 *bytes,
			 __u32 length)
{
	struct place at = place_of(walk);

	if (unlikely(!length))
		return;
	go(walk, &at, bytes, bytes + length);
	note_place(walk, &at);
}

/* A slash is one byte, most often of a run. */
static __always_inline void go_by_slash(const struct isolates_walk *walk,
					struct place *at)
{
	static const __u8 slash = '/';

	if (likely(at->state->kind == ISOLATES_STATE_STRING)) {
		const __u32 *const edges = edges_of(walk, at);

		if (unlikely(((const __u8 *)(edges + 1))[at->matched] != slash))
			arrive(walk, at, at->state->otherwise);
		else if (++at->matched == at->state->count)
			arrive(walk, at, edges[0]);
		return;
	}
	go(walk, at, &slash, &slash + 1);
}

void isolates_walk_path(struct isolates_walk *walk,
			const struct isolates_piece *pieces, __u32 count,
			bool is_directory)
{
	struct place at = place_of(walk);
	__u32 i;

	is_directory |= !count;
	for (i = 0; i < count; i++) {
		if (at.state->kind == ISOLATES_STATE_SINK)
			goto out;
		go_by_slash(walk, &at);
		go(walk, &at, pieces[i].bytes, pieces[i].bytes + pieces[i].length);
	}
	if (is_directory)
		go_by_slash(walk, &at);
out:
	note_place(walk, &at);
}
