// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of unix sockets: by type, by the addresses of both ends, and by the policy of
 * whoever has made the other one.
 *
 * A socket with a path is a file. Whom it may be bound, connected or sent to as, rules on
 * files decide, by where the file is; as in AppArmor. So what was bound or connected under
 * the same policies needs no rule of this class any more to be used, but a rule that denies
 * counts.
 */
#include <linux/net.h>
#include <linux/namei.h>
#include <linux/un.h>
#include <net/af_unix.h>
#include <net/sock.h>

#include "check.h"
#include "confinement.h"
#include "file.h"
#include "label.h"
#include "maker.h"
#include "setup.h"
#include "task.h"
#include "unix.h"

/* An address as the facts have it, and a NUL for the report. */
struct address {
	u32 length;
	bool is_path;
	char text[UNIX_PATH_MAX + 1];
};

struct unix_facts {
	u8 type;
	struct address own, peer;
	bool has_peer;
	const struct isolates_confinement *maker;	/* of the peer */
};

static void set_address(struct address *address, const struct sockaddr_un *name, int length)
{
	u32 i;

	address->length = 0;
	address->is_path = false;
	length -= (int)offsetof(struct sockaddr_un, sun_path);
	if (length > 0) {
		address->length = min_t(u32, length, UNIX_PATH_MAX);
		address->is_path = name->sun_path[0];
		memcpy(address->text, name->sun_path, address->length);
		if (address->is_path)
			address->length = strnlen(address->text, address->length);
		else
			for (i = 0; i < address->length; i++)
				address->text[i] = address->text[i] ?: '@';
	}
	address->text[address->length] = '\0';
}

/* Where the socket is bound. That is set once, and stays as long as the socket. */
static void read_address(struct address *address, const struct sock *sk)
{
	/* Pairs with the release that publishes it, as in unix_bind_abstract(). */
	const struct unix_address *const bound = smp_load_acquire(&unix_sk(sk)->addr);

	if (bound)
		set_address(address, bound->name, bound->len);
	else
		set_address(address, NULL, 0);
}

/* Of the type that it becomes: see unix_create(). */
static void begin_facts(struct unix_facts *facts, int type)
{
	facts->type = type == SOCK_RAW ? SOCK_DGRAM : type;
	set_address(&facts->own, NULL, 0);
	set_address(&facts->peer, NULL, 0);
	facts->has_peer = false;
	facts->maker = NULL;
}

static void set_peer(struct unix_facts *facts, const struct sock *peer)
{
	facts->has_peer = true;
	facts->maker = isolates_maker_of(peer);
	read_address(&facts->peer, peer);
}

static int check_label(const struct unix_facts *facts, u32 operation, bool is_open,
		       const char *label, u32 length)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct isolates_piece nul = { (const u8 *)"", 1 };
	const struct isolates_piece pieces[] = {
		{ &facts->type, 1 },
		{ (const u8 *)facts->own.text, facts->own.length },
		nul,
		{ (const u8 *)facts->peer.text, facts->peer.length },
		nul,
		{ (const u8 *)label, length },
	};
	const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_UNIX,
		.operations = operation,
		.pieces = pieces,
		.count = ARRAY_SIZE(pieces),
	};
	const struct isolates_object object = {
		.peer = facts->peer.length ? facts->peer.text : facts->own.text,
	};

	if (!confinement)
		return 0;
	return is_open ? isolates_check_denials(confinement, &request, &object) :
			 isolates_check(confinement, &request, &object);
}

/* By each name that the peer goes by. Under rcu_read_lock(), which keeps them. */
static int check_facts(const struct unix_facts *facts, u32 operation, bool is_open)
{
	const struct isolates_confinement *const maker = facts->maker;
	int error = 0;
	u32 i;

	if (!facts->has_peer)
		return check_label(facts, operation, is_open, "", 0);
	if (!maker || !maker->count)
		return check_label(facts, operation, is_open, ISOLATES_UNCONFINED,
				   sizeof(ISOLATES_UNCONFINED) - 1);
	for (i = 0; i < maker->count && !error; i++)
		error = check_label(facts, operation, is_open, maker->labels[i]->name,
				    maker->labels[i]->length);
	return error;
}

