// SPDX-License-Identifier: GPL-2.0-only
/*
 * The folders of the policies in force: policies/NAME, with
 *
 * name, sha256, blob  read: the policy's name, and what it was loaded from.
 * bindings            read: "KIND NUMBER" lines, with " on exec" behind those that wait.
 * mode                read, write: a mode's name.
 *
 * Opening one, and using `mode`, fails with ENOENT once the policy is not in force; the
 * rest stays as it was opened. For writes see control.c too.
 *
 * Their inodes hold nothing but the label's id, a number: what it means is looked up
 * when a file is opened, so no object's life depends on a file that is still open, or
 * the other way around.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

#include "binding.h"
#include "compat.h"
#include "control.h"
#include "policyfs.h"
#include "seal.h"
#include "table.h"

static struct dentry *policies;
/* Of each policy in force its folder, by label id. Under isolates_admin_lock. */
static DEFINE_XARRAY(folders);

/* What an open file shows. */
struct shown {
	struct isolates_blob *blob;
	const struct isolates_policy *policy;
	struct isolates_label *label;
};

static void shown_free(struct shown *shown)
{
	isolates_label_put(shown->label);
	isolates_blob_put(shown->blob);
	kfree(shown);
}

/* What is in force by a label's id: by an open file's, perhaps another than before. */
static struct isolates_instance *instance_of(u32 id)
{
	const struct isolates_table *const table =
		rcu_dereference_protected(isolates_table,
					  lockdep_is_held(&isolates_admin_lock));

	return table && id < table->size ? table->instances[id] : NULL;
}

static struct shown *shown_create(const struct inode *inode)
{
	const u32 id = (uintptr_t)inode->i_private;
	struct isolates_instance *instance;
	struct shown *shown;

	shown = kzalloc(sizeof(*shown), GFP_KERNEL);
	if (!shown)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&isolates_admin_lock);
	instance = instance_of(id);
	if (instance) {
		shown->blob = isolates_blob_get(instance->blob);
		shown->policy = instance->policy;
		shown->label = isolates_label_get(instance->label);
	}
	mutex_unlock(&isolates_admin_lock);
	if (!instance) {
		kfree(shown);
		return ERR_PTR(-ENOENT);
	}
	return shown;
}

static int shown_open(struct inode *inode, struct file *file,
		      int (*show)(struct seq_file *m, void *unused))
{
	struct shown *shown;
	int error;

	if (!isolates_control_is_allowed(file))
		return -EPERM;
	shown = shown_create(inode);
	if (IS_ERR(shown))
		return PTR_ERR(shown);
	error = single_open(file, show, shown);
	if (error)
		shown_free(shown);
	return error;
}

static int shown_release(struct inode *inode, struct file *file)
{
	struct shown *const shown = ((struct seq_file *)file->private_data)->private;

	shown_free(shown);
	return single_release(inode, file);
}

static const char *const modes[ISOLATES_MODE_COUNT] = {
	[ISOLATES_MODE_ENFORCE] = "enforce",
	[ISOLATES_MODE_COMPLAIN] = "complain",
	[ISOLATES_MODE_KILL] = "kill",
	[ISOLATES_MODE_DISABLED] = "disabled",
};

static int mode_show(struct seq_file *m, void *unused)
{
	const struct shown *const shown = m->private;
	const struct isolates_instance *instance;

	mutex_lock(&isolates_admin_lock);
	instance = instance_of(shown->label->id);
	if (instance)
		seq_printf(m, "%s\n", modes[instance->mode]);
	mutex_unlock(&isolates_admin_lock);
	return instance ? 0 : -ENOENT;
}

/*
 * Takes a mode's name, whole, in one write. It lasts until another one is written, or
 * the policy is replaced.
 */
static ssize_t mode_write(struct file *file, const char __user *data, size_t size,
			  loff_t *position)
{
	const struct shown *const shown = ((struct seq_file *)file->private_data)->private;
	struct isolates_instance *instance;
	int error = 0;
	char word[16];
	int mode;

	if (!isolates_control_is_allowed(file))
		return -EPERM;
	if (!size || size >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, data, size))
		return -EFAULT;
	word[size] = '\0';
	if (strlen(word) != size)
		return -EINVAL;
	mode = sysfs_match_string(modes, word);
	if (mode < 0)
		return -EINVAL;
	mutex_lock(&isolates_admin_lock);
	instance = instance_of(shown->label->id);
	if (isolates_is_sealed())
		error = -EROFS;
	else if (!instance)
		error = -ENOENT;
	else {
		WRITE_ONCE(instance->mode, mode);
		isolates_begin_epoch();
	}
	mutex_unlock(&isolates_admin_lock);
	return error ?: size;
}

static int name_show(struct seq_file *m, void *unused)
{
	const struct shown *const shown = m->private;

	seq_printf(m, "%s\n", shown->label->name);
	return 0;
}

