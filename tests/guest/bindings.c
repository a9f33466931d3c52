// SPDX-License-Identifier: GPL-2.0-only
/* Bindings: whom they confine, from when on, until when, and what cannot be bound. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define SECRET "/tmp/secret"

static const char policies[] =
    "policy bound { file, capability, namespace, network, signal, ptrace, deny " SECRET
    " r, }\n"
    "policy other { file, capability, namespace, network, signal, ptrace, deny " SECRET " w, }\n";

static const struct kind {
    const char* name;
    unsigned long flag;
} kinds[] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS},
    {"net", CLONE_NEWNET},       {"pid", CLONE_NEWPID}, {"time", CLONE_NEWTIME},
    {"user", CLONE_NEWUSER},     {"uts", CLONE_NEWUTS},
};

static int read_secret(struct puppet* puppet) {
    return try_open(puppet, SECRET, O_RDONLY);
}

static bool is_confined(struct puppet* puppet) {
    return read_secret(puppet) == EACCES;
}

/* How many bindings there are, once no more of them are about to end. */
static bool bindings_become(long count) {
    for (int tries = 0; tries < 1000; tries++) {
        if (stat_value("bindings") == count) return true;
        usleep(10000);
    }
    return false;
}

static void each_kind(const struct kind* kind) {
    struct puppet *const inside = puppet_make(kind->flag), *const outside = puppet_make(kind->flag);
    const unsigned number = namespace_number(inside->pid, kind->name);
    char line[64], *listed;

    check_errno(read_secret(inside), 0, "%s: not bound, not confined", kind->name);
    check_errno(bind_process(inside->pid, kind->name, "bound"), 0, "%s: bind", kind->name);
    check_errno(read_secret(inside), EACCES, "%s: confined from the next operation on", kind->name);
    check_errno(try_open(inside, "/etc/passwd", O_RDONLY), 0, "%s: what is allowed is", kind->name);
    check_errno(read_secret(outside), 0, "%s: a process in another one is not", kind->name);
    check_errno(read_secret(NULL), 0, "%s: nor is this one", kind->name);

    snprintf(line, sizeof(line), "%s %u\n", kind->name, number);
    listed = read_file(SECURITYFS "policies/bound/bindings", NULL);
    check(listed && !strcmp(listed, line), "%s: the binding is listed", kind->name);
    free(listed);

    check_errno(bind_process(inside->pid, kind->name, "bound"), EEXIST, "%s: bind again",
                kind->name);
    check_errno(control("bind", "%s 0 bound", kind->name), EBADF, "%s: bind no namespace",
                kind->name);
    check_errno(bind_process(getpid(), kind->name, "bound"), EPERM, "%s: bind the initial one",
                kind->name);
    check_errno(unbind_number(kind->name, number, "bound"), 0, "%s: unbind", kind->name);
    check_errno(unbind_number(kind->name, number, "bound"), ENOENT, "%s: unbind again", kind->name);
    check_errno(read_secret(inside), EACCES, "%s: unbound, who was confined still is", kind->name);
    puppet_end_all();
}

/*
 * A namespace of that number again; NULL if there is none in the end.
 *
 * The lowest free number is given out, so all that are lower are taken first, by uts namespaces
 * that are kept by a descriptor. The one that gets the number itself is let go, and what is made
 * next has it. There may be hundreds that are lower: a net namespace takes, and frees some time
 * after its end, one for each of its files in /proc.
 */
static struct puppet* make_again(const struct kind* kind, unsigned number) {
    static int fillers[800];
    const int own = open_namespace(0, "uts");
    struct puppet* puppet = NULL;
    size_t count = 0;

