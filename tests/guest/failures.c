// SPDX-License-Identifier: GPL-2.0-only
/*
 * No memory: each allocation fails in its turn, of whatever changes what is in force, and of the
 * tasks under it. What fails says so and has changed nothing, and nobody gets out by it.
 *
 * Only on a kernel that lets a task's nth allocation fail, as the debug kernel does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define SECRET "/tmp/secret"
#define PROGRAM "/tmp/failures-program"
#define INJECTION "/sys/kernel/debug/"

/* More than any operation has. */
enum { MOST = 3000 };

static const char of_tasks[] =
    "policy web { capability, namespace, file, signal, network, deny " SECRET " r, " PROGRAM
    " px -> inner, }\n"
    "policy inner { capability, namespace, file, signal, deny " SECRET " r, }\n";

/*
 * What is in force while it is tried to change it; and what is loaded then. None of it needs a
 * probe: the kernel warns when it has no memory to disarm one.
 */
static const char in_force[] =
    "policy idle { capability, namespace, file, }\n"
    "policy spare { namespace, file, }\n"
    "policy more { namespace, file, }\n";
static const char replacing[] = "policy spare { namespace, file, deny " SECRET
                                " r, }\n"
                                "policy new { namespace, file, }\n";

enum { IN_FORCE, REPLACING, BLOBS };

static struct blob {
    void* bytes;
    size_t size;
} blobs[BLOBS];

/*
 * The calling task's file: there is one for each task, whose nth allocation from now on fails; 0:
 * none. What is left there is 0 if it has failed.
 */
static int open_nth(void) {
    return open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

static void set_nth(int fd, int nth) {
    char text[16];
    const int length = snprintf(text, sizeof(text), "%d", nth);

    if (pwrite(fd, text, (size_t)length, 0) != length) _exit(120);
}

static bool has_failed(int fd) {
    char text[16] = "";
    bool failed;

    failed = pread(fd, text, sizeof(text) - 1, 0) > 0 && !atoi(text);
    set_nth(fd, 0);
    return failed;
}

/* No reports of the failures, which are what we want; and all kinds of allocation. */
static bool prepare(void) {
    static const struct {
        const char *path, *value;
    } settings[] = {
        {"failslab/verbose", "0"},          {"failslab/ignore-gfp-wait", "N"},
        {"fail_page_alloc/verbose", "0"},   {"fail_page_alloc/ignore-gfp-wait", "N"},
        {"fail_page_alloc/min-order", "0"},
    };
    const int fd = open_nth();

    if (fd < 0) return false;
    close(fd);
    for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
        char path[128];

        snprintf(path, sizeof(path), INJECTION "%s", settings[i].path);
        if (access(path, F_OK)) return false;
        write_file(path, settings[i].value, 1, 0600);
    }
    return true;
}

static int own_nth;

struct change {
    const char* name;
    const char* file;
    const char* command;          /* NULL: the blob */
    const char *undo_file, *undo; /* NULL, NULL: what was in force is loaded again */
    int blob;
};

static int load_blob(int which) {
    return control_bytes("load", blobs[which].bytes, blobs[which].size);
}

static void undo(const struct change* change) {
    const int error =
        change->undo ? control(change->undo_file, "%s", change->undo) : load_blob(IN_FORCE);

    if (error) die("undo %s: %s", change->name, strerror(error));
    unload("new");
}

/* Each allocation of one write fails, until there is none left to fail. */
static void change_fails(const struct change* change) {
    const int fd = open_control(change->file, O_WRONLY);
    const void* const bytes = change->command ? change->command : blobs[change->blob].bytes;
    const size_t size = change->command ? strlen(change->command) : blobs[change->blob].size;
    int nth = 0, refused = 0, wrong = 0, changed = 0, error = 0;
    bool failed = true;

    remember();
    while (failed && ++nth < MOST) {
        set_nth(own_nth, nth);
        error = outcome(write(fd, bytes, size));
        failed = has_failed(own_nth);
        refused += error == ENOMEM;
        if (error && error != ENOMEM) {
            wrong++;
            note("%s: the %dth failure: %s", change->name, nth, strerror(error));
        }
        /* What could do without is done. */
        if (!error) undo(change);
        changed += !nothing_changed();
        if (changed > 3) break;
    }
    close(fd);
    note("%s: %d allocations, of which %d are needed", change->name, nth - 1, refused);
    check(nth > 1 && nth < MOST && !error, "%s: is done in the end", change->name);
    check(refused > 0 && !wrong, "%s: no memory, which it says", change->name);
    check(!changed, "%s: and nothing has changed", change->name);
}

