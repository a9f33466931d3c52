// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors from elsewhere: of files that were opened before the task was confined, or under
 * another policy; sent, inherited, or taken from another task. Each is asked about as it is used.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "harness.h"

#define TOP "/tmp/descriptors"
#define FREE TOP "/free"
#define SECRET TOP "/secret"
#define FOLDER TOP "/folder"
#define LOG TOP "/log"

#define RULES                                                         \
    "capability, namespace, signal, ptrace, network, /proc/** rwlk, " \
    "/dev/** rw, " FREE " rw, " LOG " a, " LOG "-copy w, "

static const char policies[] = "policy web { " RULES
                               "change_profile -> all, }\n"
                               "policy all { file, " RULES
                               "}\n"
                               "policy tells flags=(complain) { " RULES
                               "}\n"
                               "policy kills flags=(kill) { " RULES "}\n";

/* Uses of a descriptor, number[0]; each returns 0 or an errno. */

static char buffer[64];

static int do_read(struct arguments* arguments) {
    return outcome(pread((int)arguments->number[0], buffer, 4, 0));
}

static int do_plain_read(struct arguments* arguments) {
    return outcome(read((int)arguments->number[0], buffer, 1));
}

static int do_readv(struct arguments* arguments) {
    const struct iovec vector = {buffer, 4};

    return outcome(preadv((int)arguments->number[0], &vector, 1, 0));
}

static int do_write(struct arguments* arguments) {
    return outcome(write((int)arguments->number[0], "x", 1));
}

static int do_sendfile(struct arguments* arguments) {
    off_t offset = 0;
    int pipes[2], error;

    if (pipe(pipes)) return EMFILE;
    error = outcome(sendfile(pipes[1], (int)arguments->number[0], &offset, 4));
    close(pipes[0]);
    close(pipes[1]);
    return error;
}

static int do_splice(struct arguments* arguments) {
    loff_t offset = 0;
    int pipes[2], error;

    if (pipe(pipes)) return EMFILE;
    error = outcome(splice((int)arguments->number[0], &offset, pipes[1], NULL, 4, 0));
    close(pipes[0]);
    close(pipes[1]);
    return error;
}

static int do_copy(struct arguments* arguments) {
    loff_t from = 0, to = 0;
    const int fd = open(LOG "-copy", O_WRONLY);
    const int error =
        fd < 0 ? EBADF : outcome(copy_file_range((int)arguments->number[0], &from, fd, &to, 4, 0));

    close(fd);
    return error;
}

static int do_map(struct arguments* arguments) {
    void* const memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, (int)arguments->number[0], 0);

    if (memory == MAP_FAILED) return errno;
    munmap(memory, 4096);
    return 0;
}

static int do_map_shared(struct arguments* arguments) {
    void* const memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, (int)arguments->number[0], 0);

    if (memory == MAP_FAILED) return errno;
    munmap(memory, 4096);
    return 0;
}

static int do_list(struct arguments* arguments) {
    return outcome(syscall(SYS_getdents64, (int)arguments->number[0], buffer, sizeof(buffer)));
}

static int do_fallocate(struct arguments* arguments) {
    return outcome(fallocate((int)arguments->number[0], 0, 0, 4096));
}

