// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the lines of decision tables say, done.
 *
 * The paths of the tables begin at the root, so a keeper, which is not confined, has a file system
 * of its own there, and makes what a line needs before it: the file; or an open descriptor, of a
 * file that is to be locked or mapped, or of a socket, since the policy need not allow to open it.
 * Its child for the line inherits that, is bound, and does what the line says.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../harness.h"
#include "../replay.h"
#include "../ring.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

char policy_name[256];
static struct puppet* keeper;

/* What the keeper does. */

static int kept = -1; /* inherited by the child */

/* A root of its own, with nothing in it. */
static int do_move_in(struct arguments* arguments) {
    if (do_make_net(arguments)) return EIO;
    signal(SIGCHLD, SIG_IGN);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755") || chdir("/mnt") || mkdir("old", 0755) ||
        syscall(SYS_pivot_root, ".", "old") || chdir("/") || umount2("/old", MNT_DETACH) ||
        rmdir("/old"))
        return errno;
    return 0;
}

/* Removes all that is in a folder. */
static void empty(const char* path) {
    DIR* const folder = opendir(path);
    const struct dirent* entry;

    while (folder && (entry = readdir(folder))) {
        char below[4096];

        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        umount2(below, MNT_DETACH);
        if (!unlink(below)) continue;
        empty(below);
        rmdir(below);
    }
    if (folder) closedir(folder);
}

static void make_parents(const char* path) {
    char parent[4200];

    strcpy(parent, path);
    for (char* slash = *parent == '/' ? strchr(parent + 1, '/') : NULL; slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(parent, 0755);
        *slash = '/';
    }
}

enum object { NOTHING, A_FILE, AN_OPEN_FILE, A_FOLDER };

/* path: of number[0], an enum object, which belongs to the user number[1]; to: its second name. */
static int do_make_object(struct arguments* arguments) {
    const enum object object = (enum object)arguments->number[0];
    const uid_t owner = (uid_t)arguments->number[1];

    empty("/");
    make_parents(arguments->path);
    make_parents(arguments->to);
    if (object == NOTHING) return 0;
    if (object == A_FOLDER) {
        if (mkdir(arguments->path, 0755) && strcmp(arguments->path, "/")) return errno;
    } else {
        write_program(arguments->path, 0755);
    }
    if (kept >= 0) close(kept);
    kept = object == AN_OPEN_FILE ? open(arguments->path, O_RDONLY | O_CLOEXEC) : -1;
    return outcome(chown(arguments->path, owner, owner));
}

/* /mnt, with something mounted, and a folder in it. */
static int do_make_mount(struct arguments* arguments) {
    (void)arguments;
    empty("/");
    if (mkdir("/mnt", 0755) || mount("tmpfs", "/mnt", "tmpfs", 0, NULL)) return errno;
    return outcome(mkdir("/mnt/old", 0755));
}

/* A new process under the policy, in @namespaces of its own. */
static struct puppet* make_subject_in(unsigned long namespaces) {
    struct puppet* const subject = puppet_fork(keeper, CLONE_NEWUTS | namespaces);

    if (!subject || bind_process(subject->pid, "uts", policy_name)) die("confine a process");
    return subject;
}

static struct puppet* make_subject(void) {
    return make_subject_in(0);
}

/* Lets it do something, and ends it. */
static int end_subject(struct puppet* subject, operation* operation,
                       const struct arguments* arguments) {
    const int error = ask(subject, operation, arguments);

    puppet_end(subject);
    return error;
}

/* Lets a new process under the policy do it. */
static int as_subject(operation* operation, const struct arguments* arguments) {
    return end_subject(make_subject(), operation, arguments);
}

/* Files */

static int do_lock_kept(struct arguments* arguments) {
    (void)arguments;
    return outcome(flock(kept, LOCK_SH | LOCK_NB));
}

static int do_map_kept(struct arguments* arguments) {
    void* const memory = mmap(NULL, 64, PROT_READ | PROT_EXEC, MAP_PRIVATE, kept, 0);

    (void)arguments;
    return memory == MAP_FAILED ? errno : outcome(munmap(memory, 64));
}

static int do_ioctl_kept(struct arguments* arguments) {
    int bytes;

    (void)arguments;
    return outcome(ioctl(kept, FIONREAD, &bytes));
}

