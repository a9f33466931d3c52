// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that are denied by their arguments, or for want of an allowing rule; what 32-bit
 * programs can do in their stead; and what is told of them.
 */
#define _GNU_SOURCE
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/net.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

/* Numbers of 32-bit programs; see arch/x86/entry/syscalls/syscall_32.tbl. */
enum {
    CALL32_FORK = 2,
    CALL32_LSEEK = 19,
    CALL32_GETPPID = 64,
    CALL32_SOCKETCALL = 102,
    CALL32_IPC = 117,
    CALL32_CLONE = 120,
    CALL32_PREAD64 = 180,
    CALL32_SOCKET = 359,
};

#define X32(call) (__X32_SYSCALL_BIT | (call))
#define UPPER_HALF (1l << 40)

static const char policies[] =
    "policy arguments {\n"
    "  file, network, capability, namespace,\n"
    "  deny syscall socket(0 == AF_UNIX) errno=EXDEV,\n"
    "  deny syscall lseek(1 == 5) errno=EXDEV,\n"
    "  deny syscall pread64(2 == 77) errno=EXDEV,\n"
    "  deny syscall clone(0 & CLONE_NEWUSER|CLONE_NEWNET != 0) errno=EXDEV,\n"
    "  deny syscall semget errno=EXDEV,\n"
    "}\n"
    "policy listed {\n"
    "  file, network, capability, namespace,\n"
    "  allow syscall (read, write, futex, getpid),\n"
    "  allow syscall socket(0 == AF_UNIX),\n"
    "  allow syscall lseek(1 == 5),\n"
    "}\n"
    "policy telling {\n"
    "  file, capability, namespace,\n"
    "  audit syscall getppid,\n"
    "  quiet deny syscall getuid errno=EXDEV,\n"
    "  deny syscall getgid errno=EXDEV,\n"
    "}\n";

/* Where 32-bit pointers reach. */
static char* low;

/* number[0]: enum entry, [1]: of the call, [2..5]: its arguments; to: what is at `low`. */
static int do_enter(struct arguments* arguments) {
    const long* const number = arguments->number;
    long result;

    memcpy(low, arguments->to, 64);
    result = enter((enum entry)number[0], number[1], number[2], number[3], number[4], number[5]);
    return result < 0 ? (int)-result : 0;
}

static int try_enter(struct puppet* puppet, enum entry entry, long call, const long args[4]) {
    const struct arguments arguments = {
        .number = {entry, call, args[0], args[1], args[2], args[3]}};

    return ask(puppet, do_enter, &arguments);
}

/* Is there such an entry in this kernel? */
static bool has_entry(enum entry entry) {
    const long number[ENTRIES] = {__NR_getppid, CALL32_GETPPID, X32(__NR_getppid)};

    return enter(entry, number[entry], 0, 0, 0, 0) != -ENOSYS;
}

struct line {
    const char* name;
    enum entry entry;
    long call;
    long args[4];
    int want; /* of one that is confined: EXDEV, EPERM, or 0 for whatever else */
};

static void try_lines(struct puppet* puppet, const struct line* lines, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct line* const line = lines + i;
        int got;

        if (!has_entry(line->entry)) {
            skip("this kernel has no such entry", "%s", line->name);
            continue;
        }
        got = try_enter(NULL, line->entry, line->call, line->args);
        check(got != EXDEV && got != EPERM, "%s, unconfined: errno %d", line->name, got);
        got = try_enter(puppet, line->entry, line->call, line->args);
        if (line->want)
            check_errno(got, line->want, "%s", line->name);
        else
            check(got != EXDEV && got != EPERM, "%s: errno %d", line->name, got);
    }
}

static void by_arguments(void) {
    static const struct line lines[] = {
        {"socket of AF_UNIX", ENTRY_64, __NR_socket, {AF_UNIX, SOCK_DGRAM}, EXDEV},
        {"with more than an int", ENTRY_64, __NR_socket, {AF_UNIX | UPPER_HALF, SOCK_DGRAM}, EXDEV},
        {"x32, with more than an int",
         ENTRY_X32,
         X32(__NR_socket),
         {AF_UNIX | UPPER_HALF, SOCK_DGRAM},
         EXDEV},
        {"int $0x80, socket of AF_UNIX", ENTRY_32, CALL32_SOCKET, {AF_UNIX, SOCK_DGRAM}, EXDEV},
        {"socket of AF_INET", ENTRY_64, __NR_socket, {AF_INET, SOCK_DGRAM}, 0},
        {"int $0x80, socket of AF_INET", ENTRY_32, CALL32_SOCKET, {AF_INET, SOCK_DGRAM}, 0},
        {"lseek to 5", ENTRY_64, __NR_lseek, {0, 5, SEEK_SET}, EXDEV},
        {"lseek to 5 and more", ENTRY_64, __NR_lseek, {0, 5 | UPPER_HALF, SEEK_SET}, 0},
        {"int $0x80, what may be wider than its registers",
         ENTRY_32,
         CALL32_LSEEK,
         {0, 6, SEEK_SET},
         EXDEV},
        {"pread64 of 77 bytes", ENTRY_64, __NR_pread64, {-1, 0, 77, 0}, EXDEV},
        {"pread64 of 78 bytes", ENTRY_64, __NR_pread64, {-1, 0, 78, 0}, 0},
        {"int $0x80, what has its arguments elsewhere",
         ENTRY_32,
         CALL32_PREAD64,
         {-1, 0, 78, 0},
         EXDEV},
        {"clone into a user namespace", ENTRY_64, __NR_clone, {CLONE_NEWUSER | CLONE_FS}, EXDEV},
        {"int $0x80, clone into a user namespace",
         ENTRY_32,
         CALL32_CLONE,
         {CLONE_NEWUSER | CLONE_FS},
         EXDEV},
        {"semget", ENTRY_64, __NR_semget, {IPC_PRIVATE, 1, 0600}, EXDEV},
    };
    struct puppet* const puppet = puppet_under("arguments");

    try_lines(puppet, lines, ARRAY_SIZE(lines));
    puppet_end(puppet);
}

