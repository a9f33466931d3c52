/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A folder for each policy in force, /sys/kernel/security/isolates/policies/NAME/.
 */
#ifndef _SECURITY_ISOLATES_POLICYFS_H
#define _SECURITY_ISOLATES_POLICYFS_H

struct dentry;
struct isolates_label;

int isolates_policyfs_add(const struct isolates_label *label);
void isolates_policyfs_remove(const struct isolates_label *label);
int isolates_policyfs_init(struct dentry *root);

#endif /* _SECURITY_ISOLATES_POLICYFS_H */
