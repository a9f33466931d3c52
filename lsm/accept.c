// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel does with sockets without asking in time, or at all: whom a
 * connection comes from is known only when it has been accepted, and what is spliced
 * out of a socket is not received as messages are; nor, in older kernels, is what is
 * spliced into one sent as those are.
 */
#include <linux/net.h>
#include <linux/pipe_fs_i.h>
#include <linux/socket.h>
#include <net/sock.h>

#include "accept.h"
#include "compat.h"
#include "detour.h"
#include "network.h"
#include "probe_set.h"
#include "table.h"

typedef int accept_function(struct socket *sock, struct socket *newsock,
			    ISOLATES_ACCEPT_PARAMETERS);
typedef ssize_t splice_function(struct file *file, loff_t *pos,
				struct pipe_inode_info *pipe, size_t size,
				unsigned int flags);

/* Who fails closes the connection, see do_accept(). */
static int accept_and_check(const struct isolates_detour *detour, struct socket *sock,
			    struct socket *newsock, ISOLATES_ACCEPT_PARAMETERS)
{
	accept_function *function = isolates_detour_begin(detour);
	int error;

	error = ISOLATES_ACCEPT_CALL(function, sock, newsock);
	isolates_detour_end();
	/* The kernel's own, for its own use, are not the task's. */
	if (error || ISOLATES_ACCEPT_IS_OF_KERNEL)
		return error;
	return isolates_check_accepted(sock, newsock);
}

static accept_function accept_inet;

static struct isolates_detour inet_detour = ISOLATES_DETOUR("inet_accept", accept_inet);

static int accept_inet(struct socket *sock, struct socket *newsock,
		       ISOLATES_ACCEPT_PARAMETERS)
{
	return ISOLATES_ACCEPT_CALL(accept_and_check, &inet_detour, sock, newsock);
}

static accept_function accept_unix;

static struct isolates_detour unix_detour = ISOLATES_DETOUR("unix_accept", accept_unix);

static int accept_unix(struct socket *sock, struct socket *newsock,
		       ISOLATES_ACCEPT_PARAMETERS)
{
	return ISOLATES_ACCEPT_CALL(accept_and_check, &unix_detour, sock, newsock);
}

#ifdef CONFIG_MPTCP
static accept_function accept_mptcp;

static struct isolates_detour mptcp_detour = ISOLATES_DETOUR("mptcp_stream_accept", accept_mptcp);

static int accept_mptcp(struct socket *sock, struct socket *newsock,
			ISOLATES_ACCEPT_PARAMETERS)
{
	return ISOLATES_ACCEPT_CALL(accept_and_check, &mptcp_detour, sock, newsock);
}
#endif

static splice_function splice;

static struct isolates_detour splice_detour = ISOLATES_DETOUR("sock_splice_read", splice);

static ssize_t splice(struct file *file, loff_t *pos, struct pipe_inode_info *pipe,
		      size_t size, unsigned int flags)
{
	splice_function *function;
	ssize_t result;

	result = isolates_check_receive(file->private_data);
	if (result)
		return result;
	function = isolates_detour_begin(&splice_detour);
	result = function(file, pos, pipe, size, flags);
	isolates_detour_end();
	return result;
}

#ifdef ISOLATES_HAS_SENDPAGE
typedef ssize_t sendpage_function(struct file *file, struct page *page, int offset,
				  size_t size, loff_t *pos, int more);

static sendpage_function sendpage;

static struct isolates_detour sendpage_detour = ISOLATES_DETOUR("sock_sendpage", sendpage);

static ssize_t sendpage(struct file *file, struct page *page, int offset, size_t size,
			loff_t *pos, int more)
{
	sendpage_function *function;
	ssize_t result;

	result = isolates_check_send(file->private_data);
	if (result)
		return result;
	function = isolates_detour_begin(&sendpage_detour);
	result = function(file, page, offset, size, pos, more);
	isolates_detour_end();
	return result;
}
#endif

/* Has the policy rules on sockets, or does it deny them? */
static bool speaks_of_sockets(const struct isolates_instance *instance)
{
	static const u32 classes[] = { ISOLATES_CLASS_NETWORK, ISOLATES_CLASS_UNIX };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		const struct isolates_class_rules *const rules =
			instance->policy->classes + classes[i];

		if (rules->automata.count ||
		    rules->open != isolates_class_operations(classes[i]))
			return true;
	}
	return false;
}

static struct kprobe *probes[] = {
	&inet_detour.probe,
	&unix_detour.probe,
#ifdef CONFIG_MPTCP
	&mptcp_detour.probe,
#endif
	&splice_detour.probe,
#ifdef ISOLATES_HAS_SENDPAGE
	&sendpage_detour.probe,
#endif
};

/* See accept.h. */
struct isolates_probe_set isolates_accept_probes = {
	.failure = "what accepts connections, or is spliced to and from them, cannot be probed",
	.is_needed_by = speaks_of_sockets,
	.probes = probes,
	.count = ARRAY_SIZE(probes),
};

/*
 * Will what is accepted from @sock be asked about? Not if someone has switched kprobes off,
 * or if it need not be asked.
 */
bool isolates_accept_is_detoured(const struct socket *sock)
{
	const u16 family = READ_ONCE(sock->sk->sk_family);

	return (family == AF_INET || family == AF_INET6 || family == AF_UNIX) &&
	       isolates_probe_set_works(&isolates_accept_probes);
}
