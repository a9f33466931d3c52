// SPDX-License-Identifier: GPL-2.0-only
/* Visitors and residents: who is released when it goes back out of a bound namespace. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define DIR "/tmp/visitors/"
#define SECRET DIR "secret"
#define OTHER_SECRET DIR "other-secret"
#define PROGRAM DIR "program"

enum { LIMIT = 40, READS_BOTH = 0, READS_SECRET = 1, READS_OTHER = 2, READS_NEITHER = 3 };

#define ALL "file, signal, ptrace, capability, namespace, network, mount, "

static const char policies[] =
    "policy web { " ALL "deny " SECRET
    " r, deny syscall (mkdir, mkdirat) errno=EROFS, set rlimit nofile <= 40, }\n"
    "policy other { " ALL "deny " OTHER_SECRET " r, }\n";

static const struct kind {
    const char* name;
    unsigned long flag;
} kinds[] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC},   {"mnt", CLONE_NEWNS},
    {"net", CLONE_NEWNET},       {"time", CLONE_NEWTIME}, {"uts", CLONE_NEWUTS},
};

/* What a process reads: READS_*, as an operation's outcome and a program's status. */
static int tell(void) {
    int status = 0, fd;

    if (access(SECRET, F_OK) || access(OTHER_SECRET, F_OK)) return 99;
    fd = open(SECRET, O_RDONLY | O_CLOEXEC);
    if (fd < 0) status |= READS_OTHER;
    if (fd >= 0) close(fd);
    fd = open(OTHER_SECRET, O_RDONLY | O_CLOEXEC);
    if (fd < 0) status |= READS_SECRET;
    if (fd >= 0) close(fd);
    return status;
}

static int do_tell(struct arguments* arguments) {
    (void)arguments;
    return tell();
}

static int told(struct puppet* puppet) {
    return ask(puppet, do_tell, NULL);
}

static void check_reads(struct puppet* puppet, int want, const char* name) {
    const int got = told(puppet);

    if (!check(got == want, "%s", name)) note("want %d, got %d", want, got);
}

/* In the program: what it reads once it has gone to a namespace, or whether it is limited. */
static int be_program(char** argv) {
    struct rlimit limit;
    int fd;

    if (!strcmp(argv[1], "limit")) {
        if (getrlimit(RLIMIT_NOFILE, &limit)) return 97;
        return limit.rlim_max == LIMIT ? 0 : 1;
    }
    if (!strcmp(argv[1], "tell")) return tell();
    fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, 0)) return 98;
    return tell();
}

/* What becomes of a program: its status, or a negative errno. */
static int run_as(struct puppet* puppet, const char* path, enum how how, const char* argument) {
    struct arguments arguments = {.number = {how}};
    int error;

    snprintf(arguments.path, sizeof(arguments.path), "%s", path);
    snprintf(arguments.to, sizeof(arguments.to), "%s", argument);
    error = ask(puppet, do_run, &arguments);
    return error ? -error : (int)answered(puppet)->number[1];
}

static int run(struct puppet* puppet, const char* argument) {
    return run_as(puppet, PROGRAM, PLAIN, argument);
}

static int do_enter(struct arguments* arguments) {
    const int fd = open(arguments->path, O_RDONLY | O_CLOEXEC);
    int error;

    if (fd < 0) return errno;
    error = outcome(setns(fd, 0));
    close(fd);
    return error;
}

static int go_into(struct puppet* puppet, pid_t pid, const char* kind) {
    struct arguments arguments = {};

    snprintf(arguments.path, sizeof(arguments.path), "/proc/%d/ns/%s", pid, kind);
    return ask(puppet, do_enter, &arguments);
}

/* All that is there of a process, in one call: number[0] is its number, [1] the kinds. */
static int do_enter_process(struct arguments* arguments) {
    const int pidfd = (int)syscall(SYS_pidfd_open, arguments->number[0], 0);
    int error;

    if (pidfd < 0) return errno;
    error = outcome(setns(pidfd, (int)arguments->number[1]));
    close(pidfd);
    return error;
}

static int enter_process(struct puppet* puppet, pid_t pid, unsigned long flags) {
    const struct arguments arguments = {.number = {pid, (long)flags}};

    return ask(puppet, do_enter_process, &arguments);
}

