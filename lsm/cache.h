/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was allowed of a file, and can be allowed again without its name.
 *
 * Each CPU has a small table of its own, of verdicts on files that were opened through
 * it. An entry counts only while everything that the verdict was made of is as it was:
 *
 * - the rules and modes: see isolates_epoch;
 * - what the task is under, by a number that is never used again;
 * - the name: the same dentry on the same mount, no rename and no change of the mounts
 *   since, by their sequence counters, and the task in the mount's namespace;
 * - that it is the same dentry, not another one at its address. Its inode has a number that
 *   no other inode ever has, and, as long as it is kept, one name only: who takes a name of
 *   several away gives it a new number. Then what is at the address is this name. (Where
 *   names come and go without the kernel's doing, as in network file systems, nothing is
 *   kept. And should all that fail: it is a file that the task could open a second ago.);
 * - who owns the file, which is looked at each time.
 *
 * The counters have 32 bits, and could come around: so nothing is kept for long.
 *
 * Only what is allowed by all policies, with nothing to tell of it, is kept.
 */
#ifndef _SECURITY_ISOLATES_CACHE_H
#define _SECURITY_ISOLATES_CACHE_H

#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/nsproxy.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "confinement.h"
#include "path.h"
#include "setup.h"
#include "table.h"

#define ISOLATES_CACHE_BITS	7

/* How long an entry lasts at most. */
#define ISOLATES_CACHE_JIFFIES	HZ

struct isolates_inode {
	atomic64_t stamp;	/* 0: none yet */
};

struct isolates_cache_entry {
	const struct dentry *dentry;	/* NULL: nothing; never followed */
	const struct vfsmount *mnt;	/* never followed */
	u64 stamp;
	u64 confinement;
	u64 epoch;
	unsigned int rename_seq;
	unsigned int mount_seq;
	u32 name_hash;	/* of the last component */
	u32 since;	/* jiffies */
	u32 allowed[2];	/* mask of enum isolates_file_op, by ISOLATES_OWNER or not */
};

static_assert(sizeof(struct isolates_cache_entry) == 64);

struct isolates_cache {
	struct isolates_cache_entry entries[1 << ISOLATES_CACHE_BITS];
};

DECLARE_PER_CPU(struct isolates_cache, isolates_cache);

static inline struct isolates_inode *isolates_inode(const struct inode *inode)
{
	return inode->i_security + isolates_blob_sizes.lbs_inode;
}

static __always_inline struct isolates_cache_entry *
isolates_cache_slot(struct isolates_cache *cache, const struct dentry *dentry)
{
	return cache->entries + hash_ptr(dentry, ISOLATES_CACHE_BITS);
}

/* Has the file one name, the one it is opened by? */
static __always_inline bool isolates_cache_takes(const struct inode *inode)
{
	return inode->i_nlink == 1 || S_ISDIR(inode->i_mode);
}

/* Is @entry about this file, this confinement, and still true? */
static __always_inline bool
isolates_cache_holds(const struct isolates_cache_entry *entry,
		     const struct isolates_confinement *confinement,
		     const struct path *path)
{
	const struct inode *const inode = d_backing_inode(path->dentry);

	return entry->dentry == path->dentry && entry->mnt == path->mnt &&
	       entry->confinement == confinement->id &&
	       entry->epoch == READ_ONCE(isolates_epoch) &&
	       entry->rename_seq == raw_read_seqcount(&rename_lock.seqcount) &&
	       entry->mount_seq == raw_read_seqcount(&mount_lock.seqcount) &&
	       entry->stamp == atomic64_read(&isolates_inode(inode)->stamp) &&
	       entry->name_hash == path->dentry->d_name.hash &&
	       isolates_cache_takes(inode) &&
	       (u32)jiffies - entry->since < ISOLATES_CACHE_JIFFIES &&
	       current->nsproxy &&
	       READ_ONCE(real_mount(path->mnt)->mnt_ns) == current->nsproxy->mnt_ns;
}

/**
 * isolates_cache_allows - Is it known that this is allowed, with nothing to tell of it?
 *
 * @confinement: of the current task.
 * @path: of a file, held by the caller. Not negative.
 * @operations: mask of enum isolates_file_op.
 * @owner: the task owns the file.
 *
 * Does not sleep.
 */
static __always_inline bool
isolates_cache_allows(const struct isolates_confinement *confinement,
		      const struct path *path, u32 operations, bool owner)
{
	const struct isolates_cache_entry *entry;
	bool allows;

	preempt_disable();
	entry = isolates_cache_slot(this_cpu_ptr(&isolates_cache), path->dentry);
	allows = isolates_cache_holds(entry, confinement, path) &&
		 !(operations & ~entry->allowed[owner]);
	preempt_enable();
	return allows;
}

bool isolates_cache_begin(struct isolates_cache_entry *entry,
			  const struct isolates_confinement *confinement,
			  const struct path *path);
void isolates_cache_add(struct isolates_cache_entry *made, const struct isolates_path *name,
			bool owner, u32 allowed);
void isolates_add_cache_hooks(void);

#endif /* _SECURITY_ISOLATES_CACHE_H */
