// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and entering namespaces: each kind, by each call there is for it. What is denied has not
 * happened, and what is allowed has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define OTHER "file, signal, network, ptrace, capability, "

static const char policies[] =
    "policy none { " OTHER
    "}\n"
    "policy all { " OTHER
    "namespace, }\n"
    "policy creates { " OTHER
    "namespace create, }\n"
    "policy enters { " OTHER
    "namespace enter, }\n"
    "policy but { " OTHER
    "namespace, deny namespace (create, enter) (ipc, user) errno=EXDEV, }\n"
    "policy user { " OTHER
    "userns, }\n"
    "policy complains flags=(complain) { " OTHER
    "}\n"
    "policy off flags=(disabled) { " OTHER
    "}\n"
    "policy kills flags=(kill) { " OTHER
    "}\n"
    "policy tells { " OTHER
    "audit namespace (create, enter) (uts, user), quiet deny namespace ipc, }\n";

static const struct kind {
    const char* name;
    unsigned long flag;
    const char* link; /* in /proc/PID/ns, by which a change of it is seen */
} kinds[] = {
    {"cgroup", CLONE_NEWCGROUP, "cgroup"},
    {"ipc", CLONE_NEWIPC, "ipc"},
    {"mnt", CLONE_NEWNS, "mnt"},
    {"net", CLONE_NEWNET, "net"},
    {"pid", CLONE_NEWPID, "pid_for_children"},
    {"time", CLONE_NEWTIME, "time_for_children"},
    {"user", CLONE_NEWUSER, "user"},
    {"uts", CLONE_NEWUTS, "uts"},
};

enum { KINDS = ARRAY_SIZE(kinds) };

enum way { UNSHARE, CLONE, CLONE3, BY_NSFD, BY_PIDFD, BY_CHILDREN_FD, WAYS };

static const char* const way_names[WAYS] = {
    "unshare", "clone", "clone3", "setns", "setns by a pidfd", "setns to that of children"};

/* Of a process that has a namespace of each kind of its own. Inherited by puppets. */
static pid_t holder;
static int holder_pidfd = -1;
static int nsfds[KINDS], children_fds[KINDS];

static bool is_of_entering(enum way way) {
    return way >= BY_NSFD;
}

/* Is there such a call for it? */
static bool has_way(const struct kind* kind, enum way way) {
    if (way == CLONE) return kind->flag != CLONE_NEWTIME;
    if (way == BY_CHILDREN_FD) return kind->flag & (CLONE_NEWPID | CLONE_NEWTIME);
    return true;
}

static long clone_plainly(unsigned long flags) {
    return syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

static long clone_newly(unsigned long flags) {
    struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};

    return syscall(SYS_clone3, &args, sizeof(args));
}

/* Of the namespace that a process of ours has. */
static ino_t number_of(const char* link) {
    char path[64];
    struct stat status;

    snprintf(path, sizeof(path), "/proc/self/ns/%s", link);
    return stat(path, &status) ? 0 : status.st_ino;
}

enum { NOT_DONE = 200, DONE_THOUGH = 201, NO_CHILD = 202 };

/* Makes a child, in namespaces of its own: has it them? */
static int make_child(const struct kind* kind, unsigned long flags, enum way way) {
    const ino_t before = number_of(kind->name);
    const long pid = way == CLONE ? clone_plainly(flags) : clone_newly(flags);

    if (pid < 0) return errno;
    /* In a new pid namespace /proc has nothing of it: then it is the first there. */
    if (!pid) _exit(kind->flag == CLONE_NEWPID ? getpid() != 1 : number_of(kind->name) == before);
    return end_of((pid_t)pid) ? NOT_DONE : 0;
}

static int change_own(const struct kind* kind, unsigned long flags, enum way way) {
    const size_t at = (size_t)(kind - kinds);
    const ino_t before = number_of(kind->link);
    int error;

    switch (way) {
        case UNSHARE:
            error = outcome(unshare((int)flags));
            break;
        case BY_NSFD:
            error = outcome(setns(nsfds[at], 0));
            break;
        case BY_CHILDREN_FD:
            error = outcome(setns(children_fds[at], (int)flags));
            break;
        default:
            error = outcome(setns(holder_pidfd, (int)flags));
    }
    if (error) return number_of(kind->link) == before ? error : DONE_THOUGH;
    return number_of(kind->link) == before ? NOT_DONE : 0;
}

