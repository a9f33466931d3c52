// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binding an initial namespace, which confines the whole system: only when told to.
 *
 * All processes of this guest, its init too, are confined afterwards, for good. So it is a guest
 * of its own.
 */
/* append: loglevel=4 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define SECRET "/tmp/secret"

static const char policy[] =
    "policy host { file, capability, namespace, signal, network, mount, umount, pivot_root, "
    "deny " SECRET " r, }";

static int read_secret(struct puppet* puppet) {
    return try_open(puppet, SECRET, O_RDONLY);
}

/* path: of a control file; to: a command. */
static int do_control(struct arguments* arguments) {
    const int fd = open(arguments->path, O_WRONLY | O_CLOEXEC);
    const int error = fd < 0 ? errno : outcome(write(fd, arguments->to, strlen(arguments->to)));

    if (fd >= 0) close(fd);
    return error;
}

int main(void) {
    /* It lives elsewhere, so it is not confined, and can undo what we do. */
    struct puppet* const outside = puppet_make(CLONE_NEWUTS);
    const int uts = open_namespace(0, "uts");
    char command[64];

    write_file(SECRET, "text\n", 5, 0644);
    load("%s", policy);
    check_errno(control("bind", "uts %d host", uts), EPERM, "bind without the flag");
    check_errno(read_secret(NULL), 0, "nobody is confined");
    check_errno(control("bind", "host uts %d host", uts), 0, "bind with the flag");
    check_errno(read_secret(NULL), EACCES, "this process is confined");
    check_errno(read_secret(puppet_make(0)), EACCES, "and its children");
    check_errno(read_secret(outside), 0, "who lives elsewhere is not");
    snprintf(command, sizeof(command), "uts %u host", namespace_number(0, "uts"));
    check_errno(control("unbind", "%s", command), EPERM, "the confined cannot undo it");
    check_errno(try_paths(outside, do_control, SECURITYFS "unbind", command, 0), 0,
                "who is not can");
    check_errno(read_secret(NULL), EACCES, "who was confined still is");
    check_errno(try_paths(outside, do_control, SECURITYFS "unload", "host", 0), EBUSY,
                "the policy is in use");
    check_errno(try_paths(outside, do_control, SECURITYFS "unload", "force host", 0), 0,
                "unload it by force");
    check_errno(read_secret(NULL), 0, "nobody is confined");
    close(uts);
    unlink(SECRET);
    return finish();
}
