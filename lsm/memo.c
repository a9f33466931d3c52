// SPDX-License-Identifier: GPL-2.0-only
#include "memo.h"

DEFINE_PER_CPU(struct isolates_memo, isolates_memo);

/**
 * isolates_memo_add - Keep that something is allowed, with nothing to tell of it
 *
 * @confinement: who by; not the broken one.
 * @facts: of the operations.
 * @operations: mask of enum isolates_network_op.
 * @epoch: of isolates_epoch, read with an acquire before the policies were asked.
 *
 * Does not sleep. Not for interrupts.
 */
void isolates_memo_add(const struct isolates_confinement *confinement,
		       const struct isolates_network_facts *facts, u32 operations, u64 epoch)
{
	struct isolates_memo_entry *entry;

	preempt_disable();
	entry = this_cpu_ptr(&isolates_memo)->entries + isolates_memo_slot(facts);
	if (entry->confinement == confinement->id && entry->epoch == epoch &&
	    isolates_memo_matches(entry, facts)) {
		entry->operations |= operations;
	} else {
		entry->confinement = confinement->id;
		entry->epoch = epoch;
		entry->operations = operations;
		entry->length = facts->length;
		memcpy(entry->words, facts->bytes, facts->length);
	}
	preempt_enable();
}
