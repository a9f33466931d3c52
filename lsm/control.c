// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control files:
 *
 * abi     read: the format's version and what this kernel can do.
 * load    write: one complete blob. Read: why the last write through the same
 *         descriptor failed.
 * unload  write: "[force ]NAME", and more such lines: all of them or none.
 * bind    write: "[host ]KIND FD NAME", FD an nsfs descriptor of the writer's.
 * unbind  write: "KIND NUMBER NAME".
 * attach  write: "[on-exec ]PIDFD NAME", PIDFD a pidfd of the writer's.
 * detach  write: "PIDFD NAME".
 * events  read: what was denied, complained of or to be told; see events.c.
 * tasks   read: who is under which policies, and why; see tasks.c.
 * seal    write: "1": from then on each of these writes fails with EROFS. Read: "0", or
 *         "1" once it is so.
 * stats   read: "name value" lines, and a line for each probe.
 *
 * Each write is one command, whole; a newline may end it. NAME goes to the end, so
 * that it may hold spaces; KIND is as in /proc/PID/ns; a number is decimal digits. Each
 * of writev()'s pieces is a write. There is no position: lseek() and pwrite() fail with
 * ESPIPE, but for files that can be read in pieces, where a write does not look at it.
 *
 * A write that fails has changed nothing. What it fails with is said at the function
 * that does the work, and before it gets there:
 *
 * EPERM   who opened the file had not CAP_MAC_ADMIN over the whole system, or the writer
 *         is confined; open() and read() fail alike.
 * EFAULT  not all of the bytes can be read.
 * EINVAL  not a whole command: empty, too long, with a NUL in it, a word missing or
 *         unknown, no number. Or nothing is written to this file, or not by splice() and
 *         sendfile().
 * E2BIG   of load: more than a blob may have.
 * EBADF   FD or PIDFD is no descriptor of the writer's, or of something else.
 * ENOENT  there is no policy of this name.
 * ENOMEM
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

#include "attachment.h"
#include "binding.h"
#include "compat.h"
#include "confinement.h"
#include "control.h"
#include "events.h"
#include "label.h"
#include "mount.h"
#include "namespace.h"
#include "policyfs.h"
#include "probe.h"
#include "report.h"
#include "seal.h"
#include "setup.h"
#include "syscall.h"
#include "syscall_names.h"
#include "table.h"
#include "task.h"
#include "tasks.h"

/* The longest command: two words, two spaces, a number and a name. */
#define COMMAND_MAX	(ISOLATES_NAME_MAX + 64)
/* The most that is unloaded at once: some ten thousand long names. */
#define UNLOAD_MAX	SZ_4M

/**
 * isolates_control_is_allowed - May the current task use this control file?
 *
 * @file: open.
 *
 * Who opened it must have had CAP_MAC_ADMIN over the whole system, so that nobody
 * is tricked into writing for another; and a confined task may not, whoever opened
 * the file: its policy is not its to change.
 */
bool isolates_control_is_allowed(const struct file *file)
{
	return file_ns_capable(file, &init_user_ns, CAP_MAC_ADMIN) &&
	       !isolates_current_confinement();
}

/*
 * seq_read() of a control file. Asks each time: the descriptor may be from before the
 * task was confined.
 */
ssize_t isolates_control_seq_read(struct file *file, char __user *data, size_t size,
				  loff_t *position)
{
	if (!isolates_control_is_allowed(file))
		return -EPERM;
	return seq_read(file, data, size, position);
}

/*
 * The text written: NUL-terminated, without its last newline, and to be given to kvfree();
 * or an error.
 */
static char *text_get(const struct file *file, const char __user *data, size_t size,
		      size_t max)
{
	char *text;

	if (!isolates_control_is_allowed(file))
		return ERR_PTR(-EPERM);
	if (!size || size > max)
		return ERR_PTR(-EINVAL);
	text = kvmalloc(size + 1, GFP_KERNEL_ACCOUNT);
	if (!text)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(text, data, size)) {
		kvfree(text);
		return ERR_PTR(-EFAULT);
	}
	if (text[size - 1] == '\n')
		size--;
	text[size] = '\0';
	if (strlen(text) != size) {
		kvfree(text);
		return ERR_PTR(-EINVAL);
	}
	return text;
}

static char *command_get(const struct file *file, const char __user *data, size_t size)
{
	return text_get(file, data, size, COMMAND_MAX);
}

/* Take the word @word and the space behind it off the front of *@command. */
static bool take_word(char **command, const char *word)
{
	const size_t length = str_has_prefix(*command, word);

	if (!length || (*command)[length] != ' ')
		return false;
	*command += length + 1;
	return true;
}

