// SPDX-License-Identifier: GPL-2.0-only
/* Changes of the mount tree by mount(2) and by the newer calls, and their conditions. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

/* <sys/mount.h> and <linux/mount.h> exclude each other. */
int mount(const char* source, const char* target, const char* type, unsigned long flags,
          const void* data);
int umount2(const char* target, int flags);

enum { MNT_DETACH = 2 };

#define TOP "/tmp/mounts"

static const char policies[] =
    "@{T} = /tmp/mounts\n"
    "policy mounts {\n"
    "  file, capability, namespace,\n"
    "  mount fstype=tmpfs options=(rw, nosuid) ours -> @{T}/new/,\n"
    "  mount fstype=ext4 options=(rw) @{T}/device -> @{T}/new/,\n"
    "  mount options=(rw, bind) @{T}/free/ -> @{T}/on/,\n"
    "  mount options=(rw, rbind) @{T}/tree/ -> @{T}/on/,\n"
    "  mount options=(rw, bind) @{T}/free/file -> @{T}/on/file,\n"
    "  mount options=(rw, move) @{T}/movable/ -> @{T}/on/,\n"
    "  remount options=(ro, bind) @{T}/mounted/,\n"
    "  remount options=(ro, nosuid) @{T}/mounted/,\n"
    "  mount options=(make-private) @{T}/mounted/,\n"
    "  umount @{T}/mounted/,\n"
    "  pivot_root oldroot=@{T}/mounted/old/ @{T}/mounted/,\n"
    "}\n"
    "policy all { file, capability, namespace, mount, remount, umount, pivot_root, }\n"
    "policy but flags=(default_allow) { deny mount options=(bind) @{T}/secret/ errno=EACCES, }\n"
    "policy tells { file, capability, namespace,\n"
    "  audit mount options=(rw, bind) @{T}/free/ -> @{T}/on/, }\n"
    "policy complains flags=(complain) { file, capability, namespace, }\n"
    "policy kills flags=(kill) { file, capability, namespace, }\n";

static void write_mark(const char* folder, const char* mark) {
    char path[128];

    snprintf(path, sizeof(path), TOP "/%s/mark", folder);
    write_file(path, mark, strlen(mark), 0644);
}

/* In a puppet's own mount namespace. */
static int do_make_tree(struct arguments* arguments) {
    static const char* const folders[] = {"free",    "secret",  "on",    "other", "new",
                                          "movable", "mounted", "fixed", "tree"};
    char path[128];

    (void)arguments;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || (mkdir(TOP, 0755), 0) ||
        mount("tmpfs", TOP, "tmpfs", 0, "mode=755"))
        return errno;
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        snprintf(path, sizeof(path), TOP "/%s", folders[i]);
        if (mkdir(path, 0755)) return errno;
        write_mark(folders[i], folders[i]);
        snprintf(path, sizeof(path), TOP "/%s/file", folders[i]);
        write_file(path, "text", 4, 0644);
    }
    if (mount("tmpfs", TOP "/movable", "tmpfs", 0, NULL) ||
        mount("tmpfs", TOP "/mounted", "tmpfs", 0, NULL) ||
        mount("tmpfs", TOP "/fixed", "tmpfs", 0, NULL) || mkdir(TOP "/mounted/old", 0755) ||
        mkdir(TOP "/fixed/old", 0755) || symlink(TOP "/free", TOP "/to-free") ||
        symlink(TOP "/secret", TOP "/to-secret") || symlink("/dev/null", TOP "/to-device"))
        return errno;
    write_file(TOP "/device", "", 0, 0644);
    return outcome(chdir(TOP));
}

static struct puppet* make_puppet(const char* policy) {
    struct puppet* const puppet = puppet_make(CLONE_NEWNS | CLONE_NEWUTS);

    if (ask(puppet, do_make_tree, NULL)) die("make a tree");
    if (policy && bind_process(puppet->pid, "uts", policy)) die("bind");
    return puppet;
}

/* What is tried: path is the target, to the source; number[0]: flags. */

static int do_mount_tmpfs(struct arguments* arguments) {
    return outcome(
        mount(arguments->to, arguments->path, "tmpfs", (unsigned long)arguments->number[0], NULL));
}

/* Of another type; it need not be there. */
static int do_mount_ext4(struct arguments* arguments) {
    const int error = outcome(
        mount(arguments->to, arguments->path, "ext4", (unsigned long)arguments->number[0], NULL));

    return error == ENOTBLK || error == ENODEV ? 0 : error;
}

