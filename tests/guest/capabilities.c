// SPDX-License-Identifier: GPL-2.0-only
/* Capabilities: each by what needs it, and whose they are when others' credentials are used. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"
#include "ring.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define TOP "/tmp/capabilities"
#define OTHER "file, signal, network, ptrace, namespace, mount, umount, io_uring, "

static const char policies[] =
    "policy none { " OTHER
    "}\n"
    "policy all { " OTHER
    "capability, }\n"
    "policy but { " OTHER
    "capability, deny capability (net_raw, chown), }\n"
    "policy complains flags=(complain) { " OTHER
    "}\n"
    "policy kills flags=(kill) { " OTHER
    "}\n"
    "policy tells { " OTHER "audit capability net_raw, quiet deny capability chown, }\n";

static int use(struct puppet* puppet, const char* name) {
    return try_path(puppet, do_use_capability, name, 0, 0);
}

/* Is it allowed as well to who has CAP_SYS_ADMIN? */
static bool is_of_admin(const char* name) {
    return !strcmp(name, "perfmon") || !strcmp(name, "bpf") ||
           !strcmp(name, "checkpoint_restore") || !strcmp(name, "syslog");
}

/* Under a policy that allows one capability, what needs it is all that is allowed. */
static void alone(const char* name) {
    struct puppet* puppet;
    const char* other;

    load("policy one { " OTHER "capability %s, }", name);
    puppet = puppet_under("one");
    check_errno(use(puppet, name), 0, "%s: allowed alone", name);
    for (size_t i = 0; (other = capability_name(i)); i++) {
        int error;

        if (!strcmp(name, other) || (!strcmp(name, "sys_admin") && is_of_admin(other))) continue;
        error = use(puppet, other);
        if (error != EPERM) check_errno(error, EPERM, "%s: %s is denied", name, other);
    }
    puppet_end(puppet);
}

static void each(void) {
    struct puppet *const none = puppet_under("none"), *const all = puppet_under("all");
    const char* name;

    for (size_t i = 0; (name = capability_name(i)); i++) {
        check_errno(use(NULL, name), 0, "%s: not confined", name);
        check_errno(use(none, name), EPERM, "%s: denied", name);
        check_errno(use(all, name), 0, "%s: allowed with all", name);
        alone(name);
    }
    puppet_end_all();
}

static void rules_and_modes(void) {
    static const char* const names[] = {"net_raw", "chown", "kill"};
    struct puppet* puppet = puppet_under("but");

    check_errno(use(puppet, "net_raw"), EPERM, "deny: one");
    check_errno(use(puppet, "chown"), EPERM, "deny: another");
    check_errno(use(puppet, "kill"), 0, "deny: but not the rest");
    puppet_end(puppet);

    puppet = puppet_under("none");
    check_errno(ask_until_told(puppet, do_use_capability, &(struct arguments){.path = "setuid"},
                               "denied policy=\"none\" class=capability operation=use "
                               "object=\"setuid\""),
                EPERM, "it is told by its name");
    puppet_end(puppet);

    puppet = puppet_under("complains");
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        check_errno(use(puppet, names[i]), 0, "complain: %s is allowed", names[i]);
    check_errno(ask_until_told(puppet, do_use_capability, &(struct arguments){.path = "net_raw"},
                               "complained policy=\"complains\" class=capability operation=use "
                               "object=\"net_raw\""),
                0, "complain: and told");
    puppet_end(puppet);

    puppet = puppet_under("tells");
    check_errno(ask_until_told(puppet, do_use_capability, &(struct arguments){.path = "net_raw"},
                               "allowed policy=\"tells\" class=capability operation=use "
                               "object=\"net_raw\""),
                0, "audit: allowed, and told");
    check_errno(use(puppet, "chown"), EPERM, "quiet: denied");
    check(!log_has("policy=\"tells\" class=capability operation=use object=\"chown\""),
          "quiet: and not told");
    puppet_end(puppet);
}

static int do_chown_here(struct arguments* arguments) {
    (void)arguments;
    return outcome(chown(TOP "/file", 1000, 1000));
}

static void kills(void) {
    struct puppet* puppet = puppet_under("kills");
    const long denials = stat_value("denials");

    check_errno(ask(puppet, do_probe_capability, NULL), 0, "kill: not for what is only probed");
    check(stat_value("denials") == denials, "which is not told either");
    check_errno(ask(puppet, do_chown_here, NULL), -1, "kill: for a violation");
    puppet_end(puppet);
}

/* A file system whose mounter's credentials do the work. */

static int do_mount_overlay(struct arguments* arguments) {
    (void)arguments;
    return outcome(mount("overlay", TOP "/merged", "overlay", 0,
                         "lowerdir=" TOP "/lower,upperdir=" TOP "/upper,workdir=" TOP "/work"));
}

/* Which copies it up, and gives the copy to the owner of what is below. */
static int do_write_overlay(struct arguments* arguments) {
    const int fd = open(arguments->path, O_WRONLY | O_CLOEXEC);

    if (fd < 0) return errno;
    close(fd);
    return 0;
}

