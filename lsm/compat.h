/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that isolates is built for, from 6.1 on. The rest of
 * the sources is written for the newest; here it is made to fit the others.
 *
 * ISOLATES_HAS_* are defined by the Makefile, which looks into the tree's headers: what
 * counts is what is there, not what version it has.
 */
#ifndef _SECURITY_ISOLATES_COMPAT_H
#define _SECURITY_ISOLATES_COMPAT_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/lsm_hooks.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/stddef.h>
#include <linux/task_work.h>
#ifdef ISOLATES_HAS_LSM_ATTR
#include <uapi/linux/lsm.h>
#endif
#ifdef ISOLATES_HAS_LINUX_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* A module was known by its name alone. */
#ifndef ISOLATES_HAS_LSM_ID
struct lsm_id {
	const char *name;
	u64 id;
};

#define security_add_hooks(hooks, count, id) \
	((security_add_hooks)(hooks, count, (id)->name))
#endif

/*
 * Hooks that there were not, to be used in a table without a comma behind; their functions
 * are marked __maybe_unused.
 */
#ifdef ISOLATES_HAS_FILE_TRUNCATE
#define ISOLATES_FILE_TRUNCATE_INIT(hook)	LSM_HOOK_INIT(file_truncate, hook),
#else
/* Whoever truncates an open file calls path_truncate. */
#define ISOLATES_FILE_TRUNCATE_INIT(...)
#endif

#ifdef ISOLATES_HAS_INODE_SET_ACL
#define ISOLATES_INODE_SET_ACL_INIT(hook)	LSM_HOOK_INIT(inode_set_acl, hook),
#define ISOLATES_INODE_REMOVE_ACL_INIT(hook)	LSM_HOOK_INIT(inode_remove_acl, hook),
#else
/* An ACL was set as the extended attribute that it is. */
#define ISOLATES_INODE_SET_ACL_INIT(...)
#define ISOLATES_INODE_REMOVE_ACL_INIT(...)
#endif

#ifdef ISOLATES_HAS_LSM_ATTR
#define ISOLATES_GETSELFATTR_INIT(hook)		LSM_HOOK_INIT(getselfattr, hook),
#define ISOLATES_SETSELFATTR_INIT(hook)		LSM_HOOK_INIT(setselfattr, hook),
#else
/* A file in /proc is another module's. */
#define ISOLATES_GETSELFATTR_INIT(...)
#define ISOLATES_SETSELFATTR_INIT(...)

struct lsm_ctx {
	u64 flags;
	u64 ctx_len;
	u8 ctx[];
};

#define LSM_ATTR_CURRENT	100
#define LSM_ATTR_EXEC		101

static inline int lsm_fill_user_ctx(struct lsm_ctx __user *to, u32 *size, void *text,
				    size_t length, u64 id, u64 flags)
{
	return -EOPNOTSUPP;
}
#endif

/* Hooks with other parameters. */
#ifdef ISOLATES_HAS_CONST_SUPER_BLOCK
#define ISOLATES_KERN_MOUNT_PARAMETERS	const struct super_block *sb
#else
#define ISOLATES_KERN_MOUNT_PARAMETERS	struct super_block *sb
#endif

#ifdef ISOLATES_HAS_SETATTR_IDMAP
#define ISOLATES_SETATTR_PARAMETERS \
	struct isolates_idmap *idmap, struct dentry *dentry, struct iattr *attr
#else
#define ISOLATES_SETATTR_PARAMETERS	struct dentry *dentry, struct iattr *attr
#endif

#ifdef ISOLATES_HAS_PERF_EVENT_ATTR
#define ISOLATES_PERF_EVENT_PARAMETERS	struct perf_event_attr *attr, int type
#else
#define ISOLATES_PERF_EVENT_PARAMETERS	int type
#endif

#ifdef ISOLATES_HAS_CONST_BPRM
#define ISOLATES_COMMIT_PARAMETERS	const struct linux_binprm *bprm
#else
#define ISOLATES_COMMIT_PARAMETERS	struct linux_binprm *bprm
#endif

/* How a mount maps owners: by a user namespace, once. */
#ifdef ISOLATES_HAS_MNT_IDMAP
#define isolates_idmap	mnt_idmap
#else
#define isolates_idmap	user_namespace
#endif

static inline struct isolates_idmap *isolates_idmap_of(const struct vfsmount *mnt)
{
#ifdef ISOLATES_HAS_MNT_IDMAP
	return mnt_idmap(mnt);
#else
	return mnt_user_ns(mnt);
#endif
}