/* A number as printf() writes it. kstrtou32() would take a sign, and a newline behind it. */
static int to_number(const char *digits, u32 *number)
{
	if (digits[strspn(digits, "0123456789")] || kstrtou32(digits, 10, number))
		return -EINVAL;
	return 0;
}

/* Take "KIND NUMBER " off the front of *@command. Returns: 0 or -EINVAL. */
static int take_namespace(char **command, u32 *kind, u32 *number)
{
	char *const kind_name = strsep(command, " ");
	char *const digits = *command ? strsep(command, " ") : NULL;
	int found;

	if (!digits || !*command || !**command)
		return -EINVAL;
	found = isolates_namespace_kind(kind_name);
	if (found < 0 || to_number(digits, number))
		return -EINVAL;
	*kind = found;
	return 0;
}

static int abi_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "abi %u\n", ISOLATES_ABI);
	seq_printf(m, "format %u\n", ISOLATES_BLOB_VERSION);
	seq_puts(m, "classes file capability signal network mount ptrace namespace io_uring change_profile syscall\n");
	seq_puts(m, "namespaces cgroup ipc mnt net pid time user uts\n");
	seq_printf(m, "syscalls %u\n", isolates_syscall_count);
	return 0;
}

static int stats_show(struct seq_file *m, void *unused)
{
	const struct isolates_table *table;

	rcu_read_lock();
	table = rcu_dereference(isolates_table);
	seq_printf(m, "policies %u\n", table ? table->count : 0);
	rcu_read_unlock();
	seq_printf(m, "bindings %u\n", isolates_binding_count());
	seq_printf(m, "confinements %u\n", isolates_confinement_count());
	seq_printf(m, "denials %lu\n", isolates_report_denials());
	isolates_events_show(m);
	seq_printf(m, "probes %s\n", isolates_probes_work() ? "work" : "BROKEN");
	isolates_table_show_probes(m);
	return 0;
}

/* All are root's alone, but a descriptor may be handed on; and root be confined. */
static int show_open(struct file *file, int (*show)(struct seq_file *m, void *unused))
{
	if (!isolates_control_is_allowed(file))
		return -EPERM;
	return single_open(file, show, NULL);
}

static int abi_open(struct inode *inode, struct file *file)
{
	return show_open(file, abi_show);
}

static int stats_open(struct inode *inode, struct file *file)
{
	return show_open(file, stats_show);
}

