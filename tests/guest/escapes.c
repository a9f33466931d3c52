// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways out of a policy, tried by root with all capabilities: after each, what was denied still is,
 * and what was allowed still is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

/* <sys/mount.h> and <linux/mount.h> cannot both be included. */
int mount(const char*, const char*, const char*, unsigned long, const void*);
int umount2(const char*, int);
enum { LAZY = 2, REMOUNT = 32, BIND = 4096, MOVE = 8192 };

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define TOP "/tmp/escapes"
#define SECRET TOP "/secret"
#define SET_ID TOP "/set-id"
#define ALWAYS "/etc/passwd"

static const char policies[] =
    "policy jail { file, capability, namespace, io_uring, signal, network, ptrace, deny " SECRET
    " r, deny syscall mkdirat errno=EROFS, }\n"
    "policy stays { file, capability, signal, network, ptrace, deny " SECRET
    " r, }\n"
    "policy loose { file, capability, namespace, io_uring, ptrace, mount, umount, pivot_root, "
    "deny " SECRET " r, }\n";

static const struct kind {
    const char* name;
    unsigned long flag;
} kinds[] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS},
    {"net", CLONE_NEWNET},       {"pid", CLONE_NEWPID}, {"time", CLONE_NEWTIME},
    {"user", CLONE_NEWUSER},     {"uts", CLONE_NEWUTS},
};

/* Tries to read the secret, and what is not secret: 0, an errno, or ERANGE if both are denied. */
static int try_secret(void) {
    const int always = open(ALWAYS, O_RDONLY | O_CLOEXEC);
    const int secret = open(SECRET, O_RDONLY | O_CLOEXEC);
    const int error = secret < 0 ? errno : 0;

    if (secret >= 0) close(secret);
    if (always < 0) return ERANGE;
    close(always);
    return error;
}

static int do_try(struct arguments* arguments) {
    (void)arguments;
    return try_secret();
}

static void still_confined(struct puppet* puppet, const char* after, const char* what) {
    check_errno(puppet ? ask(puppet, do_try, NULL) : ECHILD, EACCES, "%s%s: still confined", after,
                what);
    puppet_end(puppet);
}

/* It ends with the errno of what it tries, if it is denied. */
static void ends_denied(struct puppet* puppet, operation* operation, const char* what) {
    check_errno(ask(puppet, operation, NULL), EACCES, "%s: confined", what);
    check_errno(ask(NULL, operation, NULL), 0, "%s: what it does works, unconfined", what);
    still_confined(puppet, what, "");
}

/* number[0]: flags. */
static int do_unshare(struct arguments* arguments) {
    return outcome(unshare((int)arguments->number[0]));
}

/* By the older call, which knows no time namespaces. */
static int do_clone(struct arguments* arguments) {
    const pid_t pid =
        (pid_t)syscall(SYS_clone, arguments->number[0] | SIGCHLD, NULL, NULL, NULL, NULL);

    if (!pid) _exit(try_secret());
    return pid < 0 ? -1 : end_of(pid);
}

static void new_namespaces(const struct kind* kind) {
    struct puppet *puppet = puppet_under("jail"), *child;

    check_errno(try_path(puppet, do_unshare, "", (long)kind->flag, 0), 0, "unshare %s", kind->name);
    child = puppet_fork(puppet, 0);
    still_confined(child, "a child after unshare ", kind->name);
    still_confined(puppet, "unshare ", kind->name);

    puppet = puppet_under("jail");
    child = puppet_fork(puppet, kind->flag);
    still_confined(child, "clone3 into ", kind->name);
    if (kind->flag != CLONE_NEWTIME)
        check_errno(try_path(puppet, do_clone, "", (long)kind->flag, 0), EACCES,
                    "clone into %s: still confined", kind->name);
    puppet_end(puppet);

    /* A new user namespace gives all capabilities in it, and with them the other kinds. */
    puppet = puppet_under("jail");
    child = puppet_fork(puppet, kind->flag | CLONE_NEWUSER);
    still_confined(child, "clone3 with a user namespace into ", kind->name);
    puppet_end(puppet);
}

static int kept = -1; /* inherited by puppets */

