// SPDX-License-Identifier: GPL-2.0-only
/* Signals: who may send which to whom, by every call that sends one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

static const char policies[] =
    "policy shut { capability, unix, file, }\n"
    "policy talks { capability, unix, file, signal (send) peer=unconfined, }\n"
    "policy some {\n"
    "  capability,\n"
    "  signal (send) set=(usr1, exists) peer=unconfined,\n"
    "  signal (send, receive) peer=some,\n"
    "}\n"
    "policy but { capability, signal, deny signal (send) set=(usr1) peer=unconfined, }\n"
    "policy left {\n"
    "  capability, unix, file,\n"
    "  signal (send) peer=right,\n"
    "  signal (send) peer=deaf,\n"
    "  signal (receive) peer=dumb,\n"
    "}\n"
    "policy right { capability, unix, file, signal (receive) peer=left, }\n"
    "policy deaf { capability, unix, file, signal (send) peer=left, }\n"
    "policy dumb { capability, signal (receive) peer=left, }\n"
    "policy globs { capability, signal (send) peer=r[hi]*t, signal (send) peer=un{confined,known}, "
    "}\n"
    "policy rust { capability, signal (receive), }\n";

/* How a signal can be sent to another process. */
enum way { KILL, TKILL, TGKILL, SIGQUEUE, TGSIGQUEUE, PIDFD, WAYS };

static const char* const way_names[WAYS] = {
    "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal",
};

/* number[0]: the target; [1]: the signal; [2]: enum way. */
static int do_send(struct arguments* arguments) {
    const pid_t pid = (pid_t)arguments->number[0];
    const int signal = (int)arguments->number[1];
    siginfo_t info = {.si_signo = signal, .si_code = SI_QUEUE};
    int fd, error;

    info.si_pid = getpid();
    switch ((enum way)arguments->number[2]) {
        case KILL:
            return outcome(kill(pid, signal));
        case TKILL:
            return outcome(syscall(SYS_tkill, pid, signal));
        case TGKILL:
            return outcome(syscall(SYS_tgkill, pid, pid, signal));
        case SIGQUEUE:
            return outcome(syscall(SYS_rt_sigqueueinfo, pid, signal, &info));
        case TGSIGQUEUE:
            return outcome(syscall(SYS_rt_tgsigqueueinfo, pid, pid, signal, &info));
        case PIDFD:
            fd = (int)syscall(SYS_pidfd_open, pid, 0);
            if (fd < 0) return errno;
            error = outcome(syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0));
            close(fd);
            return error;
        default:
            return ENOSYS;
    }
}

static volatile sig_atomic_t received;

static void receive(int signal) {
    received += signal > 0;
}

static int do_listen(struct arguments* arguments) {
    const struct sigaction action = {.sa_handler = receive, .sa_flags = SA_RESTART};

    (void)arguments;
    return outcome(sigaction(SIGUSR1, &action, NULL)) ?: outcome(sigaction(SIGURG, &action, NULL));
}

/* How many signals came; returned as an "errno". */
static int do_count(struct arguments* arguments) {
    (void)arguments;
    return received;
}

static struct puppet* make(const char* policy) {
    struct puppet* const puppet = policy ? puppet_under(policy) : puppet_make(CLONE_NEWUTS);

    ask(puppet, do_listen, NULL);
    return puppet;
}

static int by(struct puppet* sender, const struct puppet* target, int signal, enum way way) {
    const struct arguments arguments = {.number = {target->pid, signal, way}};

    return ask(sender, do_send, &arguments);
}

static int heard(struct puppet* puppet) {
    return ask(puppet, do_count, NULL);
}

/* By every call, and that it arrives exactly if it was allowed. Also the signal 0. */
static void every_way(const char* name, struct puppet* sender, struct puppet* target, int want) {
    for (enum way way = 0; way < WAYS; way++) {
        const int before = heard(target);

        check_errno(by(sender, target, SIGUSR1, way), want, "%s: %s", name, way_names[way]);
        check(heard(target) - before == (want ? 0 : 1), "%s: %s %s", name, way_names[way],
              want ? "does not arrive" : "arrives");
        check_errno(by(sender, target, 0, way), want, "%s: %s of signal 0", name, way_names[way]);
    }
}

static void with_the_unconfined(void) {
    struct puppet *const free = make(NULL), *const other = make(NULL);
    struct puppet *const shut = make("shut"), *const talks = make("talks");

    every_way("unconfined to unconfined", other, free, 0);
    every_way("unconfined to confined", free, shut, 0);
    every_way("the test itself to confined", NULL, shut, 0);
    every_way("confined to unconfined, without a rule", shut, free, EPERM);
    every_way("confined to unconfined, by a rule", talks, free, 0);
    check_errno(by(shut, free, SIGKILL, KILL), EPERM, "no SIGKILL to the unconfined");
    check_errno(heard(free) < 0, 0, "the target lives");
    check_errno(by(free, shut, SIGKILL, KILL), 0, "SIGKILL from the unconfined");
    check(heard(shut) < 0, "the confined target is dead");
    puppet_end_all();
}

