/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_MOUNT_H
#define _SECURITY_ISOLATES_MOUNT_H

void isolates_add_mount_hooks(void);

#endif /* _SECURITY_ISOLATES_MOUNT_H */
