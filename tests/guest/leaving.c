// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who only visits a bound namespace may leave it, whatever the policy there says; who is confined
 * for good may not, nor make a visitor take it along.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define PROGRAM "/tmp/leaving-program"
#define OTHER "file, signal, capability, "

static const char policies[] =
    "policy shut { file, signal, }\n"
    "policy but-leave { " OTHER
    "ptrace, }\n"
    "policy all { " OTHER
    "ptrace, namespace, }\n"
    "policy grips { " OTHER
    "ptrace, namespace, deny ptrace (trace, read) peer=unconfined, }\n"
    "policy kills flags=(kill) { file, signal, }\n";

static const struct kind {
    const char* name;
    unsigned long flag;
} kinds[] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC},   {"mnt", CLONE_NEWNS},
    {"net", CLONE_NEWNET},       {"time", CLONE_NEWTIME}, {"uts", CLONE_NEWUTS},
};

/* Of a process that has a namespace of each kind of its own, and of us. Inherited by puppets. */
static struct puppet* host;
static int host_pidfd = -1, own_pidfd = -1;

/* Another one, as whoever was inside when a binding was made stays under it. */
static void new_host(void) {
    unsigned long all = 0;

    if (host) puppet_end(host);
    if (host) close(host_pidfd);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) all |= kinds[i].flag;
    host = puppet_make(all);
    host_pidfd = open_process(host->pid);
}

static void bind_host(const char* kind, const char* policy) {
    if (bind_process(host->pid, kind, policy)) die("bind %s to %s", kind, policy);
}

/* What a puppet does. number[0]: CLONE_NEW*; [1]: enum entry. */

static int enter_process(int pidfd, const long* number) {
    static const long calls[ENTRIES] = {SYS_setns, 346, 0x40000000 + SYS_setns};
    const enum entry entry = (enum entry)number[1];

    return (int)-enter(entry, calls[entry], pidfd, number[0], 0, 0);
}

static int do_visit(struct arguments* arguments) {
    return enter_process(host_pidfd, arguments->number);
}

static int do_go_home(struct arguments* arguments) {
    return enter_process(own_pidfd, arguments->number);
}

static int do_unshare(struct arguments* arguments) {
    return outcome(unshare((int)arguments->number[0]));
}

static int do_clone(struct arguments* arguments) {
    const long pid = syscall(SYS_clone, arguments->number[0] | SIGCHLD, NULL, NULL, NULL, NULL);

    if (!pid) _exit(0);
    return pid < 0 ? errno : end_of((pid_t)pid);
}

static int do_use_capability_here(struct arguments* arguments) {
    (void)arguments;
    return outcome(chown(PROGRAM, 1, 1));
}

/* A descriptor from before of where it lives, by its path. */
static int kept = -1;

static int do_keep(struct arguments* arguments) {
    kept = open(arguments->path, O_RDONLY | O_CLOEXEC);
    return kept < 0 ? errno : 0;
}

static int do_enter_kept(struct arguments* arguments) {
    (void)arguments;
    return outcome(setns(kept, 0));
}

/* A program, that goes home; with the outcome of that. */
static int do_execute(struct arguments* arguments) {
    arguments->number[0] = PLAIN;
    strcpy(arguments->path, PROGRAM);
    snprintf(arguments->to, sizeof(arguments->to), "%d", own_pidfd);
    return do_run(arguments) ?: (int)arguments->number[1];
}

static int be_program(char** argv) {
    return setns(atoi(argv[1]), CLONE_NEWUTS) ? errno : 0;
}

static int try(struct puppet* puppet, operation* operation, unsigned long flags) {
    return try_path(puppet, operation, "", (long)flags, ENTRY_64);
}

static struct puppet* visitor_of(unsigned long flags) {
    struct puppet* const visitor = puppet_make(0);

    if (try(visitor, do_visit, flags)) die("visit");
    return visitor;
}