/* number[0]: the kind by which it is judged; [1]: enum way; [2]: CLONE_NEW*. In a child. */
static int do_it(struct arguments* arguments) {
    const struct kind* const kind = kinds + arguments->number[0];
    const enum way way = (enum way)arguments->number[1];
    const unsigned long flags = (unsigned long)arguments->number[2];
    const pid_t pid = fork();

    if (pid < 0) return NO_CHILD;
    if (!pid)
        _exit(way == CLONE || way == CLONE3 ? make_child(kind, flags, way)
                                            : change_own(kind, flags, way));
    return end_of(pid);
}

static struct arguments asking(const struct kind* kind, enum way way, unsigned long flags) {
    return (struct arguments){.number = {kind - kinds, way, (long)(flags ?: kind->flag)}};
}

static int try_flags(struct puppet* puppet, const struct kind* kind, enum way way,
                     unsigned long flags) {
    const struct arguments arguments = asking(kind, way, flags);

    return ask(puppet, do_it, &arguments);
}

static int try(struct puppet* puppet, const struct kind* kind, enum way way) {
    return try_flags(puppet, kind, way, 0);
}

static const struct kind* kind_of(const char* name) {
    for (size_t i = 0; i < KINDS; i++) {
        if (!strcmp(kinds[i].name, name)) return kinds + i;
    }
    die("no kind is called %s", name);
}

static void open_holder(void) {
    unsigned long all = 0;

    for (size_t i = 0; i < KINDS; i++) all |= kinds[i].flag;
    holder = fork_into(all);
    if (holder < 0) die("make a holder");
    if (!holder) {
        for (;;) pause();
    }
    holder_pidfd = open_process(holder);
    for (size_t i = 0; i < KINDS; i++) {
        nsfds[i] = open_namespace(holder, kinds[i].name);
        children_fds[i] =
            has_way(kinds + i, BY_CHILDREN_FD) ? open_namespace(holder, kinds[i].link) : -1;
    }
}

/* Under each policy, by each way. */
static void each_way(const struct kind* kind) {
    struct puppet *const none = puppet_under("none"), *const all = puppet_under("all");
    struct puppet *const creates = puppet_under("creates"), *const enters = puppet_under("enters");

    for (enum way way = 0; way < WAYS; way++) {
        const char* const name = way_names[way];
        const bool entering = is_of_entering(way);

        if (!has_way(kind, way)) continue;
        check_errno(try(NULL, kind, way), 0, "%s, %s: not confined", kind->name, name);
        check_errno(try(none, kind, way), EPERM, "%s, %s: denied", kind->name, name);
        check_errno(try(all, kind, way), 0, "%s, %s: allowed with all", kind->name, name);
        check_errno(try(creates, kind, way), entering ? EPERM : 0, "%s, %s: with all of create",
                    kind->name, name);
        check_errno(try(enters, kind, way), entering ? 0 : EPERM, "%s, %s: with all of enter",
                    kind->name, name);
    }
    puppet_end_all();
}

/* Under a policy that allows one operation on one kind, that is all that is allowed. */
static void alone(const struct kind* kind, const char* operation) {
    const bool entering = !strcmp(operation, "enter");
    struct puppet* puppet;

    load("policy one { " OTHER "namespace %s %s, }", operation, kind->name);
    puppet = puppet_under("one");
    for (size_t i = 0; i < KINDS; i++) {
        for (enum way way = 0; way < WAYS; way++) {
            const bool allowed = kinds + i == kind && is_of_entering(way) == entering;

            if (has_way(kinds + i, way))
                check_errno(try(puppet, kinds + i, way), allowed ? 0 : EPERM, "%s %s alone: %s, %s",
                            operation, kind->name, kinds[i].name, way_names[way]);
        }
    }
    puppet_end(puppet);
}

