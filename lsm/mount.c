// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of what changes the mount tree.
 *
 * File rules speak of names, and a mount gives a file another name: a confined root
 * with a mount namespace of its own must not rename what it may not touch.
 *
 * What is asked is spelt as core/facts.h says. What cannot be spelt, for want of a name
 * or of memory, is asked about without any facts: then no allow rule with conditions
 * speaks of it, and every deny rule.
 *
 * mount(2) resolves the source of a bind and of a move behind its hook, and a task could
 * exchange a symbolic link in between. So its hook only leaves a note, and what is asked
 * is asked about the path that the kernel has found: kern_path() is gone around. The
 * device of a new file system is resolved twice, and the two are compared.
 *
 * A detached mount (fsmount(), open_tree() with OPEN_TREE_CLONE) is made without a hook;
 * what is on it has no name, so nothing on it can be opened, until it is attached, which
 * is move_mount(). Then a new one cannot be told from a clone: so who makes clones must
 * be allowed to bind whatever it may be, to wherever. mount_setattr() has no hook either,
 * and must be allowed to remount and propagate without conditions. Both ask for
 * CAP_SYS_ADMIN first.
 */
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/nsproxy.h>
#include <linux/path.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <uapi/linux/mount.h>

#include <asm/syscall.h>
#include <asm/unistd.h>

#include "check.h"
#include "compat.h"
#include "core/facts.h"
#include "detour.h"
#include "mount.h"
#include "path.h"
#include "probe_set.h"
#include "setup.h"
#include "table.h"
#include "task.h"

/* Flags, type and subtype with a dot between, source, target, with what goes between. */
#define PIECES	10u

struct question {
	u32 operation;
	u8 flags[4];
	char *source, *target;		/* for kvfree() */
	const struct path *where;	/* for the report */
	bool is_known;
	struct isolates_piece pieces[PIECES];
	u32 count;
};

static void add(struct question *question, const void *bytes, u32 length)
{
	question->pieces[question->count++] = (struct isolates_piece) { bytes, length };
}

static void add_text(struct question *question, const char *text)
{
	if (text)
		add(question, text, strlen(text));
}

static void add_path(struct question *question, const struct path *path, char **text)
{
	u32 length;

	if (isolates_path_text(path, text, &length)) {
		question->is_known = false;
		return;
	}
	add(question, *text, length);
	if (d_is_dir(path->dentry))
		add(question, "/", 1);
}

static void begin(struct question *question, u32 operation, unsigned long flags)
{
	*question = (struct question) { .operation = operation, .is_known = true };
	isolates_facts_mount_flags(question->flags, operation, flags);
	add(question, question->flags, sizeof(question->flags));
}

static void add_end(struct question *question)
{
	add(question, "", 1);
}

/* Asks, and is done with @question. May have slept before: so who is asked is new. */
static int ask(struct question *question)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_MOUNT,
		.operations = question->operation,
		.pieces = question->pieces,
		.count = question->is_known ? question->count : 0,
	};
	const struct isolates_object object = { .path = question->where };
	const int error = confinement ? isolates_check(confinement, &request, &object) : 0;

	kvfree(question->source);
	kvfree(question->target);
	return error;
}

/* About an operation of which nothing is known but that it happens. */
static noinline int check_blindly(u32 operations, const struct path *where)
{
	struct question question = { .operation = operations, .where = where };

	return ask(&question);
}

/* About one that has but a target, and perhaps a source that is a path. */
static noinline int check(u32 operation, unsigned long flags, const struct path *source,
			  const struct path *target)
{
	struct question question;

	begin(&question, operation, flags);
	question.where = target;
	add_end(&question);
	if (source)
		add_path(&question, source, &question.source);
	add_end(&question);
	add_path(&question, target, &question.target);
	return ask(&question);
}

/* A new file system, of whose device there may be a path; else @source is a text. */
static int check_new(const char *type, const char *subtype, const struct path *device,
		     const char *source, unsigned long flags, const struct path *target)
{
	struct question question;

	begin(&question, ISOLATES_MOUNT_MOUNT, flags);
	question.where = target;
	add_text(&question, type);
	if (subtype) {
		add_text(&question, ".");
		add_text(&question, subtype);
	}
	add_end(&question);
	if (device)
		add_path(&question, device, &question.source);
	else
		add_text(&question, source);
	add_end(&question);
	add_path(&question, target, &question.target);
	return ask(&question);
}

/* What is left for later in the same call. */

static void forget_at_return(struct callback_head *work)
{
	struct isolates_mount_note *const note = &isolates_task(current)->mount;

	if (note->source)
		path_put(&note->target);
	*note = (struct isolates_mount_note) {};
}

/* Returns: the current task's, empty; NULL: it is exiting. */
static struct isolates_mount_note *take_note(void)
{
	struct isolates_mount_note *const note = &isolates_task(current)->mount;

