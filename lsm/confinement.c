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
/* Of the last confinement made. */
static atomic64_t last_id;

/* Never the last reference: it stays when no task has it. */
struct isolates_confinement isolates_broken_confinement = {
	.refs = REFCOUNT_INIT(1),
	.weak_refs = REFCOUNT_INIT(1),
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

/**
 * isolates_entry_set_begin - Start from what a task is under
 *
 * @set: filled.
 * @confinement: may be NULL; not the broken one.
 */
void isolates_entry_set_begin(struct isolates_entry_set *set,
			      const struct isolates_confinement *confinement)
{
	set->overflow = false;
	set->count = confinement ? confinement->entry_count : 0;
	if (set->count)
		memcpy(set->entries, confinement->entries,
		       set->count * sizeof(*set->entries));
}

/**
 * isolates_entry_set_add - Add a reason to be confined
 *
 * @set: stays sorted; notes if there is no room in it.
 * @entry: if there is one of its origin already, whatever has become of that, stays.
 */
void isolates_entry_set_add(struct isolates_entry_set *set,
			    const struct isolates_entry *entry)
{
	u32 at;

	for (at = 0; at < set->count; at++) {
		struct isolates_entry *const other = set->entries + at;

		if (other->origin == entry->origin) {
			if (!(other->flags & ISOLATES_ENTRY_REASONS))
				other->label = entry->label;
			other->flags |= entry->flags;
			return;
		}
		if (other->origin->id > entry->origin->id)
			break;
	}
	if (set->count == ARRAY_SIZE(set->entries)) {
		set->overflow = true;
		return;
	}
	memmove(set->entries + at + 1, set->entries + at,
		(set->count - at) * sizeof(*set->entries));
	set->entries[at] = *entry;
	set->count++;
}

static struct isolates_entry *find_entry(struct isolates_entry_set *set,
					 const struct isolates_label *origin)
{
	u32 i;

	for (i = 0; i < set->count; i++) {
		if (set->entries[i].origin == origin)
			return set->entries + i;
	}
	return NULL;
}

/* The entry that has begun with @origin, or NULL. */
const struct isolates_entry *
isolates_entry_set_find(const struct isolates_entry_set *set,
			const struct isolates_label *origin)
{
	return find_entry((struct isolates_entry_set *)set, origin);
}

/* Put the task under the policy that @entry is about, or what that has led to. */
static void attach_now(struct isolates_entry *entry)
{
	if (!entry->label && entry->flags & ISOLATES_ENTRY_REASONS)
		entry->flags |= ISOLATES_ENTRY_RETAKEN;
	if (!entry->label)
		entry->label = entry->origin;
	entry->flags |= ISOLATES_ENTRY_ATTACHED;
	entry->flags &= ~(unsigned long)ISOLATES_ENTRY_PENDING;
}

/**
 * isolates_entry_set_attach - Add that a process is put under a policy by itself
 *
 * @set: notes if there is no room in it. Who is under what the policy has led to stays
 *	 so.
 * @origin: the policy.
 * @on_exec: only by the next exec.
 */
void isolates_entry_set_attach(struct isolates_entry_set *set,
			       struct isolates_label *origin, bool on_exec)
{
	const struct isolates_entry new = {
		.origin = origin,
		.label = on_exec ? NULL : origin,
		.flags = on_exec ? ISOLATES_ENTRY_PENDING : ISOLATES_ENTRY_ATTACHED,
	};
	struct isolates_entry *const entry = find_entry(set, origin);

	if (!entry)
		isolates_entry_set_add(set, &new);
	else if (on_exec)
		entry->flags |= ISOLATES_ENTRY_PENDING;
	else
		attach_now(entry);
}

static void remove_entry(struct isolates_entry_set *set, struct isolates_entry *entry)
{
	set->count--;
	memmove(entry, entry + 1,
		(set->entries + set->count - entry) * sizeof(*entry));
}

/* Undo that, and no more. */
void isolates_entry_set_detach(struct isolates_entry_set *set,
			       const struct isolates_label *origin)
{
	struct isolates_entry *const entry = find_entry(set, origin);

	if (!entry)
		return;
	if (entry->flags & ISOLATES_ENTRY_RETAKEN)
		entry->label = NULL;
	entry->flags &= ISOLATES_ENTRY_RESIDENT | ISOLATES_ENTRY_VISITOR;
	if (!entry->flags)
		remove_entry(set, entry);
}

static bool is_lasting(const struct isolates_entry *entry)
{
	return entry->flags & (ISOLATES_ENTRY_RESIDENT | ISOLATES_ENTRY_ATTACHED);
}

/* Is who is under @entries, @count of them, confined by something else than visits? */
bool isolates_entries_are_for_good(const struct isolates_entry *entries, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (entries[i].label && is_lasting(entries + i))
			return true;
	}
	return false;
}

