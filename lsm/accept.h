/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_ACCEPT_H
#define _SECURITY_ISOLATES_ACCEPT_H

#include <linux/types.h>

struct socket;

extern struct isolates_probe_set isolates_accept_probes;

bool isolates_accept_is_detoured(const struct socket *sock);

#endif /* _SECURITY_ISOLATES_ACCEPT_H */
