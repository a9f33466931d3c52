// SPDX-License-Identifier: GPL-2.0-only
/* Processes that do what they are asked. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../harness.h"

enum { PUPPETS_MAX = 64 };

/* Longer than anything takes on the slowest kernel: only a hang lasts that long. */
enum { DEADLINE_SECONDS = 120 };

enum state { IDLE, ASKED, DONE };

/*
 * Memory that we and a puppet share, and, since it was made before either, also the puppets that
 * a puppet makes. No descriptors: a puppet talks whatever its policy says of them.
 */
struct shared {
    uint32_t state; /* enum state, a futex */
    pid_t pid;      /* as we see it */
    int outcome;
    operation* operation;
    struct arguments arguments;
};

static struct shared* pool;
static struct puppet puppets[PUPPETS_MAX];

static void futex_wait(uint32_t* word, uint32_t while_it_is) {
    const struct timespec a_while = {.tv_nsec = 100 * 1000 * 1000};

    syscall(SYS_futex, word, FUTEX_WAIT, while_it_is, &a_while, NULL, 0);
}

static void set_state(struct shared* shared, enum state state) {
    __atomic_store_n(&shared->state, state, __ATOMIC_RELEASE);
    syscall(SYS_futex, &shared->state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static enum state state_of(struct shared* shared) {
    return __atomic_load_n(&shared->state, __ATOMIC_ACQUIRE);
}

static _Noreturn void live(struct shared* shared) {
    char pid[32] = "";

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_DFL);
    /* Our number where /proc was mounted; getpid() would tell that in a pid namespace of ours. */
    if (readlink("/proc/self", pid, sizeof(pid) - 1) > 0) shared->pid = atoi(pid);
    set_state(shared, DONE);
    for (;;) {
        while (state_of(shared) != ASKED) futex_wait(&shared->state, state_of(shared));
        shared->outcome = shared->operation(&shared->arguments);
        set_state(shared, DONE);
    }
}

static pid_t clone_into(unsigned long flags) {
    struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};

    fflush(stdout);
    return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

pid_t fork_into(unsigned long namespaces) {
    return clone_into(namespaces);
}

/* A free place among the puppets. */
static struct puppet* place(void) {
    if (!pool) {
        pool = mmap(NULL, PUPPETS_MAX * sizeof(*pool), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (pool == MAP_FAILED) die("mmap");
    }
    for (int i = 0; i < PUPPETS_MAX; i++) {
        struct puppet* const puppet = puppets + i;

        if (puppet->shared) continue;
        puppet->shared = pool + i;
        memset(puppet->shared, 0, offsetof(struct shared, arguments));
        return puppet;
    }
    die("too many puppets");
}

static bool is_alive(const struct puppet* puppet) {
    char path[64], state = 'X';
    FILE* file;

    snprintf(path, sizeof(path), "/proc/%d/stat", puppet->shared->pid);
    file = fopen(path, "re");
    if (!file) return false;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 'X';
    fclose(file);
    return state != 'X' && state != 'Z';
}

int ask_end(struct puppet* puppet) {
    struct shared* const shared = puppet->shared;
    const time_t begun = time(NULL);

    while (state_of(shared) == ASKED) {
        futex_wait(&shared->state, ASKED);
        if (state_of(shared) == ASKED && !is_alive(puppet)) return -1;
        if (time(NULL) - begun > DEADLINE_SECONDS) die("puppet %d hangs", shared->pid);
    }
    return shared->outcome;
}

struct puppet* puppet_make(unsigned long namespaces) {
    struct puppet* const puppet = place();
    pid_t pid;

    puppet->shared->state = ASKED;
    pid = clone_into(namespaces);
    if (pid < 0) die("clone3 into namespaces %#lx", namespaces);
    if (!pid) live(puppet->shared);
    puppet->pid = puppet->shared->pid = pid;
    puppet->is_ours = true;
    ask_end(puppet);
    return puppet;
}

struct puppet* puppet_under(const char* policy) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    const int error = bind_process(puppet->pid, "uts", policy);

    if (error) {
        errno = error;
        die("bind a new namespace to \"%s\"", policy);
    }
    return puppet;
}

void ask_begin(struct puppet* puppet, operation* operation, const struct arguments* arguments) {
    struct shared* const shared = puppet->shared;

    shared->operation = operation;
    if (arguments) shared->arguments = *arguments;
    shared->outcome = -1;
    set_state(shared, ASKED);
}

int ask(struct puppet* puppet, operation* operation, const struct arguments* arguments) {
    static struct arguments own;

    if (puppet) {
        ask_begin(puppet, operation, arguments);
        return ask_end(puppet);
    }
    if (arguments) own = *arguments;
    return operation(&own);
}

struct arguments* answered(const struct puppet* puppet) {
    return &puppet->shared->arguments;
}

/* number[0]: clone3's flags; [1]: the place of the new puppet. */
static int do_fork(struct arguments* arguments) {
    struct shared* const shared = pool + arguments->number[1];
    pid_t pid;

    shared->state = ASKED;
    pid = clone_into((unsigned long)arguments->number[0]);
    if (!pid) live(shared);
    if (pid < 0) return errno;
    while (state_of(shared) == ASKED) {
        futex_wait(&shared->state, ASKED);
        if (waitpid(pid, NULL, WNOHANG) == pid) return ECHILD;
    }
    /* It saw no /proc: then it is in no pid namespace of its own either. */
    if (!shared->pid) shared->pid = pid;
    return 0;
}

struct puppet* puppet_fork(struct puppet* puppet, unsigned long flags) {
    struct puppet* const child = place();
    struct arguments* const arguments = &puppet->shared->arguments;
    int error;

    arguments->number[0] = (long)flags;
    arguments->number[1] = child->shared - pool;
    error = ask(puppet, do_fork, NULL);
    if (error) {
        child->shared = NULL;
        errno = error < 0 ? ECHILD : error;
        return NULL;
    }
    child->pid = child->shared->pid;
    child->is_ours = false;
    return child;
}

void puppet_end(struct puppet* puppet) {
    if (!puppet->shared) return;
    kill(puppet->pid, SIGKILL);
    if (puppet->is_ours) {
        waitpid(puppet->pid, NULL, 0);
    } else {
        while (is_alive(puppet)) usleep(1000);
    }
    puppet->shared = NULL;
}

void puppet_end_all(void) {
    /* Last made, first ended: a puppet's children before it. */
    for (int i = PUPPETS_MAX; i-- > 0;) puppet_end(puppets + i);
}

pid_t start(int (*function)(void*), void* argument) {
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid < 0) die("fork");
    if (!pid) _exit(function(argument));
    return pid;
}

int end_of(pid_t pid) {
    int status;

    if (waitpid(pid, &status, 0) != pid) die("wait for %d", pid);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int outcome(long result) {
    return result < 0 ? errno : 0;
}
