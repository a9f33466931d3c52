/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_NETWORK_H
#define _SECURITY_ISOLATES_NETWORK_H

struct socket;

int isolates_check_receive(const struct socket *sock);
int isolates_check_send(const struct socket *sock);
int isolates_check_accepted(const struct socket *listening, const struct socket *sock);
void isolates_add_network_hooks(void);

#endif /* _SECURITY_ISOLATES_NETWORK_H */