static int open_secret(void) {
    const int fd = open(SECRET, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? errno : outcome(close(fd));
}

/* What a puppet finds, in its numbers: all must be 0 but the first. */
enum finding { TRIES, FREE_CHILDREN, FREE_PARENTS, ODD_ERRORS, LAST_ERROR, DONE_IN_THE_END };

/* Something a confined task does; true if it worked. Counts what it finds wrong. */
typedef bool deed(int fd, int nth, struct arguments* arguments);

static int do_with_failures(deed* deed, struct arguments* arguments) {
    const int fd = open_nth();
    bool failed = true, worked = false;

    if (fd < 0) return errno;
    memset(arguments->number, 0, sizeof(arguments->number));
    for (int nth = 1; failed && nth < MOST; nth++) {
        worked = deed(fd, nth, arguments);
        failed = has_failed(fd);
        arguments->number[FREE_PARENTS] += open_secret() != EACCES;
        arguments->number[TRIES]++;
    }
    arguments->number[DONE_IN_THE_END] = worked && !failed;
    close(fd);
    return 0;
}

static void note_error(struct arguments* arguments, int error) {
    /* No memory to count namespaces is as if there were too many. */
    if (error == ENOMEM || error == EAGAIN || error == ENOSPC) return;
    arguments->number[ODD_ERRORS]++;
    arguments->number[LAST_ERROR] = error;
}

static int end_with(pid_t pid) {
    int status;

    if (waitpid(pid, &status, __WALL) != pid) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool make_task(int fd, int nth, struct arguments* arguments, unsigned long flags) {
    pid_t pid;
    int error;

    set_nth(fd, nth);
    pid = fork_into(flags);
    error = errno;
    if (!pid) {
        /* It does not inherit the number. */
        _exit(open_secret() != EACCES);
    }
    if (pid < 0)
        note_error(arguments, error);
    else
        arguments->number[FREE_CHILDREN] += end_with(pid) != 0;
    return pid > 0;
}

static bool forks(int fd, int nth, struct arguments* arguments) {
    return make_task(fd, nth, arguments, 0);
}

static bool forks_into_namespaces(int fd, int nth, struct arguments* arguments) {
    return make_task(fd, nth, arguments, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNS);
}

static bool makes_threads(int fd, int nth, struct arguments* arguments) {
    pid_t pid;

    /* As a thread but for its memory, and with nobody who would wait for it as a thread. */
    set_nth(fd, nth);
    pid = (pid_t)syscall(SYS_clone, CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | SIGCHLD, NULL, NULL,
                         NULL, NULL);
    if (!pid) _exit(open_secret() != EACCES);
    if (pid < 0)
        note_error(arguments, errno);
    else
        arguments->number[FREE_CHILDREN] += end_with(pid) != 0;
    return pid > 0;
}

static bool unshares(int fd, int nth, struct arguments* arguments) {
    const int flags = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWCGROUP;
    int error;

    set_nth(fd, nth);
    error = outcome(unshare(flags));
    if (error) note_error(arguments, error);
    return !error;
}

/* Into another policy, in a child. There is a point from which on a failed exec is the end. */
static bool executes(int fd, int nth, struct arguments* arguments) {
    char* const words[] = {PROGRAM, "inside", NULL};
    const pid_t pid = fork();
    int status;

    if (pid < 0) {
        note_error(arguments, errno);
        return false;
    }
    if (!pid) {
        const int own = open_nth();

        if (own < 0) _exit(121);
        set_nth(own, nth);
        execv(PROGRAM, words);
        /* 1: it did not fail, which cannot be; 2: it is free; 3: E2BIG, among others. */
        if (!has_failed(own)) _exit(1);
        _exit(open_secret() != EACCES ? 2 : 3);
    }
    status = end_with(pid);
    /* The parent's loop goes on as long as the child's allocations fail. */
    set_nth(fd, status == 0 ? MOST : 0);
    if (status == 2 || status == 10) arguments->number[FREE_CHILDREN]++;
    /* 127: its C library has found no memory to begin with, and says so. */
    if (status && status != 2 && status != 3 && status != 10 && status != 127 &&
        status != 128 + SIGKILL && status != 128 + SIGSEGV) {
        arguments->number[ODD_ERRORS]++;
        arguments->number[LAST_ERROR] = status;
    }
    return status == 0;
}

/* The program: 0: confined, no allocation had failed; 10: it is free; 128 + SIGKILL: one had. */
static int be_inside(void) {
    const int fd = open_nth();
    const bool failed = fd >= 0 && has_failed(fd);

    if (open_secret() != EACCES) return 10;
    if (failed) raise(SIGKILL);
    return 0;
}

static int do_fork_failing(struct arguments* arguments) {
    return do_with_failures(forks, arguments);
}

static int do_fork_into_failing(struct arguments* arguments) {
    return do_with_failures(forks_into_namespaces, arguments);
}

static int do_thread_failing(struct arguments* arguments) {
    return do_with_failures(makes_threads, arguments);
}

static int do_unshare_failing(struct arguments* arguments) {
    return do_with_failures(unshares, arguments);
}

static int do_exec_failing(struct arguments* arguments) {
    return do_with_failures(executes, arguments);
}

static void tasks(void) {
    static const struct {
        const char* name;
        operation* run;
    } deeds[] = {
        {"fork", do_fork_failing},
        {"clone into namespaces", do_fork_into_failing},
        {"clone, sharing", do_thread_failing},
        {"unshare", do_unshare_failing},
        {"exec", do_exec_failing},
    };

    for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
        struct puppet* const puppet = puppet_under("web");
        const long* const number = answered(puppet)->number;

        check_errno(ask(puppet, deeds[i].run, NULL), 0, "%s: goes on to the end", deeds[i].name);
        note("%s: %ld allocations", deeds[i].name, number[TRIES] - 1);
        check(number[TRIES] > 1 && number[DONE_IN_THE_END], "%s: is done in the end",
              deeds[i].name);
        check(!number[FREE_CHILDREN], "%s: who is made is confined", deeds[i].name);
        check(!number[FREE_PARENTS], "%s: who makes it stays so", deeds[i].name);
        if (!check(!number[ODD_ERRORS], "%s: no memory, which it says", deeds[i].name))
            note("%ld others, the last: %ld", number[ODD_ERRORS], number[LAST_ERROR]);
        puppet_end(puppet);
    }
}

/* number[0]: the allocation that fails. Leaves whether it did. */
static int do_open_failing(struct arguments* arguments) {
    const int fd = open_nth();
    int error;

    if (fd < 0) return EBADF;
    set_nth(fd, (int)arguments->number[0]);
    error = open_secret();
    arguments->number[0] = has_failed(fd);
    close(fd);
    return error;
}

/* number[0]: `fail-nth`, opened while it was free: what it does first when it is not, is open(). */
static int do_open_first(struct arguments* arguments) {
    const int fd = (int)arguments->number[1];
    int error;

    set_nth(fd, (int)arguments->number[0]);
    error = open_secret();
    arguments->number[0] = has_failed(fd);
    return error;
}

static int do_open_nth(struct arguments* arguments) {
    arguments->number[1] = open_nth();
    return arguments->number[1] < 0 ? errno : 0;
}

/* Who has just come under a policy, and has not noticed. */
static void first_look(void) {
    int opened = 0, odd = 0, later = 0, nth;
    bool failed = true;

    for (nth = 1; failed && nth < MOST; nth++) {
        struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
        struct arguments arguments = {};
        int error;

        if (ask(puppet, do_open_nth, NULL)) die("fail-nth");
        if (bind_process(puppet->pid, "uts", "web")) die("bind");
        arguments.number[0] = nth;
        arguments.number[1] = answered(puppet)->number[1];
        error = ask(puppet, do_open_first, &arguments);
        failed = answered(puppet)->number[0];
        opened += !error;
        odd += error && error != EACCES && error != ENOMEM && error != ENFILE;
        later += try_path(puppet, do_open_failing, "", 0, 0) != EACCES;
        puppet_end(puppet);
    }
    check(nth > 2 && nth < MOST, "first look: %d allocations", nth - 2);
    check(!opened, "first look: nothing is allowed for want of memory");
    check(!odd, "first look: it is denied, or there is no memory");
    check(!later, "first look: then it is confined as ever");
}

static void changes(void) {
    struct puppet *const other = puppet_make(CLONE_NEWUTS), *const bound = puppet_under("idle");
    struct puppet* const process = puppet_make(0);
    struct puppet* const attached = puppet_make(0);
    const int uts = open_namespace(other->pid, "uts"), again = open_namespace(bound->pid, "uts");
    const int pidfd = open_process(process->pid), attached_fd = open_process(attached->pid);
    char bind[64], on_exec[64], unbind[64], unbind_it[64], bind_it[64];
    char attach[64], attach_on_exec[64], detach[64], detach_it[64], attach_it[64];

    if (attach_process(attached->pid, "idle")) die("attach");
    /* They are under it by now, and known to be. */
    if (try_open(bound, "/etc/passwd", O_RDONLY) || try_open(attached, "/etc/passwd", O_RDONLY))
        die("open");
    snprintf(bind, sizeof(bind), "uts %d idle", uts);
    snprintf(on_exec, sizeof(on_exec), "on-exec uts %d idle", uts);
    snprintf(unbind, sizeof(unbind), "uts %u idle", namespace_number(other->pid, "uts"));
    snprintf(unbind_it, sizeof(unbind_it), "uts %u idle", namespace_number(bound->pid, "uts"));
    snprintf(bind_it, sizeof(bind_it), "uts %d idle", again);
    snprintf(attach, sizeof(attach), "%d idle", pidfd);
    snprintf(attach_on_exec, sizeof(attach_on_exec), "on-exec %d idle", pidfd);
    snprintf(detach, sizeof(detach), "%d idle", pidfd);
    snprintf(detach_it, sizeof(detach_it), "%d idle", attached_fd);
    snprintf(attach_it, sizeof(attach_it), "%d idle", attached_fd);
    {
        const struct change all[] = {
            {"bind", "bind", bind, "unbind", unbind, 0},
            {"bind on exec", "bind", on_exec, "unbind", unbind, 0},
            {"attach", "attach", attach, "detach", detach, 0},
            {"attach on exec", "attach", attach_on_exec, "detach", detach, 0},
            {"detach", "detach", detach_it, "attach", attach_it, 0},
            {"unbind", "unbind", unbind_it, "bind", bind_it, 0},
            {"unload", "unload", "spare", NULL, NULL, 0},
            {"unload by force", "unload", "force spare\nforce more", NULL, NULL, 0},
            {"load", "load", NULL, NULL, NULL, REPLACING},
        };

        for (size_t i = 0; i < ARRAY_SIZE(all); i++) change_fails(all + i);
    }
    puppet_end_all();
    close(attached_fd);
    close(pidfd);
    close(again);
    close(uts);
}

int main(int argc, char** argv) {
    if (argc > 1 && !strcmp(argv[1], "inside")) return be_inside();
    if (!prepare()) {
        skip("this kernel's allocations cannot be made to fail", "failures");
        return finish();
    }
    own_nth = open_nth();
    write_file(SECRET, "", 0, 0600);
    copy_program(PROGRAM, 0755);
    blobs[IN_FORCE].bytes = compile(&blobs[IN_FORCE].size, "%s", in_force);
    blobs[REPLACING].bytes = compile(&blobs[REPLACING].size, "%s", replacing);
    load("%s", of_tasks);
    first_look();
    tasks();
    unload_all();
    if (load_blob(IN_FORCE)) die("load");
    changes();
    for (int i = 0; i < BLOBS; i++) free(blobs[i].bytes);
    unlink(PROGRAM);
    unlink(SECRET);
    return finish();
}