static const struct file_operation {
    const char* name;
    operation* operation;
    enum object on;
    long number[2];
} file_operations[] = {
    {"read", do_open, A_FILE, {O_RDONLY, 0}},
    {"write", do_open, A_FILE, {O_WRONLY, 0}},
    {"append", do_open, A_FILE, {O_WRONLY | O_APPEND, 0}},
    {"read,write", do_open, A_FILE, {O_RDWR, 0}},
    {"read,append", do_open, A_FILE, {O_RDWR | O_APPEND, 0}},
    {"exec", do_exec, A_FILE, {0, 0}},
    {"mmap", do_map_kept, AN_OPEN_FILE, {0, 0}},
    {"lock", do_lock_kept, AN_OPEN_FILE, {0, 0}},
    {"create", do_mknod, NOTHING, {S_IFREG | 0600, 0}},
    {"unlink", do_unlink, A_FILE, {0, 0}},
    {"mkdir", do_mkdir, NOTHING, {0, 0}},
    {"rmdir", do_rmdir, A_FILE, {0, 0}},
    {"symlink", do_symlink, NOTHING, {0, 0}},
    {"mknod", do_mknod, NOTHING, {S_IFIFO | 0600, 0}},
    {"chmod", do_chmod, A_FILE, {0600, 0}},
    {"chown", do_chown, A_FILE, {1, 1}},
    {"truncate", do_truncate, A_FILE, {0, 0}},
    {"chroot", do_chroot, A_FILE, {0, 0}},
    {"getattr", do_getattr, A_FILE, {0, 0}},
    {"setxattr", do_setxattr, A_FILE, {0, 0}},
    {"ioctl", do_ioctl_kept, AN_OPEN_FILE, {0, 0}},
};

static const struct file_operation* find_file_operation(const char* name) {
    for (size_t i = 0; i < ARRAY_SIZE(file_operations); i++) {
        if (!strcmp(file_operations[i].name, name)) return file_operations + i;
    }
    die("the tables have a file operation that this test does not know: %s", name);
}

bool has_word(const struct line* line, const char* word) {
    for (int i = 0; i < line->count; i++) {
        if (!strcmp(line->words[i], word)) return true;
    }
    return false;
}

/* file OPERATION PATH [owner|other] [dir] */
static int replay_file(const struct line* line) {
    const struct file_operation* const file_operation = find_file_operation(line->words[1]);
    const bool is_folder = has_word(line, "dir");
    struct arguments arguments = {.to = "text"};
    enum object object = file_operation->on;

    if (object == A_FILE && is_folder) object = A_FOLDER;
    arguments.number[0] = object;
    arguments.number[1] = has_word(line, "other") ? 1000 : 0;
    strcpy(arguments.path, line->words[2]);
    if (ask(keeper, do_make_object, &arguments)) die("make %s", line->words[2]);
    memcpy(arguments.number, file_operation->number, sizeof(file_operation->number));
    return as_subject(file_operation->operation, &arguments);
}

/* Links */

/* link NAME FILE [other] [more] */
static int replay_link(const struct line* line) {
    struct arguments arguments = {.number = {A_FILE, has_word(line, "other") ? 1000 : 0}};

    strcpy(arguments.path, line->words[2]);
    strcpy(arguments.to, line->words[1]);
    if (ask(keeper, do_make_object, &arguments)) die("make %s", line->words[2]);
    return as_subject(do_link, &arguments);
}

/* Signals */

/* number[0]: the target; [1]: the signal. */
static int do_kill(struct arguments* arguments) {
    return outcome(kill((pid_t)arguments->number[0], (int)arguments->number[1]));
}

static int signal_number(const char* name) {
    char* end;
    const long number = strtol(name, &end, 10);

    if (!*end) return (int)number;
    for (int signal = 1; signal < 32; signal++) {
        if (!strcasecmp(sigabbrev_np(signal), name)) return signal;
    }
    if (strcmp(name, "exists")) die("no signal is called %s", name);
    return 0;
}

/* signal send SIGNAL [peer=NAME] */
static int replay_signal(const struct line* line) {
    struct puppet* const peer = line->count > 3 ? make_subject() : puppet_make(0);
    const struct arguments arguments = {.number = {peer->pid, signal_number(line->words[2])}};
    int error;

    if (line->count > 3 && strcmp(line->words[3] + strlen("peer="), policy_name))
        die("only a peer under the table's own policy can be had: %s", line->words[3]);
    error = as_subject(do_kill, &arguments);
    puppet_end(peer);
    return error;
}

