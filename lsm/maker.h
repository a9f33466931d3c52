/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who has bound, connected or paired a unix socket, as far as that was someone confined:
 * its peers know it by their policies. Kept beside the sockets, so that it costs nobody
 * else anything.
 */
#ifndef _SECURITY_ISOLATES_MAKER_H
#define _SECURITY_ISOLATES_MAKER_H

#include <linux/types.h>

struct isolates_confinement;
struct sock;

int isolates_maker_note(struct sock *sk, const struct isolates_confinement *maker,
			gfp_t gfp);
const struct isolates_confinement *isolates_maker_of(const struct sock *sk);
int isolates_maker_copy(struct sock *sk, const struct sock *from);

#endif /* _SECURITY_ISOLATES_MAKER_H */
