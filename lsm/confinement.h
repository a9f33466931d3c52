/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A confinement: the set of labels that a task is under. Each of their policies
 * must allow what the task does. Equal sets are one object, shared by all tasks;
 * an unconfined task has none.
 */
#ifndef _SECURITY_ISOLATES_CONFINEMENT_H
#define _SECURITY_ISOLATES_CONFINEMENT_H

#include <linux/refcount.h>
#include <linux/types.h>

struct isolates_label;

/* How many policies a task can be under; more than that denies everything. */
#define ISOLATES_LABELS_PER_TASK	16

struct isolates_confinement {
	refcount_t refs;	/* tasks; never touched by a check */
	u32 hash;
	u32 count;
	/* Could not be worked out: denies whatever is asked. */
	bool broken;
	struct hlist_node node;	/* protected by confinements_lock */
	struct rcu_head rcu;
	struct isolates_label *labels[];	/* used, sorted by id */
};

/* A set of labels in the making. Refers, but holds no reference. */
struct isolates_label_set {
	u32 count;
	bool overflow;
	struct isolates_label *labels[ISOLATES_LABELS_PER_TASK];
};

extern struct isolates_confinement isolates_broken_confinement;

void isolates_label_set_add(struct isolates_label_set *set,
			    struct isolates_label *label);
struct isolates_confinement *
isolates_confinement_intern(const struct isolates_label_set *set);
void isolates_confinement_put(struct isolates_confinement *confinement);
u32 isolates_confinement_count(void);

static inline struct isolates_confinement *
isolates_confinement_get(struct isolates_confinement *confinement)
{
	if (confinement)
		refcount_inc(&confinement->refs);
	return confinement;
}

#endif /* _SECURITY_ISOLATES_CONFINEMENT_H */