/* number[0]: flags, for a pidfd. */
static int do_setns(struct arguments* arguments) {
    return outcome(setns(kept, (int)arguments->number[0]));
}

/* The host's, by a descriptor of it, or by one of its first process. */
static void host_namespaces(const struct kind* kind) {
    for (int by_pidfd = 0; by_pidfd < 2; by_pidfd++) {
        const char* const by =
            by_pidfd ? "setns by a pidfd to the host's " : "setns to the host's ";
        struct puppet *puppet, *child;
        int error;

        kept = by_pidfd ? (int)syscall(SYS_pidfd_open, 1, 0) : open_namespace(1, kind->name);
        puppet = puppet_make(kind->flag);
        close(kept);
        if (bind_process(puppet->pid, kind->name, "jail")) die("bind");
        error = try_path(puppet, do_setns, "", by_pidfd ? (long)kind->flag : 0, 0);
        /* Nobody may go back to where his user or pid namespace came from. */
        check_errno(error,
                    kind->flag == CLONE_NEWUSER  ? EPERM
                    : kind->flag == CLONE_NEWPID ? EINVAL
                                                 : 0,
                    "%s%s", by, kind->name);
        child = puppet_fork(puppet, 0);
        still_confined(child, "a child after ", by);
        still_confined(puppet, by, kind->name);
    }
}

/* What a policy without namespaces keeps in, by whatever the call is made. */

static long unshare_or_set; /* CLONE_NEW* to unshare; 0: to enter what was kept */

static int leave(void) {
    return outcome(unshare_or_set ? unshare((int)unshare_or_set) : setns(kept, 0));
}

static void* leave_in_thread(void* error) {
    *(int*)error = leave();
    return NULL;
}

static int do_leave(struct arguments* arguments) {
    unshare_or_set = arguments->number[0];
    return leave();
}

static int do_leave_by_thread(struct arguments* arguments) {
    pthread_t thread;
    int error = -1;

    unshare_or_set = arguments->number[0];
    if (pthread_create(&thread, NULL, leave_in_thread, &error)) return -1;
    pthread_join(thread, NULL);
    return error;
}

static int do_leave_by_vfork(struct arguments* arguments) {
    pid_t pid;

    unshare_or_set = arguments->number[0];
    pid = vfork();
    if (!pid) _exit(leave());
    return pid < 0 ? -1 : end_of(pid);
}

/* As another user who is root in a user namespace from before. */
static int do_leave_as_user(struct arguments* arguments) {
    const pid_t pid = fork();

    unshare_or_set = arguments->number[0];
    if (!pid) _exit(setresuid(1000, 1000, 1000) ? 255 : leave());
    return pid < 0 ? -1 : end_of(pid);
}

/* In a child that shares nothing but its parent's parent. */
static int do_clone_beside(struct arguments* arguments) {
    const long pid =
        syscall(SYS_clone, arguments->number[0] | CLONE_PARENT | CLONE_PTRACE | SIGCHLD, NULL, NULL,
                NULL, NULL);

    if (!pid) _exit(0);
    return pid < 0 ? errno : 0;
}

static void kept_in(const struct kind* kind) {
    static const struct {
        const char* name;
        operation* operation;
    } ways[] = {
        {"itself", do_leave},
        {"a thread", do_leave_by_thread},
        {"a vforked child", do_leave_by_vfork},
        {"a child that is another user", do_leave_as_user},
    };
    struct puppet* puppet;

    kept = open_namespace(1, kind->name);
    puppet = puppet_make(kind->flag);
    close(kept);
    if (bind_process(puppet->pid, kind->name, "stays")) die("bind");
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        /* Nobody is mapped where it lives. */
        if (kind->flag == CLONE_NEWUSER && ways[i].operation == do_leave_as_user) continue;
        check_errno(try_path(puppet, ways[i].operation, "", 0, 0), EPERM,
                    "kept in: setns to the host's %s by %s", kind->name, ways[i].name);
        /* No thread may do this alone. */
        if (kind->flag == CLONE_NEWUSER && ways[i].operation == do_leave_by_thread) continue;
        check_errno(try_path(puppet, ways[i].operation, "", (long)kind->flag, 0), EPERM,
                    "kept in: unshare %s by %s", kind->name, ways[i].name);
    }
    /* The first process of a pid namespace has no siblings. */
    if (!(kind->flag & (CLONE_NEWTIME | CLONE_NEWPID)))
        check_errno(try_path(puppet, do_clone_beside, "", (long)kind->flag, 0), EPERM,
                    "kept in: clone a sibling into %s", kind->name);
    check(!puppet_fork(puppet, kind->flag) && errno == EPERM, "kept in: clone3 into %s",
          kind->name);
    check(!puppet_fork(puppet, kind->flag | CLONE_NEWUSER) && errno == EPERM,
          "kept in: clone3 with a user namespace into %s", kind->name);
    still_confined(puppet, "kept in ", kind->name);
}

