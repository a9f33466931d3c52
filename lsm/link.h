/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_LINK_H
#define _SECURITY_ISOLATES_LINK_H

#include <linux/types.h>

struct path;

int isolates_check_link(const struct path *file, const struct path *name, bool owner,
			bool grants_more);

#endif /* _SECURITY_ISOLATES_LINK_H */
