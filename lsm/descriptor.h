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
	/*
	 * The confinement under which it was opened, by its id; 0: none. Or, once one who
	 * is confined has set its owner, who that was: see descriptor.c. In one word, as
	 * each open of anybody pays for each.
	 */
	u64 word;
};

void isolates_descriptor_opened(struct file *file);
void isolates_descriptor_owned(struct file *file, u64 confinement);
void isolates_descriptor_unowned(struct file *file);
bool isolates_descriptor_owner(const struct file *file, u64 *confinement, pid_t *process);
int isolates_descriptor_check(const struct file *file, u32 operations);
void isolates_add_descriptor_hooks(void);

#endif /* _SECURITY_ISOLATES_DESCRIPTOR_H */
