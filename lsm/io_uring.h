/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_IO_URING_H
#define _SECURITY_ISOLATES_IO_URING_H

void isolates_add_io_uring_hooks(void);

#endif /* _SECURITY_ISOLATES_IO_URING_H */
