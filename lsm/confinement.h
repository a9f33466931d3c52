/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A confinement: what a task is under, and how it came to be. Equal ones are one
 * object, shared by all tasks; a task that was never confined has none.
 */
#ifndef _SECURITY_ISOLATES_CONFINEMENT_H
#define _SECURITY_ISOLATES_CONFINEMENT_H

#include <linux/refcount.h>
#include <linux/types.h>

struct isolates_label;

/* How many policies a task can be under; more than that denies everything. */
#define ISOLATES_LABELS_PER_TASK	16

enum isolates_entry_flag {
	/* Of a task that has lived where the policy is bound, or comes from one: for good. */
	ISOLATES_ENTRY_RESIDENT	= 1u << 0,
	/* Of a task that came by setns(): gone again when it leaves, unless it execs. */
	ISOLATES_ENTRY_VISITOR	= 1u << 1,
	/* Of a process that was put under the policy by itself: gone when that is undone. */
	ISOLATES_ENTRY_ATTACHED	= 1u << 2,
	/* To be attached by the next exec. That alone puts nobody under the policy. */
	ISOLATES_ENTRY_PENDING	= 1u << 3,
	/* Attached again after the policy had let it go, as it does once that is undone. */
	ISOLATES_ENTRY_RETAKEN	= 1u << 4,
	/* In the making: a visitor's, of which it is not known yet if it is still there. */
	ISOLATES_ENTRY_LEAVING	= 1u << 5,
};

/* Each of these is a reason to be under the policy, or what it has led to. */
#define ISOLATES_ENTRY_REASONS \
	(ISOLATES_ENTRY_RESIDENT | ISOLATES_ENTRY_VISITOR | ISOLATES_ENTRY_ATTACHED)

/*
 * One reason to be confined. A task that the policy @origin has let go over to another
 * still lives in the namespace that is bound to @origin, which must not confine it
 * anew: so where it began is remembered beside what has become of it.
 */
struct isolates_entry {
	struct isolates_label *origin;	/* what the namespace is bound to, or the task attached */
	/* What the task is under for it; NULL: nothing, by its policy's own word, or yet. */
	struct isolates_label *label;
	unsigned long flags;		/* enum isolates_entry_flag */
};

struct isolates_confinement {
	refcount_t refs;	/* tasks; never touched by a check */
	/* What only has to know the names: all tasks together, and credentials. */
	refcount_t weak_refs;
	u32 hash;
	u64 id;		/* of this and, ever, no other one */
	/* The labels of @entries, each once. All must allow; none: unconfined. */
	u32 count;
	/* Could not be worked out: denies whatever is asked. */
	bool broken;
	bool awaits_exec;	/* one of @entries is pending, or a visitor's */
	u32 entry_count;
	const struct isolates_entry *entries;	/* sorted by origin, each once */
	struct hlist_node node;	/* protected by confinements_lock */
	struct rcu_head rcu;
	/* Sorted by id. Counted, and used as long as @refs are left. */
	struct isolates_label *labels[];
};

/* A set of labels in the making. Refers, but holds no reference. */
struct isolates_label_set {
	u32 count;
	bool overflow;
	bool visits;	/* there are some, and none that lasts when all visits are over */
	struct isolates_label *labels[ISOLATES_LABELS_PER_TASK];
};

/* A confinement in the making. Refers, but holds no reference. */
struct isolates_entry_set {
	u32 count;
	bool overflow;
	struct isolates_entry entries[ISOLATES_LABELS_PER_TASK];
};

extern struct isolates_confinement isolates_broken_confinement;

void isolates_label_set_add(struct isolates_label_set *set,
			    struct isolates_label *label);
void isolates_entry_set_begin(struct isolates_entry_set *set,
			      const struct isolates_confinement *confinement);
void isolates_entry_set_add(struct isolates_entry_set *set,
			    const struct isolates_entry *entry);
const struct isolates_entry *
isolates_entry_set_find(const struct isolates_entry_set *set,
			const struct isolates_label *origin);
void isolates_entry_set_attach(struct isolates_entry_set *set,
			       struct isolates_label *origin, bool on_exec);
void isolates_entry_set_detach(struct isolates_entry_set *set,
			       const struct isolates_label *origin);
bool isolates_entries_are_for_good(const struct isolates_entry *entries, u32 count);
bool isolates_entry_set_is_for_good(const struct isolates_entry_set *set);
void isolates_entry_set_settle(struct isolates_entry_set *set);
void isolates_entry_set_begin_leaving(struct isolates_entry_set *set);
void isolates_entry_set_end_leaving(struct isolates_entry_set *set);
void isolates_entry_set_labels(const struct isolates_entry_set *entries,
			       struct isolates_label_set *labels);
void isolates_entries_lasting_labels(const struct isolates_entry *entries, u32 count,
				     struct isolates_label_set *labels);
bool isolates_confinement_equals(const struct isolates_confinement *confinement,
				 const struct isolates_entry_set *set);
struct isolates_confinement *
isolates_confinement_intern(const struct isolates_entry_set *set);
void isolates_confinement_put(struct isolates_confinement *confinement);
void isolates_confinement_put_weak(struct isolates_confinement *confinement);
u32 isolates_confinement_count(void);
bool isolates_confinement_find(u64 id, struct isolates_label_set *set);

/* Is there a policy to ask? Not of a task that has none, or has none any more. */
static inline bool
isolates_confinement_confines(const struct isolates_confinement *confinement)
{
	return confinement && (confinement->count || confinement->broken);
}

static inline struct isolates_confinement *
isolates_confinement_get(struct isolates_confinement *confinement)
{
	if (confinement)
		refcount_inc(&confinement->refs);
	return confinement;
}

/* A reference that does not keep the labels' policies from being unloaded. */
static inline struct isolates_confinement *
isolates_confinement_get_weak(struct isolates_confinement *confinement)
{
	if (confinement)
		refcount_inc(&confinement->weak_refs);
	return confinement;
}

#endif /* _SECURITY_ISOLATES_CONFINEMENT_H */
