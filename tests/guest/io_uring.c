// SPDX-License-Identifier: GPL-2.0-only
/* What a ring of io_uring does beyond its operations: each by rule, by label and by mode. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "harness.h"
#include "ring.h"

#define NULL_DEVICE "/tmp/null"
#define OTHER "file, signal, capability, namespace, "

static const char policies[] =
    "policy none { " OTHER
    "}\n"
    "policy all { " OTHER
    "io_uring, }\n"
    "policy polls { " OTHER
    "io_uring sqpoll, }\n"
    "policy lends { " OTHER
    "io_uring override_creds, }\n"
    "policy commands { " OTHER
    "io_uring cmd, }\n"
    "policy of-first { " OTHER
    "io_uring (sqpoll, override_creds) label=first, }\n"
    "policy of-itself { " OTHER
    "io_uring (sqpoll, override_creds) label=of-itself, }\n"
    "policy of-free { " OTHER
    "io_uring override_creds label=unconfined, }\n"
    "policy first { " OTHER
    "io_uring, }\n"
    "policy but { " OTHER
    "io_uring, deny io_uring (sqpoll, override_creds) errno=EACCES, }\n"
    "policy complains flags=(complain) { " OTHER
    "}\n"
    "policy kills flags=(kill) { " OTHER
    "}\n"
    "policy tells { " OTHER "audit io_uring sqpoll, quiet deny io_uring cmd, }\n";

/* number[0]: the personality, or 0. An operation with it. */
static int do_nothing_as(struct arguments* arguments) {
    const struct io_uring_sqe entry = {.opcode = IORING_OP_NOP,
                                       .personality = (uint16_t)arguments->number[0]};

    return -ring_submit(&entry);
}

/* Leaves its number in number[0]. */
static int do_register(struct arguments* arguments) {
    arguments->number[0] =
        syscall(SYS_io_uring_register, ring_fd(), IORING_REGISTER_PERSONALITY, NULL, 0);
    return outcome(arguments->number[0]);
}

/* A command to a driver, here one that does nothing. number[0]: IOSQE_* flags. */
static int do_command(struct arguments* arguments) {
    const int fd = open(NULL_DEVICE, O_RDWR | O_CLOEXEC);
    const struct io_uring_sqe entry = {
        .opcode = IORING_OP_URING_CMD, .flags = (uint8_t)arguments->number[0], .fd = fd};
    int result;

    if (fd < 0) return EIO;
    result = ring_submit(&entry);
    close(fd);
    return -result;
}

/* New credentials, which are the same, so that they are made by who is confined by now. */
static int do_renew_credentials(struct arguments* arguments) {
    (void)arguments;
    return outcome(setgroups(0, NULL));
}

static int make_ring(struct puppet* puppet, long flags) {
    struct arguments arguments = {.number = {flags}};

    return ask(puppet, do_make_ring, &arguments);
}

static int act_as(struct puppet* puppet, long personality) {
    struct arguments arguments = {.number = {personality}};

    return ask(puppet, do_nothing_as, &arguments);
}

static int command(struct puppet* puppet, long flags) {
    struct arguments arguments = {.number = {flags}};

    return ask(puppet, do_command, &arguments);
}

static long register_personality(struct puppet* puppet) {
    if (ask(puppet, do_register, NULL)) die("register a personality");
    return answered(puppet)->number[0];
}

/* All three, of whoever is under a policy; 0 or the errno that is expected of each. */
static void all_operations(const char* policy, int polls, int lends, int commands) {
    struct puppet* const puppet = puppet_under(policy);

    check_errno(make_ring(puppet, IORING_SETUP_SQPOLL), polls, "%s: sqpoll", policy);
    check_errno(make_ring(puppet, 0), 0, "%s: a ring without a thread", policy);
    check_errno(act_as(puppet, 0), 0, "%s: an operation", policy);
    check_errno(act_as(puppet, register_personality(puppet)), lends, "%s: override_creds, its own",
                policy);
    check_errno(command(puppet, 0), commands, "%s: cmd", policy);
    check_errno(command(puppet, IOSQE_ASYNC), commands, "%s: cmd, by a worker", policy);
    puppet_end(puppet);
}

