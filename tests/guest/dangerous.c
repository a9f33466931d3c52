// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files by which the kernel runs programs, or is told to do as it should not: no way out for a root
 * that no rule lets write them, by whatever name.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define TOP "/tmp/dangerous"
#define ROOT TOP "-root"

static int do_bind(struct arguments* arguments) {
    return outcome(mount(arguments->path, arguments->to, NULL, MS_BIND, NULL));
}

static const char* const dangerous[] = {
    "/proc/sys/kernel/core_pattern",      "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/hotplug",           "/proc/sys/kernel/poweroff_cmd",
    "/proc/sys/kernel/ftrace_enabled",    "/proc/sys/kernel/kprobes-optimization",
    "/proc/sys/fs/binfmt_misc/register",  "/proc/sysrq-trigger",
    "/sys/kernel/uevent_helper",          "/sys/kernel/debug/kprobes/enabled",
    "/sys/kernel/security/isolates/load",
};

int main(void) {
    static const char* const ways[] = {"", "/proc/self/root", "/proc/thread-self/root",
                                       "/proc/self/cwd", ROOT};
    struct puppet* puppet;
    char path[256];

    mkdir(TOP, 0700);
    load("policy reads { capability, ptrace, /** r, " TOP "/own w, }");
    puppet = puppet_under("reads");

    write_file(TOP "/own", "", 0, 0600);
    if (try_path(puppet, do_chdir, "/", 0, 0)) die("chdir");
    if (symlink("/", ROOT) && errno != EEXIST) die("symlink");
    for (size_t i = 0; i < ARRAY_SIZE(dangerous); i++) {
        if (try_open(NULL, dangerous[i], O_WRONLY)) {
            skip("it is not in this kernel", "%s", dangerous[i]);
            continue;
        }
        for (size_t k = 0; k < ARRAY_SIZE(ways); k++) {
            snprintf(path, sizeof(path), "%s%s", ways[k], dangerous[i]);
            check_errno(try_open(puppet, path, O_WRONLY), EACCES, "for writing: %s", path);
        }
        check_errno(try_paths(puppet, do_bind, dangerous[i], TOP "/own", 0), EPERM,
                    "to be mounted: %s", dangerous[i]);
    }
    check_errno(try_open(puppet, TOP "/own", O_WRONLY), 0, "for writing: a file of its own");
    puppet_end(puppet);
    unload_all();
    return finish();
}