/* Several in one call: all, or nothing has happened. */
static void together(void) {
    static const unsigned long both = CLONE_NEWUTS | CLONE_NEWNET;
    const struct kind *const uts = kind_of("uts"), *const user = kind_of("user");
    struct puppet* puppet;

    load("policy one { " OTHER "namespace (create, enter) (uts, user), }");
    puppet = puppet_under("one");
    check_errno(try_flags(puppet, uts, UNSHARE, both), EPERM, "unshare both, one is denied");
    check_errno(try_flags(puppet, uts, CLONE, both), EPERM, "clone both, one is denied");
    check_errno(try_flags(puppet, uts, CLONE3, both), EPERM, "clone3 both, one is denied");
    check_errno(try_flags(puppet, uts, BY_PIDFD, both), EPERM, "enter both, one is denied");
    for (enum way way = 0; way <= BY_PIDFD; way++) {
        if (way == BY_NSFD) continue;
        check_errno(try_flags(puppet, user, way, CLONE_NEWUSER | CLONE_NEWNET), EPERM,
                    "%s, with a user namespace that is allowed", way_names[way]);
        check_errno(try_flags(puppet, uts, way, CLONE_NEWUSER | CLONE_NEWUTS), 0,
                    "%s, user and uts: allowed", way_names[way]);
    }
    puppet_end(puppet);

    load("policy one { " OTHER "namespace (create, enter) (uts, net), }");
    puppet = puppet_under("one");
    for (enum way way = 0; way <= BY_PIDFD; way++) {
        if (way == BY_NSFD) continue;
        check_errno(try_flags(puppet, uts, way, CLONE_NEWUSER | CLONE_NEWUTS), EPERM,
                    "%s, with a user namespace that is denied", way_names[way]);
        check_errno(try_flags(puppet, uts, way, both), 0, "%s, both allowed", way_names[way]);
    }
    puppet_end(puppet);
}

static void rules(void) {
    struct puppet* puppet = puppet_under("but");

    for (enum way way = 0; way <= BY_PIDFD; way++) {
        check_errno(try(puppet, kind_of("ipc"), way), EXDEV, "deny, %s: with its errno",
                    way_names[way]);
        check_errno(try(puppet, kind_of("user"), way), EXDEV, "deny, %s: of a user namespace too",
                    way_names[way]);
        check_errno(try(puppet, kind_of("net"), way), 0, "deny, %s: but not the rest",
                    way_names[way]);
    }
    puppet_end(puppet);

    puppet = puppet_under("user");
    check_errno(try(puppet, kind_of("user"), UNSHARE), 0, "userns: create");
    check_errno(try(puppet, kind_of("user"), CLONE3), 0, "userns: create by clone3");
    check_errno(try(puppet, kind_of("user"), BY_NSFD), EPERM, "userns: not enter");
    check_errno(try(puppet, kind_of("net"), UNSHARE), EPERM, "userns: nothing else");
    check_errno(try_flags(puppet, kind_of("net"), UNSHARE, CLONE_NEWUSER | CLONE_NEWNET), EPERM,
                "userns: nor with the capabilities that it gives");
    puppet_end(puppet);

    load("policy one { " OTHER "namespace, deny userns, }");
    puppet = puppet_under("one");
    check_errno(try(puppet, kind_of("user"), UNSHARE), EPERM, "deny userns: by unshare");
    check_errno(try(puppet, kind_of("user"), CLONE), EPERM, "deny userns: by clone");
    check_errno(try(puppet, kind_of("user"), BY_NSFD), 0, "deny userns: entering is allowed");
    check_errno(try(puppet, kind_of("net"), UNSHARE), 0, "deny userns: and the rest");
    puppet_end(puppet);
}

static void told(const char* policy, const char* kind, enum way way, const char* text, int error) {
    struct puppet* const puppet = puppet_under(policy);
    const struct arguments arguments = asking(kind_of(kind), way, 0);

    check_errno(ask_until_told(puppet, do_it, &arguments, text), error, "told: %s", text);
    puppet_end(puppet);
}

static int do_unshare_here(struct arguments* arguments) {
    return outcome(unshare((int)arguments->number[0]));
}

static int do_clone_here(struct arguments* arguments) {
    return make_child(kind_of("uts"), (unsigned long)arguments->number[0], CLONE3);
}

