/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of credentials: whose they are, and, of those that are made for an exec,
 * what the program will be under.
 *
 * The kernel acts with credentials that are not the current task's own: overlayfs
 * with those of whoever mounted, a ring of io_uring with those of whoever registered
 * them. The first acts for itself, and what it needs is not the task's doing; the
 * second acts for the task.
 */
#ifndef _SECURITY_ISOLATES_CRED_H
#define _SECURITY_ISOLATES_CRED_H

#include <linux/cred.h>
#include <linux/lsm_hooks.h>

#include "confinement.h"
#include "setup.h"

/* All but @is_lent and @is_a_tasks is written before anybody acts with them. */
struct isolates_cred {
	/* What their maker was under, or NULL. A weak reference. */
	struct isolates_confinement *confinement;
	/*
	 * A reference, or NULL: an exec changes nothing, or is none. It goes when the
	 * exec fails, as they do.
	 */
	struct isolates_confinement *exec;
	/* Which process made them, and the how manieth program of it. */
	u64 process_start;
	u64 exec_id;
	/* A ring, or another task, was given them. Only ever set. */
	bool is_lent;
	/* A task has, or had, them as its own since its fork or exec. Only ever set. */
	bool is_a_tasks;
};

static inline struct isolates_cred *isolates_cred(const struct cred *cred)
{
	return cred->security + isolates_blob_sizes.lbs_cred;
}

bool isolates_cred_is_made_here(const struct cred *cred);
bool isolates_cred_is_of_current(const struct cred *cred);
bool isolates_kernel_acts_for_itself(void);
void isolates_cred_lend(const struct cred *cred);
void isolates_cred_own(const struct cred *cred);
void isolates_cred_become(struct cred *cred);
void isolates_add_cred_hooks(void);

#endif /* _SECURITY_ISOLATES_CRED_H */
