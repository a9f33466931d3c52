/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Detours: what the kernel does where it asks no security module is done by a function
 * of ours, which may do it and then look at what has come of it, and say no.
 *
 * Unlike the handler of a probe, such a function is one like any other: it may sleep.
 */
#ifndef _SECURITY_ISOLATES_DETOUR_H
#define _SECURITY_ISOLATES_DETOUR_H

#include <linux/kprobes.h>

struct isolates_detour {
	struct kprobe probe;	/* its symbol is the function that is gone around */
	void *function;		/* of the same type */
};

int isolates_detour_register(struct isolates_detour *detour);
void isolates_detour_unregister(struct isolates_detour *detour);
void *isolates_detour_begin(const struct isolates_detour *detour);
void isolates_detour_end(void);

#endif /* _SECURITY_ISOLATES_DETOUR_H */
