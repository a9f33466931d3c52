// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/lsm_hooks.h>

#include "cache.h"

DEFINE_PER_CPU(struct isolates_cache, isolates_cache);

/* Each CPU gives out the stamps that are its own number, modulo this. */
#define STAMP_STEP	CONFIG_NR_CPUS

static DEFINE_PER_CPU(u64, last_stamp);

static u64 new_stamp(void)
{
	return this_cpu_add_return(last_stamp, STAMP_STEP);
}

/* The inode's, which gets one if it has none. */
static u64 stamp_of(const struct inode *inode)
{
	atomic64_t *const stamp = &isolates_inode(inode)->stamp;
	u64 old = atomic64_read(stamp);

	if (!old) {
		atomic64_cmpxchg(stamp, 0, new_stamp());
		old = atomic64_read(stamp);
	}
	return old;
}

/**
 * isolates_cache_begin - Begin to remember what will be decided
 *
 * @entry: filled.
 * @confinement: of the current task.
 * @path: of the file, held by the caller.
 *
 * To be called before the file's name and what the policies say are looked at: then a
 * change of any of them meanwhile makes the entry void. Does not sleep.
 *
 * Returns: whether it can be remembered.
 */
bool isolates_cache_begin(struct isolates_cache_entry *entry,
			  const struct isolates_confinement *confinement,
			  const struct path *path)
{
	const struct inode *const inode = d_backing_inode(path->dentry);

	*entry = (struct isolates_cache_entry) {
		.dentry = path->dentry,
		.mnt = path->mnt,
		.stamp = stamp_of(inode),
		.confinement = confinement->id,
		.epoch = smp_load_acquire(&isolates_epoch),	/* see there */
		.name_hash = path->dentry->d_name.hash,
		.since = (u32)jiffies,
	};
	/* After the stamp: who has one name now had one when it was given. */
	smp_rmb();
	return isolates_cache_takes(inode) && !d_unhashed(path->dentry) &&
	       !(path->dentry->d_flags & DCACHE_OP_REVALIDATE);
}

static bool is_same(const struct isolates_cache_entry *entry,
		    const struct isolates_cache_entry *made)
{
	return !memcmp(entry, made, offsetof(struct isolates_cache_entry, since)) &&
	       made->since - entry->since < ISOLATES_CACHE_JIFFIES;
}

/**
 * isolates_cache_add - Remember what is allowed
 *
 * @made: begun.
 * @name: of the file, as it was when it was decided about.
 * @owner: the task owns the file.
 * @allowed: mask of enum isolates_file_op: what all policies allow, and of which none has
 *           anything to tell.
 *
 * Does not sleep.
 */
void isolates_cache_add(struct isolates_cache_entry *made, const struct isolates_path *name,
			bool owner, u32 allowed)
{
	struct isolates_cache_entry *entry;

	made->rename_seq = name->rename_seq;
	made->mount_seq = name->mount_seq;
	preempt_disable();
	entry = isolates_cache_slot(this_cpu_ptr(&isolates_cache), made->dentry);
	/* What is known of the other kind of task lasts no longer for that. */
	if (!is_same(entry, made))
		*entry = *made;
	entry->allowed[owner] = allowed;
	preempt_enable();
}

/*
 * One of several names goes. From then on the file may have one name again, another than
 * it had before. Called with the inode locked, before the name goes.
 */
static int hook_inode_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *const inode = d_backing_inode(dentry);

	if (inode && inode->i_nlink != 1)
		atomic64_set(&isolates_inode(inode)->stamp, new_stamp());
	return 0;
}

static struct security_hook_list cache_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(inode_unlink, hook_inode_unlink),
};

void __init isolates_add_cache_hooks(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(last_stamp, cpu) = cpu;
	security_add_hooks(cache_hooks, ARRAY_SIZE(cache_hooks), &isolates_lsm_id);
}
