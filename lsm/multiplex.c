// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ipc.h>
#include <linux/kernel.h>
#include <linux/net.h>

#include "multiplex.h"

#define SOCKETCALL	"__ia32_compat_sys_socketcall"
#define IPC		"__ia32_compat_sys_ipc"

/* From net/compat.c and ipc/syscall.c. */
const struct isolates_multiplexed isolates_multiplexed[] = {
	{ "socket", SOCKETCALL, SYS_SOCKET },
	{ "bind", SOCKETCALL, SYS_BIND },
	{ "connect", SOCKETCALL, SYS_CONNECT },
	{ "listen", SOCKETCALL, SYS_LISTEN },
	{ "accept", SOCKETCALL, SYS_ACCEPT },
	{ "getsockname", SOCKETCALL, SYS_GETSOCKNAME },
	{ "getpeername", SOCKETCALL, SYS_GETPEERNAME },
	{ "socketpair", SOCKETCALL, SYS_SOCKETPAIR },
	{ "sendto", SOCKETCALL, SYS_SEND },
	{ "sendto", SOCKETCALL, SYS_SENDTO },
	{ "recvfrom", SOCKETCALL, SYS_RECV },
	{ "recvfrom", SOCKETCALL, SYS_RECVFROM },
	{ "shutdown", SOCKETCALL, SYS_SHUTDOWN },
	{ "setsockopt", SOCKETCALL, SYS_SETSOCKOPT },
	{ "getsockopt", SOCKETCALL, SYS_GETSOCKOPT },
	{ "sendmsg", SOCKETCALL, SYS_SENDMSG },
	{ "recvmsg", SOCKETCALL, SYS_RECVMSG },
	{ "accept4", SOCKETCALL, SYS_ACCEPT4 },
	{ "recvmmsg", SOCKETCALL, SYS_RECVMMSG },
	{ "sendmmsg", SOCKETCALL, SYS_SENDMMSG },
	{ "semop", IPC, SEMOP },
	{ "semget", IPC, SEMGET },
	{ "semctl", IPC, SEMCTL },
	{ "semtimedop", IPC, SEMTIMEDOP },
	{ "msgsnd", IPC, MSGSND },
	{ "msgrcv", IPC, MSGRCV },
	{ "msgget", IPC, MSGGET },
	{ "msgctl", IPC, MSGCTL },
	{ "shmat", IPC, SHMAT },
	{ "shmdt", IPC, SHMDT },
	{ "shmget", IPC, SHMGET },
	{ "shmctl", IPC, SHMCTL },
};

const u32 isolates_multiplexed_count = ARRAY_SIZE(isolates_multiplexed);
