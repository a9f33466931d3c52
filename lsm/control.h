/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control files, /sys/kernel/security/isolates/.
 */
#ifndef _SECURITY_ISOLATES_CONTROL_H
#define _SECURITY_ISOLATES_CONTROL_H

#include <linux/types.h>

struct file;

bool isolates_control_is_allowed(const struct file *file);
ssize_t isolates_control_seq_read(struct file *file, char __user *data, size_t size,
				  loff_t *position);
int isolates_control_init(void);

#endif /* _SECURITY_ISOLATES_CONTROL_H */