/* args[0] is the selector; the arguments of the call that is meant are at `low`. */
static int try_socketcall(struct puppet* puppet, long selector, const unsigned int call[6]) {
    struct arguments arguments = {
        .number = {ENTRY_32, CALL32_SOCKETCALL, selector, (long)low, 0, 0}};

    memcpy(arguments.to, call, 6 * sizeof(*call));
    return ask(puppet, do_enter, &arguments);
}

static int try_ipc(struct puppet* puppet, long selector) {
    const long args[] = {selector, IPC_PRIVATE, 1, 0600};

    return try_enter(puppet, ENTRY_32, CALL32_IPC, args);
}

/* What does not pass the entry of the call that is denied. */
static void multiplexed(void) {
    static const unsigned int inet[6] = {AF_INET, SOCK_DGRAM, 0};
    enum { SEMGET_SELECTOR = 2, MSGGET_SELECTOR = 13 };
    struct puppet *const puppet = puppet_under("arguments"), *const listed = puppet_under("listed");

    if (!has_entry(ENTRY_32)) {
        skip("this kernel has no such entry", "socketcall and ipc");
        return;
    }
    check_errno(try_socketcall(NULL, SYS_SOCKET, inet), 0, "socketcall: socket, unconfined");
    /* Which family it is, memory says, which may change. */
    check_errno(try_socketcall(puppet, SYS_SOCKET, inet), EXDEV, "socketcall: socket");
    check_errno(try_socketcall(puppet, SYS_SOCKET | 7 << 16, inet), EXDEV,
                "socketcall: socket, with more above it");
    check(try_socketcall(puppet, SYS_SOCKETPAIR, inet) != EXDEV, "socketcall: socketpair");
    check_errno(try_socketcall(listed, SYS_SOCKET, inet), EPERM, "socketcall, not allowed");
    check(try_ipc(NULL, SEMGET_SELECTOR) != EXDEV, "ipc: semget, unconfined");
    check_errno(try_ipc(puppet, SEMGET_SELECTOR), EXDEV, "ipc: semget");
    check_errno(try_ipc(puppet, SEMGET_SELECTOR | 1 << 16), EXDEV, "ipc: semget, of a version");
    check(try_ipc(puppet, MSGGET_SELECTOR) != EXDEV, "ipc: msgget");
    puppet_end(puppet);
    puppet_end(listed);
}

static void listed(void) {
    static const struct line lines[] = {
        {"an allowed call", ENTRY_64, __NR_getpid, {}, 0},
        {"a call that no rule allows", ENTRY_64, __NR_getppid, {}, EPERM},
        {"x32, a call that no rule allows", ENTRY_X32, X32(__NR_getppid), {}, EPERM},
        {"int $0x80, a call that no rule allows", ENTRY_32, CALL32_GETPPID, {}, EPERM},
        {"an allowed argument", ENTRY_64, __NR_socket, {AF_UNIX, SOCK_DGRAM}, 0},
        {"another argument", ENTRY_64, __NR_socket, {AF_INET, SOCK_DGRAM}, EPERM},
        {"int $0x80, an allowed argument", ENTRY_32, CALL32_SOCKET, {AF_UNIX, SOCK_DGRAM}, 0},
        {"an allowed offset", ENTRY_64, __NR_lseek, {-1, 5, SEEK_SET}, 0},
        {"int $0x80, what may not be that offset",
         ENTRY_32,
         CALL32_LSEEK,
         {-1, 5, SEEK_SET},
         EPERM},
    };
    struct puppet* const puppet = puppet_under("listed");

    try_lines(puppet, lines, ARRAY_SIZE(lines));
    puppet_end(puppet);
    check(stats_hold("__x64_sys_getppid armed"), "what no rule allows is probed");
    check(!stats_hold("__x64_sys_getpid "), "what is allowed is not");
    /* They could not be made to fail, and a task can end itself in any case. */
    check(!stats_hold("__x64_sys_exit "), "exit is not");
    check(!stats_hold("__x64_sys_exit_group "), "exit_group is not");
}

/* number[0]: the call. */
static int do_plain(struct arguments* arguments) {
    return outcome(syscall(arguments->number[0]));
}

#define TOLD(verb, call) verb " policy=\"telling\" class=syscall operation=call object=\"" call "\""

static void told(void) {
    struct puppet* const puppet = puppet_under("telling");
    const struct arguments getppid_ = {.number = {__NR_getppid}},
                           getgid_ = {.number = {__NR_getgid}};
    long before;

    check_errno(ask_until_told(puppet, do_plain, &getppid_, TOLD("allowed", "getppid")), 0,
                "what is audited is allowed");
    check(log_has(TOLD("allowed", "getppid")), "and told");
    check_errno(ask_until_told(puppet, do_plain, &getgid_, TOLD("denied", "getgid")), EXDEV,
                "what is denied");
    check(log_has(TOLD("denied", "getgid")), "is told");
    before = stat_value("denials");
    check_errno(try_path(puppet, do_plain, "", __NR_getuid, 0), EXDEV, "what is denied quietly");
    check(!log_has(TOLD("denied", "getuid")), "is not told");
    check(stat_value("denials") == before + 1, "but counted");
    puppet_end(puppet);
}

int main(void) {
    low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) die("mmap");
    load("%s", policies);
    told();
    by_arguments();
    multiplexed();
    listed();
    return finish();
}
