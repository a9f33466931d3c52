/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asking all policies of a confinement.
 */
#ifndef _SECURITY_ISOLATES_CHECK_H
#define _SECURITY_ISOLATES_CHECK_H

#include "core/decide.h"
#include "report.h"

struct isolates_confinement;
struct isolates_label_set;

int isolates_check(const struct isolates_confinement *confinement,
		   const struct isolates_request *request,
		   const struct isolates_object *object);
int isolates_check_labels(const struct isolates_label_set *set,
			  const struct isolates_request *request,
			  const struct isolates_object *object);
int isolates_check_silence(const struct isolates_confinement *confinement,
			   const struct isolates_request *request,
			   const struct isolates_object *object, bool *is_silent);
int isolates_check_denials(const struct isolates_confinement *confinement,
			   const struct isolates_request *request,
			   const struct isolates_object *object);
bool isolates_allows(const struct isolates_confinement *confinement,
		     const struct isolates_request *request);
int isolates_refuse(const struct isolates_confinement *confinement,
		    const struct path *path, const char *reason);
bool isolates_is_ruled(const struct isolates_confinement *confinement, u32 operations);
int isolates_check_path(const struct path *path, u32 operations, bool owner,
			bool is_directory, u32 *allowed);
int isolates_check_path_exec(const struct path *path, u32 operations, bool owner,
			     bool is_directory, u32 *allowed);

#endif /* _SECURITY_ISOLATES_CHECK_H */
