// SPDX-License-Identifier: GPL-2.0-only
/* Operations on files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../harness.h"

int do_open(struct arguments* arguments) {
    const int fd =
        open(arguments->path, (int)arguments->number[0] | O_CLOEXEC, (mode_t)arguments->number[1]);

    if (fd < 0) return errno;
    close(fd);
    return 0;
}

int do_exec(struct arguments* arguments) {
    int pipe_ends[2], error = 0, status;
    pid_t pid;

    if (pipe2(pipe_ends, O_CLOEXEC)) return errno;
    /* vfork() returns once the child has executed something or is gone. */
    pid = vfork();
    if (!pid) {
        execl(arguments->path, arguments->path, NULL);
        error = errno;
        if (write(pipe_ends[1], &error, sizeof(error)) < 0) _exit(126);
        _exit(127);
    }
    if (pid < 0) return errno;
    close(pipe_ends[1]);
    if (read(pipe_ends[0], &error, sizeof(error)) != sizeof(error)) error = 0;
    close(pipe_ends[0]);
    status = end_of(pid);
    return status > 128 ? status : error;
}

int do_map_exec(struct arguments* arguments) {
    const int fd = open(arguments->path, O_RDONLY | O_CLOEXEC);
    void* memory;
    int error;

    if (fd < 0) return errno;
    memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    error = memory == MAP_FAILED ? errno : 0;
    if (!error) munmap(memory, 4096);
    close(fd);
    return error;
}

int do_lock(struct arguments* arguments) {
    const int fd = open(arguments->path, O_RDONLY | O_CLOEXEC);
    int error;

    if (fd < 0) return errno;
    error = outcome(flock(fd, LOCK_SH | LOCK_NB));
    close(fd);
    return error;
}

int do_link(struct arguments* arguments) {
    return outcome(link(arguments->path, arguments->to));
}

int do_rename(struct arguments* arguments) {
    return outcome(renameat2(AT_FDCWD, arguments->path, AT_FDCWD, arguments->to,
                             (unsigned)arguments->number[0]));
}

int do_symlink(struct arguments* arguments) {
    return outcome(symlink(arguments->to, arguments->path));
}

int do_unlink(struct arguments* arguments) {
    return outcome(unlink(arguments->path));
}

int do_mkdir(struct arguments* arguments) {
    return outcome(mkdir(arguments->path, 0755));
}

int do_rmdir(struct arguments* arguments) {
    return outcome(rmdir(arguments->path));
}

int do_chdir(struct arguments* arguments) {
    return outcome(chdir(arguments->path));
}

int do_mknod(struct arguments* arguments) {
    return outcome(
        mknod(arguments->path, (mode_t)arguments->number[0], (dev_t)arguments->number[1]));
}

int do_chmod(struct arguments* arguments) {
    return outcome(chmod(arguments->path, (mode_t)arguments->number[0]));
}

int do_chown(struct arguments* arguments) {
    return outcome(
        chown(arguments->path, (uid_t)arguments->number[0], (gid_t)arguments->number[1]));
}

int do_truncate(struct arguments* arguments) {
    return outcome(truncate(arguments->path, arguments->number[0]));
}

int do_chroot(struct arguments* arguments) {
    int status;
    pid_t pid;

    pid = fork();
    if (!pid) _exit(outcome(chroot(arguments->path)));
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int do_getattr(struct arguments* arguments) {
    struct stat found;

    return outcome(stat(arguments->path, &found));
}

int do_setxattr(struct arguments* arguments) {
    return outcome(setxattr(arguments->path, "user.test", "text", 4, 0));
}

int do_ioctl(struct arguments* arguments) {
    const int fd = open(arguments->path, O_RDONLY | O_CLOEXEC);
    int error, bytes;

    if (fd < 0) return errno;
    error = outcome(ioctl(fd, FIONREAD, &bytes));
    close(fd);
    return error;
}

int try_path(struct puppet* puppet, operation* operation, const char* path, long number0,
             long number1) {
    struct arguments arguments = {.number = {number0, number1}};

    if (strlen(path) >= sizeof(arguments.path)) die("the path is too long");
    strcpy(arguments.path, path);
    return ask(puppet, operation, &arguments);
}

int try_open(struct puppet* puppet, const char* path, int flags) {
    return try_path(puppet, do_open, path, flags, 0644);
}

int try_paths(struct puppet* puppet, operation* operation, const char* path, const char* to,
              long number) {
    struct arguments arguments = {.number = {number}};

    if (strlen(path) >= sizeof(arguments.path) || strlen(to) >= sizeof(arguments.to))
        die("the path is too long");
    strcpy(arguments.path, path);
    strcpy(arguments.to, to);
    return ask(puppet, operation, &arguments);
}
