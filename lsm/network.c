// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of sockets: making, binding and connecting them.
 *
 * The family that counts is the address's, not the socket's: an IPv6 socket takes
 * IPv4 addresses in two forms, and IPV6_ADDRFORM changes a socket's family while it
 * is in use. Sending to an address is connecting to it, for one message.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "check.h"
#include "network.h"
#include "setup.h"
#include "task.h"

static int check_facts(const struct isolates_network_facts *facts, u32 operation)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct isolates_piece piece = { facts->bytes, facts->length };
	const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_NETWORK,
		.operations = operation,
		.pieces = &piece,
		.count = 1,
	};
	const struct isolates_object object = { .network = facts };

	return confinement ? isolates_check(confinement, &request, &object) : 0;
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

/*
 * The endpoint that @address names. An address too short for its family, which
 * the stack refuses, names none; nor does AF_UNSPEC, but for bind(), where IPv4
 * takes it for AF_INET (see __inet_bind()).
 */
static void named_endpoint(const struct sockaddr *address, int length,
			   bool unspecified_is_inet, struct isolates_endpoint *endpoint)
{
	const struct sockaddr_in *const in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *const in6 = (const struct sockaddr_in6 *)address;
	const size_t family_end = offsetofend(struct sockaddr, sa_family);

	endpoint->kind = ISOLATES_ENDPOINT_NONE;
	if (length < (int)family_end)
		return;
	if ((address->sa_family == AF_INET ||
	     (address->sa_family == AF_UNSPEC && unspecified_is_inet)) &&
	    length >= (int)sizeof(*in))
		set_inet(endpoint, &in->sin_addr.s_addr, in->sin_port);
	else if (address->sa_family == AF_INET6 && length >= SIN6_LEN_RFC2133)
		set_inet6(endpoint, &in6->sin6_addr, in6->sin6_port);
}

static bool is_inet(u16 family)
{
	return family == AF_INET || family == AF_INET6;
}

/* The family the traffic will be of, for the facts. */
static u16 traffic_family(const struct sock *sk, const struct isolates_endpoint *named)
{
	const u16 family = READ_ONCE(sk->sk_family);

	if (is_inet(family) && named->kind == ISOLATES_ENDPOINT_INET)
		return AF_INET;
	return family;
}

static noinline int check_bind(const struct socket *sock,
			       const struct sockaddr *address, int length)
{
	const struct sock *const sk = sock->sk;
	struct isolates_network_facts facts;
	struct isolates_endpoint local;

	named_endpoint(address, length, READ_ONCE(sk->sk_family) == AF_INET, &local);
	if (!is_inet(READ_ONCE(sk->sk_family)))
		local.kind = ISOLATES_ENDPOINT_NONE;
	isolates_facts_network(&facts, traffic_family(sk, &local), sk->sk_type,
			       sk->sk_protocol, &local, NULL);
	return check_facts(&facts, ISOLATES_NETWORK_BIND);
}

static noinline int check_connect(const struct socket *sock,
				  const struct sockaddr *address, int length)
{
	const struct sock *const sk = sock->sk;
	struct isolates_network_facts facts;
	struct isolates_endpoint local, peer;

	named_endpoint(address, length, false, &peer);
	local_endpoint(sk, &local);
	if (!is_inet(READ_ONCE(sk->sk_family)))
		peer.kind = ISOLATES_ENDPOINT_NONE;
	/* An IPv6 socket with an IPv4 peer is an IPv4 one. */
	if (peer.kind == ISOLATES_ENDPOINT_INET)
		isolates_endpoint_to_inet(&local);
	isolates_facts_network(&facts, traffic_family(sk, &peer), sk->sk_type,
			       sk->sk_protocol, &local, &peer);
	return check_facts(&facts, ISOLATES_NETWORK_CONNECT);
}

static noinline int check_create(int family, int type, int protocol)
{
	struct isolates_network_facts facts;

	isolates_facts_network(&facts, family, type, protocol, NULL, NULL);
	return check_facts(&facts, ISOLATES_NETWORK_CREATE);
}

static int hook_socket_create(int family, int type, int protocol, int kern)
{
	/* The kernel's own sockets, for its own use, are not the task's. */
	if (kern || isolates_current_is_unconfined())
		return 0;
	return check_create(family, type, protocol);
}

static int hook_socket_bind(struct socket *sock, struct sockaddr *address, int length)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_bind(sock, address, length);
}

static int hook_socket_connect(struct socket *sock, struct sockaddr *address,
			       int length)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_connect(sock, address, length);
}

/* TCP Fast Open connects here without connect(); so does every datagram. */
static int hook_socket_sendmsg(struct socket *sock, struct msghdr *msg, int size)
{
	if (!msg->msg_name || isolates_current_is_unconfined())
		return 0;
	return check_connect(sock, msg->msg_name, msg->msg_namelen);
}

static struct security_hook_list network_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(socket_create, hook_socket_create),
	LSM_HOOK_INIT(socket_bind, hook_socket_bind),
	LSM_HOOK_INIT(socket_connect, hook_socket_connect),
	LSM_HOOK_INIT(socket_sendmsg, hook_socket_sendmsg),
};

void __init isolates_add_network_hooks(void)
{
	security_add_hooks(network_hooks, ARRAY_SIZE(network_hooks), &isolates_lsm_id);
}
