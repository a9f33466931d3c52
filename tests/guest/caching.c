// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was allowed once is remembered, but never for longer than it is true: each case allows an
 * operation several times, changes one of the things that it was made of, and asks again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define TOP "/tmp/caching"
#define FREE TOP "/free"
#define BARRED TOP "/barred"

#define RULES "capability, namespace, mount, umount, owner " TOP "/mine/** r, "

static const char policy[] = "policy web { " RULES FREE "/** rw, audit " FREE
                             "/told r, }\n"
                             "policy more { " RULES TOP "/** rw, deny " FREE "/both r, }\n";
static const char stricter[] = "policy web { " RULES FREE "/** rw, deny " FREE "/file r, }\n";

static struct puppet* puppet;

/* Often enough that it is remembered. */
static void expect_allowed(const char* path, const char* what) {
    for (int i = 0; i < 3; i++)
        if (!check_errno(try_open(puppet, path, O_RDONLY), 0, "%s: allowed", what)) return;
}

static void expect_denied(const char* path, const char* what) {
    check_errno(try_open(puppet, path, O_RDONLY), EACCES, "%s: denied", what);
}

static void make(const char* path) {
    write_file(path, "text\n", 5, 0644);
}

static void test_rules(void) {
    expect_allowed(FREE "/file", "rules: before");
    load("%s", stricter);
    expect_denied(FREE "/file", "rules: after");
    load("%s", policy);
    expect_allowed(FREE "/file", "rules: again");
    check_errno(try_open(puppet, FREE "/file", O_RDWR), 0, "rules: for writing");
    expect_denied(BARRED "/file", "rules: another file");
    expect_denied(BARRED "/file", "rules: another file, again");
}

static void test_mode(void) {
    if (control("policies/web/mode", "complain")) die("mode");
    expect_allowed(BARRED "/file", "mode: complain");
    if (control("policies/web/mode", "enforce")) die("mode");
    expect_denied(BARRED "/file", "mode: enforce");
    if (control("policies/web/mode", "disabled")) die("mode");
    expect_allowed(BARRED "/file", "mode: disabled");
    if (control("policies/web/mode", "enforce")) die("mode");
    expect_denied(BARRED "/file", "mode: enforce again");
}

static void test_told(void) {
    const long before = stat_value("events");

    expect_allowed(FREE "/told", "audit");
    check(stat_value("events") == before + 3, "audit: each is told");
}

static void test_policies(void) {
    expect_allowed(FREE "/both", "policies: one");
    if (attach_process(puppet->pid, "more")) die("attach");
    expect_denied(FREE "/both", "policies: two");
    if (detach_process(puppet->pid, "more")) die("detach");
    expect_allowed(FREE "/both", "policies: one again");
}

static void test_renames(void) {
    make(FREE "/renamed");
    expect_allowed(FREE "/renamed", "rename: before");
    if (rename(FREE "/renamed", BARRED "/renamed")) die("rename");
    expect_denied(BARRED "/renamed", "rename: the file");
    mkdir(FREE "/folder", 0755);
    make(FREE "/folder/file");
    expect_allowed(FREE "/folder/file", "rename: in a folder");
    if (rename(FREE "/folder", BARRED "/folder")) die("rename");
    expect_denied(BARRED "/folder/file", "rename: the folder");
}

/* The puppet has a mount namespace of its own, into which our mounts do not get. */
static int do_mount(struct arguments* arguments) {
    return outcome(mount(arguments->path, arguments->to, NULL, MS_BIND, NULL));
}

static int do_umount(struct arguments* arguments) {
    return outcome(umount2(arguments->path, MNT_DETACH));
}

static void test_mounts(void) {
    check_errno(try_paths(puppet, do_mount, BARRED, FREE "/mount", 0), 0, "mount: below");
    expect_allowed(FREE "/mount/file", "mount: by the mount's name");
    expect_denied(BARRED "/file", "mount: by its own name");
    check_errno(try_path(puppet, do_umount, FREE "/mount", 0, 0), 0, "mount: undone");
    check_errno(try_paths(puppet, do_mount, FREE, BARRED, 0), 0, "mount: above");
    expect_denied(BARRED "/file", "mount: another file by a denied name");
    expect_allowed(FREE "/file", "mount: and by its own");
    check_errno(try_path(puppet, do_umount, BARRED, 0, 0), 0, "mount: undone");
}

