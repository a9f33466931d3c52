// SPDX-License-Identifier: GPL-2.0-only
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "control.h"
#include "seal.h"
#include "setup.h"
#include "table.h"

static bool sealed;	/* written, to true, under isolates_admin_lock */

/**
 * isolates_is_sealed - Must nothing be changed any more?
 *
 * Called with isolates_admin_lock held, by whatever is to change something before it
 * does: nothing has changed any more when the write that seals returns.
 */
bool isolates_is_sealed(void)
{
	lockdep_assert_held(&isolates_admin_lock);
	return sealed;
}

static int seal_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%d\n", READ_ONCE(sealed));
	return 0;
}

static int seal_open(struct inode *inode, struct file *file)
{
	if (!isolates_control_is_allowed(file))
		return -EPERM;
	return single_open(file, seal_show, NULL);
}

/* Takes "1", whole, in one write; again, too. There is nothing else that it could take. */
static ssize_t seal_write(struct file *file, const char __user *data, size_t size,
			  loff_t *position)
{
	char word[2];

	if (!isolates_control_is_allowed(file))
		return -EPERM;
	if (!size || size > sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, data, size))
		return -EFAULT;
	if (word[0] != '1' || (size == 2 && word[1] != '\n'))
		return -EINVAL;
	mutex_lock(&isolates_admin_lock);
	if (!sealed)
		pr_notice(ISOLATES_NAME ": sealed: nothing is changed until the next boot\n");
	WRITE_ONCE(sealed, true);
	mutex_unlock(&isolates_admin_lock);
	return size;
}

/* See control.c. */
const struct file_operations isolates_seal_fops = {
	.open = seal_open,
	.read = isolates_control_seq_read,
	.write = seal_write,
	.llseek = seq_lseek,
	.release = single_release,
};