static int sha256_show(struct seq_file *m, void *unused)
{
	const struct shown *const shown = m->private;

	seq_printf(m, "%*phN\n", SHA256_DIGEST_SIZE, shown->blob->sha256);
	return 0;
}

static int bindings_show(struct seq_file *m, void *unused)
{
	const struct shown *const shown = m->private;

	isolates_binding_show(m, shown->label);
	return 0;
}

#define DEFINE_SHOWN_FILE(name, write_file)					\
static int name ## _open(struct inode *inode, struct file *file)		\
{										\
	return shown_open(inode, file, name ## _show);				\
}										\
										\
static const struct file_operations name ## _fops = {				\
	.open = name ## _open,							\
	.read = isolates_control_seq_read,					\
	.write = write_file,							\
	.llseek = seq_lseek,							\
	.release = shown_release,						\
}

DEFINE_SHOWN_FILE(name, NULL);
DEFINE_SHOWN_FILE(mode, mode_write);
DEFINE_SHOWN_FILE(sha256, NULL);
DEFINE_SHOWN_FILE(bindings, NULL);

static int blob_open(struct inode *inode, struct file *file)
{
	struct shown *shown;

	if (!isolates_control_is_allowed(file))
		return -EPERM;
	shown = shown_create(inode);
	if (IS_ERR(shown))
		return PTR_ERR(shown);
	file->private_data = shown;
	return 0;
}

static ssize_t blob_read(struct file *file, char __user *data, size_t size,
			 loff_t *position)
{
	const struct shown *const shown = file->private_data;

	if (!isolates_control_is_allowed(file))
		return -EPERM;
	return simple_read_from_buffer(data, size, position, shown->blob->bytes,
				       shown->blob->size);
}

static int blob_release(struct inode *inode, struct file *file)
{
	shown_free(file->private_data);
	return 0;
}

static const struct file_operations blob_fops = {
	.open = blob_open,
	.read = blob_read,
	.llseek = default_llseek,
	.release = blob_release,
};

static const struct {
	const char *name;
	const struct file_operations *fops;
} files[] = {
	{ "name", &name_fops },
	{ "mode", &mode_fops },
	{ "sha256", &sha256_fops },
	{ "bindings", &bindings_fops },
	{ "blob", &blob_fops },
};

/*
 * A name for the folder: a slash is no part of one, and neither "." nor ".." nor a
 * name that ends in our own suffix may be taken, so these get the id behind them, as
 * does a name that is taken already. The file "name" says what it really is.
 */
static struct dentry *create_folder(const struct isolates_label *label)
{
	char folder[ISOLATES_NAME_MAX + sizeof(".4294967295")];
	struct dentry *dentry;

	strscpy(folder, label->name, sizeof(folder));
	strreplace(folder, '/', '.');
	if (strcmp(folder, ".") && strcmp(folder, "..")) {
		dentry = securityfs_create_dir(folder, policies);
		if (PTR_ERR(dentry) != -EEXIST)
			return dentry;
	}
	/* NAME_MAX is what a policy's name may have. */
	snprintf(folder + min(strlen(folder), ISOLATES_NAME_MAX - 12ul), 12, ".%u",
		 label->id);
	return securityfs_create_dir(folder, policies);
}

/**
 * isolates_policyfs_add - Make the folder of a policy, if there is none
 *
 * @label: of the policy.
 *
 * Called with isolates_admin_lock held. May sleep. Returns: 0 or a negative errno,
 * with nothing made.
 */
int isolates_policyfs_add(const struct isolates_label *label)
{
	void *const id = (void *)(uintptr_t)label->id;
	struct dentry *folder, *dentry;
	size_t i;
	int error;

	lockdep_assert_held(&isolates_admin_lock);
	if (xa_load(&folders, label->id))
		return 0;
	folder = create_folder(label);
	if (IS_ERR(folder))
		return PTR_ERR(folder);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		dentry = securityfs_create_file(files[i].name,
						files[i].fops->write ? 0600 : 0400,
						folder, id, files[i].fops);
		if (IS_ERR(dentry)) {
			error = PTR_ERR(dentry);
			goto fail;
		}
	}
	error = xa_err(xa_store(&folders, label->id, folder, GFP_KERNEL));
	if (!error)
		return 0;
fail:
	securityfs_recursive_remove(folder);
	return error;
}

/* Remove the folder of @label, if there is one, with isolates_admin_lock held. */
void isolates_policyfs_remove(const struct isolates_label *label)
{
	struct dentry *const folder = xa_erase(&folders, label->id);

	lockdep_assert_held(&isolates_admin_lock);
	if (folder)
		securityfs_recursive_remove(folder);
}

int __init isolates_policyfs_init(struct dentry *root)
{
	policies = securityfs_create_dir("policies", root);
	return PTR_ERR_OR_ZERO(policies);
}
