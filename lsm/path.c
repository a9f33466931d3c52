// SPDX-License-Identifier: GPL-2.0-only
/*
 * Naming a file without building its path, after prepend_path() in fs/d_path.c:
 * climb from the dentry to the root of the mount namespace, across mounts, under
 * the sequence counters of renames and mounts, and note each component.
 *
 * Names are read without their dentries' locks. A name and its length are noted
 * one after the other, so a rename in between could mix two names, and we would
 * read beyond the shorter. The counters are therefore compared twice: before any
 * byte of a name is read, so that each length belongs to its name, and after the
 * decision, so that it was of one state of the tree. Names and dentries that are
 * replaced are freed by RCU only, so what is read in between is memory at least.
 */
#include <linux/dcache.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "path.h"

static int climb(struct isolates_path *name)
{
	const struct nsproxy *const nsproxy = current->nsproxy;
	const struct dentry *dentry = name->path->dentry;
	const struct mount *mnt = real_mount(name->path->mnt);
	u32 first = name->capacity;
	u32 bytes = 0;

	/* On a detached mount, or one that this task does not see. */
	if (!nsproxy || READ_ONCE(mnt->mnt_ns) != nsproxy->mnt_ns)
		return -EACCES;

	for (;;) {
		const struct dentry *parent;

		if (dentry == mnt->mnt.mnt_root) {
			const struct mount *const above = READ_ONCE(mnt->mnt_parent);

			if (above == mnt)
				break;
			dentry = READ_ONCE(mnt->mnt_mountpoint);
			mnt = above;
			continue;
		}
		parent = READ_ONCE(dentry->d_parent);
		/* It was moved out of the part of the tree that is mounted here. */
		if (parent == dentry)
			return -EACCES;
		if (!first)
			return -ENAMETOOLONG;
		first--;
		/* Pairs with the release in d_alloc() and copy_name(). */
		name->pieces[first].bytes = smp_load_acquire(&dentry->d_name.name);
		name->pieces[first].length = READ_ONCE(dentry->d_name.len);
		bytes += name->pieces[first].length;
		dentry = parent;
	}
	if (unlikely(bytes > ISOLATES_PATH_BYTES_MAX))
		return -ENAMETOOLONG;
	name->first = first;
	return 0;
}

/**
 * isolates_path_gather - Note the components of the name, without a lock
 *
 * @name: begun. Its pieces from @first on are set. They may be read now, but what
 *        was seen in them counts only if isolates_path_has_changed() denies it.
 *
 * Called under rcu_read_lock(), which must be held as long as they are read.
 *
 * Returns: 0, or
 * - -EACCES: the file has no name in this task's mount namespace;
 * - -ENAMETOOLONG: the name has more components than there is room for, or is
 *   longer than ISOLATES_PATH_BYTES_MAX;
 * - -EAGAIN: it changed meanwhile, and the pieces must not be read.
 */
int isolates_path_gather(struct isolates_path *name)
{
	int error;

	name->mount_seq = read_seqbegin(&mount_lock);
	name->rename_seq = read_seqbegin(&rename_lock);
	error = climb(name);
	return unlikely(isolates_path_has_changed(name)) ? -EAGAIN : error;
}

/* Let nothing move, for those who have met a change. No sleep until the unlock. */
void isolates_path_lock(void)
	__acquires(mount_lock.lock) __acquires(rename_lock.lock)
{
	/* In the order of prepend_path(). */
	read_seqlock_excl(&mount_lock);
	read_seqlock_excl(&rename_lock);
}

void isolates_path_unlock(void)
	__releases(mount_lock.lock) __releases(rename_lock.lock)
{
	read_sequnlock_excl(&rename_lock);
	read_sequnlock_excl(&mount_lock);
}

/**
 * isolates_path_gather_locked - Note the components of the name
 *
 * @name: begun. Its pieces from @first on are set.
 *
 * Called between isolates_path_lock() and isolates_path_unlock(), which must not
 * come before they are read. Returns: as isolates_path_gather(), but never -EAGAIN.
 */
int isolates_path_gather_locked(struct isolates_path *name)
{
	return climb(name);
}

