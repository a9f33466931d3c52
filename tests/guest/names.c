// SPDX-License-Identifier: GPL-2.0-only
/* What a file's name is, to a policy: what the task's mount namespace shows, from its root. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> cannot both be included. */
int mount(const char*, const char*, const char*, unsigned long, const void*);
int umount2(const char*, int);
enum { LAZY = 2, BIND = 4096 };

#include "harness.h"

#define TOP "/tmp/names"
#define FREE TOP "/free"
#define NONE TOP "/none"

/* As many components as a name may have; what is deeper cannot be named. */
enum { DEPTH_MAX = 2048 };

static const char policy[] =
    "@{T} = /tmp/names\n"
    "policy names {\n"
    "  mount, capability, namespace,\n"
    "  ptrace,\n"
    "  @{T}/free/** (read, write, create, exec, mmap, chroot),\n"
    "  @{T}/free/ (read, chroot),\n"
    "  @{T}/none/ (chroot),\n"
    "  deny @{T}/free/**/leaf (read),\n"
    "  deny @{T}/free/\\*\\[a (read),\n"
    "  deny @{T}/free/**/no-code (mmap),\n"
    "}\n";

static struct puppet* puppet;

static void make_folder(const char* path) {
    if (mkdir(path, 0755) && errno != EEXIST) die("mkdir %s", path);
}

static void make_file(const char* path) {
    write_file(path, "text\n", 5, 0755);
}

static void make_tree(void) {
    umount2(TOP, LAZY);
    make_folder(TOP);
    if (mount("tmpfs", TOP, "tmpfs", 0, "mode=755")) die("mount a tmpfs");
    make_folder(FREE);
    make_folder(NONE);
    make_file(FREE "/file");
    make_file(NONE "/file");
}

/* Opened by the puppet and kept, for the next operation. */
static int kept = -1;

static int do_keep(struct arguments* arguments) {
    if (kept >= 0) close(kept);
    kept = open(arguments->path, (int)arguments->number[0] | O_CLOEXEC);
    return kept < 0 ? errno : 0;
}

static int do_open_kept(struct arguments* arguments) {
    int fd;

    if (*arguments->path) {
        fd = openat(kept, arguments->path, (int)arguments->number[0] | O_CLOEXEC, 0600);
    } else {
        char path[64];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", kept);
        fd = open(path, (int)arguments->number[0] | O_CLOEXEC);
    }
    return fd < 0 ? errno : outcome(close(fd));
}

static int keep(const char* path, int flags) {
    return try_path(puppet, do_keep, path, flags, 0);
}

static int open_kept(const char* path, int flags) {
    return try_path(puppet, do_open_kept, path, flags, 0);
}

/* A folder `count` components of `length` bytes below `top`, made and entered. */
static void enter_deep(const char* top, int count, int length) {
    char name[256] = "";

    memset(name, 'd', (size_t)length);
    if (chdir(top)) die("chdir %s", top);
    for (int i = 0; i < count; i++) {
        make_folder(name);
        if (chdir(name)) die("chdir");
    }
}

static int do_enter_deep(struct arguments* arguments) {
    enter_deep(arguments->path, (int)arguments->number[0], (int)arguments->number[1]);
    return 0;
}

/* Files in a deep folder, opened by a relative and, where that is possible, by the whole name. */
static void deep(const char* what, int count, int length) {
    static const char* const tops[] = {FREE, NONE};
    static const char* const names[] = {"file", "leaf"};
    char path[4096];

    make_tree();
    for (int top = 0; top < 2; top++) {
        enter_deep(tops[top], count, length);
        for (int name = 0; name < 2; name++) {
            const int want = top || name || count >= DEPTH_MAX ? EACCES : 0;

            make_file(names[name]);
            try_path(puppet, do_enter_deep, tops[top], count, length);
            check_errno(try_open(puppet, names[name], O_RDONLY), want, "%s: %s/.../%s", what,
                        tops[top], names[name]);
            check_errno(try_open(NULL, names[name], O_RDONLY), 0, "%s: %s/.../%s, unconfined", what,
                        tops[top], names[name]);
            if (!getcwd(path, sizeof(path) - 5)) continue;
            strcat(strcat(path, "/"), names[name]);
            check_errno(try_open(puppet, path, O_RDONLY), want, "%s: %s/.../%s, by %zu bytes", what,
                        tops[top], names[name], strlen(path));
        }
    }
    if (chdir("/")) die("chdir /");
    try_path(puppet, do_chdir, "/", 0, 0);
}

