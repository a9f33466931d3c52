/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_SIGNAL_H
#define _SECURITY_ISOLATES_SIGNAL_H

void isolates_add_signal_hooks(void);

#endif /* _SECURITY_ISOLATES_SIGNAL_H */