/* The file whose owner it is, of which it was a part. */
static inline const struct file *isolates_owned_file(const struct fown_struct *owner)
{
#ifdef ISOLATES_HAS_FOWN_FILE
	return owner->file;
#else
	return container_of(owner, struct file, f_owner);
#endif
}

#ifndef ISOLATES_HAS_FILE_USER_PATH
/* The file below one of an overlay had the path of that one. */
static inline const struct path *file_user_path(const struct file *file)
{
	return &file->f_path;
}
#endif

/**
 * isolates_is_backing_file - Is it the file below an overlay's, with the overlay's path?
 *
 * @file: being opened.
 *
 * Newer kernels give it a path of its own, without a name. Nothing else has the path of
 * another inode: see open_with_fake_path().
 */
static inline bool isolates_is_backing_file(const struct file *file)
{
#ifdef ISOLATES_HAS_FILE_USER_PATH
	return false;
#else
	return file_inode(file) != d_inode(file->f_path.dentry);
#endif
}

/*
 * What a protocol's accept() is told besides the two sockets; and a call, from a function
 * with these parameters, that hands them on.
 */
#ifdef ISOLATES_HAS_PROTO_ACCEPT_ARG
#define ISOLATES_ACCEPT_PARAMETERS	struct proto_accept_arg *arg
#define ISOLATES_ACCEPT_CALL(function, ...)	((function)(__VA_ARGS__, arg))
#define ISOLATES_ACCEPT_IS_OF_KERNEL	(arg->kern)
#else
#define ISOLATES_ACCEPT_PARAMETERS	int flags, bool kern
#define ISOLATES_ACCEPT_CALL(function, ...)	((function)(__VA_ARGS__, flags, kern))
#define ISOLATES_ACCEPT_IS_OF_KERNEL	kern
#endif

/* The workers of a ring were the only threads of the kernel's that act for a process. */
#ifndef PF_USER_WORKER
#define PF_USER_WORKER	PF_IO_WORKER
#endif

/* Notifying the current task took no lock, in an NMI neither. */
#ifndef ISOLATES_HAS_TWA_NMI_CURRENT
#define TWA_NMI_CURRENT	TWA_RESUME
#endif

/* A structure with @count elements of its flexible array, on the stack. */
#ifndef DEFINE_RAW_FLEX
#define DEFINE_RAW_FLEX(type, name, member, count)				\
	union {									\
		u8 bytes[offsetof(type, member[count])];			\
		type object;							\
	} name ## _storage = {};						\
	type *const name = &name ## _storage.object
#endif

#ifndef ISOLATES_HAS_SECURITYFS_RECURSIVE_REMOVE
/* A folder of files and empty folders, in which nobody but the caller makes any. */
static inline void securityfs_recursive_remove(struct dentry *folder)
{
	const struct dentry *child;
	u32 pins = 1;

	dget(folder);
	spin_lock(&folder->d_lock);
	list_for_each_entry(child, &folder->d_subdirs, d_child)
		pins += simple_positive(child);
	spin_unlock(&folder->d_lock);
	simple_recursive_removal(folder, NULL);
	/* Of what is gone this only lets go of the file system, which each one held. */
	while (pins--)
		securityfs_remove(folder);
	dput(folder);
}
#endif

/* Stands for an operation that this kernel's rings do not know: there is no such number. */
#define ISOLATES_RING_CANNOT	0xff

#ifndef ISOLATES_HAS_IORING_OP_READ_MULTISHOT
#define IORING_OP_READ_MULTISHOT	ISOLATES_RING_CANNOT
#endif
#ifndef ISOLATES_HAS_IORING_OP_FTRUNCATE
#define IORING_OP_FTRUNCATE		ISOLATES_RING_CANNOT
#endif
#ifndef ISOLATES_HAS_IORING_OP_WAITID
#define IORING_OP_WAITID		ISOLATES_RING_CANNOT
#endif
#ifndef ISOLATES_HAS_IORING_OP_FUTEX_WAIT
#define IORING_OP_FUTEX_WAIT		ISOLATES_RING_CANNOT
#define IORING_OP_FUTEX_WAKE		ISOLATES_RING_CANNOT
#define IORING_OP_FUTEX_WAITV		ISOLATES_RING_CANNOT
#endif
#ifndef ISOLATES_HAS_IORING_OP_BIND
#define IORING_OP_BIND			ISOLATES_RING_CANNOT
#define IORING_OP_LISTEN		ISOLATES_RING_CANNOT
#endif

#endif /* _SECURITY_ISOLATES_COMPAT_H */