static int do_mount_ramfs(struct arguments* arguments) {
    return outcome(
        mount(arguments->to, arguments->path, "ramfs", (unsigned long)arguments->number[0], NULL));
}

static int do_mount(struct arguments* arguments) {
    return outcome(mount(*arguments->to ? arguments->to : NULL, arguments->path, NULL,
                         (unsigned long)arguments->number[0], NULL));
}

static int do_umount(struct arguments* arguments) {
    return outcome(umount2(arguments->path, (int)arguments->number[0]));
}

static int do_pivot(struct arguments* arguments) {
    return outcome(syscall(SYS_pivot_root, arguments->path, arguments->to));
}

/* Fails as the first that fails. */
static int attach(int fd, const char* target) {
    return fd < 0 ? errno
                  : outcome(
                        syscall(SYS_move_mount, fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH));
}

/* number[0]: MOUNT_ATTR_* */
static int new_mount(const char* type, struct arguments* arguments) {
    const int context = (int)syscall(SYS_fsopen, type, 0);
    int fd, error;

    if (context < 0 ||
        syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "source", arguments->to, 0) ||
        syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
        return EIO;
    fd = (int)syscall(SYS_fsmount, context, 0, arguments->number[0]);
    error = attach(fd, arguments->path);
    close(fd);
    close(context);
    return error;
}

static int do_new_tmpfs(struct arguments* arguments) {
    return new_mount("tmpfs", arguments);
}

static int do_new_ramfs(struct arguments* arguments) {
    return new_mount("ramfs", arguments);
}

/* number[0]: OPEN_TREE_CLONE, AT_RECURSIVE */
static int do_open_tree(struct arguments* arguments) {
    const int fd = (int)syscall(SYS_open_tree, AT_FDCWD, arguments->to, arguments->number[0]);
    const int error = attach(fd, arguments->path);

    close(fd);
    return error;
}

static int do_move_mount(struct arguments* arguments) {
    return outcome(syscall(SYS_move_mount, AT_FDCWD, arguments->to, AT_FDCWD, arguments->path, 0));
}

/* number[0]: attributes to set, number[1]: propagation. */
static int do_set_attributes(struct arguments* arguments) {
    struct mount_attr attributes = {.attr_set = (unsigned long)arguments->number[0],
                                    .propagation = (unsigned long)arguments->number[1]};

    return outcome(
        syscall(SYS_mount_setattr, AT_FDCWD, arguments->path, 0, &attributes, sizeof(attributes)));
}

static int do_reconfigure(struct arguments* arguments) {
    const int context = (int)syscall(SYS_fspick, AT_FDCWD, arguments->path, 0);
    const int error =
        context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, "ro", NULL, 0)
            ? EIO
            : outcome(syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));

    close(context);
    return error;
}

struct trial {
    const char* name;
    operation* operation;
    const char *target, *source;
    unsigned long number[2];
    int want;
};

static int try(struct puppet* by, const struct trial* trial) {
    struct arguments arguments = {.number = {(long)trial->number[0], (long)trial->number[1]}};

    strcpy(arguments.path, trial->target);
    strcpy(arguments.to, trial->source);
    return ask(by, trial->operation, &arguments);
}

