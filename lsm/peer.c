// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rcupdate.h>

#include "check.h"
#include "compat.h"
#include "label.h"
#include "peer.h"

/* May who is under @subject alone do this with a peer that goes by @name? */
static int check_peer(struct isolates_label *subject,
		      const struct isolates_peer_request *asked, const char *name,
		      u32 length)
{
	DEFINE_RAW_FLEX(struct isolates_confinement, one, labels, 1);
	const struct isolates_piece pieces[] = {
		{ asked->prefix, asked->prefix_length },
		{ (const u8 *)name, length },
	};
	const struct isolates_request request = {
		.class_id = asked->class_id,
		.operations = asked->operation,
		.pieces = pieces,
		.count = ARRAY_SIZE(pieces),
	};
	const struct isolates_object object = {
		.peer = name,
		.signal = asked->signal,
		.is_probing = asked->is_probing,
	};

	one->count = 1;
	one->labels[0] = subject;
	return isolates_check(one, &request, &object);
}

/**
 * isolates_check_peers - May a task do this with another, as one side has it?
 *
 * @subject: what the side that is asked is under, valid meanwhile.
 * @request: what is asked.
 * @peer: what the other side is under, valid meanwhile.
 *
 * Each of the subject's policies must allow it with each name that the peer goes by.
 *
 * Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check_peers(const struct isolates_label_set *subject,
			 const struct isolates_peer_request *request,
			 const struct isolates_label_set *peer)
{
	u32 i, k;
	int error = 0;

	for (i = 0; i < subject->count && !error; i++) {
		struct isolates_label *const label = subject->labels[i];

		if (!peer->count)
			error = check_peer(label, request, ISOLATES_UNCONFINED,
					   sizeof(ISOLATES_UNCONFINED) - 1);
		for (k = 0; k < peer->count && !error; k++)
			error = check_peer(label, request, peer->labels[k]->name,
					   peer->labels[k]->length);
	}
	return error;
}