/* Over one that was there below, so that it must be marked as opaque. */
static int do_renew_folder(struct arguments* arguments) {
    return outcome(rmdir(arguments->path)) ?: outcome(mkdir(arguments->path, 0755));
}

static void make_lower(void) {
    static const char* const folders[] = {"lower", "upper", "work", "merged", "lower/folder"};

    if (mount("tmpfs", TOP, "tmpfs", 0, NULL)) die("mount a tmpfs");
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        char path[64];

        snprintf(path, sizeof(path), TOP "/%s", folders[i]);
        if (mkdir(path, 0755)) die("make %s", path);
    }
    write_file(TOP "/lower/file", "", 0, 0666);
    if (chmod(TOP "/lower/file", 0666) || chown(TOP "/lower/file", 1000, 1000)) die("chown");
}

static void overlay(const char* mounter, bool allowed) {
    struct puppet *const puppet = puppet_under("none"), *const by =
                                                            mounter ? puppet_under(mounter) : NULL;

    make_lower();
    check_errno(ask(by, do_mount_overlay, NULL), 0, "overlay: mounted by %s",
                mounter ?: "unconfined");
    check_errno(try_path(puppet, do_write_overlay, TOP "/merged/file", 0, 0), allowed ? 0 : EPERM,
                "overlay: a file is copied up for who is allowed no capability");
    check_errno(try_path(puppet, do_renew_folder, TOP "/merged/folder", 0, 0), allowed ? 0 : EACCES,
                "overlay: and a folder made anew");
    check_errno(use(puppet, "chown"), EPERM, "overlay: by itself it may not");
    puppet_end_all();
    umount2(TOP "/merged", 0);
    umount2(TOP, 0);
}

/* What a descriptor from before is good for. */

static int kept = -1;

static int do_open_offsets(struct arguments* arguments) {
    (void)arguments;
    if (unshare(CLONE_NEWTIME)) return errno;
    kept = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
    return kept < 0 ? errno : 0;
}

static int do_write_offsets(struct arguments* arguments) {
    (void)arguments;
    return write(kept, "monotonic 10 0", 14) < 0 ? errno : 0;
}

static void descriptors(void) {
    struct puppet* const none = puppet_make(CLONE_NEWUTS);
    struct puppet* const all = puppet_make(CLONE_NEWUTS);

    if (ask(none, do_open_offsets, NULL) || ask(all, do_open_offsets, NULL)) die("offsets");
    if (bind_process(none->pid, "uts", "none") || bind_process(all->pid, "uts", "all")) die("bind");
    check_errno(ask(all, do_write_offsets, NULL), 0, "a descriptor from before: allowed");
    check_errno(ask(none, do_write_offsets, NULL), EPERM, "a descriptor from before: denied");
    puppet_end_all();
}

/* A user namespace of one's own gives all capabilities in it, but for the policy. */

static int do_user_namespace(struct arguments* arguments) {
    (void)arguments;
    if (unshare(CLONE_NEWUSER)) return EIO;
    return outcome(unshare(CLONE_NEWUTS));
}

static void user_namespace(void) {
    struct puppet *const none = puppet_under("none"), *const all = puppet_under("all");

    check_errno(ask(all, do_user_namespace, NULL), 0, "in a user namespace of its own: allowed");
    check_errno(ask(none, do_user_namespace, NULL), EPERM,
                "in a user namespace of its own: denied");
    puppet_end_all();
}

/* What the kernel asks no capability for, or not of everybody. */

static int do_make_map(struct arguments* arguments) {
    union bpf_attr map = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

    (void)arguments;
    kept = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
    return kept < 0 ? errno : 0;
}

static int do_look_up(struct arguments* arguments) {
    uint32_t key = 0, value;
    union bpf_attr look_up = {
        .map_fd = (uint32_t)kept, .key = (uintptr_t)&key, .value = (uintptr_t)&value};

    (void)arguments;
    return outcome(syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &look_up, sizeof(look_up)));
}

/* number[0]: the process or -1; [1]: the processor or -1; [2]: in the kernel too. */
static int do_count(struct arguments* arguments) {
    struct perf_event_attr event = {
        .type = PERF_TYPE_SOFTWARE,
        .size = sizeof(event),
        .config = PERF_COUNT_SW_CPU_CLOCK,
        .exclude_kernel = !arguments->number[2],
    };
    const int fd = (int)syscall(SYS_perf_event_open, &event, arguments->number[0],
                                arguments->number[1], -1, PERF_FLAG_FD_CLOEXEC);

    if (fd < 0) return errno;
    close(fd);
    return 0;
}

