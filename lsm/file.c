// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of files, by path.
 */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/mman.h>
#include <linux/mount.h>

#include "check.h"
#include "file.h"
#include "path.h"
#include "setup.h"
#include "task.h"

/* What a mapping as code needs. Of a program or loader being executed, see exec.c. */
#define EXEC_MAPPING	(ISOLATES_FILE_MMAP | ISOLATES_FILE_EXEC)

static bool is_owner(const struct vfsmount *mnt, const struct inode *inode)
{
	return vfsuid_eq_kuid(i_uid_into_vfsuid(mnt_idmap(mnt), inode),
			      current_fsuid());
}

/* An operation on what is there. */
static int check_existing(const struct isolates_confinement *confinement,
			  const struct path *path, u32 operations, u32 *allowed)
{
	const struct inode *const inode = d_backing_inode(path->dentry);

	if (isolates_path_is_nameless(path)) {
		if (allowed)
			*allowed = ISOLATES_FILE_OPS & ~EXEC_MAPPING;
		/* Its bytes are the task's own; but code must come from a name. */
		return confinement->broken || (operations & ISOLATES_FILE_EXEC) ?
		       -EACCES : 0;
	}
	/* Can be negative only by a race that the file system will refuse. */
	if (!inode)
		return -EACCES;
	return isolates_check_path(confinement, path, operations,
				   is_owner(path->mnt, inode),
				   S_ISDIR(inode->i_mode), allowed);
}

/* An operation on what is made now: it will be the task's own. */
static int check_new(const struct isolates_confinement *confinement,
		     const struct path *dir, struct dentry *dentry, u32 operations,
		     bool is_directory)
{
	const struct path path = { .mnt = dir->mnt, .dentry = dentry };

	if (isolates_path_is_nameless(&path))
		return confinement->broken ? -EACCES : 0;
	return isolates_check_path(confinement, &path, operations, true,
				   is_directory, NULL);
}

static int check_entry(const struct isolates_confinement *confinement,
		       const struct path *dir, struct dentry *dentry, u32 operations)
{
	const struct path path = { .mnt = dir->mnt, .dentry = dentry };

	return check_existing(confinement, &path, operations, NULL);
}

/* What opening @file asks for. */
static u32 open_operations(const struct file *file)
{
	u32 operations = 0;

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

static int hook_file_open(struct file *file)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	/* The program is asked about by name in exec.c, its code when mapped. */
	if (file->f_flags & __FMODE_EXEC)
		return 0;
	/* Was opened, and checked, under its name in the overlay. */
	if (file->f_mode & FMODE_BACKING)
		return 0;
	return check_existing(confinement, &file->f_path, open_operations(file), NULL);
}

static int hook_file_truncate(struct file *file)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_existing(confinement, &file->f_path, ISOLATES_FILE_TRUNCATE, NULL);
}

static int hook_file_lock(struct file *file, unsigned int cmd)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_existing(confinement, &file->f_path, ISOLATES_FILE_LOCK, NULL);
}

static int check_mapping(struct file *file, unsigned long prot)
{
	const struct isolates_confinement *confinement;
	u32 allowed;
	int error;

	if (!file || !(prot & PROT_EXEC))
		return 0;
	confinement = isolates_current_confinement();
	if (likely(!confinement))
		return 0;
	if (!current->in_execve)
		return check_existing(confinement, &file->f_path,
				      ISOLATES_FILE_MMAP, NULL);

	/* The kernel maps the program, or the loader it names: either will do. */
	error = check_existing(confinement, &file->f_path, 0, &allowed);
	if (error || allowed & EXEC_MAPPING)
		return error;
	return check_existing(confinement, &file->f_path, ISOLATES_FILE_MMAP, NULL);
}

static int hook_mmap_file(struct file *file, unsigned long reqprot,
			  unsigned long prot, unsigned long flags)
{
	return check_mapping(file, prot);
}

static int hook_file_mprotect(struct vm_area_struct *vma, unsigned long reqprot,
			      unsigned long prot)
{
	return check_mapping(vma->vm_file, prot);
}

static int hook_path_mknod(const struct path *dir, struct dentry *dentry,
			   umode_t mode, unsigned int dev)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const bool regular = !(mode & S_IFMT) || S_ISREG(mode);

	if (likely(!confinement))
		return 0;
	return check_new(confinement, dir, dentry,
			 regular ? ISOLATES_FILE_CREATE : ISOLATES_FILE_MKNOD, false);
}

