// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of extended attributes and ACLs, where they are set and removed.
 *
 * The hooks are told which file it is, and not by which of its names the task has come
 * to it: the mount was left behind on the way. So all names that the file has in the
 * task's mount namespace are asked about, and each must allow it. Whoever may do it by
 * one name and not by another is denied both, since one cannot be told from the other.
 *
 * What overlayfs sets on the layers below is not the task's doing. An overlay that is
 * being mounted does so with the task's own credentials: that takes leave for its work
 * folder.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/nsproxy.h>

#include "check.h"
#include "compat.h"
#include "cred.h"
#include "path.h"
#include "setup.h"
#include "task.h"
#include "xattr.h"

/* More names of one file, and more mounts to look at, are denied. */
#define NAMES_MAX	32u
#define MOUNTS_MAX	1024u

struct names {
	struct path paths[NAMES_MAX];	/* each with a reference to its mount */
	u32 count;
	bool is_nameless;		/* as isolates_path_is_nameless() */
};

/* Returns: 1 if @dentry is below @root or it, 0 if not, or -ENAMETOOLONG. */
static int is_below(const struct dentry *dentry, const struct dentry *root)
{
	u32 depth;

	for (depth = 0; depth <= ISOLATES_PATH_DEPTH_MAX; depth++) {
		if (dentry == root)
			return 1;
		if (IS_ROOT(dentry))
			return 0;
		dentry = dentry->d_parent;
	}
	return -ENAMETOOLONG;
}

/* Under isolates_path_lock(). Returns: 0, -E2BIG or -ENAMETOOLONG. */
static int collect(struct names *names, const struct mnt_namespace *ns,
		   const struct isolates_idmap *idmap, struct dentry *dentry)
{
	struct mount *mnt;
	u32 looked = 0;
	int is_shown;

	list_for_each_entry(mnt, &dentry->d_sb->s_mounts, mnt_instance) {
		if (mnt->mnt_ns != MNT_NS_INTERNAL)
			names->is_nameless = false;
		if (mnt->mnt_ns != ns)
			continue;
		if (looked++ == MOUNTS_MAX)
			return -E2BIG;
		/*
		 * The one that the task has come by maps owners as the hook was told,
		 * and cannot become read-only as long as it is written to.
		 */
		if (isolates_idmap_of(&mnt->mnt) != idmap || mnt->mnt.mnt_flags & MNT_READONLY)
			continue;
		is_shown = is_below(dentry, mnt->mnt.mnt_root);
		if (is_shown < 0)
			return is_shown;
		if (!is_shown)
			continue;
		if (names->count == NAMES_MAX)
			return -E2BIG;
		names->paths[names->count].mnt = mntget(&mnt->mnt);
		names->paths[names->count++].dentry = dentry;
	}
	return 0;
}

static int check_names(const struct names *names, struct isolates_idmap *idmap,
		       const struct inode *inode)
{
	const bool owner = vfsuid_eq_kuid(i_uid_into_vfsuid(idmap, inode),
					  current_fsuid());
	int error = 0;
	u32 i;

	for (i = 0; i < names->count && !error; i++)
		error = isolates_check_path(names->paths + i, ISOLATES_FILE_SETXATTR,
					    owner, S_ISDIR(inode->i_mode), NULL);
	return error;
}

static noinline int check_dentry(struct isolates_idmap *idmap, struct dentry *dentry)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct path path = { .dentry = dentry };
	struct names names = { .is_nameless = true };
	int error = -EACCES;
	u32 i;

	if (!confinement || isolates_kernel_acts_for_itself())
		return 0;
	if (current->nsproxy) {
		isolates_path_lock();
		error = collect(&names, current->nsproxy->mnt_ns, idmap, dentry);
		isolates_path_unlock();
	}
	if (error)
		error = isolates_refuse(confinement, &path, error == -E2BIG ?
					"it has too many names" :
					isolates_path_reason(error));
	else if (names.count)
		error = check_names(&names, idmap, d_backing_inode(dentry));
	else if (!names.is_nameless)
		error = isolates_refuse(confinement, &path, isolates_path_reason(-EACCES));
	for (i = 0; i < names.count; i++)
		mntput(names.paths[i].mnt);
	return error;
}

static int hook_inode_setxattr(struct isolates_idmap *idmap, struct dentry *dentry,
			       const char *name, const void *value, size_t size, int flags)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_dentry(idmap, dentry);
}

static int hook_inode_removexattr(struct isolates_idmap *idmap, struct dentry *dentry,
				  const char *name)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_dentry(idmap, dentry);
}

static int __maybe_unused hook_inode_set_acl(struct isolates_idmap *idmap,
					     struct dentry *dentry, const char *acl_name,
					     struct posix_acl *kacl)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_dentry(idmap, dentry);
}

static int __maybe_unused hook_inode_remove_acl(struct isolates_idmap *idmap,
						struct dentry *dentry,
						const char *acl_name)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_dentry(idmap, dentry);
}

static struct security_hook_list xattr_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(inode_setxattr, hook_inode_setxattr),
	LSM_HOOK_INIT(inode_removexattr, hook_inode_removexattr),
	ISOLATES_INODE_SET_ACL_INIT(hook_inode_set_acl)
	ISOLATES_INODE_REMOVE_ACL_INIT(hook_inode_remove_acl)
};

void __init isolates_add_xattr_hooks(void)
{
	security_add_hooks(xattr_hooks, ARRAY_SIZE(xattr_hooks), &isolates_lsm_id);
}
