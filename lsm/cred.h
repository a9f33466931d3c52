/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of credentials: of those that are made for an exec, what the program
 * will be under. They go when the exec fails, and that goes with them.
 */
#ifndef _SECURITY_ISOLATES_CRED_H
#define _SECURITY_ISOLATES_CRED_H

#include <linux/cred.h>
#include <linux/lsm_hooks.h>

#include "setup.h"

struct isolates_confinement;

struct isolates_cred {
	/* Counted. NULL: an exec changes nothing, or is none. */
	struct isolates_confinement *exec;
};

static inline struct isolates_cred *isolates_cred(const struct cred *cred)
{
	return cred->security + isolates_blob_sizes.lbs_cred;
}

#endif /* _SECURITY_ISOLATES_CRED_H */
