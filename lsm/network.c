// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of sockets.
 *
 * The family that counts is the address's, not the socket's: an IPv6 socket takes
 * IPv4 addresses in two forms, and IPV6_ADDRFORM changes a socket's family while it
 * is in use. Sending to an address is connecting to it, for one message.
 *
 * A connection that is accepted is asked about when it is there; see accept.c.
 */
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/magic.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "accept.h"
#include "check.h"
#include "memo.h"
#include "network.h"
#include "setup.h"
#include "task.h"
#include "unix.h"

/* And keep the answer, if there is nothing more to say, by @key. */
static noinline int ask(const struct isolates_confinement *confinement,
			const struct isolates_network_facts *facts, u32 operation,
			const struct isolates_network_facts *key)
{
	const struct isolates_piece piece = { facts->bytes, facts->length };
	const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_NETWORK,
		.operations = operation,
		.pieces = &piece,
		.count = 1,
	};
	const struct isolates_object object = { .network = facts };
	/* Before the policies are asked. Pairs with the release in table.c. */
	const u64 epoch = smp_load_acquire(&isolates_epoch);
	bool is_silent;
	int error;

	error = isolates_check_silence(confinement, &request, &object, &is_silent);
	if (is_silent)
		isolates_memo_add(confinement, key, operation, epoch);
	return error;
}

static int check_facts(const struct isolates_network_facts *facts, u32 operation)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (!confinement || likely(isolates_memo_allows(confinement, facts, operation)))
		return 0;
	return ask(confinement, facts, operation, facts);
}

static void set_inet(struct isolates_endpoint *endpoint, const __be32 *address,
		     __be16 port)
{
	endpoint->kind = ISOLATES_ENDPOINT_INET;
	memcpy(endpoint->address, address, sizeof(*address));
	endpoint->port = ntohs(port);
}

static void set_inet6(struct isolates_endpoint *endpoint,
		      const struct in6_addr *address, __be16 port)
{
	endpoint->kind = ISOLATES_ENDPOINT_INET6;
	memcpy(endpoint->address, address, sizeof(*address));
	endpoint->port = ntohs(port);
}

static bool is_unspecified(const struct isolates_endpoint *endpoint)
{
	const size_t size = endpoint->kind == ISOLATES_ENDPOINT_INET ?
			    sizeof(__be32) : sizeof(struct in6_addr);

	return endpoint->kind != ISOLATES_ENDPOINT_NONE &&
	       !memchr_inv(endpoint->address, 0, size);
}

/* Where the socket is bound, if its family has addresses that we know. */
static void local_endpoint(const struct sock *sk, struct isolates_endpoint *endpoint)
{
	endpoint->kind = ISOLATES_ENDPOINT_NONE;
	if (sk->sk_family == AF_INET)
		set_inet(endpoint, &sk->sk_rcv_saddr, htons(sk->sk_num));
#if IS_ENABLED(CONFIG_IPV6)
	else if (sk->sk_family == AF_INET6)
		set_inet6(endpoint, &sk->sk_v6_rcv_saddr, htons(sk->sk_num));
#endif
}

static bool is_inet(u16 family)
{
	return family == AF_INET || family == AF_INET6;
}

/* Whom the socket is connected to. Who is connected no more has no port, or no address. */
static void peer_endpoint(const struct sock *sk, struct isolates_endpoint *endpoint)
{
	const u16 family = READ_ONCE(sk->sk_family);
	__be16 port;

	endpoint->kind = ISOLATES_ENDPOINT_NONE;
	if (!is_inet(family))
		return;
	port = inet_sk(sk)->inet_dport;
	if (!port && sk->sk_type == SOCK_STREAM)
		return;
	if (family == AF_INET)
		set_inet(endpoint, &sk->sk_daddr, port);
#if IS_ENABLED(CONFIG_IPV6)
	else
		set_inet6(endpoint, &sk->sk_v6_daddr, port);
#endif
	if (!port && is_unspecified(endpoint))
		endpoint->kind = ISOLATES_ENDPOINT_NONE;
}

/* The endpoint that @address names; none if it is too short, which the stack refuses. */
static void named_endpoint(const struct sockaddr *address, int length, u16 family,
			   struct isolates_endpoint *endpoint)
{
	const struct sockaddr_in *const in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *const in6 = (const struct sockaddr_in6 *)address;

	endpoint->kind = ISOLATES_ENDPOINT_NONE;
	if (family == AF_INET && length >= (int)sizeof(*in))
		set_inet(endpoint, &in->sin_addr.s_addr, in->sin_port);
	else if (family == AF_INET6 && length >= SIN6_LEN_RFC2133)
		set_inet6(endpoint, &in6->sin6_addr, in6->sin6_port);
}