static void sets(void) {
    struct puppet* const free = make(NULL);
    struct puppet *const some = make("some"), *const but = make("but"), *const shut = make("shut");

    check_errno(by(some, free, SIGUSR1, KILL), 0, "a signal of the set");
    check_errno(by(some, free, SIGUSR2, KILL), EPERM, "a signal that is not of the set");
    check_errno(by(some, free, 0, KILL), 0, "exists is the signal 0");
    check_errno(by(some, free, SIGRTMIN + 3, SIGQUEUE), EPERM, "a real-time signal");
    check_errno(by(but, free, SIGUSR2, KILL), 0, "a bare signal rule allows all");
    check_errno(by(but, free, SIGUSR1, KILL), EPERM, "a deny rule beats it");
    check_errno(by(but, free, 0, KILL), 0, "and denies no other signal");
    check_errno(by(but, shut, SIGUSR2, KILL), EPERM, "the other side must allow it too");
    puppet_end_all();
}

static void two_policies(void) {
    struct puppet *const left = make("left"), *const right = make("right");
    struct puppet *const deaf = make("deaf"), *const dumb = make("dumb");
    struct puppet *const some = make("some"), *const some_more = make("some");
    struct puppet *const globs = make("globs"), *const rust = make("rust");
    struct puppet* quiet;

    every_way("both sides allow it", left, right, 0);
    every_way("neither side allows it", right, left, EPERM);
    every_way("only the sender allows it", left, deaf, EPERM);
    every_way("only the receiver allows it", dumb, left, EPERM);
    every_way("two tasks under one policy", some, some_more, 0);
    check_errno(by(globs, rust, SIGUSR1, KILL), EPERM, "a glob that does not match the peer");
    check_errno(by(globs, right, SIGUSR1, KILL), EPERM,
                "a glob that matches, but the peer does not allow it");
    load(
        "policy right { capability, unix, file, signal (receive) peer=left, signal (receive) "
        "peer=g?obs, }");
    check_errno(by(globs, right, SIGUSR1, KILL), 0, "a glob that matches, and the peer allows it");
    load("%s", policies);

    /* It has done nothing since it was bound, so its confinement was not worked out yet. */
    quiet = puppet_make(CLONE_NEWUTS);
    if (bind_process(quiet->pid, "uts", "deaf")) die("bind");
    check_errno(by(left, quiet, 0, KILL), EPERM, "a target that has done nothing is confined");

    /* Under two policies: each of its names must be allowed, and each of them must allow. */
    if (bind_process(right->pid, "uts", "rust")) die("bind");
    check_errno(by(left, right, 0, KILL), EPERM, "a target under two policies, one not allowed");
    load("policy left { capability, signal (send) peer=r*, }");
    check_errno(by(left, right, 0, KILL), 0, "a target under two policies, both allowed");
    if (bind_process(left->pid, "uts", "shut")) die("bind");
    check_errno(by(left, right, 0, KILL), EPERM, "a sender under two policies, one allows it");
    load("%s", policies);
    puppet_end_all();
}

/* How a file is told whom to send signals to. */
enum owner { BY_FCNTL, BY_FCNTL_EX, BY_IOCTL, BY_GROUP, OWNERS };

static const char* const owner_names[OWNERS] = {"F_SETOWN", "F_SETOWN_EX", "FIOSETOWN",
                                                "F_SETOWN of a group"};

/*
 * Makes a file send a signal: number[0] the target, [1] the signal, [2] enum owner. Nothing tells
 * whether it did, but whether it arrives.
 */
static int do_send_by_file(struct arguments* arguments) {
    const pid_t pid = (pid_t)arguments->number[0];
    const struct f_owner_ex owner = {F_OWNER_PID, pid};
    int ends[2], error = 0, number = pid;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return errno;
    switch ((enum owner)arguments->number[2]) {
        case BY_FCNTL:
            error = outcome(fcntl(ends[0], F_SETOWN, pid));
            break;
        case BY_FCNTL_EX:
            error = outcome(fcntl(ends[0], F_SETOWN_EX, &owner));
            break;
        case BY_IOCTL:
            error = outcome(ioctl(ends[0], FIOSETOWN, &number));
            break;
        default:
            error = outcome(fcntl(ends[0], F_SETOWN, -getpgid(pid)));
            break;
    }
    if (!error) error = outcome(fcntl(ends[0], F_SETSIG, arguments->number[1]));
    if (!error) error = outcome(fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK));
    if (!error) error = outcome(write(ends[1], "x", 1));
    close(ends[0]);
    close(ends[1]);
    return error;
}

static int do_lead_group(struct arguments* arguments) {
    (void)arguments;
    return outcome(setpgid(0, 0));
}