    for (int tries = 0; tries < 3000 && count < ARRAY_SIZE(fillers) && !puppet; tries++) {
        unsigned filled;

        if (unshare(CLONE_NEWUTS)) die("unshare");
        filled = namespace_number(0, "uts");
        if (filled < number) {
            fillers[count++] = open_namespace(0, "uts");
            continue;
        }
        if (setns(own, 0)) die("setns");
        if (filled == number) puppet = puppet_make(kind->flag);
        if (puppet && namespace_number(puppet->pid, kind->name) != number) {
            puppet_end(puppet);
            puppet = NULL;
        }
        /* Some kinds die in a worker: give it time. */
        if (!puppet) usleep(1000);
    }
    if (setns(own, 0)) die("setns");
    close(own);
    while (count) close(fillers[--count]);
    return puppet;
}

static void death(const struct kind* kind) {
    struct puppet* puppet = puppet_make(kind->flag);
    const unsigned number = namespace_number(puppet->pid, kind->name);

    if (bind_process(puppet->pid, kind->name, "bound")) die("bind");
    check(is_confined(puppet), "%s: confined before it dies", kind->name);
    puppet_end(puppet);
    puppet = make_again(kind, number);
    if (!check(puppet != NULL, "%s: its number comes back", kind->name)) return;
    check_errno(read_secret(puppet), 0, "%s: the newcomer is not confined", kind->name);
    check(bindings_become(0), "%s: no binding is left", kind->name);
    check_errno(bind_process(puppet->pid, kind->name, "bound"), 0, "%s: bind the newcomer",
                kind->name);
    check(is_confined(puppet), "%s: it is confined then", kind->name);
    puppet_end(puppet);
    check(bindings_become(0), "%s: until it dies", kind->name);
}

static void bad_commands(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    const int uts = open_namespace(puppet->pid, "uts");
    const int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    const int path = open("/proc/self/ns/uts", O_PATH | O_CLOEXEC);
    char text[600];

    check_errno(control("bind", "net %d bound", uts), EINVAL, "bad: another kind");
    check_errno(control("bind", "nets %d bound", uts), EINVAL, "bad: no kind");
    check_errno(control("bind", "uts %d bound", file), EBADF, "bad: a file that is no namespace");
    check_errno(control("bind", "uts %d bound", path), EBADF, "bad: an O_PATH descriptor");
    check_errno(control("bind", "uts 999 bound"), EBADF, "bad: no descriptor");
    check_errno(control("bind", "uts -1 bound"), EINVAL, "bad: a negative number");
    check_errno(control("bind", "uts 99999999999 bound"), EINVAL, "bad: a number that is too big");
    check_errno(control("bind", "uts %dx bound", uts), EINVAL, "bad: no number");
    check_errno(control("bind", "uts %d absent", uts), ENOENT, "bad: no such policy");
    check_errno(control("bind", "uts %d ", uts), EINVAL, "bad: no policy");
    check_errno(control("bind", "uts %d", uts), EINVAL, "bad: two words");
    check_errno(control("bind", "uts"), EINVAL, "bad: one word");
    check_errno(control_bytes("bind", "", 0), EINVAL, "bad: nothing");
    check_errno(control("bind", "\n"), EINVAL, "bad: a newline");
    memset(text, 'x', sizeof(text));
    check_errno(control_bytes("bind", text, sizeof(text)), EINVAL, "bad: too long");
    snprintf(text, sizeof(text), "uts %d bound", uts);
    check_errno(control_bytes("bind", text, strlen(text) + 1), EINVAL, "bad: a NUL");
    check_errno(control("unbind", "uts %u absent", 4026531838u), ENOENT, "bad: unbind no policy");
    check_errno(control("unbind", "uts 1 bound"), ENOENT, "bad: unbind no namespace");
    check_errno(control("unbind", "net %u bound", namespace_number(puppet->pid, "uts")), ENOENT,
                "bad: unbind another kind");
    check(stat_value("bindings") == 0, "bad: nothing was bound");
    check(!is_confined(puppet), "bad: nobody is confined");
    check_errno(control("bind", "uts %d bound\n", uts), 0, "a newline may end it");
    check_errno(control("unbind", "uts %u bound\n", namespace_number(puppet->pid, "uts")), 0,
                "unbind as well");
    close(path);
    close(file);
    close(uts);
    puppet_end_all();
}

static int kept = -1;