static int do_setns_here(struct arguments* arguments) {
    return outcome(setns(holder_pidfd, (int)arguments->number[0]));
}

static void modes(void) {
    static const struct {
        const char* name;
        operation* operation;
        long flags;
    } kills[] = {
        {"unshare", do_unshare_here, CLONE_NEWUTS},
        {"unshare of a user namespace", do_unshare_here, CLONE_NEWUSER},
        {"clone3", do_clone_here, CLONE_NEWUTS},
        {"setns", do_setns_here, CLONE_NEWUTS},
    };
    struct puppet *puppet = puppet_under("complains"), *const off = puppet_under("off");

    for (size_t i = 0; i < KINDS; i++) {
        for (enum way way = 0; way < WAYS; way++) {
            if (!has_way(kinds + i, way)) continue;
            check_errno(try(puppet, kinds + i, way), 0, "complain: %s, %s", kinds[i].name,
                        way_names[way]);
            check_errno(try(off, kinds + i, way), 0, "disabled: %s, %s", kinds[i].name,
                        way_names[way]);
        }
    }
    puppet_end_all();

    told("none", "net", UNSHARE,
         "denied policy=\"none\" class=namespace operation=create object=\"net\"", EPERM);
    told("none", "mnt", CLONE3,
         "denied policy=\"none\" class=namespace operation=create object=\"mnt\"", EPERM);
    told("none", "user", UNSHARE,
         "denied policy=\"none\" class=namespace operation=create object=\"user\"", EPERM);
    told("none", "pid", BY_NSFD,
         "denied policy=\"none\" class=namespace operation=enter object=\"pid\"", EPERM);
    told("complains", "uts", BY_PIDFD,
         "complained policy=\"complains\" class=namespace operation=enter object=\"uts\"", 0);
    told("complains", "cgroup", UNSHARE,
         "complained policy=\"complains\" class=namespace operation=create object=\"cgroup\"", 0);
    told("tells", "uts", UNSHARE,
         "allowed policy=\"tells\" class=namespace operation=create object=\"uts\"", 0);
    told("tells", "user", CLONE,
         "allowed policy=\"tells\" class=namespace operation=create object=\"user\"", 0);
    told("tells", "uts", BY_NSFD,
         "allowed policy=\"tells\" class=namespace operation=enter object=\"uts\"", 0);
    puppet = puppet_under("tells");
    for (enum way way = 0; way <= BY_PIDFD; way++)
        check_errno(try(puppet, kind_of("ipc"), way), EPERM, "quiet, %s: denied", way_names[way]);
    check(!log_has("policy=\"tells\" class=namespace operation=create object=\"ipc\"") &&
              !log_has("policy=\"tells\" class=namespace operation=enter object=\"ipc\""),
          "quiet: and not told");
    puppet_end(puppet);

    for (size_t i = 0; i < ARRAY_SIZE(kills); i++) {
        puppet = puppet_under("kills");
        check_errno(try_path(puppet, kills[i].operation, "", kills[i].flags, 0), -1, "kill: %s",
                    kills[i].name);
        puppet_end(puppet);
    }
}

static void several_policies(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);

    if (bind_process(puppet->pid, "uts", "all") || bind_process(puppet->pid, "ipc", "creates"))
        die("bind");
    check_errno(try(puppet, kind_of("mnt"), UNSHARE), 0, "two policies: both allow");
    check_errno(try(puppet, kind_of("mnt"), CLONE), 0, "two policies: both allow, clone");
    check_errno(try(puppet, kind_of("mnt"), BY_NSFD), EPERM, "two policies: one denies");
    if (bind_process(puppet->pid, "net", "enters")) die("bind");
    for (enum way way = 0; way <= BY_PIDFD; way++)
        check_errno(try(puppet, kind_of("mnt"), way), EPERM, "three policies: %s", way_names[way]);
    puppet_end(puppet);

    /* The mode of one is none of the others'. */
    {
        struct puppet* const other = puppet_make(CLONE_NEWUTS | CLONE_NEWIPC);

        if (bind_process(other->pid, "uts", "complains") ||
            bind_process(other->pid, "ipc", "creates"))
            die("bind");
        check_errno(try(other, kind_of("mnt"), UNSHARE), 0, "one complains, the other allows");
        check_errno(try(other, kind_of("mnt"), BY_NSFD), EPERM, "one complains, the other denies");
        puppet_end(other);
    }
}

