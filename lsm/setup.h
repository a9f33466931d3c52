/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_SETUP_H
#define _SECURITY_ISOLATES_SETUP_H

#include <linux/lsm_hooks.h>

#include "compat.h"

#define ISOLATES_NAME	"isolates"

/*
 * Numbers from 100 on are assigned upstream, one by one (uapi/linux/lsm.h). Ours is
 * private, so far off that it will not meet one of those.
 */
#define ISOLATES_LSM_ID	0x69736f6cull

/* What control/abi shows: the format and the features of this version. */
#define ISOLATES_ABI	1

extern struct lsm_blob_sizes isolates_blob_sizes;
extern const struct lsm_id isolates_lsm_id;

#endif /* _SECURITY_ISOLATES_SETUP_H */
