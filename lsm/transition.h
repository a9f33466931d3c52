/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transitions: what a task's policies say that it is under once it executes a program.
 */
#ifndef _SECURITY_ISOLATES_TRANSITION_H
#define _SECURITY_ISOLATES_TRANSITION_H

#include <linux/types.h>

struct isolates_confinement;
struct isolates_instance;
struct isolates_label;
struct isolates_table;
struct path;

/* What is executed. */
struct isolates_program {
	const struct path *path;
	const char *name;	/* of @path, from the root of the mount namespace */
	u32 length;
	bool owner;		/* the task owns it */
};

/* Where that leads. */
struct isolates_destination {
	/* Counted. NULL: what the task is under stays as it is. */
	struct isolates_confinement *confinement;
	bool scrubs;		/* the program must not trust its environment */
};

int isolates_transition(const struct isolates_confinement *confinement,
			const struct isolates_program *program,
			struct isolates_destination *destination);
const struct isolates_instance *isolates_find_open(const struct isolates_table *table,
						   const char *name, u32 length);
int isolates_confinement_move(const struct isolates_confinement *confinement,
			      struct isolates_label *const *to,
			      struct isolates_confinement **changed);

#endif /* _SECURITY_ISOLATES_TRANSITION_H */