/* Is the current task under what the socket's maker was under, so that it was asked about? */
static bool is_made_here(const struct sock *sk)
{
	const struct isolates_confinement *const maker = isolates_maker_of(sk);
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	return maker && confinement && maker->count == confinement->count &&
	       !memcmp(maker->labels, confinement->labels,
		       maker->count * sizeof(*maker->labels));
}

/* What is done to a socket, with the peer it has, of which the caller holds @peer. */
static int check_ends(const struct sock *sk, const struct sock *peer, u32 operation)
{
	struct unix_facts facts;
	int error;

	begin_facts(&facts, sk->sk_type);
	read_address(&facts.own, sk);
	rcu_read_lock();
	if (peer)
		set_peer(&facts, peer);
	error = check_facts(&facts, operation,
			    (facts.own.is_path || facts.peer.is_path) && is_made_here(sk));
	rcu_read_unlock();
	return error;
}

static bool is_dgram(const struct sock *sk)
{
	return sk->sk_type == SOCK_DGRAM;
}

/**
 * isolates_unix_check_use - May the current task use a socket?
 *
 * @sock: a unix socket.
 * @operation: one that names no address.
 *
 * Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_unix_check_use(const struct socket *sock, u32 operation)
{
	struct sock *const sk = sock->sk;
	struct sock *peer;
	int error;

	if (!(operation & ISOLATES_NETWORK_PEER_OPS))
		return check_ends(sk, NULL, operation);
	/* That of a connection stays as long as the socket, which the caller holds. */
	if (!is_dgram(sk))
		return check_ends(sk, READ_ONCE(unix_peer(sk)), operation);
	peer = unix_peer_get(sk);
	error = check_ends(sk, peer, operation);
	if (peer)
		sock_put(peer);
	return error;
}

/**
 * isolates_unix_check_accepted - May the current task have a connection?
 *
 * @sock: it. Its address is that of the socket it was accepted from.
 *
 * Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_unix_check_accepted(const struct socket *sock)
{
	return check_ends(sock->sk, READ_ONCE(unix_peer(sock->sk)), ISOLATES_NETWORK_ACCEPT);
}

/* May the current task make a socket? See isolates_unix_check_use(). */
int isolates_unix_check_create(int type)
{
	struct unix_facts facts;

	begin_facts(&facts, type);
	return check_facts(&facts, ISOLATES_NETWORK_CREATE, false);
}

static int note_maker(struct sock *sk)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	if (!confinement)
		return 0;
	return confinement->broken ? -EPERM : isolates_maker_note(sk, confinement, GFP_KERNEL);
}

/* What the kernel chooses if it is asked to; which, nobody knows yet. */
static void set_chosen(struct address *address)
{
	static const char chosen[] = "@00000";

	address->length = sizeof(chosen) - 1;
	memcpy(address->text, chosen, sizeof(chosen));
}

/**
 * isolates_unix_check_bind - May the current task bind a socket?
 *
 * @sock: a unix socket.
 * @address: where. If it is a path, whether a file may be made there is asked when it is.
 * @length: of @address in bytes.
 *
 * May sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_unix_check_bind(const struct socket *sock, const struct sockaddr *address,
			     int length)
{
	struct unix_facts facts;
	int error;

	begin_facts(&facts, sock->sk->sk_type);
	set_address(&facts.own, (const struct sockaddr_un *)address, length);
	if (!facts.own.length)
		set_chosen(&facts.own);
	error = check_facts(&facts, ISOLATES_NETWORK_BIND, facts.own.is_path);
	return error ?: note_maker(sock->sk);
}

/*
 * Which file is meant, and may the current task do that to it? The kernel will look it up
 * again: it must find the same one.
 */
static int check_file(const char *name, u32 operations, const struct inode **inode)
{
	struct path path;
	int error;

	*inode = NULL;
	/* The kernel will say so itself. */
	if (kern_path(name, LOOKUP_FOLLOW, &path))
		return 0;
	*inode = d_backing_inode(path.dentry);
	error = isolates_check_file(&path, operations);
	path_put(&path);
	return error;
}

/* Whom the socket, whose peer is not known yet, is to be connected or to send to. */
static int set_target(u32 operation, const struct sockaddr *address, int length,
		      u32 file_operations)
{
	struct isolates_task *const task = isolates_task(current);
	struct address named;

	set_address(&named, (const struct sockaddr_un *)address, length);
	task->unix_target.operation = operation;
	task->unix_target.is_path = named.is_path;
	return named.is_path ? check_file(named.text, file_operations,
					  &task->unix_target.inode) : 0;
}

