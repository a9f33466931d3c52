// SPDX-License-Identifier: GPL-2.0-only
/* getattr, setxattr and ioctl of files, and what else comes to the same. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "harness.h"
#include "ring.h"

/* A file system of our own. */
#define TOP "/tmp/attributes"
/* A user's; another where tmpfs has none of those, as in older kernels. */
static const char* attribute = "user.test";
#define ACL "system.posix_acl_access"
#define ALLOWED "capability, namespace, mount, umount, pivot_root, io_uring, "
#define EACH_RULE "  /tmp/attributes/** r, /tmp/attributes/{free,merged}/** wlm,\n"

static const char policies[] =
    "policy plain { " ALLOWED EACH_RULE
    "}\n"
    "policy attributes { " ALLOWED EACH_RULE
    "  /tmp/attributes/named/** (setxattr),\n"
    "  owner /tmp/attributes/own/** (setxattr),\n"
    "  deny /tmp/attributes/hidden/** (getattr),\n"
    "  deny /tmp/attributes/mute/** (ioctl) errno=ENOTTY,\n"
    "}\n"
    "policy tells { " ALLOWED EACH_RULE
    "  audit /tmp/attributes/free/** (getattr, setxattr, ioctl),\n"
    "}\n"
    "policy complains flags=(complain) { " ALLOWED
    "  /tmp/attributes/** r, deny /tmp/attributes/none/** (getattr, ioctl),\n"
    "}\n"
    "policy kills flags=(kill) { " ALLOWED
    "  /tmp/attributes/** r, deny /tmp/attributes/none/** (getattr, ioctl),\n"
    "}\n";

static const char* const folders[] = {"free", "none",  "read",  "named",  "own",  "hidden", "mute",
                                      "bind", "lower", "upper", "merged", "work", "other"};

static void make_tree(void) {
    char path[256];

    umount2(TOP "/merged", MNT_DETACH);
    umount2(TOP, MNT_DETACH);
    mkdir(TOP, 0755);
    if (mount("tmpfs", TOP, "tmpfs", 0, "mode=755") || mount(NULL, TOP, NULL, MS_PRIVATE, NULL))
        die("mount a tmpfs");
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        snprintf(path, sizeof(path), TOP "/%s", folders[i]);
        mkdir(path, 0755);
        snprintf(path, sizeof(path), TOP "/%s/file", folders[i]);
        write_file(path, "text", 4, 0644);
        if (setxattr(path, attribute, "old", 3, 0)) die("set an attribute");
        snprintf(path, sizeof(path), TOP "/%s/folder", folders[i]);
        if (mkdir(path, 0755)) die("mkdir %s", path);
    }
    write_file(TOP "/own/foreign", "text", 4, 0644);
    if (chown(TOP "/own/foreign", 1000, 1000)) die("chown");
}

/* What is tried. */

static int open_path(struct arguments* arguments, int flags) {
    return open(arguments->path, flags | O_CLOEXEC);
}

static int do_lstat(struct arguments* arguments) {
    struct stat found;

    return outcome(lstat(arguments->path, &found));
}

static int do_statx(struct arguments* arguments) {
    struct statx found;

    return outcome(statx(AT_FDCWD, arguments->path, 0, STATX_MODE, &found));
}

static int do_fstat(struct arguments* arguments) {
    const int fd = open_path(arguments, O_RDONLY);
    struct stat found;
    const int error = fd < 0 ? EIO : outcome(fstat(fd, &found));

    close(fd);
    return error;
}

static int do_fstat_path(struct arguments* arguments) {
    const int fd = open_path(arguments, O_PATH);
    struct stat found;
    const int error = fd < 0 ? EIO : outcome(fstatat(fd, "", &found, AT_EMPTY_PATH));

    close(fd);
    return error;
}

static int do_fstatat(struct arguments* arguments) {
    struct stat found;
    char* const last = strrchr(arguments->path, '/');
    int folder, error;

    *last = '\0';
    folder = open_path(arguments, O_PATH);
    error = folder < 0 ? EIO : outcome(fstatat(folder, last + 1, &found, 0));
    close(folder);
    return error;
}

static int do_ring_statx(struct arguments* arguments) {
    struct arguments setup = {};
    struct statx found;
    const struct io_uring_sqe entry = {.opcode = IORING_OP_STATX,
                                       .fd = AT_FDCWD,
                                       .addr = (uintptr_t)arguments->path,
                                       .off = (uintptr_t)&found,
                                       .len = STATX_MODE};

    return do_make_ring(&setup) ? EIO : -ring_submit(&entry);
}

