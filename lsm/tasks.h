/* SPDX-License-Identifier: GPL-2.0-only */
/* The control file `tasks`: who is confined by what. */
#ifndef _SECURITY_ISOLATES_TASKS_H
#define _SECURITY_ISOLATES_TASKS_H

#include <linux/fs.h>

extern const struct file_operations isolates_tasks_fops;

#endif /* _SECURITY_ISOLATES_TASKS_H */