static void go(struct puppet* puppet, const struct puppet* where, const char* kind) {
    const int error = go_into(puppet, where->pid, kind);

    if (error) {
        errno = error;
        die("enter a %s namespace", kind);
    }
}

static void go_home(struct puppet* puppet, const char* kind) {
    if (go_into(puppet, 1, kind)) die("leave a %s namespace", kind);
}

static void bind_or_die(const struct puppet* puppet, const char* kind, const char* policy) {
    const int error = bind_process(puppet->pid, kind, policy);

    if (error) {
        errno = error;
        die("bind %s to %s", kind, policy);
    }
}

static struct puppet* fork_or_die(struct puppet* puppet, unsigned long flags) {
    struct puppet* const child = puppet_fork(puppet, flags);

    if (!child) die("fork");
    return child;
}

static void test_kinds(void) {
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const char* const name = kinds[i].name;
        struct puppet* const inside = puppet_make(kinds[i].flag);
        struct puppet* const visitor = puppet_make(0);

        bind_or_die(inside, name, "web");
        check_errno(told(visitor), READS_BOTH, "%s: outside, not confined", name);
        for (int visit = 1; visit <= 3; visit++) {
            check_errno(go_into(visitor, inside->pid, name), 0, "%s: visit %d", name, visit);
            check(is_shown(visitor->pid, "visitor web"), "%s: shown as a visitor", name);
            check_errno(told(visitor), READS_OTHER, "%s: confined inside", name);
            check_errno(try_path(visitor, do_mkdir, DIR "new", 0755, 0), EROFS,
                        "%s: by its system calls too", name);
            check_errno(go_into(visitor, 1, name), 0, "%s: go back out", name);
            check(!is_shown(visitor->pid, "visitor web"), "%s: shown no more", name);
            check_errno(try_path(visitor, do_mkdir, DIR "new", 0755, 0), 0, "%s: released outside",
                        name);
            check_errno(try_path(visitor, do_rmdir, DIR "new", 0, 0), 0, "%s: it undoes it", name);
            check_errno(told(visitor), READS_BOTH, "%s: and reads all again", name);
        }
        check_errno(told(inside), READS_OTHER, "%s: who was inside is confined", name);
        check_errno(go_into(inside, 1, name), 0, "%s: it goes out", name);
        check_errno(told(inside), READS_OTHER, "%s: and still is, for good", name);
        check(is_shown(inside->pid, "resident web"), "%s: shown as a resident", name);
        puppet_end_all();
    }
}

/* No way leads back out of these. */
static void test_pid_and_user(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWPID);
    struct puppet* const user = puppet_make(CLONE_NEWUSER);
    struct puppet *parent = puppet_make(0), *child;

    bind_or_die(inside, "pid", "web");
    check_errno(go_into(parent, inside->pid, "pid"), 0, "pid: its children will be inside");
    check_reads(parent, READS_BOTH, "pid: it lives where it did");
    child = fork_or_die(parent, 0);
    check_reads(child, READS_OTHER, "pid: a child is born inside");
    check(is_shown(child->pid, "resident web"), "pid: as a resident");
    check_errno(go_into(parent, 1, "pid"), 0, "pid: back");
    check_reads(fork_or_die(parent, 0), READS_BOTH, "pid: its next child is not confined");

    bind_or_die(user, "user", "web");
    parent = puppet_make(0);
    child = fork_or_die(parent, 0);
    check_errno(go_into(child, user->pid, "user"), 0, "user: enter it");
    check_reads(child, READS_OTHER, "user: confined inside");
    check(is_shown(child->pid, "visitor web"), "user: as a visitor");
    check(go_into(child, 1, "user") != 0, "user: there is no way back");
    check_reads(child, READS_OTHER, "user: confined as before");
    check_reads(fork_or_die(child, 0), READS_OTHER, "user: its child is");
    check_reads(parent, READS_BOTH, "user: who has not entered is not");

    /* Together with another one, in one call. */
    child = fork_or_die(parent, 0);
    check_errno(enter_process(child, user->pid, CLONE_NEWUSER | CLONE_NEWUTS), 0,
                "user: with another one");
    check_reads(child, READS_OTHER, "user: confined by that");
    puppet_end_all();
}

