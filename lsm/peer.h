/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tasks do to each other, which is asked of both sides' policies.
 */
#ifndef _SECURITY_ISOLATES_PEER_H
#define _SECURITY_ISOLATES_PEER_H

#include <linux/types.h>

#include "confinement.h"

/* What is asked; the facts are @prefix and then the name of the peer's policy. */
struct isolates_peer_request {
	u32 class_id;
	u32 operation;		/* of the side that is asked */
	const u8 *prefix;
	u32 prefix_length;
	int signal;		/* for the report */
	bool is_probing;	/* see struct isolates_object */
};

int isolates_check_peers(const struct isolates_label_set *subject,
			 const struct isolates_peer_request *request,
			 const struct isolates_label_set *peer);

#endif /* _SECURITY_ISOLATES_PEER_H */
