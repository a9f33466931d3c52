/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From bytes that nobody vouches for to a view that may be read without a check.
 */
#ifndef ISOLATES_CORE_VERIFY_H
#define ISOLATES_CORE_VERIFY_H

#include "view.h"

/* Why a blob was refused. */
struct isolates_refusal {
	const char *reason;	/* static text, one line */
	__u32 section;		/* enum isolates_section, or _COUNT: the header */
	__u32 index;		/* of the element in that section */
};

/**
 * isolates_checksum - The checksum a blob must carry
 *
 * @blob: the bytes.
 * @size: how many; what is shorter than a header has no checksum of its own.
 *
 * Returns: CRC-32 (IEEE 802.3) over all of @blob, its checksum read as zero.
 */
__u32 isolates_checksum(const void *blob, size_t size);

/**
 * isolates_verify - Check every reference, bound and invariant of a blob
 *
 * @blob: the bytes, aligned to 8. They must not change from here on: the caller
 *        copies them out of user space first.
 * @size: how many bytes there are.
 * @view: filled on success, untouched otherwise.
 * @refusal: filled on failure.
 *
 * Takes time linear in @size, needs no memory and does not recurse. After
 * success no walk and no decision over @view can read outside of @blob, whatever
 * the input, and each ends after as many steps as the input has bytes.
 *
 * Returns: 0, or
 * - -EINVAL: this is no blob, or a rule of core/blob.h is broken;
 * - -EPROTONOSUPPORT: a blob of another format version;
 * - -E2BIG: a bound of core/blob.h is exceeded.
 */
int isolates_verify(const void *blob, size_t size, struct isolates_view *view,
		    struct isolates_refusal *refusal);

#endif /* ISOLATES_CORE_VERIFY_H */
