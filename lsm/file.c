// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of files, by path.
 */
#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/mman.h>
#include <linux/mount.h>

#include "change.h"
#include "check.h"
#include "compat.h"
#include "descriptor.h"
#include "file.h"
#include "link.h"
#include "setup.h"
#include "task.h"

/* What a file's name may grant over the file itself, and who owns it. */
#define CONTENT_OPERATIONS							\
	(ISOLATES_FILE_READ | ISOLATES_FILE_WRITE | ISOLATES_FILE_APPEND |	\
	 ISOLATES_FILE_EXEC | ISOLATES_FILE_MMAP | ISOLATES_FILE_TRUNCATE |	\
	 ISOLATES_FILE_CHMOD | ISOLATES_FILE_CHOWN | ISOLATES_FILE_GETATTR |	\
	 ISOLATES_FILE_SETXATTR | ISOLATES_FILE_IOCTL)

/* What a mapping as code needs. Of a program or loader being executed, see exec.c. */
#define EXEC_MAPPING	(ISOLATES_FILE_MMAP | ISOLATES_FILE_EXEC)

static bool is_owner(const struct vfsmount *mnt, const struct inode *inode)
{
	return vfsuid_eq_kuid(i_uid_into_vfsuid(isolates_idmap_of(mnt), inode),
			      current_fsuid());
}

/* An operation on what is there. */
static __always_inline int check_inode(const struct path *path, u32 operations,
				       u32 *allowed)
{
	const struct inode *const inode = d_backing_inode(path->dentry);

	/* Can be negative only by a race that the file system will refuse. */
	if (!inode)
		return -EACCES;
	return isolates_check_path(path, operations, is_owner(path->mnt, inode),
				   S_ISDIR(inode->i_mode), allowed);
}

/**
 * isolates_check_file - May the current task do this to a file?
 *
 * @path: of it, held by the caller.
 * @operations: mask of enum isolates_file_op.
 *
 * May sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check_file(const struct path *path, u32 operations)
{
	return check_inode(path, operations, NULL);
}

static noinline int check_existing(const struct path *path, u32 operations,
				   u32 *allowed)
{
	return check_inode(path, operations, allowed);
}

/* An operation on what is made now: it will be the task's own. */
static noinline int check_new(const struct path *dir, struct dentry *dentry,
			      u32 operations, bool is_directory)
{
	const struct path path = { .mnt = dir->mnt, .dentry = dentry };

	return isolates_check_path(&path, operations, true, is_directory, NULL);
}

static noinline int check_entry(const struct path *dir, struct dentry *dentry,
				u32 operations)
{
	const struct path path = { .mnt = dir->mnt, .dentry = dentry };

	return check_existing(&path, operations, NULL);
}

/* What opening @file asks for. */
static u32 open_operations(const struct file *file)
{
	u32 operations = 0;

	/* For ioctl() only, of whatever it does to the file: see ACC_MODE(). */
	if ((file->f_flags & O_ACCMODE) == O_ACCMODE)
		operations |= ISOLATES_FILE_READ | ISOLATES_FILE_WRITE;
	if (file->f_mode & FMODE_READ)
		operations |= ISOLATES_FILE_READ;
	if (file->f_mode & FMODE_WRITE)
		operations |= file->f_flags & O_APPEND ? ISOLATES_FILE_APPEND :
							 ISOLATES_FILE_WRITE;
	/* Other files come to be through path_mknod, this one only here. */
	if (file->f_flags & __O_TMPFILE)
		operations |= ISOLATES_FILE_CREATE;
	return operations;
}

/*
 * Opened to be executed. The program is asked about in exec.c, the code of its loader
 * when it is mapped; but a loader need not have code, and some file systems let user
 * space set this flag (xfs_open_by_handle() does). So one of what may follow must be
 * allowed; to the program, if one is being executed: then this is its loader.
 */