	if (!note->is_taken) {
		init_task_work(&note->work, forget_at_return);
		if (task_work_add(current, &note->work, TWA_RESUME))
			return NULL;
		note->is_taken = true;
	}
	return note;
}

static int check_found(const struct isolates_mount_note *note, const struct path *source)
{
	return check(note->operation, note->flags, source, &note->target);
}

static int find_source(const char *name, unsigned int flags, struct path *path);

static struct isolates_detour source_detour = ISOLATES_DETOUR("kern_path", find_source);

/* In place of kern_path(). */
static int find_source(const char *name, unsigned int flags, struct path *path)
{
	int (*const kern_path_itself)(const char *name, unsigned int flags,
				      struct path *path) =
		isolates_detour_begin(&source_detour);
	int error = kern_path_itself(name, flags, path);
	struct isolates_mount_note *const note = &isolates_task(current)->mount;
	struct isolates_mount_note found;

	isolates_detour_end();
	if (error || !note->source || note->source != name)
		return error;
	found = *note;
	note->source = NULL;
	error = check_found(&found, path);
	path_put(&found.target);
	if (error)
		path_put(path);
	return error;
}

/* Without automata there are no conditions. */
static bool has_conditions(const struct isolates_instance *instance)
{
	return instance->policy->classes[ISOLATES_CLASS_MOUNT].automata.count;
}

static struct kprobe *probes[] = { &source_detour.probe };

/* See mount.h. */
struct isolates_probe_set isolates_mount_probes = {
	.failure = "the source of a mount cannot be probed",
	.is_needed_by = has_conditions,
	.probes = probes,
	.count = ARRAY_SIZE(probes),
};

/* A bind or a move: the source is asked about when it is found. */
static noinline int check_source(const char *source, const struct path *target,
				 u32 operation, unsigned long flags)
{
	struct isolates_mount_note *note;

	if (!source || !*source || !isolates_probe_set_works(&isolates_mount_probes))
		return check_blindly(operation, target);
	note = take_note();
	if (!note)
		return -EPERM;
	if (note->source)
		path_put(&note->target);
	note->operation = operation;
	note->flags = flags;
	note->source = source;
	note->target = *target;
	path_get(target);
	return 0;
}

/* Is a file system of that type made of what a file stands for? */
static bool needs_device(const char *type)
{
	struct file_system_type *const found = get_fs_type(type);
	const bool needs = found && found->fs_flags & FS_REQUIRES_DEV;

	if (found)
		put_filesystem(found);
	return needs;
}

static dev_t block_device(const struct path *path)
{
	const struct inode *const inode = d_backing_inode(path->dentry);

	return S_ISBLK(inode->i_mode) ? inode->i_rdev : 0;
}

static noinline int check_mount(const char *source, const struct path *target,
				const char *type, unsigned long flags)
{
	struct isolates_mount_note *note;
	struct path device;
	bool is_path;
	int error;

	if (!type || !needs_device(type))
		return check_new(type, NULL, NULL, source, flags, target);
	note = take_note();
	if (!note)
		return -EPERM;
	is_path = source && !kern_path(source, LOOKUP_FOLLOW, &device);
	note->has_device = true;
	note->device = is_path ? block_device(&device) : 0;
	error = check_new(type, NULL, is_path ? &device : NULL, source, flags, target);
	if (is_path)
		path_put(&device);
	return error;
}

static noinline int check_remount(const struct path *target, unsigned long flags)
{
	struct isolates_mount_note *const note = take_note();

	if (!note)
		return -EPERM;
	note->remounted = target->mnt->mnt_sb;
	return check(ISOLATES_MOUNT_REMOUNT, flags, NULL, target);
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
	const u32 operation = operation_of(flags);

	if (isolates_current_is_unconfined())
		return 0;
	if (operation == ISOLATES_MOUNT_MOUNT)
		return check_mount(dev_name, path, type, flags);
	if (operation == ISOLATES_MOUNT_REMOUNT)
		return check_remount(path, flags);
	if (operation == ISOLATES_MOUNT_PROPAGATE)
		return check(operation, flags, NULL, path);
	return check_source(dev_name, path, operation, flags);
}

/* mount() has made a file system: of the device that was asked about? */
static int hook_sb_kern_mount(ISOLATES_KERN_MOUNT_PARAMETERS)
{
	const struct isolates_mount_note *note;

	if (isolates_current_is_unconfined())
		return 0;
	note = &isolates_task(current)->mount;
	if (!note->has_device || note->device == (sb->s_bdev ? sb->s_bdev->bd_dev : 0))
		return 0;
	return check_blindly(ISOLATES_MOUNT_MOUNT, NULL);
}