/* The same of a set. */
bool isolates_entry_set_is_for_good(const struct isolates_entry_set *set)
{
	return isolates_entries_are_for_good(set->entries, set->count);
}

/* An exec: the pending ones are attached by it, and visitors become residents. */
void isolates_entry_set_settle(struct isolates_entry_set *set)
{
	struct isolates_entry *entry;

	for (entry = set->entries; entry < set->entries + set->count; entry++) {
		if (entry->flags & ISOLATES_ENTRY_PENDING)
			attach_now(entry);
		if (entry->flags & ISOLATES_ENTRY_VISITOR) {
			entry->flags &= ~(unsigned long)ISOLATES_ENTRY_VISITOR;
			entry->flags |= ISOLATES_ENTRY_RESIDENT;
		}
	}
}

/* Take all visits for over until they are found to last: by adding them again. */
void isolates_entry_set_begin_leaving(struct isolates_entry_set *set)
{
	struct isolates_entry *entry;

	for (entry = set->entries; entry < set->entries + set->count; entry++) {
		if (entry->flags & ISOLATES_ENTRY_VISITOR)
			entry->flags ^= ISOLATES_ENTRY_VISITOR | ISOLATES_ENTRY_LEAVING;
	}
}

/* Release the visitor from what it was under for visits that do not. */
void isolates_entry_set_end_leaving(struct isolates_entry_set *set)
{
	u32 i = set->count;

	while (i--) {
		struct isolates_entry *const entry = set->entries + i;
		const unsigned long rest = entry->flags & ~(unsigned long)ISOLATES_ENTRY_LEAVING;

		if (!rest) {
			remove_entry(set, entry);
			continue;
		}
		if (!(rest & ISOLATES_ENTRY_REASONS))
			entry->label = NULL;
		entry->flags = rest;
	}
}

/* All that must be asked of who is under @entries. They fit, if those do. */
void isolates_entry_set_labels(const struct isolates_entry_set *entries,
			       struct isolates_label_set *labels)
{
	u32 i;

	labels->count = 0;
	labels->overflow = entries->overflow;
	for (i = 0; i < entries->count; i++) {
		if (entries->entries[i].label)
			isolates_label_set_add(labels, entries->entries[i].label);
	}
	labels->visits = labels->count && !isolates_entry_set_is_for_good(entries);
}

/**
 * isolates_entries_lasting_labels - What of it stays when all visits are over
 *
 * @entries: all that a task is under.
 * @count: how many they are; they fit.
 * @labels: filled.
 */
void isolates_entries_lasting_labels(const struct isolates_entry *entries, u32 count,
				     struct isolates_label_set *labels)
{
	u32 i;

	labels->count = 0;
	labels->overflow = false;
	labels->visits = false;
	for (i = 0; i < count; i++) {
		if (entries[i].label && is_lasting(entries + i))
			isolates_label_set_add(labels, entries[i].label);
	}
}

/* Is @confinement, which may be NULL, what @set says? */
bool isolates_confinement_equals(const struct isolates_confinement *confinement,
				 const struct isolates_entry_set *set)
{
	if (set->overflow)
		return false;
	if (!confinement)
		return !set->count;
	return confinement->entry_count == set->count &&
	       !memcmp(confinement->entries, set->entries,
		       set->count * sizeof(*set->entries));
}

static struct isolates_confinement *
find_locked(const struct isolates_entry_set *set, u32 hash)
{
	struct isolates_confinement *confinement;

	lockdep_assert_held(&confinements_lock);
	hash_for_each_possible(confinements, confinement, node, hash) {
		if (isolates_confinement_equals(confinement, set) &&
		    refcount_inc_not_zero(&confinement->refs))
			return confinement;
	}
	return NULL;
}