static noinline int check_open_exec(const struct file *file)
{
	const struct path *const path = &file->f_path;
	const struct inode *const inode = file_inode(file);
	const bool owner = is_owner(path->mnt, inode);
	const bool is_directory = S_ISDIR(inode->i_mode);
	u32 allowed;
	int error;

	/* A rule on the change that it is for stands for one on the program. */
	if (!isolates_current_exec() && isolates_change_awaits_exec())
		return isolates_change_check_open(path, owner);
	error = isolates_check_path_exec(path, 0, owner, is_directory, &allowed);
	if (error || allowed & (EXEC_MAPPING | ISOLATES_FILE_READ))
		return error;
	return isolates_check_path_exec(path, ISOLATES_FILE_EXEC, owner, is_directory,
					NULL);
}

static int check_open(struct file *file)
{
	if (isolates_is_backing_file(file))
		return 0;
	if (file->f_flags & __FMODE_EXEC && !(file->f_mode & FMODE_WRITE))
		return check_open_exec(file);
	/*
	 * The file below an overlay has no name, and was checked under its name in it.
	 * That below a FUSE file has one, and nobody has checked it: the server may
	 * have opened it with O_PATH.
	 */
	return check_inode(&file->f_path, open_operations(file), NULL);
}

static noinline int check_and_note_open(struct file *file)
{
	const int error = check_open(file);

	if (!error)
		isolates_descriptor_opened(file);
	return error;
}

static int hook_file_open(struct file *file)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_and_note_open(file);
}

static int __maybe_unused hook_file_truncate(struct file *file)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_existing(&file->f_path, ISOLATES_FILE_TRUNCATE, NULL);
}

static int hook_file_lock(struct file *file, unsigned int cmd)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_existing(&file->f_path, ISOLATES_FILE_LOCK, NULL);
}

static noinline int check_mapping(const struct file *file)
{
	/* What is mapped of an overlay's file is the one below, which has no name. */
	const struct path *const path = file_user_path(file);
	u32 allowed;
	int error;

	if (!current->in_execve)
		return check_existing(path, ISOLATES_FILE_MMAP, NULL);

	/* The kernel maps the program, or the loader it names: either will do. */
	error = check_existing(path, 0, &allowed);
	if (error || allowed & EXEC_MAPPING)
		return error;
	return check_existing(path, ISOLATES_FILE_MMAP, NULL);
}

/*
 * Who may only append has O_APPEND on the file, and must not get around it. Of what
 * does, RWF_NOAPPEND and fallocate() are out of reach of any hook.
 */
static noinline int check_overwrite(const struct file *file)
{
	return check_existing(file_user_path(file), ISOLATES_FILE_WRITE, NULL);
}

static bool appends(const struct file *file)
{
	return file->f_mode & FMODE_WRITE && file->f_flags & O_APPEND;
}

static int check_map(const struct file *file, unsigned long prot, bool shared)
{
	u32 operations = 0;
	int error = 0;

	/* Who may map code may read it. */
	if (prot & PROT_EXEC)
		error = check_mapping(file);
	else
		operations |= ISOLATES_FILE_READ;
	if (shared && prot & PROT_WRITE)
		operations |= ISOLATES_FILE_WRITE;
	if (!error && operations)
		error = isolates_descriptor_check(file, operations);
	if (!error && shared && prot & PROT_WRITE && appends(file))
		error = check_overwrite(file);
	return error;
}

static int hook_mmap_file(struct file *file, unsigned long reqprot,
			  unsigned long prot, unsigned long flags)
{
	const unsigned long type = flags & MAP_TYPE;

	if (!file || isolates_current_is_unconfined())
		return 0;
	return check_map(file, prot,
			 type == MAP_SHARED || type == MAP_SHARED_VALIDATE);
}

static int hook_file_mprotect(struct vm_area_struct *vma, unsigned long reqprot,
			      unsigned long prot)
{
	if (!vma->vm_file || !(prot & (PROT_EXEC | PROT_WRITE)) ||
	    isolates_current_is_unconfined())
		return 0;
	return check_map(vma->vm_file, prot, vma->vm_flags & VM_SHARED);
}

