// SPDX-License-Identifier: GPL-2.0-only
/* Looking into other processes, by every call that does; asked of both sides. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define COMMON "file, signal, capability, "

static const char policies[] =
    "policy free { " COMMON
    " ptrace, }\n"
    "policy reader { " COMMON
    " ptrace (read) peer=target, ptrace (readby), }\n"
    "policy tracer { " COMMON
    " ptrace (trace, read) peer=target, ptrace peer=unconfined, }\n"
    "policy deadly flags=(kill) { " COMMON
    " }\n"
    "policy none { " COMMON
    " }\n"
    "policy target { " COMMON
    "  ptrace (readby) peer=reader, ptrace (readby, tracedby) peer=tracer,\n"
    "  ptrace (readby, tracedby) peer=none, ptrace (readby, tracedby) peer=unconfined,\n"
    "}\n"
    "policy shy { " COMMON
    " }\n"
    "policy self { " COMMON " ptrace peer=self, }\n";

/* What a puppet does to the process number[0]. */

static int do_attach(struct arguments* arguments) {
    const pid_t pid = (pid_t)arguments->number[0];

    if (ptrace(PTRACE_ATTACH, pid, NULL, NULL)) return errno;
    if (waitpid(pid, NULL, __WALL) != pid) return errno;
    return outcome(ptrace(PTRACE_DETACH, pid, NULL, NULL));
}

static int do_seize(struct arguments* arguments) {
    const pid_t pid = (pid_t)arguments->number[0];

    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL)) return errno;
    if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL)) return errno;
    if (waitpid(pid, NULL, __WALL) != pid) return errno;
    return outcome(ptrace(PTRACE_DETACH, pid, NULL, NULL));
}

/* path: of a file in /proc/PID, to be opened as number[1] has it. */
static int do_open_proc(struct arguments* arguments) {
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/%ld/%.16s", arguments->number[0], arguments->path);
    fd = open(path, (int)arguments->number[1] | O_CLOEXEC);
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

/* What everybody may read, but for some of its fields: the kernel asks which. */
static int do_read_stat(struct arguments* arguments) {
    char path[64], text[512];
    int fd;
    ssize_t size;

    snprintf(path, sizeof(path), "/proc/%ld/stat", arguments->number[0]);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    size = fd < 0 ? -1 : read(fd, text, sizeof(text));
    if (fd >= 0) close(fd);
    return size > 0 ? 0 : errno;
}

static int do_process_vm(struct arguments* arguments) {
    char byte;
    struct iovec own = {&byte, 1}, other = {(void*)policies, 1};

    return outcome(process_vm_readv((pid_t)arguments->number[0], &own, 1, &other, 1, 0));
}

static int do_getfd(struct arguments* arguments) {
    const int pidfd = (int)syscall(SYS_pidfd_open, arguments->number[0], 0);
    const int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, 0, 0);
    const int error = fd < 0 ? errno : 0;

    close(fd);
    close(pidfd);
    return error;
}

static int do_kcmp(struct arguments* arguments) {
    return outcome(syscall(SYS_kcmp, getpid(), arguments->number[0], KCMP_VM, 0, 0) < 0 ? -1 : 0);
}

static const struct access {
    const char* name;
    operation* operation;
    const char* path;
    long flags;
    bool reads; /* only */
    int error;  /* if it is denied */
} accesses[] = {
    {"PTRACE_ATTACH", do_attach, "", 0, false, EPERM},
    {"PTRACE_SEIZE", do_seize, "", 0, false, EPERM},
    {"process_vm_readv", do_process_vm, "", 0, false, EPERM},
    {"pidfd_getfd", do_getfd, "", 0, false, EPERM},
    {"/proc/PID/mem", do_open_proc, "mem", O_RDWR, false, EACCES},
    {"kcmp", do_kcmp, "", 0, true, EPERM},
    {"/proc/PID/environ", do_open_proc, "environ", O_RDONLY, true, EACCES},
    {"/proc/PID/maps", do_open_proc, "maps", O_RDONLY, true, EACCES},
};

static int try_access(struct puppet* puppet, const struct access* access, pid_t pid) {
    struct arguments arguments = {.number = {pid, access->flags}};

    snprintf(arguments.path, sizeof(arguments.path), "%s", access->path);
    return ask(puppet, access->operation, &arguments);
}

/* may_read, may_trace: whether that subject may do it to that target. */
static void pair(const char* subject, const char* target, bool may_read, bool may_trace) {
    struct puppet* const to = target ? puppet_under(target) : puppet_make(0);
    struct puppet* const by = subject ? puppet_under(subject) : puppet_make(0);

    for (size_t i = 0; i < ARRAY_SIZE(accesses); i++) {
        const bool may = accesses[i].reads ? may_read : may_trace;
        const int got = try_access(by, accesses + i, to->pid);

        check_errno(got, may ? 0 : accesses[i].error, "%s: %s to %s", accesses[i].name,
                    subject ?: "unconfined", target ?: "unconfined");
    }
    puppet_end(by);
    puppet_end(to);
}

static int do_self(struct arguments* arguments) {
    arguments->number[0] = getpid();
    return do_open_proc(arguments);
}

static int do_traceme(struct arguments* arguments) {
    const pid_t child = fork();
    int status = 0;

    (void)arguments;
    if (!child) _exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) ? errno : 0);
    if (child < 0 || waitpid(child, &status, 0) != child) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* The puppet is our child, and asks us to trace it. */
static int do_traceme_here(struct arguments* arguments) {
    (void)arguments;
    return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

int main(void) {
    struct puppet* puppet;
    const struct arguments stat = {.number = {getpid()}};
    const struct arguments other = {.path = "environ", .number = {getpid(), O_RDONLY}};
    long denials;
    struct arguments environ = {.path = "environ", .number = {0, O_RDONLY}};

    load("%s", policies);
    pair(NULL, NULL, true, true);
    pair(NULL, "shy", true, true);
    pair("free", NULL, true, true);
    pair("free", "free", true, true);
    pair("free", "target", false, false);
    pair("free", "shy", false, false);
    pair("reader", "target", true, false);
    pair("reader", "free", false, false);
    pair("tracer", "target", true, true);
    pair("tracer", NULL, true, true);
    pair("none", "target", false, false);
    pair("none", "free", false, false);
    pair("none", NULL, false, false);
    pair("self", "self", true, true);
    pair("none", "none", false, false);

    puppet = puppet_under("deadly");
    denials = stat_value("denials");
    check_errno(ask(puppet, do_read_stat, &stat), 0, "/proc/PID/stat may be read by all");
    check(stat_value("denials") == denials, "what it leaves out is not told as denied");
    check_errno(ask(puppet, do_open_proc, &other), -1, "but /proc/PID/environ is a violation");
    puppet_end(puppet);

    puppet = puppet_under("none");
    check_errno(ask(puppet, do_self, &environ), 0, "a process may look into itself");
    check_errno(ask(puppet, do_traceme, NULL), EPERM, "PTRACE_TRACEME, none to none");
    check_errno(ask(puppet, do_traceme_here, NULL), 0, "PTRACE_TRACEME, by an unconfined parent");
    puppet_end(puppet);
    puppet = puppet_under("self");
    check_errno(ask(puppet, do_traceme, NULL), 0, "PTRACE_TRACEME, self to self");
    puppet_end(puppet);
    return finish();
}