/**
 * isolates_path_deepen - Make room for the deepest name there may be
 *
 * @name: begun, and not deepened yet.
 *
 * May sleep. Returns: 0 or -ENOMEM.
 */
int isolates_path_deepen(struct isolates_path *name)
{
	name->pieces = kvmalloc_array(ISOLATES_PATH_DEPTH_MAX,
				      sizeof(*name->pieces), GFP_KERNEL);
	if (!name->pieces) {
		name->pieces = name->on_stack;
		return -ENOMEM;
	}
	name->capacity = ISOLATES_PATH_DEPTH_MAX;
	return 0;
}

void isolates_path_end(struct isolates_path *name)
{
	if (name->pieces != name->on_stack)
		kvfree(name->pieces);
}

/* Put the pieces together. Returns: 0, or -ENAMETOOLONG. */
static int spell(const struct isolates_path *name, char *text, u32 size, u32 *length)
{
	u32 used = 0;
	u32 i;

	for (i = name->first; i < name->capacity; i++) {
		const struct isolates_piece *const piece = name->pieces + i;

		if (piece->length >= size - used)
			return -ENAMETOOLONG;
		text[used++] = '/';
		memcpy(text + used, piece->bytes, piece->length);
		used += piece->length;
	}
	*length = used;
	return 0;
}

/* Returns: 0, -EACCES, or -ENAMETOOLONG: @name or @text needs more room. */
static int gather_text(struct isolates_path *name, char *text, u32 size, u32 *length)
{
	int error;

	rcu_read_lock();
	error = isolates_path_gather(name);
	if (!error)
		error = spell(name, text, size, length);
	if (error == -EAGAIN || isolates_path_has_changed(name)) {
		isolates_path_lock();
		error = isolates_path_gather_locked(name);
		if (!error)
			error = spell(name, text, size, length);
		isolates_path_unlock();
	}
	rcu_read_unlock();
	return error;
}

/**
 * isolates_path_text - The name of a file, as one text
 *
 * @path: held by the caller; not a directory.
 * @text: set to it, for kvfree(), without a NUL; to NULL on failure.
 * @length: set to its bytes.
 *
 * May sleep. Returns: 0, or
 * - -EACCES: the file has no name in this task's mount namespace;
 * - -ENAMETOOLONG: it is longer or deeper than can be walked;
 * - -ENOMEM.
 */
int isolates_path_text(const struct path *path, char **text, u32 *length)
{
	/* The bytes of the longest name, and a slash before each of its pieces. */
	const u32 size_max = ISOLATES_PATH_BYTES_MAX + ISOLATES_PATH_DEPTH_MAX + 1;
	struct isolates_path name;
	int error = -ENOMEM;

	isolates_path_begin(&name, path);
	*text = kmalloc(PATH_MAX, GFP_KERNEL);
	if (*text)
		error = gather_text(&name, *text, PATH_MAX, length);
	if (error == -ENAMETOOLONG) {
		kfree(*text);
		*text = kvmalloc(size_max, GFP_KERNEL);
		error = *text ? isolates_path_deepen(&name) : -ENOMEM;
		if (!error)
			error = gather_text(&name, *text, size_max, length);
	}
	isolates_path_end(&name);
	if (error) {
		kvfree(*text);
		*text = NULL;
	}
	return error;
}

/* Why a name could not be had, for a report: of the errors above. */
const char *isolates_path_reason(int error)
{
	switch (error) {
	case -ENOMEM:
		return "no memory";
	case -ENAMETOOLONG:
		return "the path is too long";
	default:
		return "no name in the task's mount namespace";
	}
}

/**
 * isolates_path_is_nameless - Is it an object that nobody can name?
 *
 * @path: held by the caller.
 *
 * Pipes, sockets, memfds, namespaces and the like live on mounts of the kernel's
 * own, which are in no namespace. So do the layers below an overlay, which were
 * checked under their name in it.
 */
bool isolates_path_is_nameless(const struct path *path)
{
	return READ_ONCE(real_mount(path->mnt)->mnt_ns) == MNT_NS_INTERNAL;
}
