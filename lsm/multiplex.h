/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls of 32-bit programs that do the work of many others.
 *
 * socketcall() and ipc() have a number for each of the calls that they stand for, and
 * do not pass those calls' entries.
 */
#ifndef _SECURITY_ISOLATES_MULTIPLEX_H
#define _SECURITY_ISOLATES_MULTIPLEX_H

#include <linux/types.h>

struct isolates_multiplexed {
	const char *call;	/* as in the tables of system calls */
	const char *entry;	/* of the one that does its work */
	u16 selector;		/* the lower half of its first argument */
};

/* How many selectors may do one call at the most. */
#define ISOLATES_MULTIPLEXED_MAX	2

extern const struct isolates_multiplexed isolates_multiplexed[];
extern const u32 isolates_multiplexed_count;

#endif /* _SECURITY_ISOLATES_MULTIPLEX_H */
