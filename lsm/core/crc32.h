/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CRC-32 of zlib, from the kernel or from libdeflate, which takes a tenth of zlib's
 * instructions. Apart from platform.h: what includes the format's header shall not need the
 * library's.
 */
#ifndef ISOLATES_CORE_CRC32_H
#define ISOLATES_CORE_CRC32_H

#ifdef __KERNEL__
#include <linux/crc32.h>
#else
#include <libdeflate.h>
#endif

#include "platform.h"

/* Of @size bytes more than those that made @crc; 0 of none. */
static inline __u32 isolates_crc32(__u32 crc, const __u8 *bytes, size_t size)
{
#ifdef __KERNEL__
	return ~crc32_le(~crc, bytes, size);
#else
	return libdeflate_crc32(crc, bytes, size);
#endif
}

#endif /* ISOLATES_CORE_CRC32_H */
