/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_NETWORK_H
#define _SECURITY_ISOLATES_NETWORK_H

void isolates_add_network_hooks(void);

#endif /* _SECURITY_ISOLATES_NETWORK_H */
