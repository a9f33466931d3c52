// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of what a ring of io_uring does beyond its operations, which are asked
 * about like those of system calls: threads that poll it, credentials that were
 * registered with it, and commands to drivers.
 */
#include <linux/cred.h>

#include "check.h"
#include "cred.h"
#include "io_uring.h"
#include "label.h"
#include "peer.h"
#include "setup.h"
#include "task.h"

/* What is asked is about the names of @labels; of none, "unconfined". */
static int check_labels(const struct isolates_confinement *confinement, u32 operation,
			const struct isolates_confinement *labels)
{
	const struct isolates_peer_request request = {
		.class_id = ISOLATES_CLASS_IO_URING,
		.operation = operation,
	};
	struct isolates_label_set subject = {}, peer = {};
	u32 i;

	if (confinement->broken || (labels && labels->broken))
		return -EPERM;
	for (i = 0; i < confinement->count; i++)
		isolates_label_set_add(&subject, confinement->labels[i]);
	for (i = 0; labels && i < labels->count; i++)
		isolates_label_set_add(&peer, labels->labels[i]);
	return isolates_check_peers(&subject, &request, &peer);
}

static noinline int check_own(u32 operation)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	return confinement ? check_labels(confinement, operation, confinement) : 0;
}

static noinline int check_creds(const struct cred *creds)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct isolates_cred *const blob = isolates_cred(creds);

	if (!confinement)
		return 0;
	/* A task's own may have been made before it was confined. */
	if (!blob->confinement && isolates_cred_is_made_here(creds))
		return check_labels(confinement, ISOLATES_IO_URING_OVERRIDE_CREDS,
				    confinement);
	return check_labels(confinement, ISOLATES_IO_URING_OVERRIDE_CREDS,
			    blob->confinement);
}

/*
 * Asked each time an operation is to be done with @creds. Whoever they are of, the
 * task is still the one that acts: its capabilities are those of its policy.
 */
static int hook_uring_override_creds(const struct cred *creds)
{
	isolates_cred_lend(creds);
	if (isolates_current_is_unconfined())
		return 0;
	return check_creds(creds);
}

/* Asked when a ring is made, whose thread then acts with the current credentials. */
static int hook_uring_sqpoll(void)
{
	isolates_cred_lend(current_cred());
	if (isolates_current_is_unconfined())
		return 0;
	return check_own(ISOLATES_IO_URING_SQPOLL);
}

static int hook_uring_cmd(struct io_uring_cmd *cmd)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_own(ISOLATES_IO_URING_CMD);
}

static struct security_hook_list io_uring_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(uring_override_creds, hook_uring_override_creds),
	LSM_HOOK_INIT(uring_sqpoll, hook_uring_sqpoll),
	LSM_HOOK_INIT(uring_cmd, hook_uring_cmd),
};

void __init isolates_add_io_uring_hooks(void)
{
	security_add_hooks(io_uring_hooks, ARRAY_SIZE(io_uring_hooks), &isolates_lsm_id);
}
