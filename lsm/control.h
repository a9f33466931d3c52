/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control files, /sys/kernel/security/isolates/.
 */
#ifndef _SECURITY_ISOLATES_CONTROL_H
#define _SECURITY_ISOLATES_CONTROL_H

#include <linux/types.h>

struct file;

bool isolates_control_is_allowed(const struct file *file);
int isolates_control_init(void);

#endif /* _SECURITY_ISOLATES_CONTROL_H */