/* Of memory that is freed with it, behind its labels. */
static struct isolates_confinement *
confinement_create(const struct isolates_entry_set *set, u32 hash)
{
	struct isolates_confinement *confinement;
	struct isolates_label_set labels;
	struct isolates_entry *entries;
	u32 i;

	isolates_entry_set_labels(set, &labels);
	confinement = kzalloc(struct_size(confinement, labels, labels.count) +
			      set->count * sizeof(*entries),
			      GFP_ATOMIC | __GFP_NOWARN);
	if (!confinement)
		return NULL;
	refcount_set(&confinement->refs, 1);
	refcount_set(&confinement->weak_refs, 1);
	confinement->hash = hash;
	confinement->id = atomic64_inc_return(&last_id);
	confinement->count = labels.count;
	for (i = 0; i < labels.count; i++) {
		confinement->labels[i] = labels.labels[i];
		isolates_label_use(labels.labels[i]);
	}
	entries = (struct isolates_entry *)(confinement->labels + labels.count);
	for (i = 0; i < set->count; i++) {
		entries[i] = set->entries[i];
		if (entries[i].flags & ISOLATES_ENTRY_VISITOR)
			confinement->awaits_exec = true;
		/* No use of it if nobody need be under it any more. */
		if (entries[i].flags & ISOLATES_ENTRY_PENDING) {
			confinement->awaits_exec = true;
			isolates_label_use(entries[i].origin);
		} else {
			isolates_label_get(entries[i].origin);
		}
	}
	confinement->entries = entries;
	confinement->entry_count = set->count;
	return confinement;
}

/* From then on their policies may be unloaded. */
static void unuse_labels(const struct isolates_confinement *confinement)
{
	u32 i;

	for (i = 0; i < confinement->count; i++)
		atomic_dec(&confinement->labels[i]->uses);
	for (i = 0; i < confinement->entry_count; i++) {
		if (confinement->entries[i].flags & ISOLATES_ENTRY_PENDING)
			atomic_dec(&confinement->entries[i].origin->uses);
	}
}

static void put_labels(const struct isolates_confinement *confinement)
{
	u32 i;

	for (i = 0; i < confinement->count; i++)
		isolates_label_put(confinement->labels[i]);
	for (i = 0; i < confinement->entry_count; i++)
		isolates_label_put(confinement->entries[i].origin);
}

/**
 * isolates_confinement_find - What a confinement is, by its id
 *
 * @id: of one that may be gone.
 * @set: filled; valid under the caller's rcu_read_lock().
 *
 * In any context; takes time linear in their number. Returns: whether there is one.
 */
bool isolates_confinement_find(u64 id, struct isolates_label_set *set)
{
	struct isolates_confinement *confinement;
	unsigned long flags;
	bool found = false;
	u32 bucket;

	spin_lock_irqsave(&confinements_lock, flags);
	hash_for_each(confinements, bucket, confinement, node) {
		if (confinement->id != id || !refcount_read(&confinement->refs))
			continue;
		set->count = confinement->count;
		set->overflow = false;
		memcpy(set->labels, confinement->labels, set->count * sizeof(*set->labels));
		found = true;
		break;
	}
	spin_unlock_irqrestore(&confinements_lock, flags);
	return found;
}

/**
 * isolates_confinement_intern - The one confinement of a set of entries
 *
 * @set: at least one entry; the labels are kept alive by the caller.
 *
 * Does not sleep. Returns: it, with a reference for the caller, or NULL if there
 * is no memory or the set has overflown: the caller must deny.
 */
struct isolates_confinement *
isolates_confinement_intern(const struct isolates_entry_set *set)
{
	const u32 hash = jhash(set->entries, set->count * sizeof(*set->entries), 0);
	struct isolates_confinement *confinement, *other;
	unsigned long flags;

	if (set->overflow)
		return NULL;

	spin_lock_irqsave(&confinements_lock, flags);
	confinement = find_locked(set, hash);
	spin_unlock_irqrestore(&confinements_lock, flags);
	if (confinement)
		return confinement;

	confinement = confinement_create(set, hash);
	if (!confinement)
		return NULL;

	spin_lock_irqsave(&confinements_lock, flags);
	other = find_locked(set, hash);
	if (!other) {
		hash_add(confinements, &confinement->node, hash);
		confinement_count++;
	}
	spin_unlock_irqrestore(&confinements_lock, flags);

	if (other) {
		unuse_labels(confinement);
		put_labels(confinement);
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

	/* With none left it cannot be found, so nobody can come in between. */
	if (!confinement || !refcount_dec_and_test(&confinement->refs))
		return;
	spin_lock_irqsave(&confinements_lock, flags);
	hash_del(&confinement->node);
	confinement_count--;
	spin_unlock_irqrestore(&confinements_lock, flags);

	unuse_labels(confinement);
	isolates_confinement_put_weak(confinement);
}

/**
 * isolates_confinement_put_weak - Give a weak reference back
 *
 * @confinement: may be NULL.
 *
 * May be called in any context; readers under RCU may still look at it.
 */
void isolates_confinement_put_weak(struct isolates_confinement *confinement)
{
	if (!confinement || !refcount_dec_and_test(&confinement->weak_refs))
		return;
	put_labels(confinement);
	kfree_rcu(confinement, rcu);
}

/* How many there are, for the statistics. */
u32 isolates_confinement_count(void)
{
	return READ_ONCE(confinement_count);
}