/* A ring with a thread and a personality from before, and what came after. */
static void from_before(const char* policy, int lends, int commands) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    long personality;

    if (make_ring(puppet, IORING_SETUP_SQPOLL)) die("make a ring");
    personality = register_personality(puppet);
    check_errno(act_as(puppet, personality), 0, "not confined: override_creds by a thread");
    check_errno(command(puppet, 0), 0, "not confined: cmd by a thread");
    if (bind_process(puppet->pid, "uts", policy)) die("bind");
    check_errno(act_as(puppet, 0), 0, "%s: an operation by a thread from before", policy);
    check_errno(act_as(puppet, personality), lends, "%s: override_creds by a thread from before",
                policy);
    check_errno(command(puppet, 0), commands, "%s: cmd by a thread from before", policy);
    puppet_end(puppet);
}

/* Credentials that another has registered with a ring that was inherited. */
static void labels(void) {
    static const struct {
        const char* policy;
        int error; /* with what unconfined tasks made, and with what "first" did */
        int error_first;
    } cases[] = {
        {"lends", 0, 0},       {"of-first", EPERM, 0}, {"of-itself", EPERM, EPERM},
        {"of-free", 0, EPERM}, {"none", EPERM, EPERM}, {"but", EACCES, EACCES},
    };
    struct puppet* const parent = puppet_make(CLONE_NEWUTS);
    long free, first;

    if (make_ring(parent, 0)) die("make a ring");
    free = register_personality(parent);
    if (attach_process(parent->pid, "first") || ask(parent, do_renew_credentials, NULL))
        die("attach");
    first = register_personality(parent);
    if (detach_process(parent->pid, "first") || ask(parent, do_renew_credentials, NULL))
        die("detach");
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct puppet* const child = puppet_fork(parent, 0);

        if (!child || attach_process(child->pid, cases[i].policy)) die("attach a child");
        check_errno(act_as(child, free), cases[i].error, "%s: override_creds of the unconfined",
                    cases[i].policy);
        check_errno(act_as(child, first), cases[i].error_first, "%s: override_creds of first",
                    cases[i].policy);
        puppet_end(child);
    }
    check_errno(act_as(parent, first), 0, "not confined: override_creds of first");
    puppet_end(parent);
}

static void modes(void) {
    struct puppet* puppet = puppet_under("complains");
    struct arguments polling = {.number = {IORING_SETUP_SQPOLL}}, none = {};

    check_errno(ask_until_told(puppet, do_make_ring, &polling,
                               "complained policy=\"complains\" class=io_uring operation=sqpoll"),
                0, "complain: sqpoll, allowed and told");
    check_errno(ask_until_told(puppet, do_command, &none,
                               "complained policy=\"complains\" class=io_uring operation=cmd"),
                0, "complain: cmd, allowed and told");
    puppet_end(puppet);

    puppet = puppet_under("none");
    check_errno(ask_until_told(puppet, do_make_ring, &polling,
                               "denied policy=\"none\" class=io_uring operation=sqpoll"),
                EPERM, "it is told when it is denied");
    puppet_end(puppet);

    puppet = puppet_under("tells");
    check_errno(ask_until_told(puppet, do_make_ring, &polling,
                               "allowed policy=\"tells\" class=io_uring operation=sqpoll"),
                0, "audit: sqpoll, allowed and told");
    check_errno(command(puppet, 0), EPERM, "quiet: cmd, denied");
    check(!log_has("policy=\"tells\" class=io_uring operation=cmd"), "quiet: and not told");
    puppet_end(puppet);

    puppet = puppet_under("kills");
    check_errno(make_ring(puppet, 0), 0, "kill: not for a ring without a thread");
    check_errno(command(puppet, 0), -1, "kill: for a command");
    puppet_end(puppet);
    puppet = puppet_under("kills");
    check_errno(make_ring(puppet, IORING_SETUP_SQPOLL), -1, "kill: for a thread");
    puppet_end(puppet);
}

int main(void) {
    load("%s", policies);
    if (mknod(NULL_DEVICE, S_IFCHR | 0666, makedev(1, 3))) die("make a device");
    all_operations("none", EPERM, EPERM, EPERM);
    all_operations("all", 0, 0, 0);
    all_operations("polls", 0, EPERM, EPERM);
    all_operations("lends", EPERM, 0, EPERM);
    all_operations("commands", EPERM, EPERM, 0);
    all_operations("of-itself", 0, 0, EPERM);
    all_operations("of-first", EPERM, EPERM, EPERM);
    all_operations("but", EACCES, EACCES, 0);
    from_before("all", 0, 0);
    from_before("none", EPERM, EPERM);
    from_before("lends", 0, EPERM);
    from_before("commands", EPERM, 0);
    labels();
    modes();
    return finish();
}
