/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_FILE_H
#define _SECURITY_ISOLATES_FILE_H

#include <linux/types.h>

struct path;

int isolates_check_file(const struct path *path, u32 operations);
void isolates_add_file_hooks(void);

#endif /* _SECURITY_ISOLATES_FILE_H */
