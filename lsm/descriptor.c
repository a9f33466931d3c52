// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file that was opened under the confinement that the task is under was asked about then.
 * All others are asked about as they are used: what was opened before the task was
 * confined, or came under another policy, and what somebody sent, or it took from another
 * task. By then it has to have a name in the task's mount namespace.
 *
 * What nobody can name is not asked about, as ever: pipes, sockets, memory. And an
 * unconfined opener's terminals, and devices that hold nothing, are channels like those:
 * container runtimes hand them in, from outside of the container's mounts.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/major.h>

#include "check.h"
#include "descriptor.h"
#include "path.h"
#include "setup.h"
#include "task.h"

static struct isolates_file *isolates_file(const struct file *file)
{
	return file->f_security + isolates_blob_sizes.lbs_file;
}

/**
 * isolates_descriptor_opened - Note that a file was opened, as the policies allow
 *
 * @file: it, before it can be used.
 *
 * For tasks that are not known to be unconfined. Does not sleep.
 */
void isolates_descriptor_opened(struct file *file)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (confinement)
		isolates_file(file)->confinement = confinement->id;
}

/* A terminal, or null, zero, full, random or urandom. */
static bool is_channel(const struct inode *inode)
{
	if (!S_ISCHR(inode->i_mode))
		return false;
	switch (imajor(inode)) {
	case TTY_MAJOR:
	case TTYAUX_MAJOR:
		return true;
	case MEM_MAJOR:
		switch (iminor(inode)) {
		case 3:
		case 5:
		case 7:
		case 8:
		case 9:
			return true;
		}
		return false;
	default:
		return imajor(inode) >= UNIX98_PTY_SLAVE_MAJOR &&
		       imajor(inode) < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT;
	}
}

static noinline int check_foreign(const struct file *file, u32 operations)
{
	const struct path *const path = &file->f_path;
	const struct inode *const inode = file_inode(file);

	if (isolates_path_is_nameless(path) ||
	    (!isolates_file(file)->confinement && is_channel(inode)))
		return 0;
	return isolates_check_path(path, operations,
				   vfsuid_eq_kuid(i_uid_into_vfsuid(file_mnt_idmap(file), inode),
						  current_fsuid()),
				   S_ISDIR(inode->i_mode), NULL);
}

/**
 * isolates_descriptor_check - May the current task do this to an open file?
 *
 * @file: held by the caller.
 * @operations: mask of enum isolates_file_op; such as opening it is asked for.
 *
 * For tasks that are not known to be unconfined. May sleep. Returns: 0, or the negative
 * errno to fail with.
 */
int isolates_descriptor_check(const struct file *file, u32 operations)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (!confinement || isolates_file(file)->confinement == confinement->id)
		return 0;
	/* The program, and its loader, are asked about as such; see exec.c. */
	if (current->in_execve)
		return 0;
	return check_foreign(file, operations);
}

static u32 writing(const struct file *file)
{
	return file->f_flags & O_APPEND ? ISOLATES_FILE_APPEND : ISOLATES_FILE_WRITE;
}

static int hook_file_permission(struct file *file, int mask)
{
	u32 operations = 0;

	if (isolates_current_is_unconfined())
		return 0;
	if (mask & MAY_READ)
		operations |= ISOLATES_FILE_READ;
	if (mask & MAY_WRITE)
		operations |= writing(file);
	return operations ? isolates_descriptor_check(file, operations) : 0;
}

/* It comes by a socket, from another task, or from a ring. */
static int hook_file_receive(struct file *file)
{
	u32 operations = 0;

	if (isolates_current_is_unconfined())
		return 0;
	if (file->f_mode & FMODE_READ)
		operations |= ISOLATES_FILE_READ;
	if (file->f_mode & FMODE_WRITE)
		operations |= writing(file);
	return operations ? isolates_descriptor_check(file, operations) : 0;
}

static struct security_hook_list descriptor_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(file_permission, hook_file_permission),
	LSM_HOOK_INIT(file_receive, hook_file_receive),
};

void __init isolates_add_descriptor_hooks(void)
{
	security_add_hooks(descriptor_hooks, ARRAY_SIZE(descriptor_hooks), &isolates_lsm_id);
}