/* For mount(), which was asked, and for fspick() and fsconfig(). */
static int hook_sb_remount(struct super_block *sb, void *options)
{
	if (isolates_current_is_unconfined() || isolates_task(current)->mount.remounted == sb)
		return 0;
	return check_blindly(ISOLATES_MOUNT_REMOUNT, NULL);
}

/* As mount(2) would have got them. */
static unsigned long flags_of(const struct vfsmount *mnt)
{
	static const struct {
		int its, flag;
	} flags[] = {
		{ MNT_NOSUID, MS_NOSUID }, { MNT_NODEV, MS_NODEV }, { MNT_NOEXEC, MS_NOEXEC },
		{ MNT_NOATIME, MS_NOATIME }, { MNT_NODIRATIME, MS_NODIRATIME },
		{ MNT_READONLY, MS_RDONLY }, { MNT_NOSYMFOLLOW, MS_NOSYMFOLLOW },
	};
	unsigned long found = mnt->mnt_sb->s_flags &
			      (SB_RDONLY | SB_SYNCHRONOUS | SB_MANDLOCK | SB_DIRSYNC |
			       SB_LAZYTIME);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (mnt->mnt_flags & flags[i].its)
			found |= flags[i].flag;
	}
	/* Unless told otherwise, mount() makes it MNT_RELATIME. */
	if (!(mnt->mnt_flags & (MNT_NOATIME | MNT_RELATIME)))
		found |= MS_STRICTATIME;
	return found;
}

/* A detached mount: a new one, as far as it can be told. */
static noinline int check_attached(struct vfsmount *mnt, const struct path *target)
{
	const struct super_block *const sb = mnt->mnt_sb;
	const char *const source = real_mount(mnt)->mnt_devname;
	const char *const subtype = sb->s_subtype;
	struct path device;
	int error;

	if (!sb->s_bdev)
		return check_new(sb->s_type->name, subtype, NULL, source, flags_of(mnt),
				 target);
	if (!source || kern_path(source, LOOKUP_FOLLOW, &device))
		return check_blindly(ISOLATES_MOUNT_MOUNT, target);
	error = block_device(&device) == sb->s_bdev->bd_dev ?
		check_new(sb->s_type->name, subtype, &device, NULL, flags_of(mnt), target) :
		check_blindly(ISOLATES_MOUNT_MOUNT, target);
	path_put(&device);
	return error;
}

/* Attaches a mount that was made detached, or moves one. */
static int hook_move_mount(const struct path *from_path, const struct path *to_path)
{
	const struct mnt_namespace *const ns = real_mount(from_path->mnt)->mnt_ns;

	if (isolates_current_is_unconfined())
		return 0;
	if (!IS_ERR_OR_NULL(ns) && is_anon_ns((struct mnt_namespace *)ns))
		return check_attached(from_path->mnt, to_path);
	return check(ISOLATES_MOUNT_MOVE, MS_MOVE, from_path, to_path);
}

static int hook_sb_umount(struct vfsmount *mnt, int flags)
{
	const struct path root = { .mnt = mnt, .dentry = mnt->mnt_root };

	if (isolates_current_is_unconfined())
		return 0;
	return check(ISOLATES_MOUNT_UMOUNT, 0, NULL, &root);
}

static int hook_sb_pivotroot(const struct path *old_path, const struct path *new_path)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check(ISOLATES_MOUNT_PIVOT_ROOT, 0, old_path, new_path);
}

/**
 * isolates_mount_check_call - May the current task do what has no hook of its own?
 *
 * For what asks for CAP_SYS_ADMIN. Does not sleep. Returns: 0, or the negative errno to
 * fail with.
 */
int isolates_mount_check_call(void)
{
	int number = syscall_get_nr(current, current_pt_regs());

	if (current->flags & (PF_KTHREAD | PF_USER_WORKER))
		return 0;
	/* The 32-bit calls have the same numbers. */
	if (!in_ia32_syscall())
		number &= ~__X32_SYSCALL_BIT;
	if (number == __NR_open_tree)
		return check_blindly(ISOLATES_MOUNT_BIND, NULL);
	if (number == __NR_mount_setattr)
		return check_blindly(ISOLATES_MOUNT_REMOUNT | ISOLATES_MOUNT_PROPAGATE, NULL);
	return 0;
}

static struct security_hook_list mount_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(sb_mount, hook_sb_mount),
	LSM_HOOK_INIT(sb_kern_mount, hook_sb_kern_mount),
	LSM_HOOK_INIT(sb_remount, hook_sb_remount),
	LSM_HOOK_INIT(move_mount, hook_move_mount),
	LSM_HOOK_INIT(sb_umount, hook_sb_umount),
	LSM_HOOK_INIT(sb_pivotroot, hook_sb_pivotroot),
};

void __init isolates_add_mount_hooks(void)
{
	security_add_hooks(mount_hooks, ARRAY_SIZE(mount_hooks), &isolates_lsm_id);
}