static int hook_file_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	/* Who sets the owner is looked at while there is time for it: see sigio.c. */
	if ((cmd == F_SETOWN || cmd == F_SETOWN_EX) && !isolates_current_is_unconfined())
		isolates_current_confinement();
	if (cmd != F_SETFL || arg & O_APPEND || !appends(file) ||
	    isolates_current_is_unconfined())
		return 0;
	return check_overwrite(file);
}

static int hook_path_mknod(const struct path *dir, struct dentry *dentry,
			   umode_t mode, unsigned int dev)
{
	const bool regular = !(mode & S_IFMT) || S_ISREG(mode);

	if (isolates_current_is_unconfined())
		return 0;
	return check_new(dir, dentry,
			 regular ? ISOLATES_FILE_CREATE : ISOLATES_FILE_MKNOD, false);
}

static int hook_path_mkdir(const struct path *dir, struct dentry *dentry, umode_t mode)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_new(dir, dentry, ISOLATES_FILE_MKDIR, true);
}

static int hook_path_symlink(const struct path *dir, struct dentry *dentry,
			     const char *old_name)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_new(dir, dentry, ISOLATES_FILE_SYMLINK, false);
}

static int hook_path_unlink(const struct path *dir, struct dentry *dentry)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_entry(dir, dentry, ISOLATES_FILE_UNLINK);
}

static int hook_path_rmdir(const struct path *dir, struct dentry *dentry)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_entry(dir, dentry, ISOLATES_FILE_RMDIR);
}

/*
 * May the file @old have the name @new, as far as @operations on that go? And would that
 * grant what its old one does not?
 */
static int compare_names(const struct path *old, const struct path *new, u32 operations,
			 bool *grants_more)
{
	const struct inode *const inode = d_backing_inode(old->dentry);
	u32 old_allowed, new_allowed;
	int error;

	if (!inode)
		return -EACCES;
	error = check_existing(old, 0, &old_allowed);
	if (error)
		return error;
	error = isolates_check_path(new, operations,
				    is_owner(new->mnt, inode),
				    S_ISDIR(inode->i_mode), &new_allowed);
	*grants_more = new_allowed & ~old_allowed & CONTENT_OPERATIONS;
	return error;
}

/*
 * It must not: else a file that may only be read would be linked, or moved, to where
 * everything may be written. Of links, rules may have it otherwise: see link.c.
 */
static noinline int check_link(const struct path *old, const struct path *new)
{
	bool grants_more;
	int error;

	error = compare_names(old, new, 0, &grants_more);
	return error ?: isolates_check_link(old, new,
					    is_owner(new->mnt, d_backing_inode(old->dentry)),
					    grants_more);
}

static int hook_path_link(struct dentry *old_dentry, const struct path *new_dir,
			  struct dentry *new_dentry)
{
	const struct path old = { .mnt = new_dir->mnt, .dentry = old_dentry };
	const struct path new = { .mnt = new_dir->mnt, .dentry = new_dentry };

	if (isolates_current_is_unconfined())
		return 0;
	return check_link(&old, &new);
}

/* One direction: @from gets the name @to. */
static int check_rename(const struct path *from, const struct path *to)
{
	bool grants_more;
	int error;

	error = check_existing(from, ISOLATES_FILE_RENAME, NULL);
	if (error)
		return error;
	error = compare_names(from, to, ISOLATES_FILE_RENAME, &grants_more);
	if (error || !grants_more)
		return error;
	return isolates_refuse(isolates_current_confinement(), from,
			       "its new name would grant more");
}