/* The other ways into the kernel. number[0]: enum entry; [1]: to unshare, not to enter. */
static int do_enter_kernel(struct arguments* arguments) {
    static const long unshares[ENTRIES] = {SYS_unshare, 310, 0x40000000 + SYS_unshare};
    static const long setnses[ENTRIES] = {SYS_setns, 346, 0x40000000 + SYS_setns};
    const enum entry entry = (enum entry)arguments->number[0];

    if (arguments->number[1]) return (int)-enter(entry, unshares[entry], CLONE_NEWNET, 0, 0, 0);
    return (int)-enter(entry, setnses[entry], holder_pidfd, CLONE_NEWNET, 0, 0);
}

static void entries(void) {
    struct puppet *const none = puppet_under("none"), *const all = puppet_under("all");

    for (int entry = 0; entry < ENTRIES; entry++) {
        for (int creates = 0; creates < 2; creates++) {
            const char* const name = creates ? "unshare" : "setns";

            check_errno(try_path(none, do_enter_kernel, "", entry, creates), EPERM,
                        "%s, %s: denied", name, entry_names[entry]);
            check_errno(try_path(all, do_enter_kernel, "", entry, creates), 0, "%s, %s: allowed",
                        name, entry_names[entry]);
        }
    }
    puppet_end_all();
}

static void probes(void) {
    static const char* const names[] = {
        "unshare_nsproxy_namespaces",
        "mntns_install",
        "netns_install",
        "utsns_install",
        "ipcns_install",
        "pidns_install",
        "userns_install",
        "cgroupns_install",
        "timens_install",
    };
    char line[64];

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        snprintf(line, sizeof(line), "probe %s armed", names[i]);
        check(stats_hold(line), "stats: %s", line);
    }
    unload_all();
    check(!stats_hold("ns_install") && !stats_hold("unshare_nsproxy"),
          "stats: none without policies");
    load("policy all { " OTHER "namespace, }");
    check(!stats_hold("ns_install"), "stats: none for a policy that allows all");
    load("policy but { " OTHER "namespace, deny namespace enter pid, }");
    check(stats_hold("probe pidns_install armed"), "stats: but for one that does not");
    load("policy but { " OTHER "namespace, deny userns, }");
    check(!stats_hold("ns_install"), "stats: not for what has a hook");
    load("policy but { " OTHER "namespace, audit namespace create uts, }");
    check(stats_hold("probe unshare_nsproxy_namespaces armed"), "stats: for what is to be told");
    unload_all();
    load("%s", policies);
}

static void set_probes(char value) {
    const int fd = open("/sys/kernel/debug/kprobes/enabled", O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, &value, 1) != 1) die("switch probes");
    close(fd);
}

/* Whoever loads what needs probes, and cannot have them, is told; what was in force stays. */
static void switched_off(void) {
    size_t size;
    void* const blob = compile(&size, "policy all { " OTHER "}");
    struct puppet* const puppet = puppet_under("all");

    set_probes('0');
    check(stats_hold("probe mntns_install DISARMED"), "switched off: stats say so");
    check_errno(control_bytes("load", blob, size), EOPNOTSUPP, "switched off: load");
    set_probes('1');
    check(stats_hold("probe mntns_install armed"), "switched on: stats say so");
    check_errno(try(puppet, kind_of("net"), BY_NSFD), 0, "switched on: what was in force is");
    check_errno(control_bytes("load", blob, size), 0, "switched on: load");
    check_errno(try(puppet, kind_of("net"), BY_NSFD), EPERM, "switched on: denied");
    free(blob);
    puppet_end(puppet);
    load("%s", policies);
}

int main(void) {
    load("%s", policies);
    open_holder();
    for (size_t i = 0; i < KINDS; i++) {
        each_way(kinds + i);
        alone(kinds + i, "create");
        alone(kinds + i, "enter");
    }
    together();
    rules();
    modes();
    several_policies();
    entries();
    probes();
    switched_off();
    kill(holder, SIGKILL);
    return finish();
}
