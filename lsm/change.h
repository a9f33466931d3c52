/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes of policy that a confined task asks for itself, through lsm_set_self_attr(2), as
 * far as its policies let it.
 */
#ifndef _SECURITY_ISOLATES_CHANGE_H
#define _SECURITY_ISOLATES_CHANGE_H

#include "confinement.h"
#include "label.h"

struct isolates_destination;
struct isolates_program;
struct path;

/* What a task has asked for, and what it may go back to. Written by the task itself. */
struct isolates_change {
	struct isolates_label *on_exec;	/* what its next exec leads to; counted, or NULL */
	/* In a hat: what it was under before, counted, and what opens the way back. */
	struct isolates_confinement *before;
	u64 token;
};

bool isolates_change_awaits_exec(void);
int isolates_change_check_open(const struct path *path, bool owner);
int isolates_change_on_exec(const struct isolates_confinement *confinement,
			    const struct isolates_program *program,
			    struct isolates_destination *destination);
void isolates_change_inherit(struct isolates_change *child,
			     const struct isolates_change *parent);
void isolates_change_end(struct isolates_change *change);
void isolates_add_change_hooks(void);

#endif /* _SECURITY_ISOLATES_CHANGE_H */
