// SPDX-License-Identifier: GPL-2.0-only
/* Attachments: which tasks of which process they confine, from when on, and until when. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define DIR "/tmp/attachments/"
#define SECRET DIR "secret"
#define OTHER_SECRET DIR "other-secret"
#define PROGRAM DIR "program"
#define LEADING DIR "leading"

enum { READS_BOTH = 0, READS_SECRET = 1, READS_OTHER = 2, READS_NEITHER = 3 };

static const char policies[] =
    "policy web { file, signal, ptrace, capability, namespace, deny " SECRET " r, " LEADING
    " ux, deny syscall (mkdir, mkdirat) errno=EROFS, }\n"
    "policy other { file, signal, ptrace, capability, namespace, deny " OTHER_SECRET
    " r, }\n"
    "policy \"a policy\" { file, signal, ptrace, capability, namespace, deny " SECRET " r, }\n";

/* In the program: by its status, what it may read. */
static int tell(void) {
    int status = 0;

    if (access(SECRET, F_OK) || access(OTHER_SECRET, F_OK)) return 99;
    if (open(SECRET, O_RDONLY | O_CLOEXEC) < 0) status |= READS_OTHER;
    if (open(OTHER_SECRET, O_RDONLY | O_CLOEXEC) < 0) status |= READS_SECRET;
    return status;
}

static int run_as(struct puppet* puppet, const char* path, enum how how) {
    struct arguments arguments = {.number = {how}};
    int error;

    snprintf(arguments.path, sizeof(arguments.path), "%s", path);
    strcpy(arguments.to, "tell");
    error = ask(puppet, do_run, &arguments);
    return error ? -error : (int)answered(puppet)->number[1];
}

/* A program that the puppet executes in a child: READS_*, or a negative errno. */
static int run(struct puppet* puppet, const char* path) {
    return run_as(puppet, path, PLAIN);
}

static int attach(const struct puppet* puppet, const char* policy) {
    return attach_process(puppet->pid, policy);
}

static int attach_on_exec(const struct puppet* puppet, const char* policy) {
    return attach_process_on_exec(puppet->pid, policy);
}

static int detach(const struct puppet* puppet, const char* policy) {
    return detach_process(puppet->pid, policy);
}

static int read_secret(struct puppet* puppet) {
    return try_open(puppet, SECRET, O_RDONLY);
}

static bool is_confined(struct puppet* puppet) {
    return read_secret(puppet) == EACCES;
}

static void test_at_once(void) {
    struct puppet* const puppet = puppet_make(0);
    struct puppet* const bystander = puppet_make(0);
    struct puppet* const before = puppet_fork(puppet, 0);
    struct puppet *after, *grandchild;

    if (!before) die("fork");
    check_errno(read_secret(puppet), 0, "not attached, not confined");
    check_errno(attach(puppet, "web"), 0, "attach");
    check(is_shown(puppet->pid, "attached web"), "shown before its next operation");
    check_errno(read_secret(puppet), EACCES, "confined from the next operation on");
    check_errno(try_open(puppet, OTHER_SECRET, O_RDONLY), 0, "what is allowed is");
    check_errno(try_path(puppet, do_mkdir, DIR "new", 0755, 0), EROFS, "a denied system call");
    check_errno(read_secret(before), 0, "a child that it had is not");
    check_errno(read_secret(bystander), 0, "nor another process");
    check_errno(read_secret(NULL), 0, "nor this one");
    check_errno(attach(puppet, "web"), EEXIST, "attach again");
    check_errno(attach_on_exec(puppet, "web"), EEXIST, "attach on exec as well");
    after = puppet_fork(puppet, 0);
    check(after && is_confined(after), "a child that it makes is confined");
    grandchild = after ? puppet_fork(after, CLONE_NEWUTS | CLONE_NEWPID) : NULL;
    check(grandchild && is_confined(grandchild), "and so is its child in new namespaces");
    check(run(puppet, PROGRAM) == READS_OTHER, "and what it executes");
    check(run_as(puppet, PROGRAM, BY_VFORK) == READS_OTHER, "by vfork too");

    check_errno(detach(puppet, "web"), 0, "detach");
    check_errno(read_secret(puppet), 0, "detached: not confined");
    check_errno(try_path(puppet, do_mkdir, DIR "new", 0755, 0), 0, "detached: by no call either");
    try_path(puppet, do_rmdir, DIR "new", 0, 0);
    check(run(puppet, PROGRAM) == READS_BOTH, "detached: nor is what it executes");
    check(is_confined(after), "detached: a child that has inherited it still is");
    check(is_shown(after->pid, "attached web"), "detached: and is shown");
    check_errno(detach(puppet, "web"), ENOENT, "detach again");
    check_errno(detach(after, "web"), 0, "detach the child");
    check(!is_confined(after), "which is not confined then");
    check(is_confined(grandchild), "its own child is");
    check_errno(attach(puppet, "web"), 0, "attach again after that");
    check(is_confined(puppet), "and it is confined again");
    check_errno(attach(puppet, "a policy"), 0, "attach to a second policy, with a space");
    check(is_shown(puppet->pid, "attached web") && is_shown(puppet->pid, "attached a policy"),
          "both are shown");
    check_errno(detach(puppet, "web"), 0, "detach from the first");
    check(is_confined(puppet), "confined by the second");
    check_errno(detach(puppet, "a policy"), 0, "detach from that");
    check(!is_confined(puppet), "confined by none");
    puppet_end_all();
}

