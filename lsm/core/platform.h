/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one switch between the two worlds lsm/core is compiled for: the kernel,
 * and user space (ipolc, the unit tests, the fuzzers).
 *
 * The core is freestanding C: it neither allocates, nor sleeps, nor changes
 * what it is given, and calls nothing that is not declared here.
 */
#ifndef ISOLATES_CORE_PLATFORM_H
#define ISOLATES_CORE_PLATFORM_H

#include <linux/types.h>

#ifdef __KERNEL__

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>

#else /* !__KERNEL__ */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#ifndef likely
#define likely(condition)	__builtin_expect(!!(condition), 1)
#define unlikely(condition)	__builtin_expect(!!(condition), 0)
#endif

#ifndef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#endif

#ifndef fallthrough
#define fallthrough		__attribute__((__fallthrough__))
#endif

#endif /* __KERNEL__ */

#endif /* ISOLATES_CORE_PLATFORM_H */
