/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_MOUNT_H
#define _SECURITY_ISOLATES_MOUNT_H

#include <linux/path.h>
#include <linux/task_work.h>
#include <linux/types.h>

struct super_block;

/*
 * What a task that is in mount(2) was asked about, or is to be. Of the task's own; gone
 * when it returns to user space.
 */
struct isolates_mount_note {
	struct callback_head work;
	bool is_taken;			/* @work is on its way */
	/* A bind or move to @target, which is counted, of what this text will lead to. */
	const char *source;		/* compared only; NULL: none */
	struct path target;
	u32 operation;
	unsigned long flags;
	/* A new file system, which must be of this device. 0: of none. */
	bool has_device;
	dev_t device;
	const struct super_block *remounted;	/* compared only; NULL: none */
};

extern struct isolates_probe_set isolates_mount_probes;

int isolates_mount_check_call(void);
void isolates_add_mount_hooks(void);

#endif /* _SECURITY_ISOLATES_MOUNT_H */