static void test_execs(void) {
    static const struct {
        enum how how;
        const char* name;
    } ways[] = {
        {PLAIN, "execve"},
        {BY_VFORK, "execve after vfork"},
        {BY_FD, "execveat"},
        {BY_THREAD, "execve by another thread"},
        {NO_NEW_PRIVS, "execve with no_new_privs"},
        {SHARING, "execve with a shared root"},
        {TRACED, "execve of a traced process"},
    };
    struct puppet* const inside = puppet_make(CLONE_NEWUTS);
    struct puppet* const visitor = puppet_make(0);

    bind_or_die(inside, "uts", "web");
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        go(visitor, inside, "uts");
        check_errno(run_as(visitor, PROGRAM, ways[i].how, "/proc/1/ns/uts"), READS_OTHER,
                    "resident by %s, outside too", ways[i].name);
        check_reads(visitor, READS_OTHER, "who made it still visits");
        go_home(visitor, "uts");
        check_reads(visitor, READS_BOTH, "and is released");
        check_errno(run_as(visitor, PROGRAM, ways[i].how, "tell"), READS_BOTH, "not by %s outside",
                    ways[i].name);
    }

    go(visitor, inside, "uts");
    check_errno(run_as(visitor, PROGRAM, PLAIN, "limit"), 0, "a resident is limited");
    check_errno(run_as(visitor, DIR "absent", PLAIN, "tell"), -ENOENT, "an exec that fails");
    go_home(visitor, "uts");
    check_reads(visitor, READS_BOTH, "makes no resident");
    check_errno(run(visitor, "limit"), 1, "nor is the visitor limited");
    puppet_end_all();
}

/* In the puppet: it executes a file that is none, which fails, and goes out. */
static int do_fail_and_leave(struct arguments* arguments) {
    char* const argv[] = {arguments->path, NULL};

    execv(arguments->path, argv);
    if (errno != ENOEXEC && errno != EACCES && errno != ENOENT) return 100;
    strcpy(arguments->path, "/proc/1/ns/uts");
    return do_enter(arguments) ? 101 : tell();
}

static int do_vfork(struct arguments* arguments) {
    const pid_t pid = vfork();

    (void)arguments;
    if (!pid) _exit(tell());
    return pid < 0 ? 100 : end_of(pid);
}

static void test_children(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWUTS);
    struct puppet* const visitor = puppet_make(0);
    struct puppet *child, *grandchild;
    struct arguments none = {.path = SECRET};

    bind_or_die(inside, "uts", "web");
    go(visitor, inside, "uts");
    child = fork_or_die(visitor, 0);
    grandchild = fork_or_die(child, 0);
    check(is_shown(child->pid, "visitor web"), "children: a visitor, before it looks");
    check_reads(child, READS_OTHER, "children: confined inside");
    go_home(child, "uts");
    check_reads(child, READS_BOTH, "children: released outside");
    check_reads(visitor, READS_OTHER, "children: their parent is not by that");
    check_reads(grandchild, READS_OTHER, "children: nor their children");
    go_home(grandchild, "uts");
    check_reads(grandchild, READS_BOTH, "children: they are by themselves");
    check_errno(ask(visitor, do_vfork, NULL), READS_OTHER, "children: vfork");
    child = fork_or_die(visitor, CLONE_NEWUTS);
    check_reads(child, READS_BOTH, "children: not the one that is made outside");
    go(child, inside, "uts");
    check_reads(child, READS_OTHER, "children: it visits, too");
    go_home(child, "uts");
    check_reads(child, READS_BOTH, "children: and is released");
    child = fork_or_die(visitor, CLONE_NEWIPC | CLONE_NEWNET);
    check_reads(child, READS_OTHER, "children: one that is in other namespaces, but still inside");
    check_errno(ask(child, do_fail_and_leave, &none), READS_BOTH, "children: no exec, no resident");
    check_errno(told(visitor), READS_OTHER, "children: the first one visits on");
    child = fork_or_die(inside, 0);
    go_home(child, "uts");
    check_reads(child, READS_OTHER, "children: those of a resident are residents");
    puppet_end_all();
}

/* A time namespace that children are born into, and programs are executed into. */
static int do_unshare(struct arguments* arguments) {
    return outcome(unshare((int)arguments->number[0]));
}