static int do_setns(struct arguments* arguments) {
    (void)arguments;
    return outcome(setns(kept, 0));
}

/* Who comes into a namespace while it is bound, and after. */
static void comers(void) {
    struct puppet* const inside = puppet_make(CLONE_NEWUTS);
    struct puppet *before, *after, *child;

    kept = open_namespace(inside->pid, "uts");
    before = puppet_make(0);
    after = puppet_make(0);
    close(kept);
    if (bind_process(inside->pid, "uts", "bound")) die("bind");
    check(!is_confined(before), "comers: outside");
    check_errno(ask(before, do_setns, NULL), 0, "comers: enter it by setns");
    check(is_confined(before), "comers: confined inside");
    check(is_confined(inside), "comers: the resident");
    child = puppet_fork(inside, 0);
    check(child && is_confined(child), "comers: a child that is born inside");
    if (unbind_number("uts", namespace_number(inside->pid, "uts"), "bound")) die("unbind");
    check_errno(ask(after, do_setns, NULL), 0, "comers: enter it once it is unbound");
    check(!is_confined(after), "comers: not confined then");
    check(is_confined(inside), "comers: the resident still is");
    child = puppet_fork(inside, 0);
    check(child && is_confined(child), "comers: and so is its child");
    puppet_end_all();
}

/* Without a process: what keeps a namespace alive keeps its binding. */
static void kept_by_a_mount(void) {
    struct puppet* puppet = puppet_make(CLONE_NEWUTS);
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/ns/uts", puppet->pid);
    write_file("/tmp/kept", "", 0, 0600);
    if (mount(path, "/tmp/kept", NULL, MS_BIND, NULL)) die("mount a namespace");
    puppet_end(puppet);
    fd = open("/tmp/kept", O_RDONLY | O_CLOEXEC);
    check_errno(control("bind", "uts %d bound", fd), 0, "kept: bind it by its mount");
    close(fd);
    kept = open("/tmp/kept", O_RDONLY | O_CLOEXEC);
    puppet = puppet_make(0);
    close(kept);
    check(!is_confined(puppet), "kept: nobody is inside");
    check_errno(ask(puppet, do_setns, NULL), 0, "kept: enter it");
    check(is_confined(puppet), "kept: confined inside");
    puppet_end(puppet);
    check(stat_value("bindings") == 1, "kept: the binding is still there");
    umount2("/tmp/kept", MNT_DETACH);
    check(bindings_become(0), "kept: until it is unmounted");
    unlink("/tmp/kept");
}

enum { THREADS = 4 };

static struct {
    int go, ready, in_a_new_one;
    pid_t tid[THREADS];
    int error[THREADS];
} threads;