/**
 * isolates_unix_check_connect - May the current task connect a socket?
 *
 * @sock: a unix socket.
 * @address: to which.
 * @length: of @address in bytes.
 *
 * For what can be said before the peer is known. May sleep. Returns: 0, or the negative
 * errno to fail with.
 */
int isolates_unix_check_connect(const struct socket *sock, const struct sockaddr *address,
				int length)
{
	struct sock *const sk = sock->sk;
	int error;

	/* The end of a connection. */
	if (length < (int)offsetofend(struct sockaddr, sa_family) ||
	    address->sa_family != AF_UNIX)
		return check_ends(sk, NULL, ISOLATES_NETWORK_CONNECT);
	error = set_target(ISOLATES_NETWORK_CONNECT, address, length,
			   is_dgram(sk) ? ISOLATES_FILE_WRITE :
					  ISOLATES_FILE_READ | ISOLATES_FILE_WRITE);
	return error ?: note_maker(sk);
}

/**
 * isolates_unix_check_send - May the current task send from a socket?
 *
 * @sock: a unix socket.
 * @msg: perhaps with an address.
 *
 * As isolates_unix_check_connect().
 */
int isolates_unix_check_send(const struct socket *sock, const struct msghdr *msg)
{
	/* Whom datagrams are for is known when they are sent. */
	if (is_dgram(sock->sk))
		return set_target(ISOLATES_NETWORK_SEND, msg->msg_name,
				  msg->msg_name ? msg->msg_namelen : 0,
				  ISOLATES_FILE_WRITE);
	return isolates_unix_check_use(sock, ISOLATES_NETWORK_SEND);
}

static int refuse(const struct path *path)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();

	return confinement ? isolates_refuse(confinement, path->dentry ? path : NULL,
					     "another socket than was asked about") : 0;
}

/* With both sockets locked. */
static noinline int check_target(const struct sock *sk, const struct sock *peer,
				 u32 operation)
{
	const struct isolates_task *const task = isolates_task(current);
	const struct path *const path = &unix_sk(peer)->path;
	struct unix_facts facts;
	int error;

	if (!task->unix_target.is_path)
		return check_ends(sk, peer, operation);
	if (!path->dentry || d_backing_inode(path->dentry) != task->unix_target.inode)
		return refuse(path);
	begin_facts(&facts, sk->sk_type);
	read_address(&facts.own, sk);
	rcu_read_lock();
	set_peer(&facts, peer);
	error = check_facts(&facts, operation, true);
	rcu_read_unlock();
	return error;
}

/* As in network.c. */
static bool is_of_kernel(const struct socket *sock)
{
	return !sock || !sock->file;
}

/* @newsk will be the other end of the connection; it is what was listened at. */
static int hook_unix_stream_connect(struct sock *sk, struct sock *other, struct sock *newsk)
{
	int error;

	if (!static_branch_unlikely(&isolates_in_force))
		return 0;
	error = isolates_maker_copy(newsk, other);
	if (error || isolates_current_is_unconfined() || is_of_kernel(sk->sk_socket))
		return error;
	return check_target(sk, other, ISOLATES_NETWORK_CONNECT);
}

/* Of datagrams: asked when one is sent, and when the socket is connected. */
static int hook_unix_may_send(struct socket *sock, struct socket *other)
{
	if (isolates_current_is_unconfined() || is_of_kernel(sock))
		return 0;
	return check_target(sock->sk, other->sk,
			    isolates_task(current)->unix_target.operation);
}

static int hook_socket_socketpair(struct socket *first, struct socket *second)
{
	int error;

	if (isolates_current_is_unconfined() || first->sk->sk_family != AF_UNIX)
		return 0;
	error = note_maker(first->sk);
	return error ?: note_maker(second->sk);
}

static struct security_hook_list unix_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(unix_stream_connect, hook_unix_stream_connect),
	LSM_HOOK_INIT(unix_may_send, hook_unix_may_send),
	LSM_HOOK_INIT(socket_socketpair, hook_socket_socketpair),
};

void __init isolates_add_unix_hooks(void)
{
	security_add_hooks(unix_hooks, ARRAY_SIZE(unix_hooks), &isolates_lsm_id);
}