static void test_on_exec(void) {
    struct puppet* const puppet = puppet_make(0);
    struct puppet* child;

    check_errno(attach_on_exec(puppet, "web"), 0, "on exec: attach");
    check_errno(attach_on_exec(puppet, "web"), EEXIST, "on exec: again");
    check_errno(read_secret(puppet), 0, "on exec: not confined by it yet");
    check(is_shown(puppet->pid, "pending web"), "on exec: but it is shown");
    check_errno(unload("web"), EBUSY, "on exec: the policy is in use");
    child = puppet_fork(puppet, 0);
    check(child && !is_confined(child), "on exec: a child waits as well");
    check(run(puppet, PROGRAM) == READS_OTHER, "on exec: a program is confined");
    check(run_as(puppet, PROGRAM, BY_VFORK) == READS_OTHER, "on exec: by vfork");
    check(run_as(puppet, PROGRAM, BY_THREAD) == READS_OTHER, "on exec: by a thread");
    check(run_as(puppet, PROGRAM, NO_NEW_PRIVS) == READS_OTHER, "on exec: with no_new_privs");
    check(run(puppet, DIR "absent") == -ENOENT && run(child, PROGRAM) == READS_OTHER,
          "on exec: a child's program, after one that is not there");
    check_errno(read_secret(puppet), 0, "on exec: who waits still waits");
    check_errno(attach(puppet, "web"), 0, "on exec: then attach at once");
    check(is_confined(puppet), "on exec: confined at once");
    check_errno(attach_on_exec(puppet, "web"), EEXIST, "on exec: there is no way back");
    check_errno(detach(puppet, "web"), 0, "on exec: detach");
    check(!is_confined(puppet) && run(puppet, PROGRAM) == READS_BOTH, "on exec: nothing is left");

    check_errno(detach(child, "web"), 0, "on exec: detach one that waits");
    check(run(child, PROGRAM) == READS_BOTH, "on exec: its program is not confined");
    puppet_end_all();
}

/* What becomes of it where a namespace is bound to the policy, too. */
static int kept = -1;

static int do_setns(struct arguments* arguments) {
    (void)arguments;
    return outcome(setns(kept, 0));
}

static int do_unshare(struct arguments* arguments) {
    return outcome(unshare((int)arguments->number[0]));
}

