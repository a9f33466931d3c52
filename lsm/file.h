/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_FILE_H
#define _SECURITY_ISOLATES_FILE_H

void isolates_add_file_hooks(void);

#endif /* _SECURITY_ISOLATES_FILE_H */