static void deep_and_long(void) {
    deep("one deep", 1, 1);
    /* 24 components are gathered without allocation. */
    deep("23 deep", 20, 1);
    deep("24 deep", 21, 1);
    deep("25 deep", 22, 1);
    deep("200 deep", 200, 1);
    deep("4000 bytes", 15, 255);
    deep("5000 bytes", 20, 255);
    /* tmp, names, free and the file itself are components as well. */
    deep("as deep as can be", DEPTH_MAX - 4, 1);
    deep("too deep", DEPTH_MAX, 1);
}

static void odd_bytes(void) {
    make_tree();
    make_file(FREE "/new\nline");
    make_file(FREE "/\xff\xfe");
    make_file(FREE "/*[a");
    make_file(FREE "/b[a");
    check_errno(try_open(puppet, FREE "/new\nline", O_RDONLY), 0, "a newline in a name");
    check_errno(try_open(puppet, FREE "/\xff\xfe", O_RDONLY), 0, "a name that is no UTF-8");
    check_errno(try_open(puppet, FREE "/*[a", O_RDONLY), EACCES, "an escaped glob in a rule");
    check_errno(try_open(puppet, FREE "/b[a", O_RDONLY), 0, "an escaped glob is no glob");
    check_errno(try_open(puppet, FREE "/", O_RDONLY), 0, "a folder ends in a slash");
    check_errno(try_open(puppet, TOP, O_RDONLY), EACCES, "another folder");
}

static void deleted(void) {
    make_tree();
    check_errno(keep(FREE "/file", O_PATH), 0, "deleted: open what is allowed");
    unlink(FREE "/file");
    check_errno(open_kept("", O_RDONLY), 0, "deleted: it keeps its name, and is allowed");
    check_errno(keep(NONE "/file", O_PATH), 0, "deleted: open what is denied, O_PATH");
    unlink(NONE "/file");
    check_errno(open_kept("", O_RDONLY), EACCES, "deleted: it keeps its name, and is denied");

    make_tree();
    make_folder(FREE "/folder");
    check_errno(keep(FREE "/folder", O_PATH), 0, "renamed: open a folder");
    make_file(FREE "/folder/file");
    if (rename(FREE "/folder", NONE "/folder")) die("rename");
    check_errno(open_kept("file", O_RDONLY), EACCES, "renamed: its new name counts");
    if (rename(NONE "/folder", FREE "/again")) die("rename");
    check_errno(open_kept("file", O_RDONLY), 0, "renamed: and the next one");
}

static void bind_mounts(void) {
    make_tree();
    make_folder(FREE "/bound");
    make_folder(NONE "/bound");
    make_file(FREE "/bound-file");
    if (mount(NONE, FREE "/bound", NULL, BIND, NULL) ||
        mount(FREE, NONE "/bound", NULL, BIND, NULL) ||
        mount(NONE "/file", FREE "/bound-file", NULL, BIND, NULL))
        die("bind mounts");
    check_errno(try_open(puppet, FREE "/bound/file", O_RDONLY), 0,
                "bind mount: the name it has here is allowed");
    check_errno(try_open(puppet, NONE "/bound/file", O_RDONLY), EACCES,
                "bind mount: the name it has here is denied");
    check_errno(try_open(puppet, FREE "/bound-file", O_RDONLY), 0, "bind mount of one file");
    check_errno(try_open(puppet, FREE "/bound/bound", O_RDONLY), 0,
                "bind mount: it is not followed into another");

    check_errno(keep(FREE "/bound", O_PATH), 0, "lazy unmount: open a folder on it");
    check_errno(open_kept("file", O_RDONLY), 0, "lazy unmount: before it, the name is allowed");
    if (umount2(FREE "/bound", LAZY)) die("umount");
    check_errno(open_kept("file", O_RDONLY), EACCES, "lazy unmount: after it there is no name");

    make_tree();
    make_folder(FREE "/part");
    make_folder(FREE "/part/folder");
    make_folder(FREE "/bound");
    make_file(FREE "/part/folder/file");
    if (mount(FREE "/part", FREE "/bound", NULL, BIND, NULL)) die("bind mount");
    check_errno(keep(FREE "/bound/folder", O_PATH), 0, "moved out: open a folder");
    check_errno(open_kept("file", O_RDONLY), 0, "moved out: before it, the name is allowed");
    if (rename(FREE "/part/folder", FREE "/out")) die("rename");
    check_errno(open_kept("file", O_RDONLY), EACCES,
                "moved out of what is mounted: there is no name");
}

