/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds of namespaces, and the mediation of making and entering them.
 */
#ifndef _SECURITY_ISOLATES_NAMESPACE_H
#define _SECURITY_ISOLATES_NAMESPACE_H

#include <linux/types.h>

#include "core/view.h"

struct isolates_confinement;
struct isolates_instance;
struct seq_file;

int isolates_namespace_kind(const char *name);
const char *isolates_namespace_name(u32 kind);
int isolates_namespace_flag(u32 kind);

int isolates_namespace_check_clone(const struct isolates_confinement *confinement,
				   unsigned long flags);
bool isolates_namespace_is_entered(void);

bool isolates_namespace_is_spoken_of(const struct isolates_view *view,
				     const struct isolates_policy *policy);
int isolates_namespace_arm(const struct isolates_instance **instances, u32 count,
			   const char **reason);
void isolates_namespace_disarm(const struct isolates_instance **instances, u32 count);
void isolates_namespace_show(struct seq_file *m);
void isolates_add_namespace_hooks(void);

#endif /* _SECURITY_ISOLATES_NAMESPACE_H */
