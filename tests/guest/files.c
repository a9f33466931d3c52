// SPDX-License-Identifier: GPL-2.0-only
/* Operations on files, and the other calls that come to the same. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

/* A file system of our own; below it "free" and "none", and a folder for each operation. */
#define TOP "/tmp/files"

static const char policy[] =
    "@{T} = /tmp/files\n"
    "policy files {\n"
    "  capability, namespace,\n"
    "  @{T}/{free,all}/** (read, write, append, exec, mmap, lock, link, create, unlink, mkdir,\n"
    "      rmdir, rename, symlink, mknod, chmod, chown, truncate, chroot),\n"
    "  @{T}/read/** (read),\n"
    "  @{T}/write/** (write),\n"
    "  @{T}/append/** (append),\n"
    "  @{T}/log/** (read, append),\n"
    "  @{T}/create/** (read, write, create),\n"
    "  @{T}/touch/** (write, truncate),\n"
    "  @{T}/code/** (read, exec),\n"
    "  @{T}/map/** (read, mmap),\n"
    "  @{T}/script (read, exec),\n"
    "  @{T}/script-too (read, exec),\n"
    "  @{T}/move/** (read, rename, unlink, link),\n"
    "  @{T}/move-truncate/** (read, rename, unlink, link, truncate),\n"
    "  @{T}/move-chmod/** (read, rename, unlink, link, chmod),\n"
    "  @{T}/move-chown/** (read, rename, unlink, link, chown),\n"
    "  owner @{T}/own/** (read, chmod),\n"
    "  other @{T}/foreign/** (read),\n"
    "  deny @{T}/all/but/** (read, chmod),\n"
    "  deny @{T}/all/absent (read) errno=ENOENT,\n"
    "}\n";

static const char* const folders[] = {
    "free",       "none",       "read", "write", "append",  "log",
    "create",     "touch",      "code", "map",   "move",    "move-truncate",
    "move-chmod", "move-chown", "own",  "all",   "foreign", "all/but",
};

static struct puppet* puppet;

static void put(const char* path, const char* text, mode_t mode, uid_t owner) {
    write_file(path, text, strlen(text), mode);
    if (chmod(path, mode) || chown(path, owner, owner)) die("set up %s", path);
}

/* In each folder: a file, a program, a folder that is empty; and what single tests need. */
static void make_tree(void) {
    char path[256];

    umount2(TOP, MNT_DETACH);
    mkdir(TOP, 0755);
    if (mount("tmpfs", TOP, "tmpfs", 0, "mode=755")) die("mount a tmpfs");
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        snprintf(path, sizeof(path), TOP "/%s", folders[i]);
        mkdir(path, 0755);
        snprintf(path, sizeof(path), TOP "/%s/file", folders[i]);
        put(path, "text\n", 0644, 0);
        snprintf(path, sizeof(path), TOP "/%s/folder", folders[i]);
        if (mkdir(path, 0755)) die("mkdir %s", path);
    }
    put(TOP "/own/user", "text\n", 0644, 1000);
    put(TOP "/foreign/user", "text\n", 0644, 1000);
    put(TOP "/all/absent", "text\n", 0644, 0);
    write_program(TOP "/code/true", 0755);
    write_program(TOP "/none/true", 0755);
    write_program(TOP "/map/true", 0755);
    put(TOP "/script", "#!" TOP "/none/true\n", 0755, 0);
    put(TOP "/script-too", "#!" TOP "/code/true\n", 0755, 0);
    if (symlink(TOP "/none/file", TOP "/free/link-to-none") ||
        symlink(TOP "/free/file", TOP "/none/link-to-free"))
        die("symlink");
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
static void try_all(const struct trial* trials, size_t count) {
    for (size_t i = 0; i < count; i++) {
        make_tree();
        check_errno(try(puppet, trials + i), trials[i].want, "%s", trials[i].name);
        if (!trials[i].want) continue;
        make_tree();
        check_errno(try(NULL, trials + i), 0, "%s, unconfined", trials[i].name);
    }
}

