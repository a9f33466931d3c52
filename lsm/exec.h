/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_EXEC_H
#define _SECURITY_ISOLATES_EXEC_H

void isolates_add_exec_hooks(void);

#endif /* _SECURITY_ISOLATES_EXEC_H */
