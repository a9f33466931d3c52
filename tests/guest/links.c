// SPDX-License-Identifier: GPL-2.0-only
/* Hard links: by the new name, and as pairs of the new name and the file. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define TOP "/tmp/links"
#define OLD TOP "/old"
#define SAME TOP "/same" /* where no more is allowed than in OLD */
#define MORE TOP "/more" /* where more is */

#define FILES "capability, namespace, " OLD "/** r, " SAME "/** r, " MORE "/** rw, "

static const char policies[] =
    "policy names { " FILES SAME "/** l, " MORE "/** l, deny " SAME
    "/not l errno=EXDEV, }\n"
    "policy pairs {\n"
    "  " FILES
    "\n"
    "  link subset " SAME "/a* -> " OLD
    "/file,\n"
    "  link subset " MORE "/a* -> " OLD
    "/file,\n"
    "  link " MORE "/b* -> " OLD
    "/file,\n"
    "  link subset " SAME "/c* -> " OLD
    "/**,\n"
    "  deny link " SAME "/c* -> " OLD
    "/secret errno=EXDEV,\n"
    "  owner link subset " SAME "/d* -> " OLD
    "/**,\n"
    "  " SAME
    "/plain l,\n"
    "}\n"
    "policy none { " FILES
    "}\n"
    "policy any { " FILES SAME "/** l, " MORE
    "/** l, }\n"
    "policy complains flags=(complain) { " FILES "link subset " SAME "/a -> " OLD
    "/file, }\n"
    "policy kills flags=(kill) { " FILES "link subset " SAME "/a -> " OLD
    "/file, }\n"
    "policy tells { " FILES "audit link subset " SAME "/a -> " OLD "/file, }\n";

static const struct link_case {
    const char *policy, *name, *file;
    int error;
} cases[] = {
    {"names", SAME "/x", OLD "/file", 0},
    {"names", SAME "/x", OLD "/secret", 0},
    {"names", SAME "/not", OLD "/file", EXDEV},
    {"names", MORE "/x", OLD "/file", EACCES}, /* it would grant more */
    {"names", OLD "/x", OLD "/file", EACCES},
    {"pairs", SAME "/ab", OLD "/file", 0},
    {"pairs", SAME "/ab", OLD "/secret", EACCES},
    {"pairs", SAME "/z", OLD "/file", EACCES},
    {"pairs", MORE "/ab", OLD "/file", EACCES}, /* subset: it would grant more */
    {"pairs", MORE "/bb", OLD "/file", 0},      /* and this may */
    {"pairs", MORE "/bb", OLD "/secret", EACCES},
    {"pairs", SAME "/cc", OLD "/file", 0},
    {"pairs", SAME "/cc", OLD "/secret", EXDEV},
    {"pairs", SAME "/d", OLD "/file", 0},
    {"pairs", SAME "/d", OLD "/others", EACCES},
    {"pairs", SAME "/plain", OLD "/secret", 0},
    {"none", SAME "/ab", OLD "/file", EACCES},
    {"complains", SAME "/b", OLD "/file", 0},
    {"kills", SAME "/a", OLD "/file", 0},
    {"kills", SAME "/b", OLD "/file", -1},
};

static int do_linkat(struct arguments* arguments) {
    const int fd = open(arguments->path, O_PATH);
    const int error =
        fd < 0 ? EBADF : outcome(linkat(fd, "", AT_FDCWD, arguments->to, AT_EMPTY_PATH));

    if (fd >= 0) close(fd);
    return error;
}

static void try_case(const struct link_case* tried, operation* operation, const char* how) {
    struct puppet* const puppet = puppet_under(tried->policy);

    check_errno(try_paths(puppet, operation, tried->file, tried->name, 0), tried->error,
                "%s, %s: %s -> %s", how, tried->policy, tried->name, tried->file);
    check(!access(tried->name, F_OK) == !tried->error, "and %s", tried->error ? "is not" : "is");
    unlink(tried->name);
    puppet_end(puppet);
}

/* Each policy decides by itself, and all must allow it. */
static void test_several(void) {
    struct puppet* const puppet = puppet_under("pairs");

    if (attach_process(puppet->pid, "any")) die("attach");
    check_errno(try_paths(puppet, do_link, OLD "/file", SAME "/ab", 0), 0, "several: both allow");
    unlink(SAME "/ab");
    check_errno(try_paths(puppet, do_link, OLD "/secret", SAME "/ab", 0), EACCES,
                "several: the pairs do not");
    check_errno(try_paths(puppet, do_link, OLD "/file", MORE "/bb", 0), EACCES,
                "several: more, which only the pairs allow");
    if (attach_process(puppet->pid, "none")) die("attach");
    check_errno(try_paths(puppet, do_link, OLD "/file", SAME "/ab", 0), EACCES,
                "several: the third does not");
    puppet_end(puppet);
}

static void test_told(void) {
    struct puppet* const puppet = puppet_under("tells");
    const long before = stat_value("events");

    check_errno(try_paths(puppet, do_link, OLD "/file", SAME "/a", 0), 0, "audit: done");
    check(stat_value("events") == before + 1, "audit: and told");
    check_errno(try_paths(puppet, do_link, OLD "/secret", SAME "/b", 0), EACCES, "audit: denied");
    check(stat_value("events") == before + 2, "audit: and told as well");
    unlink(SAME "/a");
    puppet_end(puppet);
}

int main(void) {
    static const char* const folders[] = {TOP, OLD, SAME, MORE};

    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) mkdir(folders[i], 0755);
    write_file(OLD "/file", "", 0, 0644);
    write_file(OLD "/secret", "", 0, 0644);
    write_file(OLD "/others", "", 0, 0644);
    if (chown(OLD "/others", 5, 5)) die("chown");
    load("%s", policies);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        try_case(cases + i, do_link, "link");
        try_case(cases + i, do_linkat, "linkat of a descriptor");
    }
    test_several();
    test_told();
    unload_all();
    return finish();
}
