// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "confinement.h"
#include "label.h"

static DEFINE_HASHTABLE(confinements, 10);
/* Taken with interrupts off: the last put may come from an RCU callback. */
static DEFINE_SPINLOCK(confinements_lock);
static u32 confinement_count;	/* protected by confinements_lock */

/* Never the last reference: it stays when no task has it. */
struct isolates_confinement isolates_broken_confinement = {
	.refs = REFCOUNT_INIT(1),
	.broken = true,
};

/* Keep @set sorted by id and without doubles; note if it does not fit. */
void isolates_label_set_add(struct isolates_label_set *set,
			    struct isolates_label *label)
{
	u32 at = set->count;
	u32 i;

	for (i = 0; i < set->count; i++) {
		if (set->labels[i] == label)
			return;
		if (set->labels[i]->id > label->id && at == set->count)
			at = i;
	}
	if (set->count == ARRAY_SIZE(set->labels)) {
		set->overflow = true;
		return;
	}
	memmove(set->labels + at + 1, set->labels + at,
		(set->count - at) * sizeof(*set->labels));
	set->labels[at] = label;
	set->count++;
}

static struct isolates_confinement *
find_locked(const struct isolates_label_set *set, u32 hash)
{
	struct isolates_confinement *confinement;

	lockdep_assert_held(&confinements_lock);
	hash_for_each_possible(confinements, confinement, node, hash) {
		if (confinement->count == set->count &&
		    !memcmp(confinement->labels, set->labels,
			    set->count * sizeof(*set->labels)) &&
		    refcount_inc_not_zero(&confinement->refs))
			return confinement;
	}
	return NULL;
}

/**
 * isolates_confinement_intern - The one confinement of a set of labels
 *
 * @set: at least one label; each is kept alive by the caller.
 *
 * Does not sleep. Returns: it, with a reference for the caller, or NULL if there
 * is no memory or the set has overflown: the caller must deny.
 */
struct isolates_confinement *
isolates_confinement_intern(const struct isolates_label_set *set)
{
	const u32 hash = jhash(set->labels, set->count * sizeof(*set->labels), 0);
	struct isolates_confinement *confinement, *other;
	unsigned long flags;
	u32 i;

	if (set->overflow)
		return NULL;

	spin_lock_irqsave(&confinements_lock, flags);
	confinement = find_locked(set, hash);
	spin_unlock_irqrestore(&confinements_lock, flags);
	if (confinement)
		return confinement;

	confinement = kzalloc(struct_size(confinement, labels, set->count),
			      GFP_ATOMIC | __GFP_NOWARN);
	if (!confinement)
		return NULL;
	refcount_set(&confinement->refs, 1);
	confinement->hash = hash;
	confinement->count = set->count;
	for (i = 0; i < set->count; i++) {
		confinement->labels[i] = set->labels[i];
		isolates_label_use(set->labels[i]);
	}

	spin_lock_irqsave(&confinements_lock, flags);
	other = find_locked(set, hash);
	if (!other) {
		hash_add(confinements, &confinement->node, hash);
		confinement_count++;
	}
	spin_unlock_irqrestore(&confinements_lock, flags);

	if (other) {
		for (i = 0; i < confinement->count; i++)
			isolates_label_unuse(confinement->labels[i]);
		kfree(confinement);
		return other;
	}
	return confinement;
}

/**
 * isolates_confinement_put - Give a task's reference back
 *
 * @confinement: may be NULL.
 *
 * May be called in any context; readers under RCU may still look at it.
 */
void isolates_confinement_put(struct isolates_confinement *confinement)
{
	unsigned long flags;
	u32 i;

	/* With none left it cannot be found, so nobody can come in between. */
	if (!confinement || !refcount_dec_and_test(&confinement->refs))
		return;
	spin_lock_irqsave(&confinements_lock, flags);
	hash_del(&confinement->node);
	confinement_count--;
	spin_unlock_irqrestore(&confinements_lock, flags);

	for (i = 0; i < confinement->count; i++)
		isolates_label_unuse(confinement->labels[i]);
	kfree_rcu(confinement, rcu);
}

/* How many there are, for the statistics. */
u32 isolates_confinement_count(void)
{
	return READ_ONCE(confinement_count);
}
