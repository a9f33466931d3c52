/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls: a kprobe on every entry of each call of which any policy in force has
 * something to say, beyond that it is allowed.
 */
#ifndef _SECURITY_ISOLATES_SYSCALL_H
#define _SECURITY_ISOLATES_SYSCALL_H

#include <linux/types.h>

struct isolates_instance;
struct seq_file;

int isolates_syscall_arm(const struct isolates_instance **instances, u32 count,
			 const char **reason);
void isolates_syscall_disarm(const struct isolates_instance **instances, u32 count);
void isolates_syscall_show(struct seq_file *m);
int isolates_syscall_init(void);

#endif /* _SECURITY_ISOLATES_SYSCALL_H */
