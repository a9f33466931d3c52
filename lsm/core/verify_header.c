// SPDX-License-Identifier: GPL-2.0-only
#include "crc32.h"
#include "verifier.h"

__u32 isolates_checksum(const void *blob, size_t size)
{
	static const __u8 zeros[sizeof(__u32)];
	const size_t hole = offsetof(struct isolates_header, checksum);
	const __u8 *const bytes = blob;
	const size_t rest = hole + sizeof(zeros);
	__u32 crc;

	if (size < rest)
		return isolates_crc32(0, bytes, size);
	crc = isolates_crc32(0, bytes, hole);
	crc = isolates_crc32(crc, zeros, sizeof(zeros));
	return isolates_crc32(crc, bytes + rest, size - rest);
}

static size_t element_size(__u32 section)
{
	static const __u16 sizes[ISOLATES_SECTION_COUNT] = {
		[ISOLATES_SECTION_POLICIES] = sizeof(struct isolates_policy),
		[ISOLATES_SECTION_AUTOMATA] = sizeof(struct isolates_automaton),
		[ISOLATES_SECTION_STATES] = sizeof(struct isolates_state),
		[ISOLATES_SECTION_EDGES] = sizeof(__u32),
		[ISOLATES_SECTION_BYTE_CLASSES] =
			sizeof(struct isolates_byte_classes),
		[ISOLATES_SECTION_PERMS] = sizeof(struct isolates_perms),
		[ISOLATES_SECTION_ERRORS] = sizeof(struct isolates_error),
		[ISOLATES_SECTION_TRANSITIONS] =
			sizeof(struct isolates_transition),
		[ISOLATES_SECTION_SYSCALLS] = sizeof(struct isolates_syscall),
		[ISOLATES_SECTION_ARGUMENTS] = sizeof(struct isolates_argument),
		[ISOLATES_SECTION_RLIMITS] = sizeof(struct isolates_rlimit),
		[ISOLATES_SECTION_BINDINGS] = sizeof(struct isolates_binding),
		[ISOLATES_SECTION_RULE_REFS] = sizeof(__u32),
		[ISOLATES_SECTION_RULES] = sizeof(struct isolates_rule),
		[ISOLATES_SECTION_SOURCES] = sizeof(struct isolates_source),
		[ISOLATES_SECTION_STRINGS] = 1,
	};

	return sizes[section];
}

int isolates_verify_header(struct verifier *v, const void *blob, size_t size)
{
	const struct isolates_header *const header = blob;
	const __u8 *const bytes = blob;
	const void *at[ISOLATES_SECTION_COUNT];
	__u64 end = sizeof(*header);
	__u32 i;

	if (size < sizeof(*header))
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "shorter than a blob's header");
	if (memcmp(header->magic, ISOLATES_BLOB_MAGIC, sizeof(header->magic)))
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "not an isolates blob");
	if (header->version != ISOLATES_BLOB_VERSION)
		return refuse(v, -EPROTONOSUPPORT, ISOLATES_SECTION_COUNT, 0,
			      "a blob of another format version");
	if (size > ISOLATES_BLOB_SIZE_MAX)
		return refuse(v, -E2BIG, ISOLATES_SECTION_COUNT, 0,
			      "the blob is over the size limit");
	if (header->size != size)
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "the blob is cut short, or something follows it");
	if (header->reserved ||
	    !bytes_are_zero((const __u8 *)header->reserved_tail,
			    sizeof(header->reserved_tail)))
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "a reserved field is not zero");
	if (header->checksum != isolates_checksum(blob, size))
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "the checksum is wrong");

	for (i = 0; i < ISOLATES_SECTION_COUNT; i++) {
		at[i] = bytes + end;
		end += (__u64)header->count[i] * element_size(i);
		if (end > size)
			return refuse(v, -EINVAL, i, header->count[i],
				      "the section reaches beyond the blob");
		for (; end % 8; end++) {
			if (end >= size || bytes[end])
				return refuse(v, -EINVAL, i, header->count[i],
					      "the padding is cut or not zero");
		}
	}
	if (end != size)
		return refuse(v, -EINVAL, ISOLATES_SECTION_COUNT, 0,
			      "bytes behind the last section");

	v->view.header = header;
	v->view.policies = at[ISOLATES_SECTION_POLICIES];
	v->view.automata = at[ISOLATES_SECTION_AUTOMATA];
	v->view.states = at[ISOLATES_SECTION_STATES];
	v->view.edges = at[ISOLATES_SECTION_EDGES];
	v->view.byte_classes = at[ISOLATES_SECTION_BYTE_CLASSES];
	v->view.perms = at[ISOLATES_SECTION_PERMS];
	v->view.errors = at[ISOLATES_SECTION_ERRORS];
	v->view.transitions = at[ISOLATES_SECTION_TRANSITIONS];
	v->view.syscalls = at[ISOLATES_SECTION_SYSCALLS];
	v->view.arguments = at[ISOLATES_SECTION_ARGUMENTS];
	v->view.rlimits = at[ISOLATES_SECTION_RLIMITS];
	v->view.bindings = at[ISOLATES_SECTION_BINDINGS];
	v->view.rule_refs = at[ISOLATES_SECTION_RULE_REFS];
	v->view.rules = at[ISOLATES_SECTION_RULES];
	v->view.sources = at[ISOLATES_SECTION_SOURCES];
	v->view.strings = at[ISOLATES_SECTION_STRINGS];
	return 0;
}