/* By a 32-bit system call. */
static int do_compat_ioctl(struct arguments* arguments) {
    enum { COMPAT_IOCTL = 54 };
    const int fd = open_path(arguments, O_RDONLY);
    int* const bytes =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    const long result = enter(ENTRY_32, COMPAT_IOCTL, fd, FIONREAD, (long)bytes, 0);

    munmap(bytes, 4096);
    close(fd);
    return fd < 0 ? EIO : (int)-result;
}

static int do_fioclex(struct arguments* arguments) {
    const int fd = open_path(arguments, O_RDONLY);
    const int error = fd < 0 ? EIO : outcome(ioctl(fd, FIOCLEX));

    close(fd);
    return error;
}

static int do_set(struct arguments* arguments) {
    return outcome(setxattr(arguments->path, attribute, "text", 4, 0));
}

static int do_lsetxattr(struct arguments* arguments) {
    return outcome(lsetxattr(arguments->path, attribute, "text", 4, 0));
}

static int do_fsetxattr(struct arguments* arguments) {
    const int fd = open_path(arguments, O_RDONLY);
    const int error = fd < 0 ? EIO : outcome(fsetxattr(fd, attribute, "text", 4, 0));

    close(fd);
    return error;
}

static int do_removexattr(struct arguments* arguments) {
    return outcome(removexattr(arguments->path, attribute));
}

static int do_fremovexattr(struct arguments* arguments) {
    const int fd = open_path(arguments, O_RDONLY);
    const int error = fd < 0 ? EIO : outcome(fremovexattr(fd, attribute));

    close(fd);
    return error;
}

/* Of another kind, on what need not be a file. */
static int do_set_trusted(struct arguments* arguments) {
    return outcome(setxattr(arguments->path, "trusted.test", "text", 4, 0));
}

/* u::rw-, u:1:r--, g::r--, m::r--, o::r-- */
static int do_set_acl(struct arguments* arguments) {
    static const struct {
        uint32_t version;
        struct {
            uint16_t tag, permissions;
            uint32_t id;
        } entries[5];
    } acl = {2, {{1, 6, -1u}, {2, 4, 1}, {4, 4, -1u}, {16, 4, -1u}, {32, 4, -1u}}};

    return outcome(setxattr(arguments->path, ACL, &acl, sizeof(acl), 0));
}

static int do_remove_acl(struct arguments* arguments) {
    return outcome(removexattr(arguments->path, ACL));
}

enum { BY_PATH, BY_DESCRIPTOR };

/* number[0]: how; number[1]: a personality. In a ring that is there. */
static int do_ring_setxattr(struct arguments* arguments) {
    static const char value[] = "text";
    struct io_uring_sqe entry = {.opcode = IORING_OP_SETXATTR,
                                 .addr = (uintptr_t)attribute,
                                 .addr2 = (uintptr_t)value,
                                 .len = 4,
                                 .personality = (uint16_t)arguments->number[1]};
    int error;

    if (arguments->number[0] == BY_PATH) {
        entry.addr3 = (uintptr_t)arguments->path;
        return -ring_submit(&entry);
    }
    entry.opcode = IORING_OP_FSETXATTR;
    entry.fd = open_path(arguments, O_RDONLY);
    if (entry.fd < 0) return EIO;
    error = -ring_submit(&entry);
    close(entry.fd);
    return error;
}

/* In a ring of its own. */
static int do_new_ring_setxattr(struct arguments* arguments) {
    struct arguments setup = {};

    return do_make_ring(&setup) ? EIO : do_ring_setxattr(arguments);
}

struct trial {
    const char* name;
    operation* operation;
    const char *path, *to;
    long number[2];
    int want;
};

static int try(struct puppet* by, const struct trial* trial) {
    struct arguments arguments = {.number = {trial->number[0], trial->number[1]}};

    strcpy(arguments.path, trial->path);
    strcpy(arguments.to, trial->to ? trial->to : "");
    return ask(by, trial->operation, &arguments);
}

