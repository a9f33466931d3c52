/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What policies say of system calls, in a form that probes can ask.
 */
#ifndef _SECURITY_ISOLATES_SYSCALL_VERDICT_H
#define _SECURITY_ISOLATES_SYSCALL_VERDICT_H

#include <linux/types.h>

#include "core/decide.h"

struct isolates_instance;

int isolates_syscall_prepare(const struct isolates_view *view,
			     const struct isolates_policy *policy,
			     unsigned long **spoken_of, const char **reason);
bool isolates_syscall_is_named(const struct isolates_view *view,
			       const struct isolates_policy *policy, u32 number);
int isolates_syscall_verdict(u32 number,
			     const struct isolates_syscall_arguments *args);

#endif /* _SECURITY_ISOLATES_SYSCALL_VERDICT_H */