static int do_keep_clone(struct arguments* arguments) {
    if (kept >= 0) close(kept);
    kept =
        (int)syscall(SYS_open_tree, AT_FDCWD, arguments->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    return kept < 0 ? errno : 0;
}

static int do_keep_new_mount(struct arguments* arguments) {
    const int fs = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);

    (void)arguments;
    if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) return errno;
    if (kept >= 0) close(kept);
    kept = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
    close(fs);
    return kept < 0 ? errno : 0;
}

static void detached_mounts(void) {
    make_tree();
    check_errno(try_path(puppet, do_keep_clone, FREE, 0, 0), 0, "detached: clone a tree");
    check_errno(open_kept("file", O_RDONLY), EACCES, "detached: a file on it has no name");
    check_errno(open_kept("new", O_WRONLY | O_CREAT), EACCES, "detached: nor has a new one");
    check_errno(try_path(NULL, do_keep_clone, NONE, 0, 0), 0, "detached: the same, unconfined");
    check_errno(try_path(NULL, do_open_kept, "file", O_RDONLY, 0), 0,
                "detached: a file on it, unconfined");
    check_errno(try_path(puppet, do_keep_new_mount, "", 0, 0), 0, "detached: a new tmpfs");
    check_errno(open_kept("new", O_WRONLY | O_CREAT), EACCES,
                "detached: a new file on a new tmpfs");
    close(kept);
    kept = -1;
}

/* Mounts of another namespace, reached by a descriptor that was inherited. */
static void other_namespaces(void) {
    struct puppet* const shared = puppet;

    make_tree();
    kept = open(FREE, O_PATH | O_CLOEXEC);
    if (kept < 0) die("open %s", FREE);
    puppet = puppet_make(CLONE_NEWNS | CLONE_NEWUTS);
    if (bind_process(puppet->pid, "mnt", "names")) die("bind");
    check_errno(try_open(puppet, FREE "/file", O_RDONLY), 0, "another mount namespace: its own");
    check_errno(try_open(puppet, NONE "/file", O_RDONLY), EACCES,
                "another mount namespace: its own, denied");
    check_errno(open_kept("file", O_RDONLY), EACCES,
                "another mount namespace: ours, by a descriptor");
    check_errno(try_open(puppet, "/proc/1/root" FREE "/file", O_RDONLY), EACCES,
                "another mount namespace: ours, by /proc/1/root");
    puppet_end(puppet);
    close(kept);
    kept = -1;
    puppet = shared;
    check_errno(try_open(puppet, "/proc/1/root" FREE "/file", O_RDONLY), 0,
                "our mount namespace, by /proc/1/root: allowed");
    check_errno(try_open(puppet, "/proc/1/root" NONE "/file", O_RDONLY), EACCES,
                "our mount namespace, by /proc/1/root: denied");
}

static int do_stay_in_chroot(struct arguments* arguments) {
    return outcome(chroot(arguments->path)) ?: outcome(chdir("/"));
}

