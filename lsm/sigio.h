/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_SIGIO_H
#define _SECURITY_ISOLATES_SIGIO_H

void isolates_add_sigio_hooks(void);

#endif /* _SECURITY_ISOLATES_SIGIO_H */
