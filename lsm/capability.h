/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_CAPABILITY_H
#define _SECURITY_ISOLATES_CAPABILITY_H

int isolates_capability_check(int cap);
void isolates_add_capability_hooks(void);

#endif /* _SECURITY_ISOLATES_CAPABILITY_H */