static void test_bindings(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWUTS);
    struct puppet *comer, *coming_later;

    kept = open_namespace(inside->pid, "uts");
    comer = puppet_make(0);
    coming_later = puppet_make(0);
    close(kept);
    if (bind_process(inside->pid, "uts", "web")) die("bind");
    check_errno(attach(inside, "web"), EEXIST, "bound: attach who is under it already");
    check_errno(attach_on_exec(inside, "web"), EEXIST, "bound: attach it on exec");
    check_errno(detach(inside, "web"), ENOENT, "bound: detach whom a binding confines");
    check(is_confined(inside), "bound: it still is");
    check(is_shown(inside->pid, "resident web"), "bound: shown as a resident");
    check_errno(attach(inside, "other"), 0, "bound: attach to another policy");
    check(run(inside, PROGRAM) == READS_NEITHER, "bound: under both");
    check_errno(detach(inside, "other"), 0, "bound: detach from that");
    check(run(inside, PROGRAM) == READS_OTHER, "bound: under what it is bound to");

    if (attach(comer, "web")) die("attach");
    check(is_confined(comer), "bound: attached outside");
    if (ask(comer, do_setns, NULL)) die("setns");
    check(is_confined(comer), "bound: it comes in");
    if (try_path(comer, do_unshare, "", CLONE_NEWUTS, 0)) die("unshare");
    check_errno(detach(comer, "web"), 0, "bound: and is detached outside");
    check(is_confined(comer), "bound: it has been a resident since");

    if (attach(coming_later, "web")) die("attach");
    check(is_confined(coming_later), "bound: another one, attached outside");
    if (detach(coming_later, "web")) die("detach");
    check_errno(ask(coming_later, do_setns, NULL), 0, "bound: it comes in once it is detached");
    check(is_confined(coming_later), "bound: and is confined by where it is");
    puppet_end_all();
}

/* A policy that lets its program go is obeyed, until somebody says otherwise. */
static int do_become(struct arguments* arguments) {
    execl(arguments->path, arguments->path, "serve", NULL);
    return errno;
}

/* The program's other half: it waits for one order at a time, a signal, and tells by its files. */
static int serve(void) {
    const int said = open(DIR "said", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    sigset_t set;
    int got;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (said < 0 || write(said, "+", 1) != 1) return 1;
    while (!sigwait(&set, &got)) {
        const char byte = (char)('0' + tell());

        if (write(said, &byte, 1) != 1) return 1;
    }
    return 0;
}

static char ask_server(pid_t pid, size_t* asked) {
    for (int tries = 0; tries < 10000; tries++) {
        size_t size = 0;
        char* const text = read_file(DIR "said", &size);
        const char last = size ? text[size - 1] : 0;

        free(text);
        if (size == *asked + 1) {
            *asked = size;
            return last;
        }
        if (size == *asked && size && !tries) kill(pid, SIGUSR1);
        usleep(5000);
    }
    return 0;
}

static void test_let_go(void) {
    struct puppet* const puppet = puppet_make(0);
    const struct arguments leading = {.path = LEADING};
    size_t asked = 0;

    unlink(DIR "said");
    if (attach(puppet, "web")) die("attach");
    check(is_confined(puppet), "let go: attached");
    ask_begin(puppet, do_become, &leading);
    if (ask_server(puppet->pid, &asked) != '+') die("no server");
    check(ask_server(puppet->pid, &asked) == '0' + READS_BOTH, "let go: by its exec");
    check_errno(attach(puppet, "web"), 0, "let go: attach again");
    check(ask_server(puppet->pid, &asked) == '0' + READS_OTHER, "let go: confined again");
    check_errno(detach(puppet, "web"), 0, "let go: detach again");
    check(ask_server(puppet->pid, &asked) == '0' + READS_BOTH, "let go: and free");
    puppet_end(puppet);

    /* The same for a resident, which its policy has let go. */
    unlink(DIR "said");
    asked = 0;
    {
        struct puppet* const resident = puppet_under("web");

        ask_begin(resident, do_become, &leading);
        if (ask_server(resident->pid, &asked) != '+') die("no server");
        check(ask_server(resident->pid, &asked) == '0' + READS_BOTH, "let go: a resident");
        check_errno(attach(resident, "web"), 0, "let go: attach it");
        check(ask_server(resident->pid, &asked) == '0' + READS_OTHER, "let go: confined by that");
        check_errno(detach(resident, "web"), 0, "let go: detach it");
        check(ask_server(resident->pid, &asked) == '0' + READS_BOTH, "let go: as it was before");
        puppet_end(resident);
    }
}

enum { THREADS = 4 };

static struct {
    int go, ready;
    int error[THREADS];
} threads;

static void* thread_main(void* argument) {
    const long me = (long)argument;
    int fd;

    __atomic_add_fetch(&threads.ready, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&threads.go, __ATOMIC_ACQUIRE)) usleep(1000);
    fd = open(SECRET, O_RDONLY | O_CLOEXEC);
    threads.error[me] = fd < 0 ? errno : outcome(close(fd));
    __atomic_sub_fetch(&threads.ready, 1, __ATOMIC_RELEASE);
    return NULL;
}

