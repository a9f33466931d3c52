/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of all system calls, and the symbols of their entries.
 */
#ifndef _SECURITY_ISOLATES_SYSCALL_NAMES_H
#define _SECURITY_ISOLATES_SYSCALL_NAMES_H

#include <linux/types.h>

#define ISOLATES_SYSCALL_ENTRIES_MAX	4

struct isolates_syscall_name {
	const char *name;
	/* The unused ones are NULL; those used may not be in this kernel. */
	const char *entries[ISOLATES_SYSCALL_ENTRIES_MAX];
	/* They never return, and must not be made to. */
	bool noreturn;
};

extern const struct isolates_syscall_name isolates_syscall_names[];
extern const u32 isolates_syscall_count;

#endif /* _SECURITY_ISOLATES_SYSCALL_NAMES_H */
