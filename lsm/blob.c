// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "blob.h"
#include "core/verify.h"

/**
 * isolates_blob_create - Verify bytes and make a blob of them
 *
 * @bytes: kvmalloc'ed, out of user space's reach. Owned by the blob on success,
 *         still the caller's on failure.
 * @size: of @bytes.
 * @reason: set to a static text if the verifier refuses.
 *
 * May sleep. Returns: the blob with one reference, or -ENOMEM or what
 * isolates_verify() says.
 */
struct isolates_blob *isolates_blob_create(void *bytes, size_t size,
					   const char **reason)
{
	struct isolates_refusal refusal;
	struct isolates_blob *blob;
	int error;

	blob = kzalloc(sizeof(*blob), GFP_KERNEL_ACCOUNT);
	if (!blob)
		return ERR_PTR(-ENOMEM);
	error = isolates_verify(bytes, size, &blob->view, &refusal);
	if (error) {
		*reason = refusal.reason;
		pr_notice_ratelimited("isolates: blob refused: %s (section %u, element %u)\n",
				      refusal.reason, refusal.section,
				      refusal.index);
		kfree(blob);
		return ERR_PTR(error);
	}
	refcount_set(&blob->refs, 1);
	blob->size = size;
	blob->bytes = bytes;
	sha256(bytes, size, blob->sha256);
	return blob;
}

/* May sleep. Whoever reads the view under RCU must be waited for before. */
void isolates_blob_put(struct isolates_blob *blob)
{
	if (!refcount_dec_and_test(&blob->refs))
		return;
	kvfree(blob->bytes);
	kfree(blob);
}
