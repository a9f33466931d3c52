/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_ACCEPT_H
#define _SECURITY_ISOLATES_ACCEPT_H

#include <linux/types.h>

struct socket;

bool isolates_accept_is_detoured(const struct socket *sock);
int isolates_accept_init(void);

#endif /* _SECURITY_ISOLATES_ACCEPT_H */
