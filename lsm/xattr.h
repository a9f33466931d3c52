/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_XATTR_H
#define _SECURITY_ISOLATES_XATTR_H

void isolates_add_xattr_hooks(void);

#endif /* _SECURITY_ISOLATES_XATTR_H */