/* Each operation alone: allowed in one folder, and not in another. */
static void each_operation(void) {
#define BOTH(name, operation, path, ...)                                                \
    {name ": allowed", operation, TOP "/free/" path, TOP "/free/" __VA_ARGS__, 0}, {    \
        name ": denied", operation, TOP "/none/" path, TOP "/none/" __VA_ARGS__, EACCES \
    }
    static const struct trial trials[] = {
        BOTH("read", do_open, "file", "", {O_RDONLY}),
        BOTH("write", do_open, "file", "", {O_WRONLY}),
        BOTH("read and write", do_open, "file", "", {O_RDWR}),
        BOTH("append", do_open, "file", "", {O_WRONLY | O_APPEND}),
        BOTH("read a folder", do_open, "folder", "", {O_RDONLY | O_DIRECTORY}),
        BOTH("lock", do_lock, "file", "", {0}),
        BOTH("create", do_open, "new", "", {O_WRONLY | O_CREAT | O_EXCL, 0600}),
        BOTH("create by mknod", do_mknod, "new", "", {S_IFREG | 0600}),
        BOTH("unlink", do_unlink, "file", "", {0}),
        BOTH("mkdir", do_mkdir, "new", "", {0}),
        BOTH("rmdir", do_rmdir, "folder", "", {0}),
        BOTH("link", do_link, "file", "new", {0}),
        BOTH("rename", do_rename, "file", "new", {0}),
        BOTH("rename a folder", do_rename, "folder", "new", {0}),
        BOTH("symlink", do_symlink, "new", "text", {0}),
        BOTH("mknod a fifo", do_mknod, "new", "", {S_IFIFO | 0600}),
        BOTH("mknod a device", do_mknod, "new", "", {S_IFCHR | 0600, 0x103}),
        BOTH("chmod", do_chmod, "file", "", {0600}),
        BOTH("chown", do_chown, "file", "", {1, 1}),
        BOTH("truncate", do_truncate, "file", "", {0}),
        BOTH("chroot", do_chroot, "folder", "", {0}),
    };

    try_all(trials, ARRAY_SIZE(trials));
#undef BOTH
}

static int do_openat2(struct arguments* arguments) {
    struct open_how how = {
        .flags = (unsigned)arguments->number[0] | O_CLOEXEC,
        .resolve = RESOLVE_NO_MAGICLINKS,
    };
    const int fd = (int)syscall(SYS_openat2, AT_FDCWD, arguments->path, &how, sizeof(how));

    if (fd < 0) return errno;
    close(fd);
    return 0;
}

static int do_ftruncate(struct arguments* arguments) {
    const int fd = open(arguments->path, O_WRONLY | O_CLOEXEC);
    const int error = fd < 0 ? errno : outcome(ftruncate(fd, 0));

    if (fd >= 0) close(fd);
    return error;
}

/* Through a descriptor of it: opened with number[0], opened anew with number[1]. */
static int do_reopen(struct arguments* arguments) {
    const int fd = open(arguments->path, (int)arguments->number[0] | O_CLOEXEC);
    char again[64];
    int second, error = 0;

    if (fd < 0) return errno;
    snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
    second = open(again, (int)arguments->number[1] | O_CLOEXEC);
    if (second < 0)
        error = errno;
    else
        close(second);
    close(fd);
    return error;
}

static int do_fchmod(struct arguments* arguments) {
    const int fd = open(arguments->path, O_RDONLY | O_CLOEXEC);
    const int error = fd < 0 ? errno : outcome(fchmod(fd, 0600));

    if (fd >= 0) close(fd);
    return error;
}