/* Tracing */

/* number[0]: the target; path: what is done. */
static int do_look_into(struct arguments* arguments) {
    const pid_t pid = (pid_t)arguments->number[0];

    if (!strcmp(arguments->path, "trace"))
        return outcome(ptrace(PTRACE_SEIZE, pid, NULL, NULL)
                           ?: ptrace(PTRACE_INTERRUPT, pid, 0, 0));
    return outcome(syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0) < 0 ? -1 : 0);
}

/* ptrace trace|read [peer=NAME] */
static int replay_ptrace(const struct line* line) {
    struct puppet* const peer = line->count > 2 ? make_subject() : puppet_make(0);
    struct arguments arguments = {.number = {peer->pid}};
    int error;

    if (line->count > 2 && strcmp(line->words[2] + strlen("peer="), policy_name))
        die("only a peer under the table's own policy can be had: %s", line->words[2]);
    strcpy(arguments.path, line->words[1]);
    error = as_subject(do_look_into, &arguments);
    puppet_end(peer);
    return error;
}

/* Network */

/*
 * network OPERATION FAMILY TYPE PROTOCOL [ADDRESS PORT [local=ADDRESS PORT]]
 * unix OPERATION TYPE [addr=ADDRESS] [peer=ADDRESS]
 */
static int replay_network(const struct line* line) {
    struct arguments arguments = {};

    for (int i = strcmp(line->words[0], "unix") ? 1 : 0; i < line->count; i++) {
        strcat(arguments.path, line->words[i]);
        strcat(arguments.path, " ");
    }
    if (ask(keeper, do_make_socket, &arguments)) die("make sockets: %s", arguments.path);
    return as_subject(do_use_socket, &arguments);
}

/* Mounts: the subject has a mount namespace of its own, which is gone afterwards. */

static int as_mounter(operation* operation, const struct arguments* arguments) {
    return end_subject(make_subject_in(CLONE_NEWNS), operation, arguments);
}

static int do_mount_(struct arguments* arguments) {
    (void)arguments;
    return outcome(mount("tmpfs", "/mnt/old", "tmpfs", 0, NULL));
}

static int do_umount_(struct arguments* arguments) {
    (void)arguments;
    return outcome(umount2("/mnt", 0));
}

static int do_pivot_root(struct arguments* arguments) {
    (void)arguments;
    return outcome(syscall(SYS_pivot_root, "/mnt", "/mnt/old"));
}

/* What a line with a target says: path is that, `to` the type and, behind a NUL, the source. */
enum { MOUNT_OPERATION, MOUNT_FLAGS };
enum { A_MOUNT, A_UMOUNT, A_PIVOT_ROOT, A_BIND, A_MOVE, A_REMOUNT, A_PROPAGATION };

static const char* const mount_words[] = {
    [A_MOUNT] = "mount", [A_UMOUNT] = "umount",   [A_PIVOT_ROOT] = "pivot_root", [A_BIND] = "bind",
    [A_MOVE] = "move",   [A_REMOUNT] = "remount", [A_PROPAGATION] = "propagate",
};

static const char* source_of(const struct arguments* arguments) {
    return arguments->to + strlen(arguments->to) + 1;
}

/* A file, if it has no slash at its end. */
static int make_folder(const char* path, bool with_mount) {
    make_parents(path);
    if (path[strlen(path) - 1] != '/') return mknod(path, S_IFREG | 0600, 0);
    return with_mount && strcmp(path, "/") ? mount("tmpfs", path, "tmpfs", 0, NULL) : 0;
}

static int do_make_mounts(struct arguments* arguments) {
    const long what = arguments->number[MOUNT_OPERATION];
    const char* const source = source_of(arguments);

    empty("/");
    if (make_folder(arguments->path, what != A_MOUNT && what != A_BIND && what != A_MOVE))
        return errno;
    return *source == '/' && make_folder(source, what == A_MOVE) ? errno : 0;
}