static void each_way_out(const struct kind* kind, const char* policy) {
    struct puppet* const visitor = puppet_make(0);
    char home[64], shown[64];

    snprintf(shown, sizeof(shown), "visitor %s", policy);
    snprintf(home, sizeof(home), "/proc/%d/ns/%s", getpid(), kind->name);
    if (try_path(visitor, do_keep, home, 0, 0)) die("keep a descriptor of %s", home);
    for (int entry = 0; entry <= ENTRIES; entry++) {
        const char* const by = entry < ENTRIES ? entry_names[entry] : "a descriptor from before";

        check_errno(try(visitor, do_visit, kind->flag), 0, "%s: visit what is under %s", kind->name,
                    policy);
        check(is_shown(visitor->pid, shown), "%s: it is shown", kind->name);
        check_errno(entry < ENTRIES ? try_path(visitor, do_go_home, "", (long)kind->flag, entry)
                                    : ask(visitor, do_enter_kept, NULL),
                    0, "%s: back out by %s", kind->name, by);
        check_errno(ask(visitor, do_use_capability_here, NULL), 0, "%s: and released", kind->name);
    }
    puppet_end(visitor);
}

static void inside(const struct kind* kind) {
    struct puppet *const visitor = visitor_of(kind->flag), *child;

    check_errno(ask(visitor, do_use_capability_here, NULL), EPERM, "%s: no capability inside",
                kind->name);
    check_errno(try(visitor, do_unshare, CLONE_NEWUSER), EPERM, "%s: nothing is made inside",
                kind->name);
    check_errno(try(visitor, do_clone, CLONE_NEWUSER), EPERM, "%s: nor by clone", kind->name);
    /* What setns() refuses gives nothing away. */
    check_errno(try(visitor, do_go_home, CLONE_NEWUSER), EINVAL, "%s: an entry that fails",
                kind->name);
    check_errno(ask(visitor, do_use_capability_here, NULL), EPERM, "%s: still no capability",
                kind->name);
    child = puppet_fork(visitor, 0);
    if (!child) die("fork");
    check_errno(try(child, do_go_home, kind->flag), 0, "%s: its child may leave", kind->name);
    check_errno(ask(child, do_use_capability_here, NULL), 0, "%s: and is released", kind->name);
    check_errno(ask(visitor, do_use_capability_here, NULL), EPERM, "%s: it is not by that",
                kind->name);
    puppet_end(child);
    puppet_end(visitor);
}

/* On from one to the others, as container runtimes do, and all the way back. */
static void onwards(void) {
    struct puppet* visitor;

    new_host();
    visitor = puppet_make(0);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) bind_host(kinds[i].name, "shut");
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        check_errno(try(visitor, do_visit, kinds[i].flag), 0, "onwards: to %s", kinds[i].name);
    check_errno(ask(visitor, do_use_capability_here, NULL), EPERM, "onwards: confined");
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        check_errno(ask(visitor, do_use_capability_here, NULL), EPERM, "onwards: still, before %s",
                    kinds[i].name);
        check_errno(try(visitor, do_go_home, kinds[i].flag), 0, "onwards: back from %s",
                    kinds[i].name);
    }
    check_errno(ask(visitor, do_use_capability_here, NULL), 0, "onwards: released");
    check_errno(try(visitor, do_visit, CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWNS), 0,
                "onwards: several at once");
    check_errno(try(visitor, do_go_home, CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWNS), 0,
                "onwards: and back at once");
    check_errno(ask(visitor, do_use_capability_here, NULL), 0, "onwards: released again");
    puppet_end(visitor);
}

static void under_more(void) {
    struct puppet* visitor;

    new_host();
    bind_host("uts", "shut");
    visitor = visitor_of(CLONE_NEWUTS);
    if (attach_process(visitor->pid, "but-leave")) die("attach");
    check_errno(try(visitor, do_go_home, CLONE_NEWUTS), EPERM,
                "attached: what it is not visiting may deny it");
    if (attach_process(visitor->pid, "all") || detach_process(visitor->pid, "but-leave"))
        die("attach");
    check_errno(try(visitor, do_go_home, CLONE_NEWUTS), 0, "attached: or allow it");
    puppet_end(visitor);

    visitor = visitor_of(CLONE_NEWUTS);
    if (attach_process(visitor->pid, "shut")) die("attach");
    check_errno(try(visitor, do_go_home, CLONE_NEWUTS), EPERM,
                "attached: to what it visits, it must stay");
    puppet_end(visitor);
}