static int hook_path_mkdir(const struct path *dir, struct dentry *dentry, umode_t mode)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_new(confinement, dir, dentry, ISOLATES_FILE_MKDIR, true);
}

static int hook_path_symlink(const struct path *dir, struct dentry *dentry,
			     const char *old_name)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_new(confinement, dir, dentry, ISOLATES_FILE_SYMLINK, false);
}

static int hook_path_unlink(const struct path *dir, struct dentry *dentry)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_entry(confinement, dir, dentry, ISOLATES_FILE_UNLINK);
}

static int hook_path_rmdir(const struct path *dir, struct dentry *dentry)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_entry(confinement, dir, dentry, ISOLATES_FILE_RMDIR);
}

/*
 * A second name for a file. It must not grant what the first does not: else a file
 * that may only be read would be linked to where everything may be written.
 */
static int check_second_name(const struct isolates_confinement *confinement,
			     const struct path *old, const struct path *new,
			     u32 operations)
{
	const struct inode *const inode = d_backing_inode(old->dentry);
	u32 old_allowed, new_allowed;
	int error;

	if (!inode)
		return -EACCES;
	error = check_existing(confinement, old, 0, &old_allowed);
	if (error)
		return error;
	error = isolates_check_path(confinement, new, operations,
				    is_owner(new->mnt, inode),
				    S_ISDIR(inode->i_mode), &new_allowed);
	if (error)
		return error;
	return new_allowed & ~old_allowed &
	       (ISOLATES_FILE_READ | ISOLATES_FILE_WRITE | ISOLATES_FILE_APPEND |
		ISOLATES_FILE_EXEC | ISOLATES_FILE_MMAP) ? -EACCES : 0;
}

static int hook_path_link(struct dentry *old_dentry, const struct path *new_dir,
			  struct dentry *new_dentry)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct path old = { .mnt = new_dir->mnt, .dentry = old_dentry };
	const struct path new = { .mnt = new_dir->mnt, .dentry = new_dentry };

	if (likely(!confinement))
		return 0;
	return check_second_name(confinement, &old, &new, ISOLATES_FILE_LINK);
}

/* One direction: @from gets the name @to. */
static int check_rename(const struct isolates_confinement *confinement,
			const struct path *from, const struct path *to)
{
	int error;

	error = check_existing(confinement, from, ISOLATES_FILE_RENAME, NULL);
	if (error)
		return error;
	return check_second_name(confinement, from, to, ISOLATES_FILE_RENAME);
}

static int hook_path_rename(const struct path *old_dir, struct dentry *old_dentry,
			    const struct path *new_dir, struct dentry *new_dentry,
			    unsigned int flags)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct path old = { .mnt = old_dir->mnt, .dentry = old_dentry };
	const struct path new = { .mnt = new_dir->mnt, .dentry = new_dentry };
	int error;

	if (likely(!confinement))
		return 0;
	error = check_rename(confinement, &old, &new);
	if (error)
		return error;
	if (flags & RENAME_EXCHANGE)
		return check_rename(confinement, &new, &old);
	/* What is replaced is gone, as if unlinked. */
	if (d_is_positive(new_dentry))
		return check_existing(confinement, &new,
				      d_is_dir(new_dentry) ? ISOLATES_FILE_RMDIR :
							     ISOLATES_FILE_UNLINK,
				      NULL);
	return 0;
}

static int hook_path_truncate(const struct path *path)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_existing(confinement, path, ISOLATES_FILE_TRUNCATE, NULL);
}

static int hook_path_chmod(const struct path *path, umode_t mode)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_existing(confinement, path, ISOLATES_FILE_CHMOD, NULL);
}

static int hook_path_chown(const struct path *path, kuid_t uid, kgid_t gid)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_existing(confinement, path, ISOLATES_FILE_CHOWN, NULL);
}

static int hook_path_chroot(const struct path *path)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (likely(!confinement))
		return 0;
	return check_existing(confinement, path, ISOLATES_FILE_CHROOT, NULL);
}

static struct security_hook_list file_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(file_open, hook_file_open),
	LSM_HOOK_INIT(file_truncate, hook_file_truncate),
	LSM_HOOK_INIT(file_lock, hook_file_lock),
	LSM_HOOK_INIT(mmap_file, hook_mmap_file),
	LSM_HOOK_INIT(file_mprotect, hook_file_mprotect),
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
