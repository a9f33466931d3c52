/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bindings: which namespace puts its tasks under which policy. A binding ends
 * with its namespace.
 */
#ifndef _SECURITY_ISOLATES_BINDING_H
#define _SECURITY_ISOLATES_BINDING_H

#include <linux/jump_label.h>
#include <linux/types.h>

#include "core/blob.h"

struct file;
struct isolates_label;
struct isolates_entry_set;
struct isolates_table;
struct nsproxy;
struct pid_namespace;
struct seq_file;
struct user_namespace;

/* The namespaces a task lives in. Not referenced: compared, never followed. */
struct isolates_residence {
	const struct nsproxy *nsproxy;
	const struct pid_namespace *pid_ns;	/* NULL: a task without a pid */
	const struct user_namespace *user_ns;
};

/*
 * What was known of a task when it was last looked at, by which it is told how it came to
 * be where it is: by a call of its own, which it cannot make without being looked at
 * before, or else.
 */
struct isolates_past {
	unsigned long generation;	/* of that look; for a new task, its parent's */
	bool is_new;			/* it was its parent, just before it was made */
	bool is_confined;		/* under something that is not for a visit */
	const u32 *inums;		/* of the namespaces it lived in, by kind; or 0 */
};

/* Changes with every binding and attachment: what was worked out before is stale. */
extern unsigned long isolates_generation;

void isolates_next_generation(void);

/* On while a user namespace is bound: only then must a change of it be noticed. */
DECLARE_STATIC_KEY_FALSE(isolates_user_ns_bound);

int isolates_bind(struct file *nsfs, u32 kind, struct isolates_label *label,
		  bool allow_initial, bool on_exec);
int isolates_unbind(u32 kind, u32 inum, struct isolates_label *label);
void isolates_binding_remove_unloaded(const struct isolates_table *table);
void isolates_binding_collect(const struct isolates_residence *residence,
			      const struct isolates_past *past,
			      struct isolates_entry_set *set);
void isolates_residence_inums(const struct isolates_residence *residence,
			      u32 inums[ISOLATES_NAMESPACE_COUNT]);
void isolates_binding_show(struct seq_file *m, const struct isolates_label *label);
u32 isolates_binding_count(void);
bool isolates_binding_waits(void);
void isolates_binding_flush(void);
int isolates_binding_init(void);

#endif /* _SECURITY_ISOLATES_BINDING_H */
