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
#include "probe.h"

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

static struct isolates_detour inet_detour = {
	.probe.symbol_name = "inet_accept",
	.function = accept_inet,
};

static int accept_inet(struct socket *sock, struct socket *newsock,
		       ISOLATES_ACCEPT_PARAMETERS)
{
	return ISOLATES_ACCEPT_CALL(accept_and_check, &inet_detour, sock, newsock);
}

static accept_function accept_unix;

static struct isolates_detour unix_detour = {
	.probe.symbol_name = "unix_accept",
	.function = accept_unix,
};

static int accept_unix(struct socket *sock, struct socket *newsock,
		       ISOLATES_ACCEPT_PARAMETERS)
{
	return ISOLATES_ACCEPT_CALL(accept_and_check, &unix_detour, sock, newsock);
}

#ifdef CONFIG_MPTCP
static accept_function accept_mptcp;

static struct isolates_detour mptcp_detour = {
	.probe.symbol_name = "mptcp_stream_accept",
	.function = accept_mptcp,
};

static int accept_mptcp(struct socket *sock, struct socket *newsock,
			ISOLATES_ACCEPT_PARAMETERS)
{
	return ISOLATES_ACCEPT_CALL(accept_and_check, &mptcp_detour, sock, newsock);
}
#endif

static splice_function splice;

static struct isolates_detour splice_detour = {
	.probe.symbol_name = "sock_splice_read",
	.function = splice,
};

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

static struct isolates_detour sendpage_detour = {
	.probe.symbol_name = "sock_sendpage",
	.function = sendpage,
};

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

static struct isolates_detour *const detours[] __initconst = {
	&inet_detour,
	&unix_detour,
#ifdef CONFIG_MPTCP
	&mptcp_detour,
#endif
	&splice_detour,
#ifdef ISOLATES_HAS_SENDPAGE
	&sendpage_detour,
#endif
};

/* Will what is accepted from @sock be asked about? Not if someone has switched kprobes off. */
bool isolates_accept_is_detoured(const struct socket *sock)
{
	const u16 family = READ_ONCE(sock->sk->sk_family);

	return (family == AF_INET || family == AF_INET6 || family == AF_UNIX) &&
	       isolates_probes_work();
}

int __init isolates_accept_init(void)
{
	size_t i;
	int error;

	for (i = 0; i < ARRAY_SIZE(detours); i++) {
		error = isolates_detour_register(detours[i]);
		if (error)
			return error;
	}
	return 0;
}
