/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits on resources: what a process may have once it is under a policy.
 */
#ifndef _SECURITY_ISOLATES_RLIMIT_H
#define _SECURITY_ISOLATES_RLIMIT_H

#include <linux/types.h>

struct isolates_confinement;

void isolates_rlimits_change(const struct isolates_confinement *old,
			     const struct isolates_confinement *new);
void isolates_rlimits_apply_later(const struct isolates_confinement *confinement);
void isolates_add_rlimit_hooks(void);

#endif /* _SECURITY_ISOLATES_RLIMIT_H */