static int do_make_threads(struct arguments* arguments) {
    pthread_t thread;

    (void)arguments;
    for (long i = 0; i < THREADS; i++) {
        if (pthread_create(&thread, NULL, thread_main, (void*)i)) return EAGAIN;
    }
    while (__atomic_load_n(&threads.ready, __ATOMIC_ACQUIRE) < THREADS) usleep(1000);
    return 0;
}

/* Leaves a bit for each thread that was denied. */
static int do_run_threads(struct arguments* arguments) {
    __atomic_store_n(&threads.go, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&threads.ready, __ATOMIC_ACQUIRE)) usleep(1000);
    arguments->number[0] = 0;
    for (int i = 0; i < THREADS; i++) arguments->number[0] |= (threads.error[i] == EACCES) << i;
    return 0;
}

static void test_threads(void) {
    struct puppet* puppet = puppet_make(0);

    if (try_path(puppet, do_make_threads, "", 0, 0)) die("make threads");
    check_errno(attach(puppet, "web"), 0, "threads: attach");
    ask(puppet, do_run_threads, NULL);
    check(answered(puppet)->number[0] == (1 << THREADS) - 1, "threads: all are confined");
    puppet_end(puppet);

    puppet = puppet_make(0);
    if (attach(puppet, "web")) die("attach");
    if (try_path(puppet, do_make_threads, "", 0, 0)) die("make threads");
    check_errno(detach(puppet, "web"), 0, "threads: detach");
    ask(puppet, do_run_threads, NULL);
    check(!answered(puppet)->number[0], "threads: none is confined");
    puppet_end(puppet);
}

/* While it is attached a process forks as fast as it can. */
static struct {
    int attached; /* before the order was given: 0, after: 1 */
    int stop;
    long before, after, wrong;
} * forks;

static int keep_forking(void* unused) {
    (void)unused;
    while (!__atomic_load_n(&forks->stop, __ATOMIC_ACQUIRE)) {
        const bool attached = __atomic_load_n(&forks->attached, __ATOMIC_ACQUIRE);
        const pid_t pid = fork();
        int status;

        if (pid < 0) return 1;
        if (!pid) {
            /* The first thing that it does is a fork of its own. */
            const pid_t child = fork();
            const int fd = open(SECRET, O_RDONLY | O_CLOEXEC);
            const int got = fd < 0 ? 1 : 0;

            if (!child) _exit(got);
            if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != got) _exit(2);
            _exit(got);
        }
        if (waitpid(pid, &status, 0) != pid) return 1;
        if (WEXITSTATUS(status) == 2 || (attached && WEXITSTATUS(status) != 1)) forks->wrong++;
        attached ? forks->after++ : forks->before++;
    }
    return 0;
}

static void test_forks(void) {
    forks = mmap(NULL, sizeof(*forks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (forks == MAP_FAILED) die("mmap");
    for (int round = 0; round < rounds(20); round++) {
        const long after = forks->after;
        pid_t pid;

        forks->attached = forks->stop = 0;
        pid = start(keep_forking, NULL);
        usleep((useconds_t)(1000 + round * 700));
        if (attach_process(pid, "web")) die("attach");
        __atomic_store_n(&forks->attached, 1, __ATOMIC_RELEASE);
        while (__atomic_load_n(&forks->after, __ATOMIC_ACQUIRE) < after + 3) usleep(1000);
        __atomic_store_n(&forks->stop, 1, __ATOMIC_RELEASE);
        if (end_of(pid)) die("a process that forks");
    }
    check(!forks->wrong, "forks: no child gets away");
    note("%ld forks before, %ld after, %ld wrong", forks->before, forks->after, forks->wrong);
}

int main(int argc, char** argv) {
    if (argc > 1) return strcmp(argv[1], "serve") ? tell() : serve();

    if (mkdir(DIR, 0755)) die("make a folder");
    write_file(SECRET, "", 0, 0644);
    write_file(OTHER_SECRET, "", 0, 0644);
    copy_program(PROGRAM, 0755);
    copy_program(LEADING, 0755);
    load("%s", policies);
    test_at_once();
    test_on_exec();
    test_bindings();
    test_let_go();
    test_threads();
    test_forks();
    return finish();
}