/* A descriptor of a mount that is moved while it is open. */
static int do_open_moving(struct arguments* arguments) {
    const int folder = open(FREE "/mount", O_PATH | O_DIRECTORY);
    int error, fd;

    (void)arguments;
    if (folder < 0) return errno;
    for (int i = 0; i < 3; i++) {
        fd = openat(folder, "file", O_RDONLY);
        if (fd < 0) return 1000 + errno;
        close(fd);
    }
    if (umount2(FREE "/mount", MNT_DETACH)) return 2000 + errno;
    fd = openat(folder, "file", O_RDONLY);
    error = fd < 0 ? errno : 0;
    if (fd >= 0) close(fd);
    close(folder);
    return error;
}

static void test_detached(void) {
    check_errno(try_paths(puppet, do_mount, BARRED, FREE "/mount", 0), 0, "detached: mounted");
    check_errno(ask(puppet, do_open_moving, NULL), EACCES, "detached: has no name any more");
}

/*
 * One file by two names, of which the allowed one goes, so that its memory may become the name of
 * another one that follows.
 */
static void test_links(void) {
    char path[64];
    bool is_right = true;

    for (int i = 0; i < rounds(20); i++) {
        make(FREE "/link");
        expect_allowed(FREE "/link", "link: one name");
        if (link(FREE "/link", BARRED "/link")) die("link");
        expect_allowed(FREE "/link", "link: two names");
        if (unlink(FREE "/link")) die("unlink");
        expect_denied(BARRED "/link", "link: the other name");
        usleep(20000);
        for (int k = 0; k < 30; k++) {
            snprintf(path, sizeof(path), BARRED "/link%d", k);
            if (link(BARRED "/link", path)) die("link");
        }
        if (unlink(BARRED "/link")) die("unlink");
        for (int k = 0; k < 30; k++) {
            snprintf(path, sizeof(path), BARRED "/link%d", k);
            is_right &= try_open(puppet, path, O_RDONLY) == EACCES;
            if (k < 29 && unlink(path)) die("unlink");
        }
        is_right &= try_open(puppet, path, O_RDONLY) == EACCES;
        if (unlink(path)) die("unlink");
    }
    check(is_right, "link: names that come after it");
}

static void test_reuse(void) {
    char path[64];
    bool is_right = true;

    for (int i = 0; i < rounds(300); i++) {
        snprintf(path, sizeof(path), "%s/%d", i % 2 ? FREE : BARRED, i % 7);
        make(path);
        is_right &= try_open(puppet, path, O_RDONLY) == (i % 2 ? 0 : EACCES);
        if (unlink(path)) die("unlink");
    }
    check(is_right, "reuse: files that come and go");
}

static int do_set_fsuid(struct arguments* arguments) {
    setfsuid((uid_t)arguments->number[0]);
    return 0;
}

static void test_owner(void) {
    mkdir(TOP "/mine", 0777);
    make(TOP "/mine/file");
    expect_allowed(TOP "/mine/file", "owner: root's");
    if (chown(TOP "/mine/file", 5, 5)) die("chown");
    expect_denied(TOP "/mine/file", "owner: another's");
    try_path(puppet, do_set_fsuid, "", 5, 0);
    expect_allowed(TOP "/mine/file", "owner: that of the task");
    try_path(puppet, do_set_fsuid, "", 0, 0);
    expect_denied(TOP "/mine/file", "owner: and root again");
}

/* Two processes under different policies, in one namespace, take turns. */
static void test_turns(void) {
    struct puppet* const other = puppet_make(0);

    if (attach_process(other->pid, "more")) die("attach");
    for (int i = 0; i < 5; i++) {
        check_errno(try_open(other, BARRED "/file", O_RDONLY), 0, "turns: who may");
        check_errno(try_open(puppet, BARRED "/file", O_RDONLY), EACCES, "turns: who may not");
        check_errno(try_open(puppet, FREE "/both", O_RDONLY), 0, "turns: who may");
        check_errno(try_open(other, FREE "/both", O_RDONLY), EACCES, "turns: who may not");
    }
    puppet_end(other);
}

int main(void) {
    mkdir(TOP, 0755);
    mkdir(FREE, 0755);
    mkdir(FREE "/mount", 0755);
    mkdir(BARRED, 0755);
    make(FREE "/file");
    make(FREE "/both");
    make(FREE "/told");
    make(BARRED "/file");
    load("%s", policy);
    puppet = puppet_make(CLONE_NEWUTS | CLONE_NEWNS);
    if (bind_process(puppet->pid, "uts", "web")) die("bind");
    test_rules();
    test_mode();
    test_told();
    test_policies();
    test_renames();
    test_mounts();
    test_detached();
    test_links();
    test_reuse();
    test_owner();
    test_turns();
    puppet_end(puppet);
    unload_all();
    return finish();
}
