/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was allowed of sockets, and can be allowed again without the rules.
 *
 * Each CPU has a small table of its own, by the facts themselves. An entry counts while the
 * rules and modes are what they were (see isolates_epoch), for who is under the same, by a
 * number that is never used again. Only what all policies allow, with nothing to tell of
 * it, is kept.
 */
#ifndef _SECURITY_ISOLATES_MEMO_H
#define _SECURITY_ISOLATES_MEMO_H

#include <linux/hash.h>
#include <linux/percpu.h>

#include "compat.h"
#include "confinement.h"
#include "core/facts.h"
#include "table.h"

#define ISOLATES_MEMO_BITS	5

/* The facts as words, with zeroes behind them. */
#define ISOLATES_MEMO_WORDS	DIV_ROUND_UP(ISOLATES_NETWORK_FACTS_MAX, sizeof(u64))

struct isolates_memo_entry {
	u64 confinement;	/* 0: nothing */
	u64 epoch;
	u32 operations;		/* that are allowed */
	u32 length;		/* of the facts */
	u64 words[ISOLATES_MEMO_WORDS];
};

struct isolates_memo {
	struct isolates_memo_entry entries[1 << ISOLATES_MEMO_BITS];
};

DECLARE_PER_CPU(struct isolates_memo, isolates_memo);

/* A socket that is made has four bytes of facts: those are the short way. */
static __always_inline u32 isolates_memo_slot(const struct isolates_network_facts *facts)
{
	u32 hash = get_unaligned((const u32 *)facts->bytes);

	/* The end of the peer's address, and its port. */
	if (facts->length > sizeof(u32))
		hash ^= get_unaligned((const u32 *)(facts->bytes + facts->length - sizeof(u32)));
	return hash_32(hash, ISOLATES_MEMO_BITS);
}

static __always_inline bool
isolates_memo_matches(const struct isolates_memo_entry *entry,
		      const struct isolates_network_facts *facts)
{
	if (entry->length != facts->length)
		return false;
	if (facts->length == sizeof(u32))
		return *(const u32 *)entry->words == get_unaligned((const u32 *)facts->bytes);
	return !memcmp(entry->words, facts->bytes, facts->length);
}

/**
 * isolates_memo_allows - Is it known that this is allowed, with nothing to tell of it?
 *
 * @confinement: of the current task.
 * @facts: of the operations.
 * @operations: mask of enum isolates_network_op.
 *
 * Does not sleep. Not for interrupts.
 */
static __always_inline bool
isolates_memo_allows(const struct isolates_confinement *confinement,
		     const struct isolates_network_facts *facts, u32 operations)
{
	const struct isolates_memo_entry *entry;
	bool allows;

	preempt_disable();
	entry = this_cpu_ptr(&isolates_memo)->entries + isolates_memo_slot(facts);
	allows = entry->confinement == confinement->id &&
		 entry->epoch == READ_ONCE(isolates_epoch) &&
		 !(operations & ~entry->operations) && isolates_memo_matches(entry, facts);
	preempt_enable();
	return allows;
}

void isolates_memo_add(const struct isolates_confinement *confinement,
		       const struct isolates_network_facts *facts, u32 operations, u64 epoch);

#endif /* _SECURITY_ISOLATES_MEMO_H */