/* Each is tried confined, and then unconfined, where it must be done. */
static void each_operation(void) {
#define BOTH(name, operation, yes, no, want, ...)                                \
    {name ": allowed", operation, TOP yes, TOP "/free/new", {__VA_ARGS__}, 0}, { \
        name ": denied", operation, TOP no, TOP "/free/new", {__VA_ARGS__}, want \
    }
#define GETATTR(name, operation) BOTH(name, operation, "/read/file", "/hidden/file", EACCES, 0)
#define IOCTL(name, operation) BOTH(name, operation, "/read/file", "/mute/file", ENOTTY, 0)
#define SETXATTR(name, operation, ...) \
    BOTH(name, operation, "/free/file", "/read/file", EACCES, __VA_ARGS__)
    static const struct trial trials[] = {
        GETATTR("stat", do_getattr),
        GETATTR("lstat", do_lstat),
        GETATTR("statx", do_statx),
        GETATTR("fstat", do_fstat),
        GETATTR("fstat of an O_PATH descriptor", do_fstat_path),
        GETATTR("fstatat", do_fstatat),
        GETATTR("statx by a ring", do_ring_statx),
        BOTH("stat of a folder", do_getattr, "/none/folder", "/hidden/folder", EACCES, 0),
        IOCTL("ioctl", do_ioctl),
        IOCTL("ioctl of a 32-bit program", do_compat_ioctl),
        IOCTL("ioctl about the descriptor", do_fioclex),
        SETXATTR("setxattr", do_set, 0),
        SETXATTR("lsetxattr", do_lsetxattr, 0),
        SETXATTR("fsetxattr", do_fsetxattr, 0),
        SETXATTR("removexattr", do_removexattr, 0),
        SETXATTR("fremovexattr", do_fremovexattr, 0),
        SETXATTR("setxattr by a ring", do_new_ring_setxattr, BY_PATH),
        SETXATTR("fsetxattr by a ring", do_new_ring_setxattr, BY_DESCRIPTOR),
        SETXATTR("another kind of attribute", do_set_trusted, 0),
        BOTH("setxattr of a folder", do_set_trusted, "/free/folder", "/read/folder", EACCES, 0),
        SETXATTR("an ACL", do_set_acl, 0),
        SETXATTR("removal of an ACL", do_remove_acl, 0),
        BOTH("setxattr by its name", do_set, "/named/file", "/hidden/file", EACCES, 0),
        BOTH("setxattr of one's own", do_set, "/own/file", "/own/foreign", EACCES, 0),
        BOTH("a second name that grants no more", do_link, "/free/file", "/hidden/file", EACCES, 0),
    };
    struct puppet* const puppet = puppet_under("attributes");

    for (size_t i = 0; i < ARRAY_SIZE(trials); i++) {
        make_tree();
        check_errno(try(puppet, trials + i), trials[i].want, "%s", trials[i].name);
        if (!trials[i].want) continue;
        make_tree();
        check_errno(try(NULL, trials + i), 0, "%s, unconfined", trials[i].name);
    }
    puppet_end(puppet);
#undef BOTH
#undef GETATTR
#undef IOCTL
#undef SETXATTR
}

/* A policy without rules on getattr and ioctl says nothing of them, name or no name. */
static int kept = -1;

/* number[0]: MNT_DETACH the mount below which it is, and not just open it. */
static int do_keep(struct arguments* arguments) {
    if (kept >= 0) close(kept);
    kept = open_path(arguments, O_RDONLY);
    if (kept < 0) return EIO;
    return arguments->number[0] ? outcome(umount2(TOP, MNT_DETACH)) : 0;
}

static int do_keep_memory(struct arguments* arguments) {
    (void)arguments;
    if (kept >= 0) close(kept);
    kept = memfd_create("test", MFD_CLOEXEC);
    return kept < 0 ? EIO : 0;
}

static int do_fstat_kept(struct arguments* arguments) {
    struct stat found;

    return (void)arguments, outcome(fstat(kept, &found));
}

static int do_ioctl_kept(struct arguments* arguments) {
    int bytes;

    return (void)arguments, outcome(ioctl(kept, FIONREAD, &bytes));
}

static int do_setxattr_kept(struct arguments* arguments) {
    return (void)arguments, outcome(fsetxattr(kept, attribute, "text", 4, 0));
}

static void without_name(const char* policy, int want) {
    struct puppet* by;

    make_tree();
    by = puppet_make(CLONE_NEWNS | CLONE_NEWUTS);
    if (try_path(by, do_keep, TOP "/free/file", 1, 0)) die("detach a mount");
    if (bind_process(by->pid, "uts", policy)) die("bind");
    check_errno(ask(by, do_fstat_kept, NULL), want, "%s: fstat of what has no name", policy);
    check_errno(ask(by, do_ioctl_kept, NULL), want, "%s: ioctl of what has no name", policy);
    check_errno(ask(by, do_setxattr_kept, NULL), EACCES, "%s: fsetxattr of what has no name",
                policy);
    if (ask(by, do_keep_memory, NULL)) die("make a memfd");
    check_errno(ask(by, do_fstat_kept, NULL), 0, "%s: fstat of memory", policy);
    check_errno(ask(by, do_ioctl_kept, NULL), 0, "%s: ioctl of memory", policy);
    check_errno(ask(by, do_setxattr_kept, NULL), 0, "%s: fsetxattr of memory", policy);
    puppet_end(by);
}

