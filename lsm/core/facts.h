/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the facts of an operation are spelt as the bytes an automaton walks. The
 * kernel's hooks and ipolc spell with these functions and no others.
 *
 * file:    the path from the root of the task's mount namespace, a directory's
 *          with a slash behind it: "/", "/etc/", "/etc/passwd".
 * signal:  the signal's number (0: only probing), then the name of the peer's
 *          policy, "unconfined" if it has none.
 * network: family, type, protocol (two bytes), all together the "socket". All
 *          operations but CREATE go on with the local endpoint, and those of
 *          ISOLATES_NETWORK_PEER_OPS then with the peer's one.
 *          An endpoint is a byte for its kind, then the address and the port.
 * mount:   four bytes: the flags of mount(2) that matter to the operation, and in
 *          the four highest bits the place of the operation's bit. Then the file
 *          system's type, NUL, the source, NUL, the target. MOUNT has all; BIND and
 *          MOVE have no type; REMOUNT, PROPAGATE and UMOUNT have the target alone;
 *          PIVOT_ROOT has as its source where the old root goes, and the new one as
 *          its target. Paths are spelt as for files. An operation whose facts are
 *          not known is spelt as nothing at all: then no allow rule with conditions
 *          speaks of it, and every deny rule.
 * capability: its number, one byte.
 * ptrace:  the name of the peer's policy, as for signals.
 * namespace: its kind, one byte (enum isolates_namespace).
 * io_uring: for OVERRIDE_CREDS the name of the policy that the ring's credentials
 *          were registered under; else the task's own.
 * link:    the new name's path, a byte 0, the path of the file.
 * attach:  the program's path.
 * unix:    type, then the own address, NUL, the peer's address, NUL, and the
 *          name of the peer's policy. An address is a path, or '@' and an abstract
 *          name with '@' for each NUL in it, or nothing: of a socket that is not
 *          bound, and of an end that the operation does not have. BIND has the
 *          address that is to be bound.
 * change_profile: the path of the program, NUL, the name of the policy asked for.
 *
 * Numbers of two bytes are big endian, so that prefixes and ranges are simple.
 */
#ifndef ISOLATES_CORE_FACTS_H
#define ISOLATES_CORE_FACTS_H

#include "blob.h"

/* The bytes of one part of the facts. */
struct isolates_piece {
	const __u8 *bytes;
	__u32 length;
};

/* The peer of a task without a policy. */
#define ISOLATES_UNCONFINED	"unconfined"

enum isolates_endpoint_kind {
	ISOLATES_ENDPOINT_NONE,		/* not bound, or no address we know */
	ISOLATES_ENDPOINT_INET,		/* 4 bytes of address, 2 of port */
	ISOLATES_ENDPOINT_INET6,	/* 16 bytes of address, 2 of port */
};

struct isolates_endpoint {
	__u8 kind;		/* enum isolates_endpoint_kind */
	__u8 address[16];	/* in network order */
	__u16 port;		/* in host order */
};

/* 4 bytes for the socket, 19 for each endpoint. */
#define ISOLATES_NETWORK_FACTS_MAX	42u

struct isolates_network_facts {
	__u8 bytes[ISOLATES_NETWORK_FACTS_MAX];
	__u32 length;
};

/* The numbers of Linux' user-space ABI, which the kernel and libc name alike. */
#define ISOLATES_AF_UNIX	1
#define ISOLATES_AF_INET	2
#define ISOLATES_AF_INET6	10
#define ISOLATES_SOCK_STREAM	1
#define ISOLATES_SOCK_DGRAM	2
#define ISOLATES_IPPROTO_TCP	6
#define ISOLATES_IPPROTO_UDP	17

/*
 * socket(2) takes 0 for a family's default protocol. A rule on the protocol
 * must not be evaded that way.
 */
static inline __u16 isolates_facts_protocol(__u32 family, __u32 type,
					    __u32 protocol)
{
	if (!protocol && (family == ISOLATES_AF_INET ||
			  family == ISOLATES_AF_INET6)) {
		if (type == ISOLATES_SOCK_STREAM)
			return ISOLATES_IPPROTO_TCP;
		if (type == ISOLATES_SOCK_DGRAM)
			return ISOLATES_IPPROTO_UDP;
	}
	return (__u16)protocol;
}

static inline bool isolates_endpoint_is_mapped(const struct isolates_endpoint *endpoint)
{
	static const __u8 prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return endpoint->kind == ISOLATES_ENDPOINT_INET6 &&
	       !memcmp(endpoint->address, prefix, sizeof(prefix));
}

/*
 * An IPv4-mapped address (::ffff:a.b.c.d) is IPv4 traffic and so is spelt as
 * that; the unspecified one goes with the other endpoint.
 */
