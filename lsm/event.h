/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One thing that a policy has to tell, and how it is spelt: "key=value" pairs with a space
 * between them. Names are in quotes, with what is not printable, quotes and backslashes
 * escaped, as C would: no name can end its own quotes, or bring pairs of its own.
 */
#ifndef _SECURITY_ISOLATES_EVENT_H
#define _SECURITY_ISOLATES_EVENT_H

#include <linux/types.h>

struct isolates_instance;
struct isolates_network_facts;
struct isolates_rule;
struct seq_buf;

/* What is not known, or does not apply, is NULL or 0. */
struct isolates_event {
	const char *verdict;		/* "denied", "allowed", "complained", "killed" */
	const struct isolates_instance *instance;	/* whose verdict it is */
	const char *class_name;
	const char *operation;
	const char *object;
	const struct isolates_network_facts *network;
	int signal;
	u32 error;			/* an errno */
	const char *target;		/* of a transition */
	const char *reason;
	const struct isolates_rule *rule;	/* of @instance */
	/* By which states of the policy, or rules of it, it was decided. */
	const u32 *states;
	u32 state_count;
};

/* Room in which everything but an object's name surely fits. */
#define ISOLATES_EVENT_MIN	1280u

/**
 * isolates_event_print - Spell an event
 *
 * @line: empty, of ISOLATES_EVENT_MIN bytes or more. An object's name that does not fit in
 *        is cut, and marked so.
 * @event: what happened just now, by the current task.
 *
 * Takes no lock and no memory, and does not sleep: for a probe's handler too.
 *
 * Returns: how long the first part is, for people; what follows is for programs.
 */
size_t isolates_event_print(struct seq_buf *line, const struct isolates_event *event);

#endif /* _SECURITY_ISOLATES_EVENT_H */
