/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes that are armed together, for as long as a policy in force needs them: they slow
 * down what they stand on for everybody.
 */
#ifndef _SECURITY_ISOLATES_PROBE_SET_H
#define _SECURITY_ISOLATES_PROBE_SET_H

#include <linux/kprobes.h>

struct isolates_instance;
struct seq_file;

/* No more probes than a word has bits. */
struct isolates_probe_set {
	const char *failure;		/* why a load fails if one cannot be armed */
	bool (*is_needed_by)(const struct isolates_instance *instance);
	struct kprobe **probes;		/* as isolates_probe_register() wants them */
	u32 count;
	/* Under isolates_admin_lock: */
	u32 users;			/* policies in force; read at any time */
	unsigned long armed;		/* a bit for each probe */
	unsigned long stays;		/* of those: it could not be disarmed */
};

int isolates_probe_set_use(struct isolates_probe_set *set,
			   const struct isolates_instance **instances, u32 count,
			   const char **reason);
void isolates_probe_set_unuse(struct isolates_probe_set *set,
			      const struct isolates_instance **instances, u32 count);
bool isolates_probe_set_works(const struct isolates_probe_set *set);
void isolates_probe_set_show(const struct isolates_probe_set *set, struct seq_file *m);

#endif /* _SECURITY_ISOLATES_PROBE_SET_H */
