// SPDX-License-Identifier: GPL-2.0-only
#include <linux/io_uring.h>
#include <linux/kernel.h>

#include "compat.h"
#include "ring.h"

/*
 * From io_uring/opdef.c. An operation that does what several calls do is denied with
 * each of them. Left out is what does no call's work: timeouts, cancelling, messages
 * between rings, the ring's own tables.
 */
const struct isolates_ring_op isolates_ring_ops[] = {
#ifdef CONFIG_IO_URING
	{ "read", "io_read", IORING_OP_READ },
	{ "read", "io_read", IORING_OP_READ_FIXED },
	{ "read", "io_read_mshot", IORING_OP_READ_MULTISHOT },
	{ "pread64", "io_read", IORING_OP_READ },
	{ "pread64", "io_read", IORING_OP_READ_FIXED },
	{ "readv", "io_read", IORING_OP_READV },
	{ "preadv", "io_read", IORING_OP_READV },
	{ "preadv2", "io_read", IORING_OP_READV },
	{ "write", "io_write", IORING_OP_WRITE },
	{ "write", "io_write", IORING_OP_WRITE_FIXED },
	{ "pwrite64", "io_write", IORING_OP_WRITE },
	{ "pwrite64", "io_write", IORING_OP_WRITE_FIXED },
	{ "writev", "io_write", IORING_OP_WRITEV },
	{ "pwritev", "io_write", IORING_OP_WRITEV },
	{ "pwritev2", "io_write", IORING_OP_WRITEV },
	{ "fsync", "io_fsync", IORING_OP_FSYNC },
	{ "fdatasync", "io_fsync", IORING_OP_FSYNC },
	{ "sync_file_range", "io_sync_file_range", IORING_OP_SYNC_FILE_RANGE },
	{ "fallocate", "io_fallocate", IORING_OP_FALLOCATE },
	{ "ftruncate", "io_ftruncate", IORING_OP_FTRUNCATE },
	{ "openat", "io_openat", IORING_OP_OPENAT },
	{ "openat2", "io_openat2", IORING_OP_OPENAT2 },
	{ "close", "io_close", IORING_OP_CLOSE },
	{ "statx", "io_statx", IORING_OP_STATX },
	{ "splice", "io_splice", IORING_OP_SPLICE },
	{ "tee", "io_tee", IORING_OP_TEE },
	{ "renameat", "io_renameat", IORING_OP_RENAMEAT },
	{ "renameat2", "io_renameat", IORING_OP_RENAMEAT },
	{ "unlinkat", "io_unlinkat", IORING_OP_UNLINKAT },
	{ "mkdirat", "io_mkdirat", IORING_OP_MKDIRAT },
	{ "symlinkat", "io_symlinkat", IORING_OP_SYMLINKAT },
	{ "linkat", "io_linkat", IORING_OP_LINKAT },
	{ "setxattr", "io_setxattr", IORING_OP_SETXATTR },
	{ "fsetxattr", "io_fsetxattr", IORING_OP_FSETXATTR },
	{ "getxattr", "io_getxattr", IORING_OP_GETXATTR },
	{ "fgetxattr", "io_fgetxattr", IORING_OP_FGETXATTR },
	{ "poll", "io_poll_add", IORING_OP_POLL_ADD },
	{ "ppoll", "io_poll_add", IORING_OP_POLL_ADD },
	{ "waitid", "io_waitid", IORING_OP_WAITID },
#ifdef CONFIG_ADVISE_SYSCALLS
	{ "fadvise64", "io_fadvise", IORING_OP_FADVISE },
	{ "madvise", "io_madvise", IORING_OP_MADVISE },
#endif
#ifdef CONFIG_EPOLL
	{ "epoll_ctl", "io_epoll_ctl", IORING_OP_EPOLL_CTL },
#endif
#ifdef CONFIG_FUTEX
	{ "futex", "io_futex_wait", IORING_OP_FUTEX_WAIT },
	{ "futex", "io_futex_wake", IORING_OP_FUTEX_WAKE },
	{ "futex", "io_futexv_wait", IORING_OP_FUTEX_WAITV },
	{ "futex_wait", "io_futex_wait", IORING_OP_FUTEX_WAIT },
	{ "futex_wake", "io_futex_wake", IORING_OP_FUTEX_WAKE },
	{ "futex_waitv", "io_futexv_wait", IORING_OP_FUTEX_WAITV },
#endif
#ifdef CONFIG_NET
	{ "socket", "io_socket", IORING_OP_SOCKET },
	{ "bind", "io_bind", IORING_OP_BIND },
	{ "listen", "io_listen", IORING_OP_LISTEN },
	{ "accept", "io_accept", IORING_OP_ACCEPT },
	{ "accept4", "io_accept", IORING_OP_ACCEPT },
	{ "connect", "io_connect", IORING_OP_CONNECT },
	{ "shutdown", "io_shutdown", IORING_OP_SHUTDOWN },
	{ "sendto", "io_send", IORING_OP_SEND },
	{ "sendto", "io_send_zc", IORING_OP_SEND_ZC },
	{ "sendmsg", "io_sendmsg", IORING_OP_SENDMSG },
	{ "sendmsg", "io_sendmsg_zc", IORING_OP_SENDMSG_ZC },
	{ "recvfrom", "io_recv", IORING_OP_RECV },
	{ "recvmsg", "io_recvmsg", IORING_OP_RECVMSG },
#endif
#endif /* CONFIG_IO_URING */
};

const u32 isolates_ring_op_count = ARRAY_SIZE(isolates_ring_ops);
