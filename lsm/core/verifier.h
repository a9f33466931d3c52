/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the verifier share; see verify.c.
 */
#ifndef ISOLATES_CORE_VERIFIER_H
#define ISOLATES_CORE_VERIFIER_H

#include "verify.h"

struct verifier {
	struct isolates_view view;
	__u32 cursor[ISOLATES_SECTION_COUNT];
	struct isolates_refusal *refusal;
};

static inline int refuse(const struct verifier *v, int error, __u32 section,
			 __u32 index, const char *reason)
{
	v->refusal->reason = reason;
	v->refusal->section = section;
	v->refusal->index = index;
	return error;
}

static inline bool bytes_are_zero(const __u8 *bytes, __u32 count)
{
	while (count--) {
		if (*bytes++)
			return false;
	}
	return true;
}

/* @range is the next one to tile @section: take it. */
static inline bool take(struct verifier *v, __u32 section,
			struct isolates_range range)
{
	const __u32 left = v->view.header->count[section] - v->cursor[section];

	if (range.first != v->cursor[section] || range.count > left)
		return false;
	v->cursor[section] += range.count;
	return true;
}

/* The same for a string: @length bytes, none of them NUL, and then a NUL. */
static inline bool take_string(struct verifier *v, struct isolates_string string)
{
	const char *const text = v->view.strings + v->cursor[ISOLATES_SECTION_STRINGS];
	const __u32 left = v->view.header->count[ISOLATES_SECTION_STRINGS] -
			   v->cursor[ISOLATES_SECTION_STRINGS];

	if (string.offset != v->cursor[ISOLATES_SECTION_STRINGS] ||
	    string.length >= left || text[string.length] ||
	    memchr(text, 0, string.length))
		return false;
	v->cursor[ISOLATES_SECTION_STRINGS] += string.length + 1;
	return true;
}

/* Printable, so that it can stand in logs and in securityfs. */
bool isolates_is_policy_name(const char *name, __u32 length);
/* The order of names: as memcmp() has it, then the shorter first. */
bool isolates_name_is_after(const struct verifier *v, struct isolates_string name,
			    struct isolates_string before);

/* The header, and from its counts the place of every section. */
int isolates_verify_header(struct verifier *v, const void *blob, size_t size);
/* Automaton @index; @perms is how many its policy has. */
int isolates_verify_automaton(struct verifier *v, __u32 index, __u32 perms);

/* Elements of policies' parts: @index is within their section. */
int isolates_verify_perms(struct verifier *v, __u32 index,
			  const struct isolates_policy *policy);
int isolates_verify_transition(struct verifier *v, __u32 index);
int isolates_verify_syscall(struct verifier *v, __u32 index,
			    const struct isolates_policy *policy);
int isolates_verify_rlimit(struct verifier *v, __u32 index,
			   const struct isolates_policy *policy);
int isolates_verify_binding(struct verifier *v, __u32 index,
			    const struct isolates_policy *policy);

#endif /* ISOLATES_CORE_VERIFIER_H */