static int do_change_mounts(struct arguments* arguments) {
    const long what = arguments->number[MOUNT_OPERATION];
    const char* const source = source_of(arguments);
    const long result = what == A_UMOUNT ? umount(arguments->path)
                        : what == A_PIVOT_ROOT
                            ? syscall(SYS_pivot_root, arguments->path, source)
                            : mount(source, arguments->path, arguments->to,
                                    (unsigned long)arguments->number[MOUNT_FLAGS], NULL);

    /* What cannot be done was allowed. */
    return result >= 0 || errno == EINVAL || errno == ENOTDIR || errno == ENODEV ||
                   errno == ENOENT || errno == ENOTBLK
               ? 0
               : errno;
}

/* WHAT [flags=NUMBER] [fstype=NAME] [source=TEXT] TARGET, or but WHAT */
static int replay_mount(const struct line* line) {
    struct arguments arguments = {};
    const char *type = "", *source = "";

    if (line->count == 1) {
        if (ask(keeper, do_make_mount, NULL)) die("mount something");
        return as_mounter(!strcmp(line->words[0], "mount")    ? do_mount_
                          : !strcmp(line->words[0], "umount") ? do_umount_
                                                              : do_pivot_root,
                          NULL);
    }
    while (strcmp(mount_words[arguments.number[MOUNT_OPERATION]], line->words[0]))
        arguments.number[MOUNT_OPERATION]++;
    for (int i = 1; i < line->count - 1; i++) {
        const char* const word = line->words[i];
        const char* const value = strchr(word, '=') + 1;

        if (!strncmp(word, "flags=", 6))
            arguments.number[MOUNT_FLAGS] = strtol(value, NULL, 0);
        else if (!strncmp(word, "fstype=", 7))
            type = value;
        else
            source = value;
    }
    strcpy(arguments.path, line->words[line->count - 1]);
    strcpy(stpcpy(arguments.to, type) + 1, source);
    if (ask(keeper, do_make_mounts, &arguments)) die("make mounts for %s", arguments.path);
    return as_mounter(do_change_mounts, &arguments);
}

/* Capabilities */

/* capability NAME */
static int replay_capability(const struct line* line) {
    struct arguments arguments = {};

    if (ask(keeper, do_prepare_capabilities, NULL)) die("prepare what needs capabilities");
    strcpy(arguments.path, line->words[1]);
    return as_subject(do_use_capability, &arguments);
}

/* Namespaces */

static const struct {
    const char* name;
    unsigned long flag;
} namespaces[] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS},
    {"net", CLONE_NEWNET},       {"pid", CLONE_NEWPID}, {"time", CLONE_NEWTIME},
    {"user", CLONE_NEWUSER},     {"uts", CLONE_NEWUTS},
};

/* A descriptor of one of the kind number[0], in which nobody lives any more. */
static int do_make_namespace(struct arguments* arguments) {
    const pid_t pid = fork_into(namespaces[arguments->number[0]].flag);
    char path[64];

    if (!pid) {
        for (;;) pause();
    }
    if (pid < 0) return errno;
    empty("/");
    if (mkdir("/proc", 0755) || mount("proc", "/proc", "proc", 0, NULL)) return errno;
    snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, namespaces[arguments->number[0]].name);
    if (kept >= 0) close(kept);
    kept = open(path, O_RDONLY | O_CLOEXEC);
    kill(pid, SIGKILL);
    return kept < 0 ? errno : outcome(umount2("/proc", MNT_DETACH));
}

static int do_make_or_enter(struct arguments* arguments) {
    const unsigned long flag = namespaces[arguments->number[0]].flag;

    return outcome(strcmp(arguments->path, "create") ? setns(kept, (int)flag) : unshare((int)flag));
}

/* namespace create|enter KIND */
static int replay_namespace(const struct line* line) {
    struct arguments arguments = {};

    strcpy(arguments.path, line->words[1]);
    while (strcmp(namespaces[arguments.number[0]].name, line->words[2])) {
        if (++arguments.number[0] == ARRAY_SIZE(namespaces)) die("no kind: %s", line->words[2]);
    }
    if (ask(keeper, do_make_namespace, &arguments)) die("make a namespace to enter");
    return as_subject(do_make_or_enter, &arguments);
}

/* Rings */