static void chroots(void) {
    struct puppet* jailed;

    make_tree();
    make_folder(NONE "/tmp");
    make_folder(NONE "/tmp/names");
    make_folder(NONE "/tmp/names/free");
    make_file(NONE "/tmp/names/free/file");
    jailed = puppet_under("names");
    check_errno(try_path(jailed, do_stay_in_chroot, FREE, 0, 0), 0, "chroot: into a free folder");
    check_errno(try_open(jailed, "/file", O_RDONLY), 0, "chroot: the whole name counts, allowed");
    puppet_end(jailed);
    jailed = puppet_under("names");
    check_errno(try_path(jailed, do_stay_in_chroot, NONE, 0, 0), 0, "chroot: into a closed one");
    check_errno(try_open(jailed, FREE "/file", O_RDONLY), EACCES,
                "chroot: the name in it does not count");
    puppet_end(jailed);
}

static int do_mprotect_exec(struct arguments* arguments) {
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

static void overlays(void) {
    static const char layers[] =
        "lowerdir=" NONE "/lower,upperdir=" NONE "/upper,workdir=" NONE "/work";

    make_tree();
    make_folder(NONE "/lower");
    make_folder(NONE "/upper");
    make_folder(NONE "/work");
    make_file(NONE "/lower/file");
    make_file(NONE "/lower/leaf");
    make_file(NONE "/lower/no-code");
    make_folder(FREE "/over");
    if (mount("overlay", FREE "/over", "overlay", 0, layers)) die("mount an overlay");
    check_errno(try_open(puppet, FREE "/over/file", O_RDONLY), 0,
                "overlay: the name in it is allowed, its layers' are not asked");
    check_errno(try_open(puppet, FREE "/over/leaf", O_RDONLY), EACCES,
                "overlay: the name in it is denied");
    check_errno(try_path(puppet, do_map_exec, FREE "/over/file", 0, 0), 0, "overlay: mapped");
    check_errno(try_path(puppet, do_mprotect_exec, FREE "/over/file", 0, 0), 0,
                "overlay: mapped, then made code");
    check_errno(try_path(puppet, do_mprotect_exec, FREE "/over/no-code", 0, 0), EACCES,
                "overlay: mapped, then made code, denied");
    check_errno(try_open(puppet, FREE "/over/file", O_RDWR), 0, "overlay: copied up");
    check_errno(try_open(puppet, FREE "/over/new", O_WRONLY | O_CREAT), 0, "overlay: a new file");
    check_errno(try_open(puppet, NONE "/upper/new", O_RDONLY), EACCES,
                "overlay: the layer itself is denied");
    umount2(FREE "/over", LAZY);
}

static int do_open_handle(struct arguments* arguments) {
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } it = {.handle.handle_bytes = MAX_HANDLE_SZ};
    int mount_id, fd;

    if (name_to_handle_at(AT_FDCWD, arguments->path, &it.handle, &mount_id, 0)) return errno;
    /* The working folder says on which file system. */
    fd = open_by_handle_at(AT_FDCWD, &it.handle, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? errno : outcome(close(fd));
}

static int do_reopen_memfd(struct arguments* arguments) {
    if (kept >= 0) close(kept);
    kept = memfd_create("memory", MFD_CLOEXEC);
    return kept < 0 ? errno : do_open_kept(arguments);
}

static void handles_and_nameless(void) {
    make_tree();
    try_path(puppet, do_chdir, TOP, 0, 0);
    if (chdir(TOP)) die("chdir");
    check_errno(try_path(puppet, do_open_handle, FREE "/file", 0, 0), 0, "by handle: allowed");
    check_errno(try_path(puppet, do_open_handle, NONE "/file", 0, 0), EACCES, "by handle: denied");
    check_errno(try_path(NULL, do_open_handle, NONE "/file", 0, 0), 0, "by handle: unconfined");
    check_errno(try_path(puppet, do_reopen_memfd, "", O_RDWR, 0), 0,
                "a file in memory, which has no name, is one's own");
    try_path(puppet, do_chdir, "/", 0, 0);
    if (chdir("/")) die("chdir");
}

int main(void) {
    load("%s", policy);
    make_tree();
    puppet = puppet_under("names");
    deep_and_long();
    odd_bytes();
    deleted();
    bind_mounts();
    detached_mounts();
    other_namespaces();
    chroots();
    overlays();
    handles_and_nameless();
    umount2(TOP, LAZY);
    rmdir(TOP);
    return finish();
}