/* Files with two names, in a mount namespace of one's own. */

/* number[0]: MS_* flags of the bind mount at `to`; number[1]: detach it again. */
static int do_bind(struct arguments* arguments) {
    if (arguments->number[1]) return outcome(umount2(arguments->to, MNT_DETACH));
    return outcome(mount(arguments->path, arguments->to, NULL, MS_BIND, NULL))
               ?: (arguments->number[0]
                       ? outcome(mount(NULL, arguments->to, NULL,
                                       MS_BIND | MS_REMOUNT | (unsigned long)arguments->number[0],
                                       NULL))
                       : 0);
}

static void two_names(void) {
    struct puppet* puppet;
    struct arguments bind = {.path = TOP "/read", .to = TOP "/free/folder"};

    make_tree();
    puppet = puppet_make(CLONE_NEWNS | CLONE_NEWUTS);
    if (bind_process(puppet->pid, "uts", "attributes")) die("bind");
    check_errno(ask(puppet, do_bind, &bind), 0, "two names: made");
    check_errno(try_path(puppet, do_set, TOP "/free/folder/file", 0, 0), EACCES,
                "two names: one of them is not enough");
    check_errno(try_path(puppet, do_set, TOP "/free/file", 0, 0), 0, "two names: what has but one");
    bind.number[1] = 1;
    check_errno(ask(puppet, do_bind, &bind), 0, "two names: unmade");
    bind = (struct arguments){.path = TOP "/free", .to = TOP "/none"};
    check_errno(ask(puppet, do_bind, &bind), 0, "two names: of what is allowed");
    check_errno(try_path(puppet, do_set, TOP "/free/file", 0, 0), EACCES,
                "two names: the other one counts");
    bind.number[1] = 1;
    check_errno(ask(puppet, do_bind, &bind), 0, "two names: unmade again");
    check_errno(try_path(puppet, do_set, TOP "/free/file", 0, 0), 0, "two names: now one");
    bind = (struct arguments){.path = TOP "/free", .to = TOP "/none", .number = {MS_RDONLY}};
    check_errno(ask(puppet, do_bind, &bind), 0, "two names: the other one is read-only");
    check_errno(try_path(puppet, do_set, TOP "/free/file", 0, 0), 0,
                "two names: by a read-only one it cannot be");
    check_errno(try_path(puppet, do_set, TOP "/none/file", 0, 0), EROFS, "two names: nor is it");
    puppet_end(puppet);

    /* What has the same name below two mounts of one place has one. */
    puppet = puppet_make(CLONE_NEWNS | CLONE_NEWUTS);
    if (bind_process(puppet->pid, "uts", "attributes")) die("bind");
    for (int i = 0; i < 40; i++) {
        bind = (struct arguments){.path = TOP "/free", .to = TOP "/free"};
        if (ask(puppet, do_bind, &bind)) die("bind a folder to itself");
    }
    check_errno(try_path(puppet, do_set, TOP "/free/file", 0, 0), EACCES,
                "two names: too many to look at");
    puppet_end(puppet);
}

/* What overlayfs does to its layers is its own doing, what a ring does is the task's. */

static int do_renew_credentials(struct arguments* arguments) {
    (void)arguments;
    return outcome(setgroups(0, NULL));
}

static int do_register(struct arguments* arguments) {
    const int personality =
        (int)syscall(SYS_io_uring_register, ring_fd(), IORING_REGISTER_PERSONALITY, NULL, 0);

    if (personality < 0) return errno;
    arguments->number[0] = personality;
    return 0;
}

/* Over one that was there below, so that it must be marked as opaque. */
static int do_renew_folder(struct arguments* arguments) {
    return outcome(rmdir(arguments->path)) ?: outcome(mkdir(arguments->path, 0755));
}

