/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is told of verdicts: in the ring of events, and, as far as its rate goes, in the
 * kernel's log.
 */
#ifndef _SECURITY_ISOLATES_REPORT_H
#define _SECURITY_ISOLATES_REPORT_H

#include <linux/types.h>

#include "core/decide.h"

struct isolates_instance;
struct path;

/* The object of an operation, as much as is known of it; unused fields are 0. */
struct isolates_object {
	const struct path *path;
	const char *peer;
	int signal;
	const struct isolates_network_facts *network;
	/* The kernel asks for itself: a denial is not told, and nobody killed for it. */
	bool is_probing;
	/* It was a probe's handler that asked: no path then, and a short name. */
	bool is_in_probe;
};

void isolates_report(const struct isolates_instance *instance,
		     const struct isolates_request *request,
		     const struct isolates_verdict *verdict, u32 mode,
		     const struct isolates_object *object);
void isolates_report_transition(const struct isolates_instance *instance,
				const struct path *program, const char *target, u32 mode,
				const char *reason);
void isolates_report_rlimit(const struct isolates_instance *instance,
			    const struct isolates_rlimit *rlimit, const char *name,
			    u32 mode);
void isolates_report_refusal(const struct path *path, const char *reason);
void isolates_report_syscall(const struct isolates_instance *instance,
			     const char *name,
			     const struct isolates_syscall_verdict *verdict,
			     u32 mode);
unsigned long isolates_report_denials(void);

#endif /* _SECURITY_ISOLATES_REPORT_H */