/* Each is tried under the policy with conditions, and under those that allow it. */
static void conditions(void) {
#define AT(folder) TOP "/" folder
    static const struct trial trials[] = {
        {"new", do_mount_tmpfs, AT("new"), "ours", {MS_NOSUID}, 0},
        {"new: of other flags", do_mount_tmpfs, AT("new"), "ours", {0}, EPERM},
        {"new: of more flags", do_mount_tmpfs, AT("new"), "ours", {MS_NOSUID | MS_NODEV}, EPERM},
        {"new: of another source", do_mount_tmpfs, AT("new"), "other", {MS_NOSUID}, EPERM},
        {"new: of another type", do_mount_ramfs, AT("new"), "ours", {MS_NOSUID}, EPERM},
        {"new: elsewhere", do_mount_tmpfs, AT("other"), "ours", {MS_NOSUID}, EPERM},
        {"new: with a flag that means nothing",
         do_mount_tmpfs,
         AT("new"),
         "ours",
         {MS_NOSUID | MS_SILENT},
         0},
        {"new: of a device", do_mount_ext4, AT("new"), AT("device"), {0}, 0},
        {"new: of a device by another way", do_mount_ext4, AT("new"), "free/../device", {0}, 0},
        {"new: of another device", do_mount_ext4, AT("new"), AT("free/file"), {0}, EPERM},
        {"new: of a link to another device", do_mount_ext4, AT("new"), AT("to-device"), {0}, EPERM},
        {"fsmount", do_new_tmpfs, AT("new"), "ours", {MOUNT_ATTR_NOSUID}, 0},
        {"fsmount: of other flags", do_new_tmpfs, AT("new"), "ours", {0}, EPERM},
        {"fsmount: of more flags",
         do_new_tmpfs,
         AT("new"),
         "ours",
         {MOUNT_ATTR_NOSUID | MOUNT_ATTR_RDONLY},
         EPERM},
        {"fsmount: of another atime",
         do_new_tmpfs,
         AT("new"),
         "ours",
         {MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME},
         EPERM},
        {"fsmount: of another source",
         do_new_tmpfs,
         AT("new"),
         "other",
         {MOUNT_ATTR_NOSUID},
         EPERM},
        {"fsmount: of another type", do_new_ramfs, AT("new"), "ours", {MOUNT_ATTR_NOSUID}, EPERM},
        {"fsmount: elsewhere", do_new_tmpfs, AT("other"), "ours", {MOUNT_ATTR_NOSUID}, EPERM},
        {"bind", do_mount, AT("on"), AT("free"), {MS_BIND}, 0},
        {"bind: a file", do_mount, AT("on/file"), AT("free/file"), {MS_BIND}, 0},
        {"bind: another file", do_mount, AT("on/file"), AT("secret/file"), {MS_BIND}, EPERM},
        {"bind: of another source", do_mount, AT("on"), AT("secret"), {MS_BIND}, EPERM},
        {"bind: elsewhere", do_mount, AT("other"), AT("free"), {MS_BIND}, EPERM},
        {"bind: with all below", do_mount, AT("on"), AT("free"), {MS_BIND | MS_REC}, EPERM},
        {"bind: what may be with all below", do_mount, AT("on"), AT("tree"), {MS_BIND | MS_REC}, 0},
        {"bind: what may be only so", do_mount, AT("on"), AT("tree"), {MS_BIND}, EPERM},
        {"bind: by a link", do_mount, AT("on"), AT("to-free"), {MS_BIND}, 0},
        {"bind: by a link elsewhere", do_mount, AT("on"), AT("to-secret"), {MS_BIND}, EPERM},
        {"bind: by a relative path", do_mount, AT("on"), "secret/../free", {MS_BIND}, 0},
        {"bind: by one elsewhere", do_mount, AT("on"), AT("free/../secret"), {MS_BIND}, EPERM},
        {"bind: by a descriptor's path",
         do_mount,
         AT("on"),
         "/proc/self/cwd/secret",
         {MS_BIND},
         EPERM},
        {"open_tree", do_open_tree, AT("on"), AT("free"), {OPEN_TREE_CLONE}, EPERM},
        {"open_tree: recursive",
         do_open_tree,
         AT("on"),
         AT("tree"),
         {OPEN_TREE_CLONE | AT_RECURSIVE},
         EPERM},
        {"move", do_mount, AT("on"), AT("movable"), {MS_MOVE}, 0},
        {"move: of another source", do_mount, AT("on"), AT("fixed"), {MS_MOVE}, EPERM},
        {"move: elsewhere", do_mount, AT("other"), AT("movable"), {MS_MOVE}, EPERM},
        {"move_mount", do_move_mount, AT("on"), AT("movable"), {0}, 0},
        {"move_mount: by open_tree", do_open_tree, AT("on"), AT("movable"), {0}, 0},
        {"move_mount: of another source", do_move_mount, AT("on"), AT("fixed"), {0}, EPERM},
        {"move_mount: elsewhere", do_move_mount, AT("other"), AT("movable"), {0}, EPERM},
        {"remount of a mount", do_mount, AT("mounted"), "", {MS_REMOUNT | MS_BIND | MS_RDONLY}, 0},
        {"remount of a mount: of other flags",
         do_mount,
         AT("mounted"),
         "",
         {MS_REMOUNT | MS_BIND | MS_NOEXEC},
         EPERM},
        {"remount of a mount: elsewhere",
         do_mount,
         AT("fixed"),
         "",
         {MS_REMOUNT | MS_BIND | MS_RDONLY},
         EPERM},
        {"remount", do_mount, AT("mounted"), "", {MS_REMOUNT | MS_RDONLY | MS_NOSUID}, 0},
        {"remount: of other flags", do_mount, AT("mounted"), "", {MS_REMOUNT | MS_RDONLY}, EPERM},
        {"remount: elsewhere",
         do_mount,
         AT("fixed"),
         "",
         {MS_REMOUNT | MS_RDONLY | MS_NOSUID},
         EPERM},
        {"fsconfig", do_reconfigure, AT("mounted"), "", {0}, EPERM},
        {"mount_setattr", do_set_attributes, AT("mounted"), "", {MOUNT_ATTR_RDONLY, 0}, EPERM},
        {"mount_setattr: propagation",
         do_set_attributes,
         AT("mounted"),
         "",
         {0, MS_PRIVATE},
         EPERM},
        {"propagation", do_mount, AT("mounted"), "", {MS_PRIVATE}, 0},
        {"propagation: another", do_mount, AT("mounted"), "", {MS_SHARED}, EPERM},
        {"propagation: of all below", do_mount, AT("mounted"), "", {MS_PRIVATE | MS_REC}, EPERM},
        {"propagation: elsewhere", do_mount, AT("fixed"), "", {MS_PRIVATE}, EPERM},
        {"umount", do_umount, AT("mounted"), "", {0}, 0},
        {"umount: lazy", do_umount, AT("mounted"), "", {MNT_DETACH}, 0},
        {"umount: elsewhere", do_umount, AT("fixed"), "", {MNT_DETACH}, EPERM},
        {"pivot_root", do_pivot, AT("mounted"), AT("mounted/old"), {0}, 0},
        {"pivot_root: elsewhere", do_pivot, AT("fixed"), AT("fixed/old"), {0}, EPERM},
        {"pivot_root: the old one elsewhere", do_pivot, AT("mounted"), AT("mounted"), {0}, EPERM},
    };

    for (size_t i = 0; i < ARRAY_SIZE(trials); i++) {
        const struct trial* const trial = trials + i;
        struct puppet* puppet = make_puppet("mounts");

        check_errno(try(puppet, trial), trial->want, "%s", trial->name);
        puppet_end(puppet);
        if (!trial->want) continue;
        puppet = make_puppet("all");
        check_errno(try(puppet, trial), 0, "%s: where all is allowed", trial->name);
        puppet_end(puppet);
    }
}

