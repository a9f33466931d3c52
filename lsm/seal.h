/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seal: once it is set, what is in force stays in force until the system is booted
 * again, whoever asks for something else.
 *
 * Bindings still end with their namespaces, attachments with their processes, and visits
 * with the visitor's leaving.
 */
#ifndef _SECURITY_ISOLATES_SEAL_H
#define _SECURITY_ISOLATES_SEAL_H

#include <linux/fs.h>
#include <linux/types.h>

extern const struct file_operations isolates_seal_fops;

bool isolates_is_sealed(void);

#endif /* _SECURITY_ISOLATES_SEAL_H */