/* As the address says; AF_UNSPEC if it is too short to say. */
static u16 named_family(const struct sockaddr *address, int length)
{
	return length < (int)offsetofend(struct sockaddr, sa_family) ?
	       AF_UNSPEC : address->sa_family;
}

/*
 * Do addresses of this family stand for IP ones? Those of SMC and RDS, which become
 * TCP connections, do, and must not be a way around a rule that names an address.
 */
static bool is_over_inet(u16 family)
{
	return is_inet(family) || family == AF_SMC || family == AF_RDS;
}

/* What is said of those is said in a class of its own; see unix.c. */
static bool is_unix(const struct sock *sk)
{
	return sk->sk_family == AF_UNIX;
}

/* The family the traffic will be of, for the facts. */
static u16 traffic_family(const struct sock *sk, const struct isolates_endpoint *named)
{
	const u16 family = READ_ONCE(sk->sk_family);

	if (is_over_inet(family) && named->kind == ISOLATES_ENDPOINT_INET)
		return AF_INET;
	if (is_over_inet(family) && named->kind == ISOLATES_ENDPOINT_INET6)
		return AF_INET6;
	return family;
}

/* The protocol of that traffic. SMC has numbers of its own, and falls back to TCP. */
static u16 traffic_protocol(const struct sock *sk)
{
	return sk->sk_family == AF_SMC ? 0 : sk->sk_protocol;
}

/*
 * The family that bind() takes the address for. IPv4 takes AF_UNSPEC for AF_INET (see
 * __inet_bind()), as does SMC, and its raw sockets take anything (see raw_bind()).
 */
static u16 bind_family(const struct sock *sk, const struct sockaddr *address, int length)
{
	const u16 family = named_family(address, length);
	const u16 own = READ_ONCE(sk->sk_family);

	if (own == AF_INET && sk->sk_type == SOCK_RAW)
		return AF_INET;
	if (family == AF_UNSPEC && (own == AF_INET || own == AF_SMC))
		return AF_INET;
	return family;
}

/*
 * The family that sendmsg() takes the address for. To connect() AF_UNSPEC is no
 * address but the end of a connection; here it is the socket's own family (see
 * udp_sendmsg(), raw_sendmsg(), rawv6_sendmsg()). IPv6 datagrams ignore it, but
 * IPV6_ADDRFORM may be making an IPv4 socket of theirs just now.
 */
static u16 send_family(const struct sock *sk, const struct sockaddr *address, int length)
{
	const u16 family = named_family(address, length);
	const u16 own = READ_ONCE(sk->sk_family);

	if (family != AF_UNSPEC || !is_inet(own))
		return family;
	return sk->sk_type == SOCK_RAW ? own : AF_INET;
}

static noinline int check_bind(const struct socket *sock,
			       const struct sockaddr *address, int length)
{
	const struct sock *const sk = sock->sk;
	struct isolates_network_facts facts;
	struct isolates_endpoint local;

	if (is_unix(sk))
		return isolates_unix_check_bind(sock, address, length);
	named_endpoint(address, length, bind_family(sk, address, length), &local);
	if (!is_over_inet(READ_ONCE(sk->sk_family)))
		local.kind = ISOLATES_ENDPOINT_NONE;
	isolates_facts_network(&facts, traffic_family(sk, &local), sk->sk_type,
			       traffic_protocol(sk), &local, NULL);
	return check_facts(&facts, ISOLATES_NETWORK_BIND);
}

/*
 * Make of the two ends what the stack will make of them: IPv4 if either is, and of the
 * unspecified peer, which stands for this machine, the address it stands for. Neither
 * may be a way around a rule that names an address. See ip_route_output_key_hash_rcu()
 * and tcp_v6_connect(), which udpv6_sendmsg() and its like agree with.
 */
static void resolve_ends(struct isolates_endpoint *local, struct isolates_endpoint *peer)
{
	static const struct in6_addr loopback6 = IN6ADDR_LOOPBACK_INIT;
	static const u8 loopback[] = { 127, 0, 0, 1 };

	if (isolates_endpoint_is_mapped(peer))
		isolates_endpoint_to_inet(peer);
	if (peer->kind == ISOLATES_ENDPOINT_INET)
		isolates_endpoint_to_inet(local);
	if (!is_unspecified(peer))
		return;

	if (peer->kind == ISOLATES_ENDPOINT_INET) {
		const bool is_bound = local->kind == ISOLATES_ENDPOINT_INET &&
				      !is_unspecified(local);

		memcpy(peer->address, is_bound ? local->address : loopback,
		       sizeof(loopback));
	} else if (isolates_endpoint_is_mapped(local)) {
		isolates_endpoint_to_inet(local);
		isolates_endpoint_to_inet(peer);
		memcpy(peer->address, loopback, sizeof(loopback));
	} else {
		memcpy(peer->address, &loopback6, sizeof(loopback6));
	}
}