static void layers(void) {
    struct puppet* puppet;
    struct arguments setup = {};

    make_tree();
    if (mount("overlay", TOP "/merged", "overlay", 0,
              "lowerdir=" TOP "/lower:" TOP "/other,upperdir=" TOP "/upper,workdir=" TOP "/work"))
        die("mount an overlay");
    puppet = puppet_under("attributes");
    check_errno(try_open(puppet, TOP "/merged/file", O_WRONLY), 0, "layers: a file is copied up");
    check_errno(try_path(puppet, do_set, TOP "/merged/file", 0, 0), 0, "layers: setxattr");
    check_errno(try_path(puppet, do_removexattr, TOP "/merged/file", 0, 0), 0,
                "layers: removexattr");
    check_errno(try_path(puppet, do_set_acl, TOP "/merged/file", 0, 0), 0, "layers: an ACL");
    check_errno(try_path(puppet, do_remove_acl, TOP "/merged/file", 0, 0), 0,
                "layers: removal of an ACL");
    check_errno(try_path(puppet, do_renew_folder, TOP "/merged/folder", 0, 0), 0,
                "layers: an opaque folder");
    check_errno(try_path(puppet, do_new_ring_setxattr, TOP "/merged/file", BY_PATH, 0), 0,
                "layers: setxattr by a ring");
    check_errno(try_path(puppet, do_set, TOP "/upper/file", 0, 0), EACCES,
                "layers: not the layer itself");

    if (ask(puppet, do_make_ring, &setup)) die("make a ring");
    check_errno(try_path(puppet, do_ring_setxattr, TOP "/upper/file", BY_PATH, 0), EACCES,
                "layers: nor by a ring");
    if (ask(puppet, do_renew_credentials, NULL)) die("setgroups");
    check_errno(try_path(puppet, do_ring_setxattr, TOP "/upper/file", BY_PATH, 0), EACCES,
                "layers: nor by one whose workers have older credentials");
    check_errno(try_path(puppet, do_ring_setxattr, TOP "/merged/file", BY_PATH, 0), 0,
                "layers: which does what is allowed");
    if (ask(puppet, do_register, NULL)) die("register a personality");
    check_errno(
        try_path(puppet, do_ring_setxattr, TOP "/upper/file", BY_PATH, answered(puppet)->number[0]),
        EACCES, "layers: nor with credentials that were registered");
    setup.number[0] = IORING_SETUP_SQPOLL;
    if (ask(puppet, do_make_ring, &setup)) die("make a ring with a thread");
    check_errno(try_path(puppet, do_ring_setxattr, TOP "/upper/file", BY_PATH, 0), EACCES,
                "layers: nor by a ring's thread");
    if (ask(puppet, do_renew_credentials, NULL)) die("setgroups");
    check_errno(try_path(puppet, do_ring_setxattr, TOP "/upper/file", BY_DESCRIPTOR, 0), EACCES,
                "layers: nor by one with older credentials");
    puppet_end(puppet);
    umount2(TOP "/merged", MNT_DETACH);
}

static void modes(void) {
    static const struct {
        const char* name;
        operation* operation;
    } operations[] = {{"getattr", do_getattr}, {"setxattr", do_set}, {"ioctl", do_ioctl}};

    make_tree();
    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        struct arguments none = {.path = TOP "/none/file"}, free = {.path = TOP "/free/file"};
        operation* const operation = operations[i].operation;
        struct puppet* puppet = puppet_under("complains");
        char text[128];

        snprintf(text, sizeof(text), "complained policy=\"complains\" class=file operation=%s",
                 operations[i].name);
        check_errno(ask_until_told(puppet, operation, &none, text), 0, "complain: %s",
                    operations[i].name);
        puppet_end(puppet);

        puppet = puppet_under("tells");
        snprintf(text, sizeof(text), "allowed policy=\"tells\" class=file operation=%s",
                 operations[i].name);
        check_errno(ask_until_told(puppet, operation, &free, text), 0, "audit: %s",
                    operations[i].name);
        check(log_has(text), "audit: %s is told", operations[i].name);
        puppet_end(puppet);

        puppet = puppet_under("kills");
        check_errno(ask(puppet, operation, &free), i == 1 ? -1 : 0, "kill: %s elsewhere",
                    operations[i].name);
        puppet_end(puppet);
        puppet = puppet_under("kills");
        check_errno(ask(puppet, operation, &none), -1, "kill: %s", operations[i].name);
        puppet_end(puppet);
    }
}

int main(void) {
    if (setxattr("/tmp", attribute, "text", 4, 0) && errno == EOPNOTSUPP)
        attribute = "trusted.user";
    load("%s", policies);
    each_operation();
    without_name("plain", 0);
    without_name("attributes", EACCES);
    two_names();
    layers();
    modes();
    umount2(TOP, MNT_DETACH);
    rmdir(TOP);
    return finish();
}
