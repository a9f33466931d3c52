// SPDX-License-Identifier: GPL-2.0-only
/* Denied system calls, done by io_uring rings, which pass no entry of a call. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "harness.h"
#include "ring.h"

#define FOLDER "/tmp/rings"

static const char policy[] =
    "policy rings {\n"
    "  file, capability, io_uring,\n"
    "  deny syscall mkdirat errno=EROFS,\n"
    "  deny syscall readv errno=ENODEV,\n"
    "}\n";

/* number[0]: IOSQE_* flags. */
static int do_mkdirat(struct arguments* arguments) {
    const struct io_uring_sqe entry = {
        .opcode = IORING_OP_MKDIRAT,
        .flags = (uint8_t)arguments->number[0],
        .fd = AT_FDCWD,
        .addr = (uintptr_t)FOLDER "/new",
        .len = 0755,
    };
    const int result = ring_submit(&entry);
    struct stat status;

    if (result < 0) return stat(FOLDER "/new", &status) ? -result : EEXIST;
    return rmdir(FOLDER "/new") ? errno : 0;
}

/* Does a file read by this operation have the byte that is in it? number[0]: opcode. */
static int read_by(uint8_t opcode, const void* memory, unsigned length, const char* byte) {
    const int fd = open(FOLDER "/file", O_RDONLY | O_CLOEXEC);
    const struct io_uring_sqe entry = {
        .opcode = opcode, .fd = fd, .addr = (uintptr_t)memory, .len = length};
    int result;

    if (fd < 0) return errno;
    result = ring_submit(&entry);
    close(fd);
    if (result < 0) return -result;
    return result == 1 && *byte == 'x' ? 0 : EIO;
}

static int do_read(struct arguments* arguments) {
    char byte = 0;

    (void)arguments;
    return read_by(IORING_OP_READ, &byte, 1, &byte);
}

static int do_readv(struct arguments* arguments) {
    char byte = 0;
    const struct iovec vector = {&byte, 1};

    (void)arguments;
    return read_by(IORING_OP_READV, &vector, 1, &byte);
}

static int try_number(struct puppet* puppet, operation* operation, long number) {
    struct arguments arguments = {.number = {number}};

    return ask(puppet, operation, &arguments);
}

static void all_operations(struct puppet* puppet, bool denied, const char* what) {
    check_errno(try_number(puppet, do_mkdirat, 0), denied ? EROFS : 0, "%s: mkdirat", what);
    check_errno(try_number(puppet, do_mkdirat, IOSQE_ASYNC), denied ? EROFS : 0,
                "%s: mkdirat by a worker", what);
    check_errno(try_number(puppet, do_readv, 0), denied ? ENODEV : 0, "%s: readv", what);
    check_errno(try_number(puppet, do_read, 0), 0, "%s: read, which readv's function does too",
                what);
}

static void with_flags(unsigned flags, const char* name) {
    struct puppet *const puppet = puppet_make(CLONE_NEWUTS), *const other = puppet_make(0);
    char what[128];

    check_errno(try_number(other, do_make_ring, flags), 0, "%s: not confined: make a ring", name);
    snprintf(what, sizeof(what), "%s: not confined", name);
    all_operations(other, false, what);

    check_errno(try_number(puppet, do_make_ring, flags), 0, "%s: make a ring before", name);
    snprintf(what, sizeof(what), "%s: before it is bound", name);
    all_operations(puppet, false, what);
    if (bind_process(puppet->pid, "uts", "rings")) die("bind");
    snprintf(what, sizeof(what), "%s: a ring made before it was bound", name);
    all_operations(puppet, true, what);
    check_errno(try_number(puppet, do_make_ring, flags), 0, "%s: make a ring, confined", name);
    snprintf(what, sizeof(what), "%s: a ring made confined", name);
    all_operations(puppet, true, what);
    snprintf(what, sizeof(what), "%s: not confined, meanwhile", name);
    all_operations(other, false, what);
    puppet_end_all();
}

int main(void) {
    mkdir(FOLDER, 0755);
    write_file(FOLDER "/file", "x", 1, 0644);
    load("%s", policy);
    check(stats_hold("probe io_mkdirat armed"), "stats: the ring's operation");
    check(stats_hold("probe io_read armed"), "stats: that of several calls");
    with_flags(0, "plain");
    with_flags(IORING_SETUP_SQPOLL, "polled by a thread");
    check_errno(unload_unused("rings"), 0, "unload");
    check(!stats_hold("probe io_"), "stats: no probe is left");
    unlink(FOLDER "/file");
    rmdir(FOLDER);
    return finish();
}
