// SPDX-License-Identifier: GPL-2.0-only
/* What may be done with each file in /sys/kernel/security/isolates besides reading and writing it
 * whole: what it fails with, and that nothing has changed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "harness.h"

#define MODE "policies/web/mode"

static const char policies[] =
    "policy web { capability, namespace, file, signal, deny /tmp/secret r, }\n"
    "policy idle { capability, file, }\n";

static const struct control_file {
    const char* name;
    bool is_read, is_written, has_position;
    const char* command; /* that would do something; %u: see number_for() */
} files[] = {
    {"abi", true, false, true, "x"},
    {"load", true, true, false, "x"},
    {"unload", false, true, false, "idle"},
    {"bind", false, true, false, "host uts %u idle"},
    {"unbind", false, true, false, "uts %u web"},
    {"attach", false, true, false, "%u idle"},
    {"detach", false, true, false, "%u web"},
    {"events", true, false, false, "x"},
    {"tasks", true, false, true, "x"},
    {"seal", true, true, true, "1"},
    {"stats", true, false, true, "x"},
    {MODE, true, true, true, "complain"},
    {"policies/web/sha256", true, false, true, "x"},
    {"policies/web/blob", true, false, true, "x"},
    {"policies/web/bindings", true, false, true, "x"},
    {"policies/web/name", true, false, true, "x"},
};

static int uts, pidfd;
static unsigned inum;

static unsigned number_for(const char* file) {
    if (!strcmp(file, "bind")) return (unsigned)uts;
    return strcmp(file, "unbind") ? (unsigned)pidfd : inum;
}

/* Byte by byte what it is at once. */
static bool reads_by_bytes(const char* path, int fd) {
    size_t size, got = 0;
    char* const text = read_file(path, &size);
    char byte;
    bool same = text;

    while (same && read(fd, &byte, 1) == 1) same = got < size && text[got++] == byte;
    free(text);
    return same && got == size;
}

static void misuse(const struct control_file* file) {
    const int both = open_control(file->name, O_RDWR | O_TRUNC | O_APPEND);
    const int reading = open_control(file->name, O_RDONLY);
    const int writing = open_control(file->name, O_WRONLY);
    char path[256], text[4096], *memory;
    size_t size;
    /* volatile: the compiler would warn of just that */
    void* volatile nowhere = (void*)8;
    off_t offset = 0;
    int ends[2], from;

    snprintf(path, sizeof(path), SECURITYFS "%s", file->name);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    size = (size_t)snprintf(text, sizeof(text), file->command, number_for(file->name));
#pragma GCC diagnostic pop
    write_file("/tmp/command", text, size, 0600);
    from = open("/tmp/command", O_RDONLY | O_CLOEXEC);
    if (from < 0 || pipe2(ends, O_CLOEXEC) || write(ends[1], text, size) != (ssize_t)size)
        die("pipe");

    check_errno(outcome(write(reading, text, size)), EBADF, "%s: write where it is read",
                file->name);
    check_errno(outcome(read(writing, text, 1)), EBADF, "%s: read where it is written", file->name);
    if (!file->is_written)
        check_errno(outcome(write(both, text, size)), EINVAL, "%s: write", file->name);
    if (!file->is_read) check_errno(outcome(read(both, text, 1)), EINVAL, "%s: read", file->name);
    check_errno(outcome(sendfile(writing, from, &offset, size)), EINVAL, "%s: sendfile",
                file->name);
    check_errno(outcome(splice(ends[0], NULL, writing, NULL, size, 0)), EINVAL, "%s: splice",
                file->name);
    memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, both, 0);
    check_errno(memory == MAP_FAILED ? errno : 0, ENODEV, "%s: mmap", file->name);
    check_errno(outcome(ioctl(both, TCGETS, text)), ENOTTY, "%s: ioctl", file->name);
    if (file->is_written)
        check_errno(outcome(write(both, nowhere, 1)), EFAULT, "%s: write from nowhere", file->name);
    if (file->has_position) {
        check(reads_by_bytes(path, reading), "%s: read by bytes", file->name);
        check(pread(reading, text, sizeof(text), 1 << 30) == 0, "%s: read behind its end",
              file->name);
        check_errno(outcome(lseek(reading, -1, SEEK_SET)), EINVAL, "%s: go before its beginning",
                    file->name);
        check_errno(outcome(pread(reading, nowhere, 1, 0)), EFAULT, "%s: read to nowhere",
                    file->name);
    } else if (!strcmp(file->name, "events")) {
        /* One that does not fit is not lost by that. */
        check_errno(outcome(read(reading, text, 1)), EINVAL, "%s: read one byte", file->name);
        check_errno(outcome(read(reading, nowhere, 4096)), EFAULT, "%s: read to nowhere",
                    file->name);
        check(read(reading, text, sizeof(text)) > 0 && !strncmp(text, "number=", 7),
              "%s: read the first one", file->name);
        check_errno(outcome(lseek(reading, -1, SEEK_SET)), EINVAL, "%s: go before its beginning",
                    file->name);
        check_errno(outcome(lseek(reading, 1, SEEK_SET)), EINVAL, "%s: go into one", file->name);
    } else {
        check_errno(outcome(lseek(writing, 0, SEEK_CUR)), ESPIPE, "%s: lseek", file->name);
        check_errno(outcome(pwrite(writing, text, size, 0)), ESPIPE, "%s: pwrite", file->name);
    }
    check_errno(outcome(unlink(path)), EPERM, "%s: unlink", file->name);
    check_errno(outcome(rename(path, SECURITYFS "x")), EPERM, "%s: rename", file->name);
    check(nothing_changed(), "%s: nothing has changed", file->name);
    close(ends[0]);
    close(ends[1]);
    close(from);
    close(writing);
    close(reading);
    close(both);
}