static void* thread_main(void* argument) {
    const int me = (int)(long)argument;
    int fd;

    /* The last one lives elsewhere, if it is told to. */
    if (me == THREADS - 1 && threads.in_a_new_one && unshare(CLONE_NEWUTS)) die("unshare");
    threads.tid[me] = (pid_t)syscall(SYS_gettid);
    __atomic_add_fetch(&threads.ready, 1, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&threads.go, __ATOMIC_ACQUIRE)) usleep(1000);
    fd = open(SECRET, O_RDONLY | O_CLOEXEC);
    threads.error[me] = fd < 0 ? errno : outcome(close(fd));
    __atomic_sub_fetch(&threads.ready, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* number[0]: one of them goes into a namespace of its own. Leaves its number there. */
static int do_make_threads(struct arguments* arguments) {
    pthread_t thread;

    threads.in_a_new_one = (int)arguments->number[0];
    for (long i = 0; i < THREADS; i++) {
        if (pthread_create(&thread, NULL, thread_main, (void*)i)) return EAGAIN;
    }
    while (__atomic_load_n(&threads.ready, __ATOMIC_ACQUIRE) < THREADS) usleep(1000);
    arguments->number[0] = threads.tid[THREADS - 1];
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

static void all_threads(void) {
    struct puppet* puppet = puppet_make(CLONE_NEWUTS);

    if (try_path(puppet, do_make_threads, "", 0, 0)) die("make threads");
    if (bind_process(puppet->pid, "uts", "bound")) die("bind");
    ask(puppet, do_run_threads, NULL);
    check(answered(puppet)->number[0] == (1 << THREADS) - 1,
          "threads: all that were there are confined");
    puppet_end(puppet);

    puppet = puppet_make(CLONE_NEWUTS);
    if (try_path(puppet, do_make_threads, "", true, 0)) die("make threads");
    if (bind_process((pid_t)answered(puppet)->number[0], "uts", "bound")) die("bind");
    ask(puppet, do_run_threads, NULL);
    check(answered(puppet)->number[0] == 1 << (THREADS - 1),
          "threads: only the one that lives in the namespace");
    check(!is_confined(puppet), "threads: not their leader");
    puppet_end(puppet);
}

/* Where a task lives, not where its children will. */
static int do_unshare(struct arguments* arguments) {
    return outcome(unshare((int)arguments->number[0]));
}

static void for_children(void) {
    static const struct kind of_children[] = {{"pid_for_children", CLONE_NEWPID},
                                              {"time_for_children", CLONE_NEWTIME}};

    for (size_t i = 0; i < ARRAY_SIZE(of_children); i++) {
        const char* const name = of_children[i].name;
        struct puppet* const parent = puppet_make(CLONE_NEWUTS);
        struct puppet* child;
        char kind[16] = "";
        int fd;

        memcpy(kind, name, strcspn(name, "_"));
        check_errno(try_path(parent, do_unshare, "", (long)of_children[i].flag, 0), 0,
                    "%s: unshare", name);
        child = puppet_fork(parent, 0);
        if (!child) die("fork");
        fd = open_namespace(parent->pid, name);
        check_errno(control("bind", "%s %d bound", kind, fd), 0, "%s: bind", name);
        close(fd);
        check(is_confined(child), "%s: the child is confined", name);
        check(!is_confined(parent), "%s: the parent is not", name);
        puppet_end_all();
    }
}

static void many_policies(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS | CLONE_NEWIPC);
    char* text = NULL;
    size_t size;
    FILE* stream;

    if (bind_process(puppet->pid, "uts", "bound")) die("bind");
    check_errno(try_open(puppet, SECRET, O_WRONLY), 0, "two policies: the first allows it");
    if (bind_process(puppet->pid, "uts", "other")) die("bind");
    check_errno(try_open(puppet, SECRET, O_WRONLY), EACCES, "two policies: the second does not");
    check_errno(read_secret(puppet), EACCES, "two policies: the first still counts");
    check_errno(try_open(puppet, "/etc/passwd", O_RDONLY), 0, "two policies: both allow it");
    puppet_end(puppet);

    stream = open_memstream(&text, &size);
    for (int i = 0; i < 17; i++)
        fprintf(stream, "policy p%d { file, capability, namespace, network, signal, }\n", i);
    fclose(stream);
    load("%s", text);
    free(text);
    puppet_make(CLONE_NEWUTS);
    for (int i = 0; i < 17; i++) {
        char name[8];

        snprintf(name, sizeof(name), "p%d", i);
        if (bind_process(puppet->pid, "uts", name)) die("bind");
        if (i < 15) continue;
        check_errno(try_open(puppet, "/etc/passwd", O_RDONLY), i == 16 ? EACCES : 0,
                    "%d policies: %s", i + 1, i == 16 ? "more than fit deny all" : "all allow it");
    }
    puppet_end_all();
}

int main(void) {
    write_file(SECRET, "text\n", 5, 0666);
    chmod(SECRET, 0666);
    load("%s", policies);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) each_kind(kinds + i);
    check(bindings_become(0), "no binding is left");
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        for (int round = 0; round < rounds(5); round++) death(kinds + i);
    }
    bad_commands();
    comers();
    kept_by_a_mount();
    all_threads();
    for_children();
    many_policies();
    unlink(SECRET);
    return finish();
}