/* A deny rule with a condition, of what is allowed else. */
static void denied(void) {
    static const struct trial trials[] = {
        {"deny: bind", do_mount, AT("on"), AT("secret"), {MS_BIND}, EACCES},
        {"deny: bind of another", do_mount, AT("on"), AT("free"), {MS_BIND}, 0},
        {"deny: bind by a link", do_mount, AT("on"), AT("to-secret"), {MS_BIND}, EACCES},
        {"deny: a clone, of whatever it is",
         do_open_tree,
         AT("on"),
         AT("free"),
         {OPEN_TREE_CLONE},
         EPERM},
        {"deny: not open_tree by itself", do_open_tree, AT("on"), AT("movable"), {0}, 0},
        {"deny: no other operation", do_set_attributes, AT("fixed"), "", {MOUNT_ATTR_RDONLY}, 0},
        {"deny: nor this", do_reconfigure, AT("fixed"), "", {0}, 0},
    };

    for (size_t i = 0; i < ARRAY_SIZE(trials); i++) {
        struct puppet* const puppet = make_puppet("but");

        check_errno(try(puppet, trials + i), trials[i].want, "%s", trials[i].name);
        puppet_end(puppet);
    }
#undef AT
}

/* A link that changes while the kernel looks where it leads. */

static volatile bool is_over;

static void* exchange(void* unused) {
    while (!is_over) {
        renameat2(AT_FDCWD, TOP "/to-free", AT_FDCWD, TOP "/to-secret", RENAME_EXCHANGE);
        sched_yield();
    }
    return unused;
}