static const struct file_operations abi_fops = {
	.open = abi_open,
	.read = isolates_control_seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static const struct file_operations stats_fops = {
	.open = stats_open,
	.read = isolates_control_seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

/* private_data is why the last load failed: a static text, or NULL. */
static ssize_t load_write(struct file *file, const char __user *data, size_t size,
			  loff_t *position)
{
	const char *reason = NULL;
	void *bytes;
	int error;

	if (!isolates_control_is_allowed(file))
		return -EPERM;
	if (size > ISOLATES_BLOB_SIZE_MAX)
		return -E2BIG;
	bytes = vmemdup_user(data, size);
	if (IS_ERR(bytes))
		return PTR_ERR(bytes);
	error = isolates_load(bytes, size, &reason);
	WRITE_ONCE(file->private_data, (void *)reason);
	/* It is another text to be read; @position would be kept on success only. */
	file->f_pos = 0;
	return error ?: size;
}

static ssize_t load_read(struct file *file, char __user *data, size_t size,
			 loff_t *position)
{
	const char *const reason = READ_ONCE(file->private_data);

	if (!isolates_control_is_allowed(file))
		return -EPERM;
	if (!reason)
		return 0;
	return simple_read_from_buffer(data, size, position, reason, strlen(reason));
}

static const struct file_operations load_fops = {
	.open = nonseekable_open,
	.read = load_read,
	.write = load_write,
};

/* Each line of @text, which is cut into them. Returns: 0, or why nothing was done. */
static int unload_lines(char *text)
{
	struct isolates_unloading *list;
	u32 count = 1, i;
	const char *at;
	int error = 0;

	for (at = strchr(text, '\n'); at; at = strchr(at + 1, '\n'))
		count++;
	list = kvcalloc(count, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		char *line = strsep(&text, "\n");

		list[i].force = take_word(&line, "force");
		list[i].name = line;
		if (!*line)
			error = -EINVAL;
	}
	error = error ?: isolates_unload(list, count);
	kvfree(list);
	return error;
}

static ssize_t unload_write(struct file *file, const char __user *data, size_t size,
			    loff_t *position)
{
	char *const text = text_get(file, data, size, UNLOAD_MAX);
	int error;

	if (IS_ERR(text))
		return PTR_ERR(text);
	error = unload_lines(text);
	kvfree(text);
	return error ?: size;
}

static const struct file_operations unload_fops = {
	.open = nonseekable_open,
	.write = unload_write,
};

static int bind_command(char *command)
{
	const bool host = take_word(&command, "host");
	const bool on_exec = take_word(&command, "on-exec");
	struct isolates_label *label;
	struct file *nsfs;
	u32 kind, fd;
	int error;

	error = take_namespace(&command, &kind, &fd);
	if (error)
		return error;
	nsfs = fget(fd);
	if (!nsfs)
		return -EBADF;
	label = isolates_label_find(command, strlen(command));
	error = label ? isolates_bind(nsfs, kind, label, host, on_exec) : -ENOENT;
	if (label)
		isolates_label_put(label);
	fput(nsfs);
	return error;
}

static ssize_t bind_write(struct file *file, const char __user *data, size_t size,
			  loff_t *position)
{
	char *const command = command_get(file, data, size);
	int error;

	if (IS_ERR(command))
		return PTR_ERR(command);
	error = bind_command(command);
	kvfree(command);
	return error ?: size;
}

static const struct file_operations bind_fops = {
	.open = nonseekable_open,
	.write = bind_write,
};

static int unbind_command(char *command)
{
	struct isolates_label *label;
	u32 kind, inum;
	int error;

	error = take_namespace(&command, &kind, &inum);
	if (error)
		return error;
	label = isolates_label_find(command, strlen(command));
	if (!label)
		return -ENOENT;
	error = isolates_unbind(kind, inum, label);
	isolates_label_put(label);
	return error;
}

static ssize_t unbind_write(struct file *file, const char __user *data, size_t size,
			    loff_t *position)
{
	char *const command = command_get(file, data, size);
	int error;

	if (IS_ERR(command))
		return PTR_ERR(command);
	error = unbind_command(command);
	kvfree(command);
	return error ?: size;
}

static const struct file_operations unbind_fops = {
	.open = nonseekable_open,
	.write = unbind_write,
};

/* The process of a "PIDFD " that is taken off the front, held; -EINVAL or -EBADF. */
static struct pid *take_process(char **command)
{
	char *const digits = strsep(command, " ");
	unsigned int flags;
	u32 fd;

	if (!*command || !**command || to_number(digits, &fd))
		return ERR_PTR(-EINVAL);
	return pidfd_get_pid(fd, &flags);
}

static int attach_command(char *command, bool detach)
{
	const bool on_exec = !detach && take_word(&command, "on-exec");
	struct isolates_label *label;
	struct pid *pid;
	int error = -ENOENT;

	pid = take_process(&command);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	label = isolates_label_find(command, strlen(command));
	if (label) {
		error = detach ? isolates_detach(pid, label) :
				 isolates_attach(pid, label, on_exec);
		isolates_label_put(label);
	}
	put_pid(pid);
	return error;
}

static ssize_t attach_or_detach(struct file *file, const char __user *data, size_t size,
				bool detach)
{
	char *const command = command_get(file, data, size);
	int error;

	if (IS_ERR(command))
		return PTR_ERR(command);
	error = attach_command(command, detach);
	kvfree(command);
	return error ?: size;
}

static ssize_t attach_write(struct file *file, const char __user *data, size_t size,
			    loff_t *position)
{
	return attach_or_detach(file, data, size, false);
}

static ssize_t detach_write(struct file *file, const char __user *data, size_t size,
			    loff_t *position)
{
	return attach_or_detach(file, data, size, true);
}

static const struct file_operations attach_fops = {
	.open = nonseekable_open,
	.write = attach_write,
};

static const struct file_operations detach_fops = {
	.open = nonseekable_open,
	.write = detach_write,
};

struct control_file {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
};

static const struct control_file files[] __initconst = {
	{ "abi", 0400, &abi_fops },
	{ "load", 0600, &load_fops },
	{ "unload", 0200, &unload_fops },
	{ "bind", 0200, &bind_fops },
	{ "unbind", 0200, &unbind_fops },
	{ "attach", 0200, &attach_fops },
	{ "detach", 0200, &detach_fops },
	{ "events", 0400, &isolates_events_fops },
	{ "tasks", 0400, &isolates_tasks_fops },
	{ "seal", 0600, &isolates_seal_fops },
	{ "stats", 0400, &stats_fops },
};

int __init isolates_control_init(void)
{
	struct dentry *root, *dentry;
	size_t i;
	int error;

	root = securityfs_create_dir(ISOLATES_NAME, NULL);
	if (IS_ERR(root))
		return PTR_ERR(root);
	error = isolates_policyfs_init(root);
	for (i = 0; i < ARRAY_SIZE(files) && !error; i++) {
		dentry = securityfs_create_file(files[i].name, files[i].mode, root,
						NULL, files[i].fops);
		error = PTR_ERR_OR_ZERO(dentry);
	}
	if (error)
		securityfs_recursive_remove(root);
	return error;
}