static inline void isolates_endpoint_to_inet(struct isolates_endpoint *endpoint)
{
	__u32 i;

	if (endpoint->kind != ISOLATES_ENDPOINT_INET6)
		return;
	endpoint->kind = ISOLATES_ENDPOINT_INET;
	for (i = 0; i < 4; i++)
		endpoint->address[i] = endpoint->address[12 + i];
}

static inline void isolates_facts_endpoint(struct isolates_network_facts *facts,
					   const struct isolates_endpoint *endpoint)
{
	const __u32 size = endpoint->kind == ISOLATES_ENDPOINT_INET ? 4 : 16;

	facts->bytes[facts->length++] = endpoint->kind;
	if (endpoint->kind == ISOLATES_ENDPOINT_NONE)
		return;
	memcpy(facts->bytes + facts->length, endpoint->address, size);
	facts->length += size;
	facts->bytes[facts->length++] = (__u8)(endpoint->port >> 8);
	facts->bytes[facts->length++] = (__u8)endpoint->port;
}

/**
 * isolates_facts_network - Spell a network operation
 *
 * @facts: filled.
 * @family: AF_*, @type: SOCK_* without flags, @protocol: IPPROTO_* or 0; each as
 *          socket(2) takes it. The kernel bounds the family to a byte and the
 *          type to four bits before any hook; what is wider is cut here.
 * @local: the local endpoint; NULL if the operation has none.
 * @peer: the peer's endpoint; NULL if the operation has none. Needs @local.
 */
static inline void isolates_facts_network(struct isolates_network_facts *facts,
					  __u32 family, __u32 type,
					  __u32 protocol,
					  const struct isolates_endpoint *local,
					  const struct isolates_endpoint *peer)
{
	const bool mapped = (local && isolates_endpoint_is_mapped(local)) ||
			    (peer && isolates_endpoint_is_mapped(peer));
	const __u16 exact = isolates_facts_protocol(family, type, protocol);
	struct isolates_endpoint endpoint;

	facts->bytes[0] = (__u8)(mapped ? ISOLATES_AF_INET : family);
	facts->bytes[1] = (__u8)type;
	facts->bytes[2] = (__u8)(exact >> 8);
	facts->bytes[3] = (__u8)exact;
	facts->length = 4;
	if (local) {
		endpoint = *local;
		if (mapped)
			isolates_endpoint_to_inet(&endpoint);
		isolates_facts_endpoint(facts, &endpoint);
	}
	if (peer) {
		endpoint = *peer;
		if (mapped)
			isolates_endpoint_to_inet(&endpoint);
		isolates_facts_endpoint(facts, &endpoint);
	}
}

/* Flags of mount(2) that are facts; numbers as in include/uapi/linux/mount.h. */
enum isolates_mount_flag {
	ISOLATES_MS_REMOUNT	= 1u << 5,
	ISOLATES_MS_BIND	= 1u << 12,
	ISOLATES_MS_MOVE	= 1u << 13,
	ISOLATES_MS_REC		= 1u << 14,
	ISOLATES_MS_TYPES	= 0xfu << 17,	/* unbindable, private, slave, shared */
	ISOLATES_MS_ALL		= 0x3bf7dffu,	/* but SILENT, KERNMOUNT and inner ones */
};

/* Which flags mount(2) looks at for an operation; all others are no facts. */
static inline __u32 isolates_facts_mount_mask(__u32 operation)
{
	switch (operation) {
	case ISOLATES_MOUNT_BIND:
		return ISOLATES_MS_BIND | ISOLATES_MS_REC;
	case ISOLATES_MOUNT_MOVE:
		return ISOLATES_MS_MOVE;
	case ISOLATES_MOUNT_PROPAGATE:
		return ISOLATES_MS_TYPES | ISOLATES_MS_REC;
	case ISOLATES_MOUNT_MOUNT:
		return ISOLATES_MS_ALL & ~(ISOLATES_MS_REMOUNT | ISOLATES_MS_BIND |
					   ISOLATES_MS_MOVE | ISOLATES_MS_REC |
					   ISOLATES_MS_TYPES);
	case ISOLATES_MOUNT_REMOUNT:
		return ISOLATES_MS_ALL & ~(ISOLATES_MS_MOVE | ISOLATES_MS_REC |
					   ISOLATES_MS_TYPES);
	default:
		return 0;
	}
}

/* Spell the flags of @operation, of which there is one, into four bytes. */
static inline void isolates_facts_mount_flags(__u8 bytes[4], __u32 operation,
					      __u32 flags)
{
	__u32 facts = flags & isolates_facts_mount_mask(operation);

	while (operation >>= 1)
		facts += 1u << 28;
	bytes[0] = (__u8)(facts >> 24);
	bytes[1] = (__u8)(facts >> 16);
	bytes[2] = (__u8)(facts >> 8);
	bytes[3] = (__u8)facts;
}

#endif /* ISOLATES_CORE_FACTS_H */