static void folders(void) {
    static const char* const paths[] = {SECURITYFS "x", SECURITYFS "policies/x",
                                        SECURITYFS "policies/web/x"};

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        check_errno(outcome(open(paths[i], O_CREAT | O_WRONLY, 0600)), EACCES, "%s: create",
                    paths[i]);
        check_errno(outcome(mkdir(paths[i], 0700)), EPERM, "%s: mkdir", paths[i]);
        check_errno(outcome(symlink("/", paths[i])), EPERM, "%s: symlink", paths[i]);
        check_errno(outcome(mknod(paths[i], S_IFIFO, 0)), EPERM, "%s: mknod", paths[i]);
    }
    check_errno(outcome(rmdir(SECURITYFS "policies/web")), EPERM, "rmdir of a policy's folder");
    check_errno(outcome(rename(SECURITYFS "policies/web", SECURITYFS "policies/x")), EPERM,
                "rename of one");
    check(nothing_changed(), "folders: nothing has changed");
}

int main(void) {
    struct puppet *bound, *attached;

    write_file("/tmp/secret", "", 0, 0600);
    load("%s", policies);
    bound = puppet_under("web");
    attached = puppet_make(0);
    if (attach_process(attached->pid, "web")) die("attach");
    check_errno(try_open(bound, "/tmp/secret", O_RDONLY), EACCES, "one is bound");
    check_errno(try_open(attached, "/tmp/secret", O_RDONLY), EACCES, "one is attached");
    uts = open_namespace(0, "uts");
    inum = namespace_number(bound->pid, "uts");
    pidfd = open_process(attached->pid);
    remember();
    check(nothing_changed(), "nothing changes by itself");
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) misuse(files + i);
    folders();
    /* What was tried by ways that do not exist would have done something. */
    check_errno(control("detach", "%u web", number_for("detach")), 0,
                "written, it is done: detach");
    check_errno(control("attach", "%u idle", number_for("attach")), 0, "attach");
    check_errno(control("unbind", "uts %u web", number_for("unbind")), 0, "unbind");
    check_errno(control(MODE, "complain"), 0, "a mode");
    check(!nothing_changed(), "and something has changed");
    unlink("/tmp/command");
    unlink("/tmp/secret");
    return finish();
}
