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
	void *around;		/* that function; set before anybody comes here */
};

/*
 * Lead all calls of a function elsewhere while the probe is armed. It must be called by
 * pointer, or from another file, so that no copy of it has become a part of its callers,
 * and by tasks only.
 */
#define ISOLATES_DETOUR(symbol, its_function) {			\
	.probe = {						\
		.symbol_name = symbol,				\
		.pre_handler = isolates_take_detour,		\
	},							\
	.function = its_function,				\
}

int isolates_take_detour(struct kprobe *probe, struct pt_regs *regs);
void *isolates_detour_begin(const struct isolates_detour *detour);
void isolates_detour_end(void);

#endif /* _SECURITY_ISOLATES_DETOUR_H */
