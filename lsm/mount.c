// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of what changes the mount tree.
 *
 * File rules speak of names, and a mount gives a file another name: a confined root
 * with a mount namespace of its own must not rename what it may not touch.
 *
 * A detached mount (fsmount(), open_tree() with OPEN_TREE_CLONE) is made without a
 * hook; what is on it has no name, so nothing on it can be opened, until it is
 * attached, which is move_mount().
 */
#include <linux/mount.h>
#include <linux/path.h>
#include <uapi/linux/mount.h>

#include "check.h"
#include "mount.h"
#include "setup.h"
#include "task.h"

static noinline int check_operation(u32 operation, const struct path *where)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_MOUNT,
		.operations = operation,
	};
	const struct isolates_object object = { .path = where };

	return confinement ? isolates_check(confinement, &request, &object) : 0;
}

/* What mount(2) does by its flags: in the order of path_mount(), the first counts. */
static u32 operation_of(unsigned long flags)
{
	if (flags & MS_REMOUNT)
		return ISOLATES_MOUNT_REMOUNT;
	if (flags & MS_BIND)
		return ISOLATES_MOUNT_BIND;
	if (flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE))
		return ISOLATES_MOUNT_PROPAGATE;
	if (flags & MS_MOVE)
		return ISOLATES_MOUNT_MOVE;
	return ISOLATES_MOUNT_MOUNT;
}

static int hook_sb_mount(const char *dev_name, const struct path *path,
			 const char *type, unsigned long flags, void *data)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_operation(operation_of(flags), path);
}

/* For those who remount without mount(): fspick() and fsconfig(). */
static int hook_sb_remount(struct super_block *sb, void *options)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_operation(ISOLATES_MOUNT_REMOUNT, NULL);
}

/*
 * Attaches a mount that was made detached, new or a clone, or moves one: what it is
 * cannot be told here, so a policy has to allow all of that.
 */
static int hook_move_mount(const struct path *from_path, const struct path *to_path)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_operation(ISOLATES_MOUNT_MOUNT | ISOLATES_MOUNT_BIND |
			       ISOLATES_MOUNT_MOVE, to_path);
}

static int hook_sb_umount(struct vfsmount *mnt, int flags)
{
	const struct path root = { .mnt = mnt, .dentry = mnt->mnt_root };

	if (isolates_current_is_unconfined())
		return 0;
	return check_operation(ISOLATES_MOUNT_UMOUNT, &root);
}

static int hook_sb_pivotroot(const struct path *old_path, const struct path *new_path)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_operation(ISOLATES_MOUNT_PIVOT_ROOT, new_path);
}

static struct security_hook_list mount_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(sb_mount, hook_sb_mount),
	LSM_HOOK_INIT(sb_remount, hook_sb_remount),
	LSM_HOOK_INIT(move_mount, hook_move_mount),
	LSM_HOOK_INIT(sb_umount, hook_sb_umount),
	LSM_HOOK_INIT(sb_pivotroot, hook_sb_pivotroot),
};

void __init isolates_add_mount_hooks(void)
{
	security_add_hooks(mount_hooks, ARRAY_SIZE(mount_hooks), &isolates_lsm_id);
}