/* A file without a name, given one. */
static int do_tmpfile(struct arguments* arguments) {
    const int fd = open(arguments->path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char by_fd[64];
    int error;

    if (fd < 0) return errno;
    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", fd);
    error = *arguments->to
                ? outcome(linkat(AT_FDCWD, by_fd, AT_FDCWD, arguments->to, AT_SYMLINK_FOLLOW))
                : 0;
    close(fd);
    return error;
}

static void other_ways(void) {
    static const struct trial trials[] = {
        {"read what may be read", do_open, TOP "/read/file", NULL, {O_RDONLY}, 0},
        {"write what may be read", do_open, TOP "/read/file", NULL, {O_WRONLY}, EACCES},
        {"read and write what may be read", do_open, TOP "/read/file", NULL, {O_RDWR}, EACCES},
        {"append to what may be read",
         do_open,
         TOP "/read/file",
         NULL,
         {O_WRONLY | O_APPEND},
         EACCES},
        {"append to what may be appended to",
         do_open,
         TOP "/append/file",
         NULL,
         {O_WRONLY | O_APPEND},
         0},
        {"write what may be appended to", do_open, TOP "/append/file", NULL, {O_WRONLY}, EACCES},
        {"open for ioctl only: allowed", do_open, TOP "/free/file", NULL, {O_ACCMODE}, 0},
        {"open for ioctl only: denied", do_open, TOP "/read/file", NULL, {O_ACCMODE}, EACCES},
        {"openat2: allowed", do_openat2, TOP "/read/file", NULL, {O_RDONLY}, 0},
        {"openat2: denied", do_openat2, TOP "/none/file", NULL, {O_RDONLY}, EACCES},
        {"O_PATH needs no leave", do_open, TOP "/none/file", NULL, {O_PATH}, 0},
        {"reopen an O_PATH descriptor: allowed",
         do_reopen,
         TOP "/read/file",
         NULL,
         {O_PATH, O_RDONLY},
         0},
        {"reopen an O_PATH descriptor: denied",
         do_reopen,
         TOP "/none/file",
         NULL,
         {O_PATH, O_RDONLY},
         EACCES},
        {"reopen to read: allowed", do_reopen, TOP "/read/file", NULL, {O_RDONLY, O_RDONLY}, 0},
        {"reopen to write: denied",
         do_reopen,
         TOP "/read/file",
         NULL,
         {O_RDONLY, O_WRONLY},
         EACCES},
        {"create what may be created",
         do_open,
         TOP "/create/new",
         NULL,
         {O_WRONLY | O_CREAT, 0600},
         0},
        {"create where only writing is allowed",
         do_open,
         TOP "/write/new",
         NULL,
         {O_WRONLY | O_CREAT, 0600},
         EACCES},
        {"O_CREAT of what is there",
         do_open,
         TOP "/write/file",
         NULL,
         {O_WRONLY | O_CREAT, 0600},
         0},
        {"O_TMPFILE: allowed", do_tmpfile, TOP "/create/folder", NULL, {0}, 0},
        {"O_TMPFILE: denied", do_tmpfile, TOP "/write/folder", NULL, {0}, EACCES},
        {"link an O_TMPFILE: allowed", do_tmpfile, TOP "/free/folder", TOP "/free/new", {0}, 0},
        {"link an O_TMPFILE: denied",
         do_tmpfile,
         TOP "/create/folder",
         TOP "/create/new",
         {0},
         EACCES},
        {"O_TRUNC: allowed", do_open, TOP "/touch/file", NULL, {O_WRONLY | O_TRUNC}, 0},
        {"O_TRUNC: denied", do_open, TOP "/write/file", NULL, {O_WRONLY | O_TRUNC}, EACCES},
        {"ftruncate: allowed", do_ftruncate, TOP "/touch/file", NULL, {0}, 0},
        {"ftruncate: denied", do_ftruncate, TOP "/write/file", NULL, {0}, EACCES},
        {"fchmod: allowed", do_fchmod, TOP "/free/file", NULL, {0}, 0},
        {"fchmod: denied", do_fchmod, TOP "/read/file", NULL, {0}, EACCES},
        {"a symlink to what is denied",
         do_open,
         TOP "/free/link-to-none",
         NULL,
         {O_RDONLY},
         EACCES},
        {"a symlink to what is allowed", do_open, TOP "/none/link-to-free", NULL, {O_RDONLY}, 0},
        {".. to what is denied",
         do_open,
         TOP "/free/folder/../../none/file",
         NULL,
         {O_RDONLY},
         EACCES},
        {".. to what is allowed", do_open, TOP "/none/folder/../../free/file", NULL, {O_RDONLY}, 0},
        {"a deny rule beats an allow rule", do_open, TOP "/all/but/file", NULL, {O_RDONLY}, EACCES},
        {"a deny rule denies no more than it says",
         do_open,
         TOP "/all/but/file",
         NULL,
         {O_WRONLY},
         0},
        {"the errno of a deny rule", do_open, TOP "/all/absent", NULL, {O_RDONLY}, ENOENT},
        {"the default errno beside it", do_chmod, TOP "/all/but/file", NULL, {0600}, EACCES},
    };

    try_all(trials, ARRAY_SIZE(trials));
}

/* Who may only append must not overwrite. number[0]: how it is tried. */
enum { CLEAR_FLAG, MAP_TO_WRITE, MAP_THEN_WRITE, MAP_A_COPY };

static int do_overwrite(struct arguments* arguments) {
    const long how = arguments->number[0];
    const int fd = open(arguments->path, O_RDWR | O_APPEND | O_CLOEXEC);
    const int prot = how == MAP_THEN_WRITE ? PROT_READ : PROT_READ | PROT_WRITE;
    void* memory;
    int error;

    if (fd < 0) return errno;
    if (how == CLEAR_FLAG) {
        error = outcome(fcntl(fd, F_SETFL, 0));
    } else {
        memory = mmap(NULL, 4096, prot, how == MAP_A_COPY ? MAP_PRIVATE : MAP_SHARED, fd, 0);
        error = memory == MAP_FAILED ? errno : 0;
        if (!error && how == MAP_THEN_WRITE)
            error = outcome(mprotect(memory, 4096, PROT_READ | PROT_WRITE));
        if (memory != MAP_FAILED) munmap(memory, 4096);
    }
    close(fd);
    return error;
}

static void appending(void) {
    static const struct trial trials[] = {
        {"append: clear O_APPEND, who may write",
         do_overwrite,
         TOP "/free/file",
         NULL,
         {CLEAR_FLAG},
         0},
        {"append: clear O_APPEND", do_overwrite, TOP "/log/file", NULL, {CLEAR_FLAG}, EACCES},
        {"append: map to write, who may write",
         do_overwrite,
         TOP "/free/file",
         NULL,
         {MAP_TO_WRITE},
         0},
        {"append: map to write", do_overwrite, TOP "/log/file", NULL, {MAP_TO_WRITE}, EACCES},
        {"append: map, mprotect to write, who may write",
         do_overwrite,
         TOP "/free/file",
         NULL,
         {MAP_THEN_WRITE},
         0},
        {"append: map, mprotect to write",
         do_overwrite,
         TOP "/log/file",
         NULL,
         {MAP_THEN_WRITE},
         EACCES},
        {"append: map a copy to write", do_overwrite, TOP "/log/file", NULL, {MAP_A_COPY}, 0},
    };

    try_all(trials, ARRAY_SIZE(trials));
}

/* A second name must not grant what the first does not. */
static void second_names(void) {
    const long exchange = RENAME_EXCHANGE;
    const struct trial trials[] = {
        {"link to where more is allowed", do_link, TOP "/read/file", TOP "/free/new", {0}, EACCES},
        {"link to where as much is allowed", do_link, TOP "/free/file", TOP "/all/new", {0}, 0},
        {"link to where less is allowed", do_link, TOP "/free/file", TOP "/move/new", {0}, 0},
        {"rename to where more is allowed",
         do_rename,
         TOP "/move/file",
         TOP "/free/new",
         {0},
         EACCES},
        {"rename to where as much is allowed", do_rename, TOP "/free/file", TOP "/all/new", {0}, 0},
        {"rename to where less is allowed", do_rename, TOP "/free/file", TOP "/move/new", {0}, 0},
        {"link to where it may be truncated",
         do_link,
         TOP "/move/file",
         TOP "/move-truncate/new",
         {0},
         EACCES},
        {"link to where its mode may be changed",
         do_link,
         TOP "/move/file",
         TOP "/move-chmod/new",
         {0},
         EACCES},
        {"rename to where it may be given away",
         do_rename,
         TOP "/move/file",
         TOP "/move-chown/new",
         {0},
         EACCES},
        {"rename from there to where less is allowed",
         do_rename,
         TOP "/move-chown/file",
         TOP "/move/new",
         {0},
         0},
        {"rename and leave a whiteout: allowed",
         do_rename,
         TOP "/free/file",
         TOP "/free/new",
         {RENAME_WHITEOUT},
         0},
        {"rename and leave a whiteout: denied",
         do_rename,
         TOP "/move/file",
         TOP "/move/new",
         {RENAME_WHITEOUT},
         EACCES},
        {"rename from where it is not allowed",
         do_rename,
         TOP "/read/file",
         TOP "/read/new",
         {0},
         EACCES},
        {"rename to where it is not allowed",
         do_rename,
         TOP "/free/file",
         TOP "/read/new",
         {0},
         EACCES},
        {"rename onto what may be unlinked", do_rename, TOP "/free/file", TOP "/move/file", {0}, 0},
        {"rename onto what may not be unlinked",
         do_rename,
         TOP "/free/file",
         TOP "/read/file",
         {0},
         EACCES},
        {"exchange what is equal", do_rename, TOP "/free/file", TOP "/all/file", {exchange}, 0},
        {"exchange that would grant more",
         do_rename,
         TOP "/move/file",
         TOP "/free/file",
         {exchange},
         EACCES},
        {"exchange that would grant more, the other way",
         do_rename,
         TOP "/free/file",
         TOP "/move/file",
         {exchange},
         EACCES},
    };

    try_all(trials, ARRAY_SIZE(trials));
}

/* A copy of the program in memory, executed by its descriptor. */
static int do_exec_memfd(struct arguments* arguments) {
    static char *const argv[] = {"true", NULL}, *const none[] = {NULL};
    const int from = open(arguments->path, O_RDONLY | O_CLOEXEC);
    const int memory = memfd_create("program", 0);
    char bytes[4096];
    ssize_t got;
    pid_t pid;

    if (from < 0 || memory < 0) return errno;
    while ((got = read(from, bytes, sizeof(bytes))) > 0) {
        if (write(memory, bytes, (size_t)got) != got) return EIO;
    }
    close(from);
    pid = fork();
    if (!pid) {
        fexecve(memory, argv, none);
        _exit(errno);
    }
    close(memory);
    return end_of(pid);
}

static int do_exec_path_fd(struct arguments* arguments) {
    static char *const argv[] = {"true", NULL}, *const none[] = {NULL};
    const int fd = open(arguments->path, O_PATH | O_CLOEXEC);
    const pid_t pid = fd < 0 ? -1 : fork();

    if (!pid) {
        syscall(SYS_execveat, fd, "", argv, none, AT_EMPTY_PATH);
        _exit(errno);
    }
    if (pid < 0) return errno;
    close(fd);
    return end_of(pid);
}

/* Mapped to read, then made executable. */
static int do_mprotect(struct arguments* arguments) {
    const int fd = open(arguments->path, O_RDONLY | O_CLOEXEC);
    void* memory;
    int error;

    if (fd < 0) return errno;
    memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (memory == MAP_FAILED) return errno;
    error = outcome(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
    munmap(memory, 4096);
    return error;
}

static int do_anonymous_code(struct arguments* arguments) {
    void* const memory =
        mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)arguments;
    return memory == MAP_FAILED ? errno : outcome(munmap(memory, 4096));
}

static void code(void) {
    static const struct trial trials[] = {
        {"exec: allowed", do_exec, TOP "/code/true", NULL, {0}, 0},
        {"exec: denied", do_exec, TOP "/none/true", NULL, {0}, EACCES},
        {"exec of what may be mapped only", do_exec, TOP "/map/true", NULL, {0}, EACCES},
        {"exec of a script whose interpreter is allowed", do_exec, TOP "/script-too", NULL, {0}, 0},
        {"exec of a script whose interpreter is denied", do_exec, TOP "/script", NULL, {0}, EACCES},
        {"exec through an O_PATH descriptor: allowed",
         do_exec_path_fd,
         TOP "/code/true",
         NULL,
         {0},
         0},
        {"exec through an O_PATH descriptor: denied",
         do_exec_path_fd,
         TOP "/none/true",
         NULL,
         {0},
         EACCES},
        {"exec of a file in memory", do_exec_memfd, TOP "/code/true", NULL, {0}, EACCES},
        {"map as code: allowed", do_map_exec, TOP "/map/file", NULL, {0}, 0},
        {"map as code: denied", do_map_exec, TOP "/read/file", NULL, {0}, EACCES},
        {"map as code what may be executed", do_map_exec, TOP "/code/file", NULL, {0}, EACCES},
        {"mprotect to code: allowed", do_mprotect, TOP "/map/file", NULL, {0}, 0},
        {"mprotect to code: denied", do_mprotect, TOP "/read/file", NULL, {0}, EACCES},
        {"anonymous memory as code", do_anonymous_code, "", NULL, {0}, 0},
    };

    try_all(trials, ARRAY_SIZE(trials));
}

/* number[0]: become this user for files, keeping root's capabilities. */
static int do_set_fsuid(struct arguments* arguments) {
    setfsuid((uid_t)arguments->number[0]);
    return setfsuid((uid_t)-1) == arguments->number[0] ? 0 : EPERM;
}

static void owners(void) {
    static const struct trial as_root[] = {
        {"owner: one's own", do_open, TOP "/own/file", NULL, {O_RDONLY}, 0},
        {"owner: another's", do_open, TOP "/own/user", NULL, {O_RDONLY}, EACCES},
        {"owner: chmod of one's own", do_chmod, TOP "/own/file", NULL, {0644}, 0},
        {"owner: chmod of another's", do_chmod, TOP "/own/user", NULL, {0644}, EACCES},
        {"other: one's own", do_open, TOP "/foreign/file", NULL, {O_RDONLY}, EACCES},
        {"other: another's", do_open, TOP "/foreign/user", NULL, {O_RDONLY}, 0},
    };

    try_all(as_root, ARRAY_SIZE(as_root));
    make_tree();
    check_errno(try_path(puppet, do_set_fsuid, "", 1000, 0), 0, "owner: become another user");
    check_errno(try_open(puppet, TOP "/own/user", O_RDONLY), 0, "owner: who one is now counts");
    check_errno(try_open(puppet, TOP "/own/file", O_RDONLY), EACCES,
                "owner: who one was does not count");
    check_errno(try_open(puppet, TOP "/foreign/file", O_RDONLY), 0,
                "other: what was one's own is another's now");
    check_errno(try_path(puppet, do_set_fsuid, "", 0, 0), 0, "owner: come back");
}

int main(void) {
    load("%s", policy);
    make_tree();
    puppet = puppet_under("files");
    each_operation();
    other_ways();
    appending();
    second_names();
    code();
    owners();
    umount2(TOP, MNT_DETACH);
    rmdir(TOP);
    return finish();
}