static void test_born_inside(void) {
    struct puppet* const parent = puppet_make(0);
    struct puppet* child;
    int fd;

    if (try_path(parent, do_unshare, "", CLONE_NEWTIME, 0)) die("unshare");
    fd = open_namespace(parent->pid, "time_for_children");
    check_errno(control("bind", "time %d web", fd), 0, "born: bind");
    close(fd);
    check_reads(parent, READS_BOTH, "born: the parent is outside");
    child = fork_or_die(parent, 0);
    check_reads(child, READS_OTHER, "born: the child is inside");
    go_home(child, "time");
    check_reads(child, READS_OTHER, "born: and a resident");
    if (exec_enters_time_namespace())
        check_errno(run_as(parent, PROGRAM, BY_VFORK, "/proc/1/ns/time"), READS_OTHER,
                    "born: so is a program that is executed into it");
    else
        skip("in this kernel none is", "born: so is a program that is executed into it");
    puppet_end_all();
}

static int do_thread_visit(struct arguments* arguments);

static void test_threads(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWUTS);
    struct puppet* const puppet = puppet_make(0);
    struct arguments arguments = {};

    bind_or_die(inside, "uts", "web");
    snprintf(arguments.path, sizeof(arguments.path), "/proc/%d/ns/uts", inside->pid);
    check_errno(ask(puppet, do_thread_visit, &arguments), READS_BOTH, "threads: who stays outside");
    check(answered(puppet)->number[0] == READS_OTHER, "threads: confined is the one that visits");
    check(answered(puppet)->number[1] == READS_OTHER, "threads: and one that it makes there");
    check(answered(puppet)->number[2] == READS_BOTH, "threads: released as it comes back");
    check(answered(puppet)->number[3] == READS_OTHER, "threads: the other one for itself");
    puppet_end_all();
}

static struct {
    struct arguments* arguments;
    int step;
    int error; /* of the thread that visits */
} visit;

static void wait_for_step(int step) {
    while (__atomic_load_n(&visit.step, __ATOMIC_ACQUIRE) < step) usleep(1000);
}

static void end_step(int step) {
    __atomic_store_n(&visit.step, step, __ATOMIC_RELEASE);
}

static void* second_thread(void* unused) {
    visit.arguments->number[1] = tell();
    end_step(2);
    wait_for_step(3);
    visit.arguments->number[3] = tell();
    return unused;
}

static int visit_in_steps(void) {
    struct arguments home = {.path = "/proc/1/ns/uts"};
    pthread_t thread;
    int error = do_enter(visit.arguments);

    if (error) return error;
    visit.arguments->number[0] = tell();
    /* Before the other thread is there: what it ends is not to be overwritten. */
    end_step(1);
    error = pthread_create(&thread, NULL, second_thread, NULL);
    if (error) return error;
    wait_for_step(2);
    error = do_enter(&home);
    visit.arguments->number[2] = tell();
    end_step(3);
    pthread_join(thread, NULL);
    return error;
}

static void* first_thread(void* unused) {
    visit.error = visit_in_steps();
    end_step(3);
    return unused;
}

static int do_thread_visit(struct arguments* arguments) {
    pthread_t thread;
    int reads;

    memset(arguments->number, 0xff, sizeof(arguments->number));
    visit.arguments = arguments;
    visit.step = 0;
    if (pthread_create(&thread, NULL, first_thread, NULL)) return 100;
    wait_for_step(1);
    reads = tell();
    pthread_join(thread, NULL);
    if (!visit.error) return reads;
    fprintf(stderr, "# threads: %s\n", strerror(visit.error));
    return 100;
}