/* number[0]: how often; left there: how often it was done, denied, and not what is allowed. */
static int do_race(struct arguments* arguments) {
    long done = 0, refused = 0, wrong = 0;
    pthread_t thread;

    is_over = false;
    if (pthread_create(&thread, NULL, exchange, NULL)) return EIO;
    for (long i = 0; i < arguments->number[0]; i++) {
        if (mount(TOP "/to-free", TOP "/on", NULL, MS_BIND, NULL)) {
            refused += errno == EPERM;
            continue;
        }
        done++;
        wrong += access(TOP "/on/mark", R_OK) != 0;
        char* const mark = read_file(TOP "/on/mark", NULL);
        wrong += !mark || strcmp(mark, "free");
        if (umount2(TOP "/on", MNT_DETACH)) return errno;
    }
    is_over = true;
    pthread_join(thread, NULL);
    arguments->number[0] = done;
    arguments->number[1] = refused;
    arguments->number[2] = wrong;
    return 0;
}

static void race(void) {
    struct puppet* puppet;
    struct arguments arguments = {.number = {rounds(3000)}};
    long* number;

    load(
        "policy races { file, capability, namespace, umount,\n"
        "  mount options=(rw, bind) " TOP "/free/ -> " TOP "/on/, }\n");
    puppet = make_puppet("races");
    check_errno(ask(puppet, do_race, &arguments), 0, "race: run");
    number = answered(puppet)->number;
    note("%ld binds, %ld denied", number[0], number[1]);
    check(number[0] && number[1], "race: some are allowed, and some are not");
    check(!number[2], "race: what is bound is what was allowed");
    puppet_end(puppet);
}

/*
 * Done by one puppet after the other, until the log has the text: it takes no more than some lines
 * in some seconds.
 */
static void check_told(const char* policy, const struct trial* trial, const char* verb,
                       const char* operation) {
    bool is_told = false;
    char text[128];

    snprintf(text, sizeof(text), "%s policy=\"%s\" class=mount operation=%s", verb, policy,
             operation);
    for (int i = 0; i < 60 && !is_told; i++) {
        struct puppet* const puppet = make_puppet(policy);
        const int error = try(puppet, trial);

        puppet_end(puppet);
        if (error) {
            check_errno(error, 0, "%s: %s", policy, operation);
            return;
        }
        is_told = log_has(text);
        if (!is_told) usleep(200 * 1000);
    }
    check(is_told, "%s: %s is done and told", policy, operation);
}

static void modes(void) {
    static const struct {
        const char* name;
        struct trial trial;
    } cases[] = {
        {"mount", {"", do_mount_tmpfs, TOP "/new", "ours", {0}, 0}},
        {"bind", {"", do_mount, TOP "/on", TOP "/free", {MS_BIND}, 0}},
        {"remount", {"", do_set_attributes, TOP "/mounted", "", {MOUNT_ATTR_RDONLY}, 0}},
        {"umount", {"", do_umount, TOP "/mounted", "", {MNT_DETACH}, 0}},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct puppet* const puppet = make_puppet("kills");

        check_told("complains", &cases[i].trial, "complained", cases[i].name);
        check_errno(try(puppet, &cases[i].trial), -1, "kill: %s", cases[i].name);
        puppet_end(puppet);
    }
    check_told("tells", &cases[1].trial, "allowed", "bind");
}

static void set_probes(char value) {
    const int fd = open("/sys/kernel/debug/kprobes/enabled", O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, &value, 1) != 1) die("switch probes");
    close(fd);
}

/* Without the probe the source is not known; all else is. */
static void switched_off(void) {
    static const struct trial bind = {"", do_mount, TOP "/on", TOP "/free", {MS_BIND}, 0};
    static const struct trial new = {"", do_mount_tmpfs, TOP "/new", "ours", {MS_NOSUID}, 0};
    struct puppet* const puppet = make_puppet("mounts");
    struct puppet* const other = make_puppet("all");

    set_probes('0');
    check(stats_hold("probe kern_path DISARMED"), "switched off: stats say so");
    check_errno(try(puppet, &bind), EPERM, "switched off: bind");
    check_errno(try(other, &bind), 0, "switched off: bind without conditions");
    check_errno(try(puppet, &new), 0, "switched off: what has no path as its source");
    set_probes('1');
    check_errno(try(puppet, &bind), 0, "switched on: bind");
    puppet_end(puppet);
    puppet_end(other);
}

int main(void) {
    load("policy all { mount, }");
    check(!stats_hold("probe kern_path"), "without conditions nothing is probed");
    load("%s", policies);
    check(stats_hold("probe kern_path armed"), "with conditions the source is");
    modes();
    conditions();
    denied();
    race();
    switched_off();
    unload_all();
    check(!stats_hold("probe kern_path"), "and not when they are gone");
    return finish();
}
