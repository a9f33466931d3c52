// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seal. Nothing undoes it, so what comes after it must have a guest of its own; hence
 * the parameter, which does nothing else.
 */
/* append: loglevel=5 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define SECRET "/tmp/sealing-secret"

static const char policies[] = "policy web { file, signal, capability, namespace, deny " SECRET
                               " r, }\n"
                               "policy idle { file, }\n";

static int read_secret(struct puppet* puppet) {
    return try_open(puppet, SECRET, O_RDONLY);
}

static bool shows(const char* file, const char* want) {
    char path[128], *text;
    bool is_so;

    snprintf(path, sizeof(path), SECURITYFS "%s", file);
    text = read_file(path, NULL);
    is_so = text && !strcmp(text, want);
    if (!is_so) note("%s: %s", file, text ?: "cannot be read");
    free(text);
    return is_so;
}

static bool bindings_become(long count) {
    for (int tries = 0; tries < 1000; tries++) {
        if (stat_value("bindings") == count) return true;
        usleep(10000);
    }
    return false;
}

static void test_bad(void) {
    int fd = open_control("seal", O_WRONLY);

    check_errno(control("seal", "0"), EINVAL, "bad: 0");
    check_errno(control("seal", "2"), EINVAL, "bad: 2");
    check_errno(control("seal", "11"), EINVAL, "bad: 11");
    check_errno(control("seal", "1\n\n"), EINVAL, "bad: two newlines");
    check_errno(control("seal", "\n"), EINVAL, "bad: a newline");
    check_errno(control("seal", " 1"), EINVAL, "bad: a space");
    check_errno(control_bytes("seal", "1", 2), EINVAL, "bad: a NUL");
    check_errno(control_bytes("seal", "", 0), EINVAL, "bad: nothing");
    check_errno(control_bytes("seal", NULL, 1), EFAULT, "bad: no memory of ours");
    check(write(fd, "\n", 1) < 0 && errno == EINVAL, "bad: a second half");
    close(fd);
    check(shows("seal", "0\n"), "not sealed by any of that");
}

int main(void) {
    struct puppet *inside, *attached, *confined, *plain, *visitor;
    int pidfd, uts, status, mode;
    size_t size;
    void* blob;

    write_file(SECRET, "", 0, 0644);
    load("%s", policies);
    blob = compile(&size, "policy more { file, }");
    inside = puppet_make(CLONE_NEWUTS);
    attached = puppet_make(0);
    confined = puppet_under("web");
    plain = puppet_make(CLONE_NEWUTS);
    visitor = puppet_make(0);
    if (bind_process(inside->pid, "uts", "web")) die("bind");
    if (attach_process(attached->pid, "web")) die("attach");
    pidfd = open_process(plain->pid);
    uts = open_namespace(plain->pid, "uts");
    mode = open_control("policies/web/mode", O_RDWR);

    test_bad();
    check_errno(try_path(confined, do_open, SECURITYFS "seal", O_RDWR, 0), EPERM,
                "a confined root does not open it");
    check(shows("seal", "0\n"), "and has not sealed");
    check_errno(control("seal", "1\n"), 0, "seal");
    check(shows("seal", "1\n"), "sealed");
    check_errno(control("seal", "1"), 0, "seal again");
    check_errno(control("seal", "0"), EINVAL, "there is no way back");

    check_errno(control_bytes("load", blob, size), EROFS, "load");
    check_errno(unload("idle"), EROFS, "unload what nobody uses");
    check_errno(unload_force("web"), EROFS, "unload by force");
    check_errno(control("bind", "uts %d web", uts), EROFS, "bind");
    check_errno(control("bind", "on-exec uts %d idle", uts), EROFS, "bind on exec");
    check_errno(unbind_number("uts", namespace_number(inside->pid, "uts"), "web"), EROFS, "unbind");
    check_errno(control("attach", "%d web", pidfd), EROFS, "attach");
    check_errno(control("attach", "on-exec %d web", pidfd), EROFS, "attach on exec");
    check_errno(detach_process(attached->pid, "web"), EROFS, "detach");
    check_errno(control("policies/web/mode", "disabled"), EROFS, "mode");
    check(write(mode, "complain", 8) < 0 && errno == EROFS, "mode, opened before");
    check_errno(control("bind", "uts x web"), EINVAL, "a wrong command is wrong");
    check_errno(control("bind", "uts %d web", pidfd), EBADF, "a wrong descriptor is wrong");

    check(shows("policies/web/mode", "enforce\n"), "the mode is as it was");
    check(stat_value("policies") == 2, "the policies are");
    check(stat_value("bindings") == 2, "the bindings are");
    check_errno(read_secret(inside), EACCES, "who is bound is confined");
    check_errno(read_secret(attached), EACCES, "who is attached is");
    check_errno(read_secret(plain), 0, "who was not, is not");

    /* Life goes on. */
    check_errno(read_secret(puppet_fork(inside, CLONE_NEWUTS)), EACCES, "a child is confined");
    status = system("ipolc load /etc/ipolc/none.ipol 2>/dev/null");
    check(WEXITSTATUS(status) != 0, "ipolc load fails");
    status = system("ipolc seal >/dev/null");
    check_errno(WEXITSTATUS(status), 0, "ipolc seal");
    status = system("ipolc unload idle 2>&1 | grep -q 'sealed: nothing is changed'");
    check_errno(WEXITSTATUS(status), 0, "ipolc says why it fails");
    puppet_end(visitor);
    puppet_end(confined);
    check(bindings_become(1), "a binding ends with its namespace");
    free(blob);
    unlink(SECRET);
    return finish();
}
