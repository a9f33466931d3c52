/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_PTRACE_H
#define _SECURITY_ISOLATES_PTRACE_H

struct isolates_confinement;

int isolates_ptrace_may_become(const struct isolates_confinement *confinement);
void isolates_add_ptrace_hooks(void);

#endif /* _SECURITY_ISOLATES_PTRACE_H */
