/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Descriptors: files that are open already, perhaps from before the task was confined, or
 * opened by somebody else.
 */
#ifndef _SECURITY_ISOLATES_DESCRIPTOR_H
#define _SECURITY_ISOLATES_DESCRIPTOR_H

#include <linux/types.h>

struct file;

/* What is known of an open file. */
struct isolates_file {
	u64 confinement;	/* under which it was opened, by its id; 0: none */
};

void isolates_descriptor_opened(struct file *file);
int isolates_descriptor_check(const struct file *file, u32 operations);
void isolates_add_descriptor_hooks(void);

#endif /* _SECURITY_ISOLATES_DESCRIPTOR_H */