/* What was begun before it was confined is not undone by that, and leads nowhere. */
static void begun_before(void) {
    struct puppet *puppet = puppet_make(CLONE_NEWUTS), *child;

    if (try_path(puppet, do_unshare, "", CLONE_NEWPID, 0)) die("unshare");
    if (bind_process(puppet->pid, "uts", "stays")) die("bind");
    child = puppet_fork(puppet, 0);
    still_confined(child, "a child in a pid namespace made before", "");
    check_errno(try_path(puppet, do_unshare, "", CLONE_NEWPID, 0), EPERM,
                "another pid namespace is not made");
    still_confined(puppet, "who has made a pid namespace before", "");
}

/* Runs this program again, which tries to read the secret. */
static _Noreturn void execute(const char* path) {
    execl(path, path, "try", NULL);
    _exit(255);
}

static int do_exec_self(struct arguments* arguments) {
    const pid_t pid = fork();

    (void)arguments;
    if (!pid) execute("/proc/self/exe");
    return pid < 0 ? -1 : end_of(pid);
}

static int do_vfork_exec(struct arguments* arguments) {
    const pid_t pid = vfork();

    (void)arguments;
    if (!pid) execute("/proc/self/exe");
    return pid < 0 ? -1 : end_of(pid);
}

static void* execute_in_thread(void* unused) {
    (void)unused;
    execute("/proc/self/exe");
}

/* Executed by a thread that is not the leader, which it then becomes. */
static int do_thread_exec(struct arguments* arguments) {
    const pid_t pid = fork();
    pthread_t thread;

    (void)arguments;
    if (!pid) {
        if (pthread_create(&thread, NULL, execute_in_thread, NULL)) _exit(255);
        pthread_join(thread, NULL);
        _exit(255);
    }
    return pid < 0 ? -1 : end_of(pid);
}

/* A set-id program, run by another user, makes root of it again. */
static int do_exec_set_id(struct arguments* arguments) {
    const pid_t pid = fork();

    (void)arguments;
    if (!pid) {
        if (setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000)) _exit(255);
        execute(SET_ID);
    }
    return pid < 0 ? -1 : end_of(pid);
}

static int do_user(struct arguments* arguments) {
    (void)arguments;
    return outcome(setresuid(1000, 1000, 1000));
}

static int do_user_and_back(struct arguments* arguments) {
    (void)arguments;
    return outcome(setresuid(1000, 1000, 0)) ?: outcome(setresuid(0, 0, 0));
}

/* A puppet would end with its parent. */
static int do_new_session(struct arguments* arguments) {
    (void)arguments;
    return outcome(prctl(PR_SET_PDEATHSIG, 0)) ?: outcome(setsid());
}

static int do_end(struct arguments* arguments) {
    _exit((int)arguments->number[0]);
}

static void programs_and_users(void) {
    struct puppet *puppet, *child, *grandchild;

    ends_denied(puppet_under("jail"), do_exec_self, "exec");
    ends_denied(puppet_under("jail"), do_vfork_exec, "vfork and exec");
    ends_denied(puppet_under("jail"), do_thread_exec, "exec in a thread");
    ends_denied(puppet_under("jail"), do_exec_set_id, "exec of a set-id program");

    puppet = puppet_under("jail");
    check_errno(ask(puppet, do_user_and_back, NULL), 0, "give root away and take it back");
    still_confined(puppet, "root again", "");
    puppet = puppet_under("jail");
    check_errno(ask(puppet, do_user, NULL), 0, "become another user");
    still_confined(puppet, "another user", "");

    /* Its parent ends, so that init is its parent then; and it has its own session. */
    puppet = puppet_under("jail");
    child = puppet_fork(puppet, 0);
    grandchild = child ? puppet_fork(child, 0) : NULL;
    if (!grandchild) die("fork twice");
    check_errno(ask(grandchild, do_new_session, NULL), 0, "a session of its own");
    ask(child, do_end, NULL);
    still_confined(grandchild, "a daemon whose parents are gone", "");
    puppet_end_all();
}