static void kernel_programs(const char* policy, bool bpf, bool perf) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    struct arguments count = {.number = {0, -1, 0}};

    if (ask(puppet, do_make_map, NULL)) die("make a map");
    if (bind_process(puppet->pid, "uts", policy)) die("bind");
    check_errno(ask(puppet, do_look_up, NULL), bpf ? 0 : EPERM, "%s: bpf, a map from before",
                policy);
    check_errno(ask(puppet, do_make_map, NULL), bpf ? 0 : EPERM, "%s: bpf, a map", policy);
    check_errno(ask(puppet, do_count, &count), 0, "%s: perf_event_open, itself", policy);
    count.number[2] = 1;
    check_errno(ask(puppet, do_count, &count), perf ? 0 : EPERM,
                "%s: perf_event_open, itself in the kernel", policy);
    count = (struct arguments){.number = {-1, 0, 0}};
    check_errno(ask(puppet, do_count, &count), perf ? 0 : EPERM, "%s: perf_event_open, a processor",
                policy);
    puppet_end(puppet);
}

/* Where the sysctls let everybody. */
static void everybodys(void) {
    write_file("/proc/sys/kernel/perf_event_paranoid", "-1", 2, 0);
    kernel_programs("none", false, false);
    kernel_programs("all", true, true);
    load("policy one { " OTHER "capability bpf, }");
    kernel_programs("one", true, false);
    load("policy one { " OTHER "capability perfmon, }");
    kernel_programs("one", false, true);
    load("policy one { " OTHER "capability sys_admin, }");
    kernel_programs("one", true, true);
    kernel_programs("complains", true, true);
}

/* Rings, whose operations are done by threads with credentials of other times. */

/* number[0]: IOSQE_* flags; [1]: a personality. Opens what only CAP_DAC_OVERRIDE opens. */
static int do_ring_open(struct arguments* arguments) {
    const struct io_uring_sqe entry = {
        .opcode = IORING_OP_OPENAT,
        .flags = (uint8_t)arguments->number[0],
        .personality = (uint16_t)arguments->number[1],
        .fd = AT_FDCWD,
        .addr = (uintptr_t)arguments->path,
        .open_flags = O_WRONLY | O_CLOEXEC,
    };
    const int result = ring_submit(&entry);

    if (result < 0) return -result;
    close(result);
    return 0;
}

/* Returns its number. */
static int do_register(struct arguments* arguments) {
    arguments->number[1] =
        syscall(SYS_io_uring_register, ring_fd(), IORING_REGISTER_PERSONALITY, NULL, 0);
    return outcome(arguments->number[1]);
}

/* New credentials, which are the same. */
static int do_renew_credentials(struct arguments* arguments) {
    (void)arguments;
    return outcome(setgroups(0, NULL));
}

static int ring_open(struct puppet* puppet, long flags, long personality) {
    struct arguments arguments = {.path = "/theirs", .number = {flags, personality}};

    return ask(puppet, do_ring_open, &arguments);
}

static void rings(const char* policy, int error) {
    static const struct {
        const char* name;
        long setup;
        long flags;
    } ways[] = {
        {"inline", 0, 0},
        {"by a worker", 0, IOSQE_ASYNC},
        {"by a polling thread", IORING_SETUP_SQPOLL, 0},
        {"by a polling thread's worker", IORING_SETUP_SQPOLL, IOSQE_ASYNC},
    };

    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct puppet* const parent = puppet_make(CLONE_NEWUTS);
        struct arguments setup = {.number = {ways[i].setup}};
        struct puppet* child;
        long personality;

        if (ask(parent, do_make_ring, &setup)) die("make a ring");
        check_errno(ring_open(parent, ways[i].flags, 0), 0, "ring %s: unconfined", ways[i].name);
        if (ask(parent, do_register, NULL)) die("register a personality");
        personality = answered(parent)->number[1];
        /* The threads that do the work have the credentials from before. */
        if (ask(parent, do_renew_credentials, NULL)) die("renew credentials");
        child = ways[i].setup ? NULL : puppet_fork(parent, CLONE_NEWUTS);
        if (child && bind_process(child->pid, "uts", policy)) die("bind a child");
        if (bind_process(parent->pid, "uts", policy)) die("bind");
        check_errno(ring_open(parent, ways[i].flags, 0), error, "ring %s: %s", ways[i].name,
                    policy);
        check_errno(ring_open(parent, ways[i].flags, personality), error,
                    "ring %s: %s, with credentials from before", ways[i].name, policy);
        if (child)
            check_errno(ring_open(child, ways[i].flags, personality), error,
                        "ring %s: %s, with credentials that its parent registered", ways[i].name,
                        policy);
        puppet_end_all();
    }
}

int main(void) {
    load("%s", policies);
    if (ask(NULL, do_prepare_capabilities, NULL)) die("prepare");
    mkdir(TOP, 0755);
    write_file(TOP "/file", "", 0, 0644);
    each();
    rules_and_modes();
    kills();
    overlay(NULL, true);
    overlay("all", false);
    descriptors();
    user_namespace();
    everybodys();
    rings("all", 0);
    rings("none", EACCES);
    return finish();
}
