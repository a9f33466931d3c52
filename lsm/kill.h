/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a process that violates a policy whose mode is "kill".
 */
#ifndef _SECURITY_ISOLATES_KILL_H
#define _SECURITY_ISOLATES_KILL_H

void isolates_kill_current(void);

#endif /* _SECURITY_ISOLATES_KILL_H */
