// SPDX-License-Identifier: GPL-2.0-only
/*
 * Beside another security module: Landlock, which a process puts itself under. What either denies
 * is denied. See majors.sh for the modules that need a boot of their own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define TOP "/tmp/stacking"

/* Folders by who allows to read in them: both, only isolates, only Landlock, neither. */
static const char* const folders[] = {"both", "isolates", "landlock", "neither"};

/* Allows itself to read in two of the folders, and nowhere else. */
static int do_landlock(struct arguments* arguments) {
    static const char* const allowed[] = {TOP "/both", TOP "/landlock"};
    const struct landlock_ruleset_attr attributes = {.handled_access_fs =
                                                         LANDLOCK_ACCESS_FS_READ_FILE};
    const int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);

    (void)arguments;
    if (rules < 0) return errno;
    for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
        struct landlock_path_beneath_attr beneath = {
            .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
            .parent_fd = open(allowed[i], O_PATH | O_CLOEXEC),
        };

        if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
            return errno;
        close(beneath.parent_fd);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return errno;
    return outcome(syscall(SYS_landlock_restrict_self, rules, 0));
}

/* `denied`: a bit for each folder. */
static void read_all(struct puppet* puppet, const char* who, int denied) {
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        char path[128];

        snprintf(path, sizeof(path), TOP "/%s/file", folders[i]);
        check_errno(try_open(puppet, path, O_RDONLY), denied >> i & 1 ? EACCES : 0,
                    "%s: read what %s may", who, folders[i]);
    }
}

int main(void) {
    struct puppet *const free = puppet_make(0), *puppet;
    char* const modules = read_file("/sys/kernel/security/lsm", NULL);

    check(modules && strstr(modules, "landlock") && strstr(modules, "isolates"),
          "both modules are on");
    mkdir(TOP, 0755);
    if (mount("tmpfs", TOP, "tmpfs", 0, "mode=755")) die("mount a tmpfs");
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        char path[128];

        snprintf(path, sizeof(path), TOP "/%s", folders[i]);
        mkdir(path, 0755);
        strcat(path, "/file");
        write_file(path, "text\n", 5, 0644);
    }
    load("policy stacking { capability, " TOP "/{both,isolates}/** r, }");
    puppet = puppet_under("stacking");

    read_all(free, "under neither", 0);
    read_all(puppet, "under isolates", 1 << 2 | 1 << 3);
    check_errno(ask(free, do_landlock, NULL), 0, "go under Landlock");
    read_all(free, "under Landlock", 1 << 1 | 1 << 3);
    check_errno(ask(puppet, do_landlock, NULL), 0, "under isolates, go under Landlock too");
    read_all(puppet, "under both", 1 << 1 | 1 << 2 | 1 << 3);

    puppet = puppet_make(CLONE_NEWUTS);
    check_errno(ask(puppet, do_landlock, NULL), 0, "go under Landlock first");
    if (bind_process(puppet->pid, "uts", "stacking")) die("bind");
    read_all(puppet, "under both, Landlock first", 1 << 1 | 1 << 2 | 1 << 3);
    umount2(TOP, MNT_DETACH);
    rmdir(TOP);
    return finish();
}