static int do_stay_in_chroot(struct arguments* arguments) {
    return outcome(chroot(arguments->path)) ?: outcome(chdir("/"));
}

static void roots(void) {
    struct puppet* puppet = puppet_under("jail");

    check_errno(try_path(puppet, do_stay_in_chroot, TOP, 0, 0), 0, "chroot");
    check_errno(try_open(puppet, "/secret", O_RDONLY), EACCES, "chroot: still confined");
    check_errno(try_open(puppet, "/set-id", O_RDONLY), 0, "chroot: allowed what was allowed");
    puppet_end(puppet);
}

/* What changes the mount tree. path and to: from and to where. */

static int do_mount(struct arguments* arguments) {
    return outcome(mount("tmpfs", arguments->to, "tmpfs", 0, NULL));
}

static int do_bind(struct arguments* arguments) {
    return outcome(mount(arguments->path, arguments->to, NULL, BIND, NULL));
}

static int do_remount(struct arguments* arguments) {
    return outcome(mount(NULL, arguments->path, NULL, REMOUNT | BIND, NULL));
}

static int do_move(struct arguments* arguments) {
    return outcome(mount(arguments->path, arguments->to, NULL, MOVE, NULL));
}

static int do_umount(struct arguments* arguments) {
    return outcome(umount2(arguments->path, 0));
}

static int do_move_mount(struct arguments* arguments) {
    const int tree =
        (int)syscall(SYS_open_tree, AT_FDCWD, arguments->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    int error;

    if (tree < 0) return errno;
    error = outcome(
        syscall(SYS_move_mount, tree, "", AT_FDCWD, arguments->to, MOVE_MOUNT_F_EMPTY_PATH));
    close(tree);
    return error;
}

static int do_pivot_root(struct arguments* arguments) {
    char old[sizeof(arguments->path) + 8];

    snprintf(old, sizeof(old), "%s/old", arguments->path);
    return outcome(syscall(SYS_pivot_root, arguments->path, old));
}

static void mounts(void) {
    static const struct {
        const char* name;
        operation* operation;
        const char *from, *to;
    } ways[] = {
        {"mount", do_mount, "", TOP "/folder"},
        {"a bind mount", do_bind, SECRET, TOP "/file"},
        {"a remount", do_remount, TOP "/mounted", ""},
        {"a moved mount", do_move, TOP "/mounted", TOP "/folder"},
        {"move_mount", do_move_mount, SECRET, TOP "/file"},
        {"umount", do_umount, TOP "/mounted", ""},
        {"pivot_root", do_pivot_root, TOP "/mounted", ""},
    };

    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        /* A tree of its own, made while it is not confined. */
        struct puppet *const jailed = puppet_make(CLONE_NEWNS), *const loose =
                                                                    puppet_make(CLONE_NEWNS);

        if (bind_process(jailed->pid, "mnt", "jail") || bind_process(loose->pid, "mnt", "loose"))
            die("bind");
        check_errno(try_paths(jailed, ways[i].operation, ways[i].from, ways[i].to, 0), EPERM, "%s",
                    ways[i].name);
        check_errno(try_open(jailed, TOP "/file", O_RDONLY), 0, "%s: nothing has changed",
                    ways[i].name);
        check_errno(try_paths(loose, ways[i].operation, ways[i].from, ways[i].to, 0), 0,
                    "%s, by a policy that allows it", ways[i].name);
        still_confined(jailed, ways[i].name, "");
        puppet_end(loose);
    }
}

/* The files of isolates itself. */

/* path: of a control file; to: a command. */
static int do_control(struct arguments* arguments) {
    const int fd = open(arguments->path, O_WRONLY | O_CLOEXEC);
    const int error = fd < 0 ? errno : outcome(write(fd, arguments->to, strlen(arguments->to)));

    if (fd >= 0) close(fd);
    return error;
}