static noinline int check_renames(const struct path *old, const struct path *new,
				  unsigned int flags)
{
	int error;

	error = check_rename(old, new);
	if (error)
		return error;
	if (flags & RENAME_EXCHANGE)
		return check_rename(new, old);
	/* A device takes its place, which hides the file from an overlay. */
	if (flags & RENAME_WHITEOUT) {
		error = isolates_check_path(old, ISOLATES_FILE_MKNOD, true, false,
					    NULL);
		if (error)
			return error;
	}
	/* What is replaced is gone, as if unlinked. */
	if (d_is_positive(new->dentry))
		return check_existing(new, d_is_dir(new->dentry) ?
				      ISOLATES_FILE_RMDIR : ISOLATES_FILE_UNLINK,
				      NULL);
	return 0;
}

static int hook_path_rename(const struct path *old_dir, struct dentry *old_dentry,
			    const struct path *new_dir, struct dentry *new_dentry,
			    unsigned int flags)
{
	const struct path old = { .mnt = old_dir->mnt, .dentry = old_dentry };
	const struct path new = { .mnt = new_dir->mnt, .dentry = new_dentry };

	if (isolates_current_is_unconfined())
		return 0;
	return check_renames(&old, &new, flags);
}

static int hook_path_truncate(const struct path *path)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_existing(path, ISOLATES_FILE_TRUNCATE, NULL);
}

static int hook_path_chmod(const struct path *path, umode_t mode)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_existing(path, ISOLATES_FILE_CHMOD, NULL);
}

static int hook_path_chown(const struct path *path, kuid_t uid, kgid_t gid)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_existing(path, ISOLATES_FILE_CHOWN, NULL);
}

static int hook_path_chroot(const struct path *path)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_existing(path, ISOLATES_FILE_CHROOT, NULL);
}

/* What is asked about only if a policy has a rule on it: see ISOLATES_FILE_ALWAYS_OPEN. */
static noinline int check_open_always(const struct path *path, u32 operation)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (!confinement || !isolates_is_ruled(confinement, operation))
		return 0;
	return check_existing(path, operation, NULL);
}

static int hook_inode_getattr(const struct path *path)
{
	if (!static_branch_unlikely(&isolates_open_is_ruled) ||
	    isolates_current_is_unconfined())
		return 0;
	return check_open_always(path, ISOLATES_FILE_GETATTR);
}

static int hook_file_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (!static_branch_unlikely(&isolates_open_is_ruled) ||
	    isolates_current_is_unconfined())
		return 0;
	return check_open_always(&file->f_path, ISOLATES_FILE_IOCTL);
}

static struct security_hook_list file_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(file_open, hook_file_open),
	ISOLATES_FILE_TRUNCATE_INIT(hook_file_truncate)
	LSM_HOOK_INIT(file_lock, hook_file_lock),
	LSM_HOOK_INIT(file_fcntl, hook_file_fcntl),
	LSM_HOOK_INIT(mmap_file, hook_mmap_file),
	LSM_HOOK_INIT(file_mprotect, hook_file_mprotect),
	LSM_HOOK_INIT(file_ioctl, hook_file_ioctl),
	LSM_HOOK_INIT(file_ioctl_compat, hook_file_ioctl),
	LSM_HOOK_INIT(inode_getattr, hook_inode_getattr),
	LSM_HOOK_INIT(path_mknod, hook_path_mknod),
	LSM_HOOK_INIT(path_mkdir, hook_path_mkdir),
	LSM_HOOK_INIT(path_symlink, hook_path_symlink),
	LSM_HOOK_INIT(path_unlink, hook_path_unlink),
	LSM_HOOK_INIT(path_rmdir, hook_path_rmdir),
	LSM_HOOK_INIT(path_link, hook_path_link),
	LSM_HOOK_INIT(path_rename, hook_path_rename),
	LSM_HOOK_INIT(path_truncate, hook_path_truncate),
	LSM_HOOK_INIT(path_chmod, hook_path_chmod),
	LSM_HOOK_INIT(path_chown, hook_path_chown),
	LSM_HOOK_INIT(path_chroot, hook_path_chroot),
};

void __init isolates_add_file_hooks(void)
{
	security_add_hooks(file_hooks, ARRAY_SIZE(file_hooks), &isolates_lsm_id);
}
