/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_UNIX_H
#define _SECURITY_ISOLATES_UNIX_H

#include <linux/types.h>

struct msghdr;
struct sockaddr;
struct socket;

int isolates_unix_check_create(int type);
int isolates_unix_check_bind(const struct socket *sock, const struct sockaddr *address,
			     int length);
int isolates_unix_check_connect(const struct socket *sock, const struct sockaddr *address,
				int length);
int isolates_unix_check_send(const struct socket *sock, const struct msghdr *msg);
int isolates_unix_check_use(const struct socket *sock, u32 operation);
int isolates_unix_check_accepted(const struct socket *sock);
void isolates_add_unix_hooks(void);

#endif /* _SECURITY_ISOLATES_UNIX_H */