static noinline int check_named(const struct socket *sock, const struct sockaddr *address,
				int length, u16 family, u32 operations)
{
	const struct sock *const sk = sock->sk;
	struct isolates_network_facts facts;
	struct isolates_endpoint local, peer;

	named_endpoint(address, length, family, &peer);
	local_endpoint(sk, &local);
	if (!is_over_inet(READ_ONCE(sk->sk_family)))
		peer.kind = ISOLATES_ENDPOINT_NONE;
	resolve_ends(&local, &peer);
	isolates_facts_network(&facts, traffic_family(sk, &peer), sk->sk_type,
			       traffic_protocol(sk), &local, &peer);
	return check_facts(&facts, operations);
}

static int check_ends(const struct sock *sk, const struct isolates_endpoint *local,
		      const struct isolates_endpoint *peer, u32 operation)
{
	struct isolates_network_facts facts;

	isolates_facts_network(&facts, traffic_family(sk, peer ?: local), sk->sk_type,
			       traffic_protocol(sk), local, peer);
	return check_facts(&facts, operation);
}

/* What is done to the socket, bound and connected as it is. */
static noinline int check_use(const struct socket *sock, u32 operation)
{
	const bool has_peer = operation & ISOLATES_NETWORK_PEER_OPS;
	const struct sock *const sk = sock->sk;
	struct isolates_endpoint local, peer;

	if (is_unix(sk))
		return isolates_unix_check_use(sock, operation);
	local_endpoint(sk, &local);
	if (has_peer)
		peer_endpoint(sk, &peer);
	return check_ends(sk, &local, has_peer ? &peer : NULL, operation);
}

/**
 * isolates_check_receive - May the current task receive from a socket?
 *
 * @sock: any.
 *
 * Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check_receive(const struct socket *sock)
{
	return check_use(sock, ISOLATES_NETWORK_RECEIVE);
}

/**
 * isolates_check_send - May the current task send to whom a socket is connected to?
 *
 * @sock: any.
 *
 * Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check_send(const struct socket *sock)
{
	return check_use(sock, ISOLATES_NETWORK_SEND);
}

/**
 * isolates_check_accepted - May the current task have a connection?
 *
 * @listening: what it was accepted from. Where that is bound to counts, as for bind() and
 *	       listen().
 * @sock: the connection.
 *
 * Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check_accepted(const struct socket *listening, const struct socket *sock)
{
	struct isolates_endpoint local, peer;

	if (is_unix(sock->sk))
		return isolates_unix_check_accepted(sock);
	local_endpoint(listening->sk, &local);
	peer_endpoint(sock->sk, &peer);
	return check_ends(sock->sk, &local, &peer, ISOLATES_NETWORK_ACCEPT);
}

static noinline int ask_create(const struct isolates_confinement *confinement, int family,
			       int type, int protocol,
			       const struct isolates_network_facts *key)
{
	struct isolates_network_facts facts;

	if (family == AF_UNIX)
		return isolates_unix_check_create(type);
	isolates_facts_network(&facts, family, type, protocol, NULL, NULL);
	return ask(confinement, &facts, ISOLATES_NETWORK_CREATE, key);
}

/* Known by what was asked for, which is shorter to spell than the facts. */
static noinline int check_create(int family, int type, int protocol)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	struct isolates_network_facts key __uninitialized;

	if (!confinement)
		return 0;
	/* No other key is so short. A wider protocol is cut, as it is for the facts. */
	put_unaligned((u32)family | (u32)type << 8 | (u32)protocol << 12, (u32 *)key.bytes);
	key.length = sizeof(u32);
	if (likely(isolates_memo_allows(confinement, &key, ISOLATES_NETWORK_CREATE)))
		return 0;
	return ask_create(confinement, family, type, protocol, &key);
}

/* Not traced, so that it costs nobody else more than it must. */
static notrace int hook_socket_create(int family, int type, int protocol, int kern)
{
	if (isolates_current_is_unconfined())
		return 0;
	/* The kernel's own sockets, for its own use, are not the task's. */
	if (kern)
		return 0;
	return check_create(family, type, protocol);
}

static int hook_socket_bind(struct socket *sock, struct sockaddr *address, int length)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_bind(sock, address, length);
}

static noinline int check_connect(const struct socket *sock, const struct sockaddr *address,
				  int length)
{
	if (is_unix(sock->sk))
		return isolates_unix_check_connect(sock, address, length);
	return check_named(sock, address, length, named_family(address, length),
			   ISOLATES_NETWORK_CONNECT);
}

static int hook_socket_connect(struct socket *sock, struct sockaddr *address,
			       int length)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_connect(sock, address, length);
}