static int do_open_null(struct arguments* arguments) {
    (void)arguments;
    unlink("/null");
    if (mknod("/null", S_IFCHR | 0666, makedev(1, 3))) return errno;
    if (kept >= 0) close(kept);
    kept = open("/null", O_RDWR | O_CLOEXEC);
    return kept < 0 ? errno : 0;
}

/* path: what the ring does. */
static int do_by_ring(struct arguments* arguments) {
    struct arguments setup = {.number = {IORING_SETUP_SQPOLL}};
    struct io_uring_sqe entry = {.opcode = IORING_OP_NOP, .fd = kept};

    if (!strcmp(arguments->path, "sqpoll")) return do_make_ring(&setup);
    setup.number[0] = 0;
    if (do_make_ring(&setup)) return EIO;
    if (!strcmp(arguments->path, "cmd"))
        entry.opcode = IORING_OP_URING_CMD;
    else
        entry.personality = (uint16_t)syscall(SYS_io_uring_register, ring_fd(),
                                              IORING_REGISTER_PERSONALITY, NULL, 0);
    return -ring_submit(&entry);
}

/* io_uring sqpoll|override_creds|cmd [label=NAME] */
static int replay_io_uring(const struct line* line) {
    struct arguments arguments = {};

    if (line->count > 2 && strcmp(line->words[2] + strlen("label="), policy_name))
        die("only the table's own policy makes credentials: %s", line->words[2]);
    if (ask(keeper, do_open_null, NULL)) die("open a device");
    strcpy(arguments.path, line->words[1]);
    return as_subject(do_by_ring, &arguments);
}

/* System calls */

/* number[0]: the call, and its arguments. */
static int do_call(struct arguments* arguments) {
    const long* const number = arguments->number;
    const long result =
        syscall(number[0], number[1], number[2], number[3], number[4], number[5], number[6]);

    if (number[0] == SYS_clone && !result) _exit(0);
    /* Nothing that makes sense is asked for, so what is allowed may fail all the same. */
    return result >= 0 || errno == EFAULT || errno == EINVAL || errno == EBADF ||
                   errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT
               ? 0
               : errno;
}

#define CALL(name) \
    { #name, SYS_##name }

static int replay_syscall(const struct line* line) {
    /* Those that do no harm with the arguments that the tables have. */
    static const struct {
        const char* name;
        long number;
    } calls[] = {
        CALL(adjtimex), CALL(clock_gettime), CALL(clock_settime), CALL(clone),
        CALL(fcntl),    CALL(getpid),        CALL(kill),          CALL(mkdir),
        CALL(mkdirat),  CALL(openat),        CALL(personality),   CALL(preadv2),
        CALL(read),     CALL(setdomainname), CALL(sethostname),   CALL(settimeofday),
        CALL(socket),   CALL(swapon),        CALL(unlink),        CALL(unlinkat),
        CALL(write),
    };
    struct arguments arguments = {};

    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        if (strcmp(calls[i].name, line->words[1])) continue;
        arguments.number[0] = calls[i].number;
        for (int word = 2; word < line->count; word++)
            arguments.number[word - 1] = (long)strtoull(line->words[word], NULL, 0);
        return as_subject(do_call, &arguments);
    }
    die("the tables have a call that this test does not know: %s", line->words[1]);
}

/* All of them */

static const struct {
    const char* word;
    player* replay;
} classes[] = {
    {"file", replay_file},         {"signal", replay_signal},
    {"network", replay_network},   {"mount", replay_mount},
    {"umount", replay_mount},      {"pivot_root", replay_mount},
    {"bind", replay_mount},        {"move", replay_mount},
    {"remount", replay_mount},     {"propagate", replay_mount},
    {"syscall", replay_syscall},   {"capability", replay_capability},
    {"io_uring", replay_io_uring}, {"namespace", replay_namespace},
    {"unix", replay_network},      {"link", replay_link},
    {"ptrace", replay_ptrace},
};

player* player_of(const struct line* line) {
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
        if (!strcmp(classes[i].word, line->words[0])) return classes[i].replay;
    die("no class of operations: %s", line->words[0]);
}

bool is_of_mounts(const struct line* line) {
    return player_of(line) == replay_mount;
}

void make_keeper(void) {
    keeper = puppet_make(CLONE_NEWNS);
    if (ask(keeper, do_move_in, NULL)) die("give it a root of its own");
}