static void test_several(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
    struct puppet *visitor = puppet_make(0), *under_other;

    bind_or_die(inside, "uts", "web");
    bind_or_die(inside, "ipc", "other");
    check_errno(enter_process(visitor, inside->pid, CLONE_NEWUTS | CLONE_NEWIPC), 0,
                "several: both in one call");
    check_reads(visitor, READS_NEITHER, "several: under both");
    go_home(visitor, "uts");
    check_reads(visitor, READS_SECRET, "several: out of one, under the other");
    go_home(visitor, "ipc");
    check_reads(visitor, READS_BOTH, "several: out of both");
    go(visitor, inside, "uts");
    check_reads(visitor, READS_OTHER, "several: into one");
    go(visitor, inside, "ipc");
    check_reads(visitor, READS_NEITHER, "several: and from there into the other");
    go_home(visitor, "ipc");
    check_reads(visitor, READS_OTHER, "several: back to the first");
    go_home(visitor, "uts");
    check_reads(visitor, READS_BOTH, "several: and out");
    check_errno(enter_process(visitor, inside->pid, CLONE_NEWUTS | CLONE_NEWIPC), 0,
                "several: into both");
    check_errno(run(visitor, "/proc/1/ns/uts"), READS_NEITHER, "several: resident of both");
    check_errno(enter_process(visitor, 1, CLONE_NEWUTS | CLONE_NEWIPC), 0, "several: out");
    check_reads(visitor, READS_BOTH, "several: released by both");

    /* Two namespaces that are bound to one policy. */
    bind_or_die(inside, "net", "web");
    go(visitor, inside, "net");
    go(visitor, inside, "uts");
    check_reads(visitor, READS_OTHER, "one policy: in two of its namespaces");
    go_home(visitor, "net");
    check_reads(visitor, READS_OTHER, "one policy: in one of them");
    go_home(visitor, "uts");
    check_reads(visitor, READS_BOTH, "one policy: in none");

    /* Who is confined already comes to stay. */
    under_other = puppet_make(0);
    if (attach_process(under_other->pid, "other")) die("attach");
    check_reads(under_other, READS_SECRET, "confined: attached to one");
    go(under_other, inside, "uts");
    check_reads(under_other, READS_NEITHER, "confined: it enters where another is bound");
    go_home(under_other, "uts");
    check_reads(under_other, READS_NEITHER, "confined: and is a resident");
    if (detach_process(under_other->pid, "other")) die("detach");
    check_reads(under_other, READS_OTHER, "confined: after it is detached, too");
    visitor = puppet_make(0);
    go(visitor, inside, "uts");
    if (attach_process(visitor->pid, "other")) die("attach");
    check_reads(visitor, READS_NEITHER, "confined: attached while it visits");
    go_home(visitor, "uts");
    check_reads(visitor, READS_SECRET, "confined: the visit ends");
    if (detach_process(visitor->pid, "other")) die("detach");
    check_reads(visitor, READS_BOTH, "confined: and so does the attachment");
    go(visitor, inside, "uts");
    if (attach_process(visitor->pid, "web")) die("attach");
    go_home(visitor, "uts");
    check_reads(visitor, READS_OTHER, "confined: attached to what it visits, it stays so");
    if (detach_process(visitor->pid, "web")) die("detach");
    check_reads(visitor, READS_BOTH, "confined: until it is detached");
    under_other = puppet_under("other");
    go(under_other, inside, "net");
    go_home(under_other, "net");
    check_reads(under_other, READS_NEITHER, "confined: a resident comes to stay");
    puppet_end_all();
}

/* What the operator does meanwhile. */
static void test_bindings(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWUTS);
    struct puppet* const visitor = puppet_make(0);
    struct puppet* const early = puppet_make(0);
    const unsigned number = namespace_number(inside->pid, "uts");

    go(early, inside, "uts");
    bind_or_die(inside, "uts", "web");
    go_home(early, "uts");
    check_reads(early, READS_OTHER, "bound: who was inside, as a guest too, is a resident");
    go(visitor, inside, "uts");
    check_reads(visitor, READS_OTHER, "bound: who comes later visits");
    bind_or_die(inside, "uts", "other");
    check_reads(inside, READS_NEITHER, "bound: who has always been inside is under both");
    check_reads(visitor, READS_NEITHER, "bound: a second one, while it is inside");
    go_home(visitor, "uts");
    check_reads(visitor, READS_SECRET, "bound: of which it is a resident");
    puppet_end(visitor);

    {
        struct puppet* const other = puppet_make(0);

        if (unbind_number("uts", number, "other")) die("unbind");
        go(other, inside, "uts");
        check_reads(other, READS_OTHER, "unbound: a visitor");
        if (unbind_number("uts", number, "web")) die("unbind");
        check_reads(other, READS_BOTH, "unbound: is released with the binding");
        check_reads(inside, READS_NEITHER, "unbound: a resident is not");
        bind_or_die(inside, "uts", "web");
        check_reads(other, READS_OTHER, "bound again: it is inside");
        go_home(other, "uts");
        check_reads(other, READS_OTHER, "bound again: as a resident");
    }
    puppet_end_all();
}