static void residents(void) {
    struct puppet *visitor, *resident;

    new_host();
    bind_host("uts", "but-leave");
    visitor = puppet_make(0);
    check_errno(ask(visitor, do_execute, NULL), 0, "resident: not what is executed outside");
    if (try(visitor, do_visit, CLONE_NEWUTS)) die("visit");
    check_errno(ask(visitor, do_execute, NULL), EPERM, "resident: what is executed inside stays");
    check_errno(try(visitor, do_go_home, CLONE_NEWUTS), 0, "resident: who executed it may go");
    puppet_end(visitor);

    check_errno(try(host, do_go_home, CLONE_NEWUTS), EPERM, "resident: who was inside stays");
    resident = puppet_fork(host, 0);
    check_errno(try(resident, do_go_home, CLONE_NEWUTS), EPERM, "resident: and its child");
    puppet_end(resident);

    /* Who is confined comes to stay. */
    resident = puppet_under("all");
    check_errno(try(resident, do_visit, CLONE_NEWUTS), 0, "resident: who is confined enters");
    check_errno(try(resident, do_go_home, CLONE_NEWUTS), EPERM, "resident: and stays");
    puppet_end(resident);
}

/* Control of a visitor would lead out with it. */

/* number[0]: of a process. */
static int do_trace(struct arguments* arguments) {
    const pid_t pid = (pid_t)arguments->number[0];

    if (ptrace(PTRACE_ATTACH, pid, NULL, NULL)) return errno;
    if (waitpid(pid, NULL, __WALL) != pid) return errno;
    return outcome(ptrace(PTRACE_DETACH, pid, NULL, NULL));
}

static int do_take_descriptor(struct arguments* arguments) {
    const int pidfd = (int)syscall(SYS_pidfd_open, arguments->number[0], 0);
    const int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, 0, 0);
    const int error = fd < 0 ? errno : 0;

    if (fd >= 0) close(fd);
    if (pidfd >= 0) close(pidfd);
    return error;
}

static int do_open_memory(struct arguments* arguments) {
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/%ld/mem", arguments->number[0]);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

static int do_open_namespace(struct arguments* arguments) {
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/%ld/ns/net", arguments->number[0]);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

static const struct {
    const char* name;
    operation* operation;
    int error;
} grips[] = {
    {"ptrace", do_trace, EPERM},
    {"pidfd_getfd", do_take_descriptor, EPERM},
    {"/proc/PID/mem", do_open_memory, EACCES},
    {"/proc/PID/ns/net", do_open_namespace, EACCES},
};

static void check_grip(struct puppet* tracer, const struct puppet* tracee, bool allowed,
                       const char* what) {
    for (size_t i = 0; i < ARRAY_SIZE(grips); i++)
        check_errno(try_path(tracer, grips[i].operation, "", tracee->pid, 0),
                    allowed ? 0 : grips[i].error, "%s: %s", grips[i].name, what);
}

static void taken_along(void) {
    struct puppet *visitor, *other, *resident, *unconfined = puppet_make(0);

    new_host();
    bind_host("uts", "grips");
    visitor = visitor_of(CLONE_NEWUTS);
    other = visitor_of(CLONE_NEWUTS);
    resident = puppet_fork(host, 0);
    check_grip(host, resident, true, "a resident of another");
    check_grip(host, unconfined, false, "a resident of who is not confined");
    check_grip(host, visitor, false, "a resident of a visitor");
    check_grip(visitor, other, true, "a visitor of another");
    check_grip(visitor, resident, true, "a visitor of a resident");
    check_grip(unconfined, visitor, true, "who is not confined of a visitor");
    /* It is no visitor any more. */
    if (attach_process(visitor->pid, "grips")) die("attach");
    check_grip(host, visitor, true, "a resident of who was one");
    puppet_end(resident);
    puppet_end(other);
    puppet_end(visitor);
    puppet_end(unconfined);
}

int main(int argc, char** argv) {
    if (argc > 1) return be_program(argv);

    copy_program(PROGRAM, 0755);
    load("%s", policies);
    own_pidfd = open_process(getpid());
    /* Kept by the program. */
    if (fcntl(own_pidfd, F_SETFD, 0)) die("keep a descriptor");
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        new_host();
        bind_host(kinds[i].name, "shut");
        each_way_out(kinds + i, "shut");
        inside(kinds + i);
        new_host();
        bind_host(kinds[i].name, "kills");
        each_way_out(kinds + i, "kills");
    }
    onwards();
    under_more();
    residents();
    taken_along();
    return finish();
}