static int do_reopen(struct arguments* arguments) {
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/self/fd/%ld", arguments->number[0]);
    fd = open(path, O_RDONLY);
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

static int do_read_copy(struct arguments* arguments) {
    const int fd = dup((int)arguments->number[0]);
    const int error = fd < 0 ? errno : outcome(pread(fd, buffer, 4, 0));

    if (fd >= 0) close(fd);
    return error;
}

static int do_read_in_child(struct arguments* arguments) {
    const pid_t pid = fork();

    if (!pid) _exit(do_read(arguments));
    return pid < 0 ? -1 : end_of(pid);
}

/* path: opened with flags number[1]; leaves the descriptor in number[0]. */
static int do_keep(struct arguments* arguments) {
    const int fd = open(arguments->path, (int)arguments->number[1], 0600);

    if (fd < 0) return errno;
    arguments->number[0] = fd;
    return 0;
}

static int keep(struct puppet* puppet, const char* path, int flags) {
    if (try_path(puppet, do_keep, path, 0, flags)) die("%s cannot be opened", path);
    return (int)answered(puppet)->number[0];
}

static int use(struct puppet* puppet, operation* operation, int fd) {
    return try_path(puppet, operation, "", fd, 0);
}

static const struct way {
    const char* name;
    operation* operation;
    int flags;
} ways[] = {
    {"pread", do_read, O_RDONLY},
    {"read", do_plain_read, O_RDONLY},
    {"preadv", do_readv, O_RDONLY},
    {"sendfile", do_sendfile, O_RDONLY},
    {"splice", do_splice, O_RDONLY},
    {"copy_file_range", do_copy, O_RDONLY},
    {"mmap", do_map, O_RDONLY},
    {"a reopened one", do_reopen, O_RDONLY},
    {"a duplicate", do_read_copy, O_RDONLY},
    {"a child's", do_read_in_child, O_RDONLY},
    {"write", do_write, O_WRONLY},
    {"fallocate", do_fallocate, O_WRONLY},
    {"mmap for writing", do_map_shared, O_RDWR},
};

/* Opened before the task is confined. */
static void test_before(void) {
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
        const int secret = keep(puppet, SECRET, ways[i].flags);
        const int free_ = keep(puppet, FREE, ways[i].flags);

        check_errno(use(puppet, ways[i].operation, secret), 0, "before: %s, unconfined",
                    ways[i].name);
        if (bind_process(puppet->pid, "uts", "web")) die("bind");
        check_errno(use(puppet, ways[i].operation, secret), EACCES, "before: %s, denied",
                    ways[i].name);
        check_errno(use(puppet, ways[i].operation, free_), 0, "before: %s, allowed", ways[i].name);
        puppet_end(puppet);
    }
}

static void test_kinds(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    const int folder = keep(puppet, FOLDER, O_RDONLY | O_DIRECTORY);
    const int log = keep(puppet, LOG, O_WRONLY | O_APPEND);
    const int plain = keep(puppet, LOG, O_WRONLY);
    const int null = keep(puppet, "/dev/null", O_RDWR);
    const int path = keep(puppet, SECRET, O_PATH);
    int memory;

    if (bind_process(puppet->pid, "uts", "web")) die("bind");
    check_errno(use(puppet, do_list, folder), EACCES, "a folder: not listed");
    check_errno(use(puppet, do_write, log), 0, "append: allowed");
    check_errno(use(puppet, do_write, plain), EACCES, "append: not where it likes");
    check_errno(use(puppet, do_write, null), 0, "a device that holds nothing");
    check_errno(use(puppet, do_reopen, path), EACCES, "a path: not reopened");
    memory = keep(puppet, "/proc/self/comm", O_RDONLY);
    check_errno(use(puppet, do_read, memory), 0, "opened under the policy");
    puppet_end(puppet);
}

static void test_modes(void) {
    struct puppet* puppet = puppet_make(CLONE_NEWUTS);
    int secret = keep(puppet, SECRET, O_RDONLY);

    if (bind_process(puppet->pid, "uts", "tells")) die("bind");
    check_errno(use(puppet, do_read, secret), 0, "complain: allowed");
    puppet_end(puppet);
    puppet = puppet_make(CLONE_NEWUTS);
    secret = keep(puppet, SECRET, O_RDONLY);
    if (bind_process(puppet->pid, "uts", "kills")) die("bind");
    check_errno(use(puppet, do_read, secret), -1, "kill: killed");
    puppet_end(puppet);
}

/* Under another policy: what that allows to be opened is not for this one. */
static void test_policies(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    int secret;

    if (attach_process(puppet->pid, "all")) die("attach");
    secret = keep(puppet, SECRET, O_RDONLY);
    check_errno(use(puppet, do_read, secret), 0, "policies: under the one that opened it");
    if (attach_process(puppet->pid, "web")) die("attach");
    check_errno(use(puppet, do_read, secret), EACCES, "policies: under another one as well");
    if (detach_process(puppet->pid, "web")) die("detach");
    check_errno(use(puppet, do_read, secret), 0, "policies: and no more");
    puppet_end(puppet);
}