static void test_pending(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWUTS | CLONE_NEWIPC);
    struct puppet *visitor = puppet_make(0), *resident;

    if (bind_process_on_exec(inside->pid, "uts", "web")) die("bind");
    go(visitor, inside, "uts");
    check_reads(visitor, READS_BOTH, "pending: a visitor is not confined");
    check_errno(run(visitor, "/proc/1/ns/uts"), READS_OTHER,
                "pending: by its exec it is, for good");
    go_home(visitor, "uts");
    check_errno(run(visitor, "tell"), READS_BOTH, "pending: not by one outside");

    /* One that is at once beside it. */
    bind_or_die(inside, "ipc", "other");
    go(visitor, inside, "uts");
    go(visitor, inside, "ipc");
    check_reads(visitor, READS_SECRET, "pending: it visits another one from there");
    check_errno(run(visitor, "/proc/1/ns/ipc"), READS_NEITHER, "pending: an exec is under both");
    go_home(visitor, "uts");
    check_reads(visitor, READS_SECRET, "pending: it leaves where it would wait");
    check_errno(run(visitor, "/proc/1/ns/ipc"), READS_SECRET, "pending: its exec is under one");
    go_home(visitor, "ipc");
    check_reads(visitor, READS_BOTH, "pending: and is released");

    go(visitor, inside, "uts");
    bind_or_die(inside, "uts", "web");
    resident = visitor;
    visitor = puppet_make(0);
    go(visitor, inside, "uts");
    check_reads(resident, READS_OTHER, "pending: who is inside when it is bound at once");
    go_home(resident, "uts");
    check_reads(resident, READS_OTHER, "pending: is a resident");
    check_reads(visitor, READS_OTHER, "pending: who comes later");
    go_home(visitor, "uts");
    check_reads(visitor, READS_BOTH, "pending: visits");
    puppet_end_all();
}

/* number[0]: how often. In and out, each time by new memory. Leaves what was wrong. */
static int do_commute(struct arguments* arguments) {
    struct arguments home = {.path = "/proc/1/ns/uts"};
    const long rounds_left = arguments->number[0];

    arguments->number[0] = 0;
    for (long i = 0; i < rounds_left; i++) {
        if (do_enter(arguments)) return errno;
        /* Not each time: it may be found inside, or only outside again. */
        if (i % 3 && tell() != READS_OTHER) arguments->number[0]++;
        if (do_enter(&home)) return errno;
        if (i % 5 && tell() != READS_BOTH) arguments->number[0]++;
    }
    return 0;
}

static void test_commuters(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWUTS);
    struct puppet* visitors[4];
    struct arguments arguments = {.number = {rounds(1000)}};
    long wrong = 0;

    bind_or_die(inside, "uts", "web");
    snprintf(arguments.path, sizeof(arguments.path), "/proc/%d/ns/uts", inside->pid);
    for (size_t i = 0; i < ARRAY_SIZE(visitors); i++) {
        visitors[i] = puppet_make(0);
        ask_begin(visitors[i], do_commute, &arguments);
    }
    for (size_t i = 0; i < ARRAY_SIZE(visitors); i++) {
        check_errno(ask_end(visitors[i]), 0, "commuter %zu", i + 1);
        wrong += answered(visitors[i])->number[0];
    }
    check(!wrong, "commuters: confined when they are inside, and only then");
    if (wrong) note("%ld wrong", wrong);
    puppet_end_all();
    check_errno(unload_unused("web"), 0, "no visit is left");
}

int main(int argc, char** argv) {
    if (argc > 1) return be_program(argv);

    if (mkdir(DIR, 0755)) die("make a folder");
    write_file(SECRET, "", 0, 0644);
    write_file(OTHER_SECRET, "", 0, 0644);
    copy_program(PROGRAM, 0755);
    load("%s", policies);
    test_kinds();
    test_pid_and_user();
    test_execs();
    test_children();
    test_born_inside();
    test_threads();
    test_several();
    test_bindings();
    test_pending();
    test_commuters();
    return finish();
}