/* to: a command, for the descriptor that was inherited. */
static int do_write_kept(struct arguments* arguments) {
    return outcome(write(kept, arguments->to, strlen(arguments->to)));
}

static int do_read_kept(struct arguments* arguments) {
    return outcome(pread(kept, arguments->to, sizeof(arguments->to), 0));
}

static void control_files(void) {
    static const char* const written[] = {"load", "unload", "bind", "unbind"};
    static const char* const read[] = {"abi",
                                       "stats",
                                       "policies/jail/name",
                                       "policies/jail/mode",
                                       "policies/jail/sha256",
                                       "policies/jail/bindings",
                                       "policies/jail/blob"};
    struct puppet* puppet;

    for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
        char path[128];

        snprintf(path, sizeof(path), SECURITYFS "%s", written[i]);
        kept = open_control(written[i], O_WRONLY);
        puppet = puppet_under("jail");
        check_errno(try_paths(puppet, do_control, path, "force jail", 0), EPERM, "write to %s",
                    written[i]);
        check_errno(try_paths(puppet, do_write_kept, "", "force jail", 0), EPERM,
                    "write to %s through a descriptor from before", written[i]);
        still_confined(puppet, "an attempt to write to ", written[i]);
        close(kept);
    }
    for (size_t i = 0; i < ARRAY_SIZE(read); i++) {
        char path[128];

        snprintf(path, sizeof(path), SECURITYFS "%s", read[i]);
        kept = open_control(read[i], O_RDONLY);
        puppet = puppet_under("jail");
        check_errno(try_open(puppet, path, O_RDONLY), EPERM, "read %s", read[i]);
        check_errno(try_open(NULL, path, O_RDONLY), 0, "read %s, unconfined", read[i]);
        check_errno(ask(puppet, do_read_kept, NULL), EPERM,
                    "read %s through a descriptor from before", read[i]);
        check_errno(ask(NULL, do_read_kept, NULL), 0, "so read %s, unconfined", read[i]);
        puppet_end(puppet);
        close(kept);
    }
}

/* Leaves its effective capabilities. */
static int do_capabilities(struct arguments* arguments) {
    char* const status = read_file("/proc/self/status", NULL);
    const char* const line = status ? strstr(status, "\nCapEff:") : NULL;

    arguments->number[0] = line ? strtol(line + 8, NULL, 16) : 0;
    free(status);
    return 0;
}

static void all_capabilities(void) {
    struct puppet* const puppet = puppet_under("jail");
    char* const last = read_file("/proc/sys/kernel/cap_last_cap", NULL);

    if (!last) die("cap_last_cap");
    ask(puppet, do_capabilities, NULL);
    check(answered(puppet)->number[0] == (2L << atoi(last)) - 1,
          "the confined root has all capabilities");
    free(last);
    still_confined(puppet, "root with all capabilities", "");
}

static void make_files(void) {
    size_t size;
    char* const program = read_file("/proc/self/exe", &size);

    umount2(TOP, LAZY);
    mkdir(TOP, 0755);
    if (!program || mount("tmpfs", TOP, "tmpfs", 0, "mode=755")) die("set up");
    write_file(SET_ID, program, size, 0755);
    if (chmod(SET_ID, 04755)) die("chmod");
    free(program);
    write_file(SECRET, "text\n", 5, 0644);
    write_file(TOP "/file", "text\n", 5, 0644);
    if (mkdir(TOP "/folder", 0755) || mkdir(TOP "/mounted", 0755) ||
        mount("tmpfs", TOP "/mounted", "tmpfs", 0, NULL) || mkdir(TOP "/mounted/old", 0755))
        die("set up");
}

int main(int argc, char** argv) {
    if (argc == 2 && !strcmp(argv[1], "try")) return try_secret();
    make_files();
    load("%s", policies);
    all_capabilities();
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        new_namespaces(kinds + i);
        host_namespaces(kinds + i);
        kept_in(kinds + i);
    }
    begun_before();
    programs_and_users();
    roots();
    mounts();
    control_files();
    umount2(TOP, LAZY);
    rmdir(TOP);
    return finish();
}