/* Who sets a file's owner sends the signals that come of it. */
static void by_files(void) {
    struct puppet *const free = make(NULL), *const other = make(NULL);
    struct puppet *const shut = make("shut"), *const talks = make("talks");
    struct puppet *const left = make("left"), *const right = make("right");
    struct puppet* const deaf = make("deaf");
    const struct {
        const char* name;
        struct puppet *from, *to;
        bool arrives;
    } cases[] = {
        {"unconfined to unconfined", other, free, true},
        {"unconfined to confined", other, shut, true},
        {"confined to unconfined, without a rule", shut, free, false},
        {"confined to unconfined, by a rule", talks, free, true},
        {"both sides allow it", left, right, true},
        {"only the sender allows it", left, deaf, false},
        {"neither side allows it", right, left, false},
        {"to itself", shut, shut, true},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        if (ask(cases[i].to, do_lead_group, NULL)) die("setpgid");
        for (enum owner owner = 0; owner < OWNERS; owner++) {
            const int before = heard(cases[i].to);
            const struct arguments arguments = {.number = {cases[i].to->pid, SIGUSR1, (long)owner}};

            check_errno(ask(cases[i].from, do_send_by_file, &arguments), 0, "by a file, %s: %s",
                        cases[i].name, owner_names[owner]);
            check(heard(cases[i].to) - before == cases[i].arrives, "by a file, %s: %s %s",
                  cases[i].name, owner_names[owner],
                  cases[i].arrives ? "arrives" : "does not arrive");
        }
    }
    check_errno(
        ask(shut, do_send_by_file, &(struct arguments){.number = {free->pid, SIGKILL, BY_FCNTL}}),
        0, "by a file: SIGKILL");
    check(heard(free) >= 0, "by a file: the target lives");
    puppet_end_all();
}

static int do_raise(struct arguments* arguments) {
    received = 0;
    return outcome(raise((int)arguments->number[0])) ?: received == 1 ? 0 : EIO;
}

static int do_send_self(struct arguments* arguments) {
    arguments->number[0] = getpid();
    return do_send(arguments);
}

static void* wait_for_end(void* go_on) {
    while (!__atomic_load_n((int*)go_on, __ATOMIC_ACQUIRE)) usleep(1000);
    return NULL;
}

static int do_signal_thread(struct arguments* arguments) {
    int done = 0, error;
    pthread_t thread;

    (void)arguments;
    if (pthread_create(&thread, NULL, wait_for_end, &done)) return EAGAIN;
    error = pthread_kill(thread, SIGUSR1);
    __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    return error;
}

/* Signals that the kernel itself sends are none of the sender's. */
static int do_alarm(struct arguments* arguments) {
    const struct timespec moment = {.tv_sec = 60};
    sigset_t set;

    (void)arguments;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    ualarm(1000, 0);
    return sigtimedwait(&set, NULL, &moment) == SIGALRM ? 0 : errno;
}

static int do_reap(struct arguments* arguments) {
    int status;
    pid_t pid;

    (void)arguments;
    pid = fork();
    if (!pid) _exit(7);
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : EIO;
}

static int do_kill_child(struct arguments* arguments) {
    pid_t pid;
    int error;

    (void)arguments;
    pid = fork();
    if (!pid) {
        alarm(60);
        pause();
        _exit(0);
    }
    if (pid < 0) return errno;
    error = outcome(kill(pid, SIGKILL));
    if (!error) waitpid(pid, NULL, 0);
    return error;
}

static void oneself(void) {
    struct puppet *const shut = make("shut"), *const some = make("some");

    check_errno(try_path(shut, do_raise, "", SIGUSR1, 0), 0, "to oneself: raise");
    for (enum way way = 0; way < WAYS; way++) {
        const struct arguments arguments = {.number = {0, SIGUSR1, way}};

        check_errno(ask(shut, do_send_self, &arguments), 0, "to oneself: %s", way_names[way]);
    }
    check_errno(ask(shut, do_signal_thread, NULL), 0, "to a thread of the same process");
    check_errno(ask(shut, do_alarm, NULL), 0, "from the kernel: a timer");
    check_errno(ask(shut, do_reap, NULL), 0, "from the kernel: the end of a child");
    check_errno(ask(shut, do_kill_child, NULL), EPERM, "to a child, without a rule");
    check_errno(ask(some, do_kill_child, NULL), 0, "to a child, by a rule");
    puppet_end_all();
}

static int do_kill_all(struct arguments* arguments) {
    (void)arguments;
    /* Ignored by whoever does not listen; and never an error, see kill_something_info(). */
    return outcome(kill(-1, SIGURG));
}

static void many(void) {
    struct puppet *const free = make(NULL), *const shut = make("shut"),
                         *const talks = make("talks");
    const struct puppet group = {.pid = -free->pid};

    if (setpgid(free->pid, free->pid)) die("setpgid");
    check_errno(by(shut, &group, 0, KILL), EPERM, "to a process group, without a rule");
    check_errno(by(talks, &group, 0, KILL), 0, "to a process group, by a rule");
    ask(shut, do_kill_all, NULL);
    check(heard(free) == 0, "to all, without a rule: does not arrive");
    ask(talks, do_kill_all, NULL);
    check(heard(free) == 1, "to all, by a rule: arrives");
    puppet_end_all();
}

int main(void) {
    load("%s", policies);
    with_the_unconfined();
    sets();
    two_policies();
    by_files();
    oneself();
    many();
    return finish();
}
