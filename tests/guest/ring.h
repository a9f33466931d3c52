/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/ring.c: a ring of io_uring for each process, which its children inherit. */
#ifndef ISOLATES_TESTS_GUEST_RING_H
#define ISOLATES_TESTS_GUEST_RING_H

#include <linux/io_uring.h>

#include "harness.h"

/* Makes it, in place of an older one. number[0]: IORING_SETUP_* flags. */
operation do_make_ring;
int ring_fd(void);
/* Does one operation. Returns what it does: a negative errno on failure. */
int ring_submit(const struct io_uring_sqe* entry);

#endif /* ISOLATES_TESTS_GUEST_RING_H */
