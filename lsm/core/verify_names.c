// SPDX-License-Identifier: GPL-2.0-only
#include "verifier.h"

bool isolates_is_policy_name(const char *name, __u32 length)
{
	static const char unconfined[] = "unconfined";
	__u32 i;

	if (!length || length > ISOLATES_NAME_MAX)
		return false;
	for (i = 0; i < length; i++) {
		const __u8 byte = (__u8)name[i];

		if (byte < 0x20 || byte == 0x7f)
			return false;
	}
	/* The name that rules give to tasks without a policy. */
	return length != sizeof(unconfined) - 1 ||
	       memcmp(name, unconfined, length);
}

bool isolates_name_is_after(const struct verifier *v, struct isolates_string name,
			    struct isolates_string before)
{
	const __u32 shorter = name.length < before.length ? name.length :
							    before.length;
	const int order = memcmp(isolates_view_text(&v->view, name),
				 isolates_view_text(&v->view, before), shorter);

	return order > 0 || (!order && name.length > before.length);
}
