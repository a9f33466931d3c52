/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A loaded blob: verified bytes, kept as long as one of its policies is in force
 * or somebody reads it.
 */
#ifndef _SECURITY_ISOLATES_BLOB_H
#define _SECURITY_ISOLATES_BLOB_H

#include <crypto/sha2.h>
#include <linux/refcount.h>

#include "core/view.h"

struct isolates_blob {
	refcount_t refs;
	size_t size;
	void *bytes;			/* kvmalloc'ed, never changed */
	struct isolates_view view;	/* of @bytes */
	u8 sha256[SHA256_DIGEST_SIZE];
};

struct isolates_blob *isolates_blob_create(void *bytes, size_t size,
					   const char **reason);
void isolates_blob_put(struct isolates_blob *blob);

static inline struct isolates_blob *isolates_blob_get(struct isolates_blob *blob)
{
	refcount_inc(&blob->refs);
	return blob;
}

#endif /* _SECURITY_ISOLATES_BLOB_H */
