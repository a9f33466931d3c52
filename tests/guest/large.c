// SPDX-License-Identifier: GPL-2.0-only
/* A policy of a hundred thousand rules: the kernel takes it, and each of them counts. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define TOP "/tmp/large"

enum { RULES = 100000, FOLDERS = 300 };

/* The path of a rule; every seventh denies, which the globs around it would allow. */
static int path_of(char* path, size_t size, int rule) {
    return snprintf(path, size, TOP "/%d/%s-%x.%s", rule % FOLDERS, rule % 7 ? "free" : "none",
                    (unsigned)rule * 2654435761u, rule % 3 ? "html" : "cgi");
}

static char* make_policy(void) {
    const size_t room = (size_t)RULES * 96;
    char *const text = malloc(room), *at = text, path[128];

    if (!text) die("no memory");
    at += sprintf(at, "policy large {\n  capability,\n");
    for (int rule = 0; rule < RULES; rule++) {
        path_of(path, sizeof(path), rule);
        at += sprintf(at, "  %s%s r,\n", rule % 7 ? "" : "deny ", path);
    }
    sprintf(at, "  " TOP "/**/none-* r,\n}\n");
    return text;
}

static void look_at(struct puppet* puppet, int rule) {
    char path[128], near[130];

    path_of(path, sizeof(path), rule);
    *strrchr(path, '/') = '\0';
    mkdir(path, 0755);
    path_of(path, sizeof(path), rule);
    snprintf(near, sizeof(near), "%s~", path);
    write_file(path, "", 0, 0644);
    write_file(near, "", 0, 0644);
    check_errno(try_open(puppet, path, O_RDONLY), rule % 7 ? 0 : EACCES, "rule %d", rule);
    check_errno(try_open(puppet, near, O_RDONLY), rule % 7 ? EACCES : 0, "beside rule %d", rule);
    check_errno(try_open(puppet, path, O_WRONLY), EACCES, "rule %d, to write", rule);
    unlink(path);
    unlink(near);
}

int main(void) {
    char* const text = make_policy();
    struct puppet* puppet;

    mkdir(TOP, 0755);
    load("%s", text);
    puppet = puppet_under("large");
    for (int rule = 0; rule < RULES; rule += RULES / 40 + 1) look_at(puppet, rule);
    look_at(puppet, RULES - 1);
    puppet_end(puppet);
    check_errno(unload_unused("large"), 0, "it can go");
    free(text);
    return finish();
}
