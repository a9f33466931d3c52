/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A label: a policy's name, as an object that outlives the policy's replacement.
 *
 * Tasks and bindings refer to a policy by its label, and the table of what is in
 * force (table.h) says what the label means now. So replacing a policy confines
 * its running tasks anew at once, without a visit to any of them.
 */
#ifndef _SECURITY_ISOLATES_LABEL_H
#define _SECURITY_ISOLATES_LABEL_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct isolates_label {
	refcount_t refs;
	/* Bindings and confinements; while there are any, a policy is in use. */
	atomic_t uses;
	/* Index into the table; unique while the label lives. */
	u32 id;
	u32 length;
	struct hlist_node node;		/* protected by labels_lock */
	struct rcu_head rcu;
	char name[];			/* NUL-terminated, @length bytes */
};

/* Upper bound of ids, and so of policies that are in force at once. */
#define ISOLATES_LABELS_MAX	BIT(20)

struct isolates_label *isolates_label_create(const char *name, u32 length);
struct isolates_label *isolates_label_find(const char *name, u32 length);
void isolates_label_put(struct isolates_label *label);

static inline struct isolates_label *
isolates_label_get(struct isolates_label *label)
{
	refcount_inc(&label->refs);
	return label;
}

/* A use is a reference that also keeps the label's policy from being unloaded. */
static inline void isolates_label_use(struct isolates_label *label)
{
	refcount_inc(&label->refs);
	atomic_inc(&label->uses);
}

static inline void isolates_label_unuse(struct isolates_label *label)
{
	atomic_dec(&label->uses);
	isolates_label_put(label);
}

#endif /* _SECURITY_ISOLATES_LABEL_H */
