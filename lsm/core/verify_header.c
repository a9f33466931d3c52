// SPDX-License-Identifier: GPL-2.0-only
#include "verifier.h"

/*
 * The CRC-32 of zlib, four bytes at a time: "slicing", but by half a byte, so that
 * the tables stay small (Kounavis, Berry: "A Systematic Approach to Building High
 * Performance, Software-based, CRC Generators", 2005). Row k is of half a byte
 * that k others follow.
 */
static const __u32 checksum_table[8][16] = {
	{
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	},
	{
		0x00000000, 0x77073096, 0xee0e612c, 0x990951ba,
		0x076dc419, 0x706af48f, 0xe963a535, 0x9e6495a3,
		0x0edb8832, 0x79dcb8a4, 0xe0d5e91e, 0x97d2d988,
		0x09b64c2b, 0x7eb17cbd, 0xe7b82d07, 0x90bf1d91,
	},
	{
		0x00000000, 0x4ac21251, 0x958424a2, 0xdf4636f3,
		0xf0794f05, 0xbabb5d54, 0x65fd6ba7, 0x2f3f79f6,
		0x3b83984b, 0x71418a1a, 0xae07bce9, 0xe4c5aeb8,
		0xcbfad74e, 0x8138c51f, 0x5e7ef3ec, 0x14bce1bd,
	},
	{
		0x00000000, 0x191b3141, 0x32366282, 0x2b2d53c3,
		0x646cc504, 0x7d77f445, 0x565aa786, 0x4f4196c7,
		0xc8d98a08, 0xd1c2bb49, 0xfaefe88a, 0xe3f4d9cb,
		0xacb54f0c, 0xb5ae7e4d, 0x9e832d8e, 0x87981ccf,
	},
	{
		0x00000000, 0x1c26a370, 0x384d46e0, 0x246be590,
		0x709a8dc0, 0x6cbc2eb0, 0x48d7cb20, 0x54f16850,
		0xe1351b80, 0xfd13b8f0, 0xd9785d60, 0xc55efe10,
		0x91af9640, 0x8d893530, 0xa9e2d0a0, 0xb5c473d0,
	},
	{
		0x00000000, 0x01c26a37, 0x0384d46e, 0x0246be59,
		0x0709a8dc, 0x06cbc2eb, 0x048d7cb2, 0x054f1685,
		0x0e1351b8, 0x0fd13b8f, 0x0d9785d6, 0x0c55efe1,
		0x091af964, 0x08d89353, 0x0a9e2d0a, 0x0b5c473d,
	},
	{
		0x00000000, 0x5019579f, 0xa032af3e, 0xf02bf8a1,
		0x9b14583d, 0xcb0d0fa2, 0x3b26f703, 0x6b3fa09c,
		0xed59b63b, 0xbd40e1a4, 0x4d6b1905, 0x1d724e9a,
		0x764dee06, 0x2654b999, 0xd67f4138, 0x866616a7,
	},
	{
		0x00000000, 0xb8bc6765, 0xaa09c88b, 0x12b5afee,
		0x8f629757, 0x37def032, 0x256b5fdc, 0x9dd738b9,
		0xc5b428ef, 0x7d084f8a, 0x6fbde064, 0xd7018701,
		0x4ad6bfb8, 0xf26ad8dd, 0xe0df7733, 0x58631056,
	},
};

static __u32 add_half_byte(__u32 crc)
{
	return crc >> 4 ^ checksum_table[0][crc & 15];
}

static __u32 add_word(__u32 crc)
{
	return checksum_table[7][crc & 15] ^
	       checksum_table[6][crc >> 4 & 15] ^
	       checksum_table[5][crc >> 8 & 15] ^
	       checksum_table[4][crc >> 12 & 15] ^
	       checksum_table[3][crc >> 16 & 15] ^
	       checksum_table[2][crc >> 20 & 15] ^
	       checksum_table[1][crc >> 24 & 15] ^
	       checksum_table[0][crc >> 28];
}

static_assert(offsetof(struct isolates_header, checksum) % 4 == 0);

__u32 isolates_checksum(const void *blob, size_t size)
{
	const size_t hole = offsetof(struct isolates_header, checksum);
	const __u8 *const bytes = blob;
	__u32 crc = ~0u;
	size_t i;

	for (i = 0; i + 4 <= size; i += 4) {
		__u32 word = 0;

		if (i != hole)
			memcpy(&word, bytes + i, sizeof(word));
		crc = add_word(crc ^ word);
	}
	for (; i < size; i++)
		crc = add_half_byte(add_half_byte(crc ^ bytes[i]));
	return ~crc;
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
