/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds of namespaces, and the mediation of making and entering them.
 */
#ifndef _SECURITY_ISOLATES_NAMESPACE_H
#define _SECURITY_ISOLATES_NAMESPACE_H

#include <linux/types.h>

#include "core/view.h"

struct isolates_confinement;

int isolates_namespace_kind(const char *name);
const char *isolates_namespace_name(u32 kind);
int isolates_namespace_flag(u32 kind);

int isolates_namespace_check_clone(const struct isolates_confinement *confinement,
				   unsigned long flags);
bool isolates_namespace_is_entered(void);

extern struct isolates_probe_set isolates_namespace_probes;

bool isolates_namespace_is_spoken_of(const struct isolates_view *view,
				     const struct isolates_policy *policy);
void isolates_namespace_init(void);
void isolates_add_namespace_hooks(void);

#endif /* _SECURITY_ISOLATES_NAMESPACE_H */
