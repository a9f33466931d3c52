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
#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/sched.h>
#include <linux/threads.h>

#include "check.h"
#include "compat.h"
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
		WRITE_ONCE(isolates_file(file)->word, confinement->id);
}

/*
 * What the word is made of once it is about the owner. Ids count from 1 and get nowhere
 * near the flags. Who opened it then is no longer known, so it is asked about each time.
 */
#define IS_OWNED	BIT_ULL(63)
#define IS_CHANNEL	BIT_ULL(62)	/* it was opened by somebody unconfined */
#define IS_FORGOTTEN	BIT_ULL(61)	/* nothing is known, alone: it has no such owner */
#define PROCESS_SHIFT	32		/* the number of the process that has set it */
#define PROCESS_MASK	GENMASK_ULL(60, PROCESS_SHIFT)
#define CONFINEMENT	GENMASK_ULL(31, 0)	/* its id, or 0: not known */

static_assert(PROCESS_MASK >> PROCESS_SHIFT >= PID_MAX_LIMIT);

static bool is_opened_unconfined(u64 word)
{
	return word & IS_OWNED ? word & IS_CHANNEL : !word;
}

/**
 * isolates_descriptor_owned - Note that the current task has set the file's owner
 *
 * @file: it.
 * @confinement: the id of what the task is under; 0: not known.
 *
 * Called with the owner's lock held, in any context of a task.
 */
void isolates_descriptor_owned(struct file *file, u64 confinement)
{
	u64 *const word = &isolates_file(file)->word;
	u64 owned = IS_OWNED | (u64)task_tgid_nr(current) << PROCESS_SHIFT;

	if (is_opened_unconfined(*word))
		owned |= IS_CHANNEL;
	if (confinement <= CONFINEMENT)
		owned |= confinement;
	WRITE_ONCE(*word, owned);
}

/* The same for somebody who is not confined. */
void isolates_descriptor_unowned(struct file *file)
{
	u64 *const word = &isolates_file(file)->word;

	/* By whom it was opened is forgotten; a channel stays one. */
	if (*word & IS_OWNED)
		WRITE_ONCE(*word, *word & IS_CHANNEL ? 0 : IS_FORGOTTEN);
}

/**
 * isolates_descriptor_owner - Who has set the file's owner
 *
 * @file: it.
 * @confinement: set to the id of what that task was under; 0: not known.
 * @process: set to its process.
 *
 * In any context. Returns: whether that is somebody who was confined.
 */
bool isolates_descriptor_owner(const struct file *file, u64 *confinement, pid_t *process)
{
	const u64 word = READ_ONCE(isolates_file(file)->word);

	*confinement = word & CONFINEMENT;
	*process = (word & PROCESS_MASK) >> PROCESS_SHIFT;
	return word & IS_OWNED;
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
	    (is_opened_unconfined(READ_ONCE(isolates_file(file)->word)) && is_channel(inode)))
		return 0;
	return isolates_check_path(path, operations,
				   vfsuid_eq_kuid(i_uid_into_vfsuid(isolates_idmap_of(path->mnt),
								    inode),
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

	if (!confinement || READ_ONCE(isolates_file(file)->word) == confinement->id)
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
