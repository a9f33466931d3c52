/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of what is in force: for each label, the policy it means now.
 *
 * The table is immutable and replaced as a whole under RCU, so a reader that has
 * taken it once sees all of a load or nothing of it.
 */
#ifndef _SECURITY_ISOLATES_TABLE_H
#define _SECURITY_ISOLATES_TABLE_H

#include <linux/jump_label.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "blob.h"
#include "label.h"

struct seq_file;

/* One policy in force. Immutable but for its mode; freed a grace period after it went. */
struct isolates_instance {
	struct isolates_blob *blob;		/* counted */
	const struct isolates_policy *policy;	/* in @blob */
	struct isolates_label *label;		/* counted */
	/* enum isolates_mode. Written under isolates_admin_lock, read at any time. */
	u32 mode;
	/* It is being unloaded: nobody may come under it. As @mode. */
	bool closed;
	/* Of ISOLATES_FILE_ALWAYS_OPEN, what a rule denies or audits of some file. */
	u32 ruled_open;
	/* A bitmap; see isolates_syscall_prepare(). NULL: no rule on any call. */
	unsigned long *syscalls;
	bool speaks_of_namespaces;	/* needs the probes of namespace.c */
};

struct isolates_table {
	u32 size;
	u32 count;	/* of the entries that are not NULL */
	struct isolates_instance *instances[];	/* by label id */
};

/* Serialises whatever changes policies, bindings or probes. No hook takes it. */
extern struct mutex isolates_admin_lock;

/* On while any policy is in force; while it is off, hooks return at once. */
DECLARE_STATIC_KEY_FALSE(isolates_in_force);

/* On while any policy has @ruled_open: else nobody need ask about such an operation. */
DECLARE_STATIC_KEY_FALSE(isolates_open_is_ruled);

extern struct isolates_table __rcu *isolates_table;

/*
 * Another number whenever what policies say may have changed: set with a release after
 * that has, under isolates_admin_lock. Who reads it, with an acquire, before asking a
 * policy, has an answer that holds as long as the number does.
 */
extern u64 isolates_epoch;

void isolates_begin_epoch(void);

/**
 * isolates_instance_of - What a label means now
 *
 * @table: of isolates_table, under rcu_read_lock() or isolates_admin_lock.
 * @label: kept alive by the caller.
 *
 * Returns: the policy in force, or NULL if it has been unloaded by force.
 */
static inline const struct isolates_instance *
isolates_instance_of(const struct isolates_table *table,
		     const struct isolates_label *label)
{
	if (unlikely(!table || label->id >= table->size))
		return NULL;
	return table->instances[label->id];
}

/* Does a policy in this mode deny what it does not allow? */
static inline bool isolates_mode_denies(u32 mode)
{
	return mode == ISOLATES_MODE_ENFORCE || mode == ISOLATES_MODE_KILL;
}

/* A policy that is to be unloaded. */
struct isolates_unloading {
	const char *name;
	/*
	 * Also if a binding or a task uses it. Its bindings are dropped and its tasks are
	 * under it no more, until a policy of that name is loaded again.
	 */
	bool force;
	struct isolates_label *label;	/* counted, within isolates_unload() */
};

void isolates_table_show_probes(struct seq_file *m);
int isolates_load(void *bytes, size_t size, const char **reason);
int isolates_unload(struct isolates_unloading *list, u32 count);

#endif /* _SECURITY_ISOLATES_TABLE_H */