/* A pair of sockets, of which the test has one end and the puppet the other. */
static int ends[2];

/* Leaves the descriptor that came in number[0]. */
static int do_receive(struct arguments* arguments) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control_;
    struct iovec vector = {buffer, 1};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control_,
                             .msg_controllen = sizeof(control_)};
    const struct cmsghdr* header;

    if (recvmsg(ends[1], &message, 0) < 0) return errno;
    header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_len != CMSG_LEN(sizeof(int))) return EACCES;
    memcpy(buffer, CMSG_DATA(header), sizeof(int));
    arguments->number[0] = *(const int*)(const void*)buffer;
    return 0;
}

static void send_descriptor(int fd) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control_ = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    struct iovec vector = {(void*)(uintptr_t) "x", 1};
    const struct msghdr message = {.msg_iov = &vector,
                                   .msg_iovlen = 1,
                                   .msg_control = &control_,
                                   .msg_controllen = sizeof(control_)};

    control_.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control_.header), &fd, sizeof(int));
    if (sendmsg(ends[0], &message, 0) != 1) die("send a descriptor");
}

/* path: the process's number, to: its descriptor. */
static int do_take(struct arguments* arguments) {
    const int pidfd = (int)syscall(SYS_pidfd_open, arguments->number[0], 0);
    int fd;

    if (pidfd < 0) return ESRCH;
    fd = (int)syscall(SYS_pidfd_getfd, pidfd, arguments->number[1], 0);
    close(pidfd);
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

static void test_received(void) {
    const int secret = open(SECRET, O_RDONLY | O_CLOEXEC);
    const int free_ = open(FREE, O_RDONLY | O_CLOEXEC);
    struct puppet* puppet;
    int pipes[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || pipe(pipes)) die("sockets");
    puppet = puppet_make(CLONE_NEWUTS);
    if (bind_process(puppet->pid, "uts", "web")) die("bind");
    send_descriptor(secret);
    check_errno(ask(puppet, do_receive, NULL), EACCES, "received: not what is denied");
    send_descriptor(free_);
    check_errno(ask(puppet, do_receive, NULL), 0, "received: what is allowed");
    check_errno(use(puppet, do_read, (int)answered(puppet)->number[0]), 0, "received: and used");
    send_descriptor(pipes[1]);
    check_errno(ask(puppet, do_receive, NULL), 0, "received: a pipe");
    check_errno(use(puppet, do_write, (int)answered(puppet)->number[0]), 0, "received: and used");
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    check_errno(try_path(puppet, do_take, "", getpid(), secret), EACCES, "taken: is denied");
    check_errno(try_path(puppet, do_take, "", getpid(), free_), 0, "taken: is allowed");
    puppet_end(puppet);
}

static int do_leave(struct arguments* arguments) {
    (void)arguments;
    return outcome(unshare(CLONE_NEWNS));
}

/* On a mount that the task's mount namespace does not have, as an engine's own files are. */
static void test_outside(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    const int file = keep(puppet, FREE, O_RDONLY);
    const int null = keep(puppet, "/dev/null", O_RDWR);

    if (try_path(puppet, do_leave, "", 0, 0)) die("unshare");
    check_errno(use(puppet, do_read, file), 0, "outside: unconfined");
    if (bind_process(puppet->pid, "uts", "web")) die("bind");
    check_errno(use(puppet, do_read, file), EACCES, "outside: has no name there");
    check_errno(use(puppet, do_write, null), 0, "outside: a device that holds nothing");
    puppet_end(puppet);
}

int main(void) {
    mkdir(TOP, 0755);
    mkdir(FOLDER, 0755);
    write_file(FREE, "free\n", 5, 0644);
    write_file(SECRET, "text\n", 5, 0600);
    write_file(LOG, "", 0, 0600);
    write_file(LOG "-copy", "", 0, 0600);
    load("%s", policies);
    test_before();
    test_kinds();
    test_modes();
    test_policies();
    test_received();
    test_outside();
    unload_all();
    return finish();
}
