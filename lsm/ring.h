/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The system calls that an io_uring ring can do as well.
 *
 * What a ring does never passes a system call's entry. So that a denied call is
 * denied to rings, the function that does the operation is probed too: it runs as
 * the task that submits, as a worker of it, or as the thread that polls the ring,
 * and each of them is under what its creator was under.
 */
#ifndef _SECURITY_ISOLATES_RING_H
#define _SECURITY_ISOLATES_RING_H

#include <linux/types.h>

struct isolates_ring_op {
	const char *call;	/* as in the tables of system calls */
	const char *function;	/* takes the request, as in io_uring/opdef.c */
	u8 opcode;		/* enum io_uring_op; a function may serve several */
};

/* How many operations may do one call at the most. */
#define ISOLATES_RING_OPS_MAX	3

extern const struct isolates_ring_op isolates_ring_ops[];
extern const u32 isolates_ring_op_count;

#endif /* _SECURITY_ISOLATES_RING_H */