static noinline int check_send(const struct socket *sock, const struct msghdr *msg)
{
	if (is_unix(sock->sk))
		return isolates_unix_check_send(sock, msg);
	/* TCP Fast Open connects here without connect(); so does every datagram. */
	if (msg->msg_name)
		return check_named(sock, msg->msg_name, msg->msg_namelen,
				   send_family(sock->sk, msg->msg_name, msg->msg_namelen),
				   ISOLATES_NETWORK_CONNECT | ISOLATES_NETWORK_SEND);
	return check_use(sock, ISOLATES_NETWORK_SEND);
}

/* As in hook_socket_create(): a socket without a file is that of a network file system. */
static bool is_of_kernel(const struct socket *sock)
{
	return !sock->file;
}

static int hook_socket_sendmsg(struct socket *sock, struct msghdr *msg, int size)
{
	if (isolates_current_is_unconfined() || is_of_kernel(sock))
		return 0;
	return check_send(sock, msg);
}

static int hook_socket_recvmsg(struct socket *sock, struct msghdr *msg, int size, int flags)
{
	if (isolates_current_is_unconfined() || is_of_kernel(sock))
		return 0;
	return check_use(sock, ISOLATES_NETWORK_RECEIVE);
}

static int hook_socket_listen(struct socket *sock, int backlog)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_use(sock, ISOLATES_NETWORK_LISTEN);
}

static int hook_socket_shutdown(struct socket *sock, int how)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_use(sock, ISOLATES_NETWORK_SHUTDOWN);
}

/* Of both ends: who may ask for one may ask for the other. */
static int hook_socket_getname(struct socket *sock)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_use(sock, ISOLATES_NETWORK_GETATTR);
}

static int hook_socket_getsockopt(struct socket *sock, int level, int optname)
{
	int error = 0;

	if (isolates_current_is_unconfined())
		return 0;
	/* An option by which one receives, into mapped memory. */
	if (level == SOL_TCP && optname == TCP_ZEROCOPY_RECEIVE)
		error = check_use(sock, ISOLATES_NETWORK_RECEIVE);
	return error ?: check_use(sock, ISOLATES_NETWORK_GETOPT);
}

static noinline int check_setopt(const struct socket *sock, int level, int optname)
{
	int error = 0;

	/* Rings in mapped memory, by which one sends and receives without a call. */
	if (level == SOL_PACKET && optname == PACKET_RX_RING)
		error = check_use(sock, ISOLATES_NETWORK_RECEIVE);
	else if (level == SOL_XDP && optname == XDP_RX_RING)
		error = check_use(sock, ISOLATES_NETWORK_RECEIVE);
	else if (level == SOL_XDP && optname == XDP_TX_RING)
		error = check_use(sock, ISOLATES_NETWORK_SEND);
	return error ?: check_use(sock, ISOLATES_NETWORK_SETOPT);
}

static int hook_socket_setsockopt(struct socket *sock, int level, int optname)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_setopt(sock, level, optname);
}

static int hook_socket_accept(struct socket *sock, struct socket *newsock)
{
	if (isolates_current_is_unconfined())
		return 0;
	return isolates_accept_is_detoured(sock) ?
	       0 : check_use(sock, ISOLATES_NETWORK_ACCEPT);
}

/* What fchmod() and its like change: of a descriptor, as no path leads to a socket. */
static int hook_inode_setattr(ISOLATES_SETATTR_PARAMETERS)
{
	if (isolates_current_is_unconfined())
		return 0;
	if (dentry->d_sb->s_magic != SOCKFS_MAGIC)
		return 0;
	return check_use(SOCKET_I(d_backing_inode(dentry)), ISOLATES_NETWORK_SETATTR);
}

static struct security_hook_list network_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(socket_create, hook_socket_create),
	LSM_HOOK_INIT(socket_bind, hook_socket_bind),
	LSM_HOOK_INIT(socket_connect, hook_socket_connect),
	LSM_HOOK_INIT(socket_listen, hook_socket_listen),
	LSM_HOOK_INIT(socket_accept, hook_socket_accept),
	LSM_HOOK_INIT(socket_sendmsg, hook_socket_sendmsg),
	LSM_HOOK_INIT(socket_recvmsg, hook_socket_recvmsg),
	LSM_HOOK_INIT(socket_getsockname, hook_socket_getname),
	LSM_HOOK_INIT(socket_getpeername, hook_socket_getname),
	LSM_HOOK_INIT(socket_getsockopt, hook_socket_getsockopt),
	LSM_HOOK_INIT(socket_setsockopt, hook_socket_setsockopt),
	LSM_HOOK_INIT(socket_shutdown, hook_socket_shutdown),
	LSM_HOOK_INIT(inode_setattr, hook_inode_setattr),
};

void __init isolates_add_network_hooks(void)
{
	security_add_hooks(network_hooks, ARRAY_SIZE(network_hooks), &isolates_lsm_id);
}
