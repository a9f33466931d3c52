// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hashtable.h>
#include <linux/idr.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stringhash.h>

#include "label.h"

static DEFINE_HASHTABLE(labels, 10);
/* Taken with interrupts off: the last put may come from an RCU callback. */
static DEFINE_SPINLOCK(labels_lock);
static DEFINE_IDA(label_ids);

static struct isolates_label *find_locked(const char *name, u32 length, u32 hash)
{
	struct isolates_label *label;

	lockdep_assert_held(&labels_lock);
	hash_for_each_possible(labels, label, node, hash) {
		if (label->length == length &&
		    !memcmp(label->name, name, length) &&
		    refcount_inc_not_zero(&label->refs))
			return label;
	}
	return NULL;
}

/**
 * isolates_label_find - Look a label up by its name
 *
 * @name: without a NUL.
 * @length: of @name in bytes.
 *
 * Returns: the label with a reference for the caller, or NULL.
 */
struct isolates_label *isolates_label_find(const char *name, u32 length)
{
	struct isolates_label *label;
	unsigned long flags;

	spin_lock_irqsave(&labels_lock, flags);
	label = find_locked(name, length, full_name_hash(NULL, name, length));
	spin_unlock_irqrestore(&labels_lock, flags);
	return label;
}

/**
 * isolates_label_create - Look a label up by its name, or make it
 *
 * @name: without a NUL.
 * @length: of @name in bytes.
 *
 * May sleep. Returns: the label with a reference for the caller, or
 * - -ENOMEM;
 * - -ENOSPC: there are too many labels.
 */
struct isolates_label *isolates_label_create(const char *name, u32 length)
{
	const u32 hash = full_name_hash(NULL, name, length);
	struct isolates_label *label, *other;
	unsigned long flags;
	int id;

	label = isolates_label_find(name, length);
	if (label)
		return label;

	label = kzalloc(struct_size(label, name, length + 1), GFP_KERNEL_ACCOUNT);
	if (!label)
		return ERR_PTR(-ENOMEM);
	id = ida_alloc_max(&label_ids, ISOLATES_LABELS_MAX - 1, GFP_KERNEL);
	if (id < 0) {
		kfree(label);
		return ERR_PTR(id);
	}
	refcount_set(&label->refs, 1);
	label->id = id;
	label->length = length;
	memcpy(label->name, name, length);

	spin_lock_irqsave(&labels_lock, flags);
	other = find_locked(name, length, hash);
	if (!other)
		hash_add(labels, &label->node, hash);
	spin_unlock_irqrestore(&labels_lock, flags);

	if (other) {
		ida_free(&label_ids, id);
		kfree(label);
		return other;
	}
	return label;
}

static void label_free_rcu(struct rcu_head *rcu)
{
	struct isolates_label *const label =
		container_of(rcu, struct isolates_label, rcu);

	ida_free(&label_ids, label->id);
	kfree(label);
}

/**
 * isolates_label_put - Give a reference back
 *
 * @label: any label.
 *
 * May be called in any context. Whoever still looks at it under RCU looks its id up
 * in the table, so the id is not given to another label before they are done.
 */
void isolates_label_put(struct isolates_label *label)
{
	unsigned long flags;

	/* With none left it cannot be found, so nobody can come in between. */
	if (!refcount_dec_and_test(&label->refs))
		return;
	spin_lock_irqsave(&labels_lock, flags);
	hash_del(&label->node);
	spin_unlock_irqrestore(&labels_lock, flags);
	call_rcu(&label->rcu, label_free_rcu);
}
