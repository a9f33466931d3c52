// SPDX-License-Identifier: GPL-2.0-only
/* Changes of policy that a task asks for itself: at once, by its next exec, and hats. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#ifndef __NR_lsm_get_self_attr
#define __NR_lsm_get_self_attr 459
#define __NR_lsm_set_self_attr 460
#define __NR_lsm_list_modules 461
#endif

enum { ATTR_CURRENT = 100, ATTR_EXEC = 101, ATTR_PREV = 104 };

/* The module's number: see lsm/setup.h. */
#define ISOLATES 0x69736f6cull

struct context {
    uint64_t id, flags, size, length;
    char text[512];
};

#define TOP "/tmp/changes"
#define PROGRAM TOP "/program"
#define OTHER TOP "/other-program"

/* Each policy can read a file of its name, and no other one's. */
#define OWN(name) "  " TOP "/" name " r,\n  capability, namespace, ptrace, signal, /proc/** rw,\n"

static const char policies[] =
    "policy web {\n" OWN("web")
    "  change_profile -> worker,\n"
    "  change_profile -> absent,\n"
    "  change_profile " PROGRAM " -> tool,\n"
    "  deny change_profile -> third errno=EXDEV,\n"
    "  hat login {\n" OWN("login") "  }\n"
    "  ^page {\n" OWN("page") "    change_profile -> worker,\n  }\n"
    "  profile child {\n" OWN("child") "  }\n"
    "}\n"
    "policy worker {\n" OWN("worker") "  change_profile -> unconfined, " PROGRAM " ix,\n}\n"
    "policy tool { file, capability, deny " TOP "/web r, deny " TOP "/worker r, }\n"
    "policy second { file, capability, namespace, ptrace, signal, change_profile -> worker, }\n"
    "policy third { file, capability, namespace, ptrace, signal, }\n"
    "policy complains flags=(complain) { file, capability, namespace, ptrace, signal, }\n"
    "policy kills flags=(kill) { file, capability, namespace, ptrace, signal, }\n";

static int set_attribute(unsigned attribute, const char* text, size_t length) {
    struct context context = {.id = ISOLATES, .length = length};

    memcpy(context.text, text, length);
    context.size = offsetof(struct context, text) + length;
    return outcome(syscall(__NR_lsm_set_self_attr, attribute, &context, (unsigned)context.size, 0));
}

/* path: what to ask for, in words; number[0]: the attribute, [1]: its length, if it has NULs. */
static int do_ask(struct arguments* arguments) {
    return set_attribute(
        (unsigned)arguments->number[0], arguments->path,
        arguments->number[1] ? (size_t)arguments->number[1] : strlen(arguments->path));
}

/* What it is under, in path. */
static int do_get(struct arguments* arguments) {
    struct context context = {.id = 0};
    unsigned size = sizeof(context);
    const long count =
        syscall(__NR_lsm_get_self_attr, (unsigned)arguments->number[0], &context, &size, 0);

    if (count < 0) return errno;
    snprintf(arguments->path, sizeof(arguments->path), "%s", context.text);
    return context.id == ISOLATES ? 0 : EPROTO;
}

static int do_no_new_privs(struct arguments* arguments) {
    (void)arguments;
    return outcome(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static int now(struct puppet* puppet, const char* words) {
    return try_path(puppet, do_ask, words, ATTR_CURRENT, 0);
}

static int later(struct puppet* puppet, const char* words) {
    return try_path(puppet, do_ask, words, ATTR_EXEC, 0);
}

/* Is the text one policy's name, or those of two in any order? */
static bool is_set(const char* text, const char* names) {
    const char* const more = strstr(names, "//&");
    char turned[128];

    if (!more) return !strcmp(text, names);
    snprintf(turned, sizeof(turned), "%s//&%.*s", more + 3, (int)(more - names), names);
    return !strcmp(text, names) || !strcmp(text, turned);
}

/* Is it under this policy, by what it can read and by what it is told? */
static void is_under(struct puppet* puppet, const char* policy, const char* file,
                     const char* when) {
    static const char* const files[] = {"web", "worker", "login", "page"};
    char path[64];

    check(!try_path(puppet, do_get, "", ATTR_CURRENT, 0) && is_set(answered(puppet)->path, policy),
          "%s: is under %s (%s)", when, policy, answered(puppet)->path);
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        snprintf(path, sizeof(path), TOP "/%s", files[i]);
        check_errno(try_open(puppet, path, O_RDONLY), strcmp(files[i], file) ? EACCES : 0,
                    "%s: reads %s", when, files[i]);
    }
}

static void test_now(void) {
    struct puppet* puppet = puppet_under("web");

    is_under(puppet, "web", "web", "now: before");
    check_errno(now(puppet, "permprofile worker"), 0, "now: could");
    is_under(puppet, "web", "web", "now: has only asked");
    check_errno(now(puppet, "changeprofile third"), EXDEV, "now: denied by a rule");
    check_errno(now(puppet, "changeprofile second"), EPERM, "now: allowed by none");
    check_errno(now(puppet, "permprofile second"), EPERM, "now: could not");
    check_errno(now(puppet, "changeprofile absent"), ENOENT, "now: not in force");
    check_errno(now(puppet, "changeprofile web//child"), EPERM, "now: a child that is no hat");
    check_errno(now(puppet, "changeprofile unconfined"), EPERM, "now: out of it");
    is_under(puppet, "web", "web", "now: still");
    check_errno(now(puppet, "changeprofile worker"), 0, "now: changed");
    is_under(puppet, "worker", "worker", "now: after");
    check_errno(now(puppet, "changeprofile web"), EPERM, "now: not back");
    check_errno(unload("worker"), EBUSY, "now: it is in use");
    check_errno(now(puppet, "changeprofile unconfined"), 0, "now: to none, which it may");
    check(!try_path(puppet, do_get, "", ATTR_CURRENT, 0) &&
              !strcmp(answered(puppet)->path, "unconfined"),
          "now: unconfined");
    check_errno(try_open(puppet, TOP "/web", O_RDONLY), 0, "now: reads anything");
    check_errno(now(puppet, "changeprofile web"), EPERM, "now: no way in by itself");
    puppet_end(puppet);

    puppet = puppet_under("web");
    try_path(puppet, do_no_new_privs, "", 0, 0);
    check_errno(now(puppet, "changeprofile worker"), EPERM, "now: not with no_new_privs");
    is_under(puppet, "web", "web", "now: with no_new_privs");
    puppet_end(puppet);
}

/* The number by which a task asks is one that it can find out. */
static void test_number(void) {
    uint64_t numbers[32];
    unsigned size = sizeof(numbers);
    const long count = syscall(__NR_lsm_list_modules, numbers, &size, 0);
    bool is_listed = false;

    for (long i = 0; i < count; i++) is_listed |= numbers[i] == ISOLATES;
    check(is_listed, "number: is listed");
}

static void test_bad(void) {
    struct puppet* const puppet = puppet_under("web");
    static const char* const words[] = {"",
                                        "\n",
                                        "changeprofile",
                                        "changeprofile ",
                                        "changeprofile  worker",
                                        "worker",
                                        "exec worker",
                                        "changehat",
                                        "changehat ",
                                        "changehat ^login",
                                        "changehat g^login",
                                        "changehat -1^login",
                                        "changehat 12345678123456789^login",
                                        "changehat 1login"};
    struct context context = {.id = ISOLATES, .size = 40, .length = 400};
    char name[300];

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        const int error = now(puppet, words[i]);

        check(error == EINVAL || (error == EPERM && strstr(words[i], "  ")), "bad: '%s' (%d)",
              words[i], error);
    }
    check_errno(later(puppet, "changeprofile worker"), EINVAL, "bad: at exec");
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    memcpy(name, "changeprofile ", 14);
    check_errno(now(puppet, name), EINVAL, "bad: too long");
    check_errno(try_path(puppet, do_ask, "changeprofile a", ATTR_CURRENT, 17), EINVAL,
                "bad: a NUL");
    check_errno(try_path(puppet, do_ask, "changeprofile worker", ATTR_PREV, 0), EOPNOTSUPP,
                "bad: another attribute");
    check_errno(outcome(syscall(__NR_lsm_set_self_attr, ATTR_CURRENT, &context, 40u, 0)), EINVAL,
                "bad: longer than it is");
    check_errno(now(NULL, "changeprofile web"), EPERM, "bad: who is unconfined");
    is_under(puppet, "web", "web", "bad: after");
    puppet_end(puppet);
}

static void test_several(void) {
    struct puppet* puppet = puppet_under("web");

    if (attach_process(puppet->pid, "third")) die("attach");
    check_errno(now(puppet, "changeprofile worker"), EPERM, "several: one does not allow it");
    is_under(puppet, "web//&third", "web", "several: both");
    puppet_end(puppet);
    puppet = puppet_under("web");
    if (attach_process(puppet->pid, "second")) die("attach");
    check_errno(now(puppet, "changeprofile worker"), 0, "several: both allow it");
    is_under(puppet, "worker", "worker", "several: after");
    puppet_end(puppet);
    puppet = puppet_under("complains");
    check_errno(now(puppet, "changeprofile worker"), 0, "complain: changed");
    is_under(puppet, "worker", "worker", "complain: after");
    puppet_end(puppet);
    puppet = puppet_under("kills");
    check_errno(now(puppet, "changeprofile worker"), -1, "kill: killed");
    puppet_end(puppet);
    /* What is bound or attached later comes to it. */
    puppet = puppet_under("web");
    check_errno(now(puppet, "changeprofile worker"), 0, "later ones: changed");
    if (attach_process(puppet->pid, "third")) die("attach");
    is_under(puppet, "worker//&third", "worker", "later ones: attached");
    puppet_end(puppet);
}

static void test_hats(void) {
    struct puppet* puppet = puppet_under("web");
    static struct arguments several;

    check_errno(now(puppet, "changehat 7^absent"), ENOENT, "hat: none of that name");
    check_errno(now(puppet, "changehat 7^child"), EPERM, "hat: a child that is none");
    check_errno(now(puppet, "changehat 7^"), 0, "hat: nothing to put off");
    check_errno(now(puppet, "changehat 1f^login"), 0, "hat: on");
    is_under(puppet, "web//login", "login", "hat: in it");
    check_errno(now(puppet, "changehat 1f^page"), 0, "hat: another one");
    is_under(puppet, "web//page", "page", "hat: in another");
    check_errno(now(puppet, "changehat 1F^"), 0, "hat: off");
    is_under(puppet, "web", "web", "hat: back");
    several.number[0] = ATTR_CURRENT;
    several.number[1] = sizeof("changehat 2^absent\0page\0login") - 1;
    memcpy(several.path, "changehat 2^absent\0page\0login", (size_t)several.number[1]);
    check_errno(ask(puppet, do_ask, &several), 0, "hat: the first that there is");
    is_under(puppet, "web//page", "page", "hat: of several");
    if (attach_process(puppet->pid, "third")) die("attach");
    check_errno(now(puppet, "changehat 2^"), 0, "hat: off, and attached meanwhile");
    is_under(puppet, "web//&third", "web", "hat: keeps what came");
    if (detach_process(puppet->pid, "third")) die("detach");
    check_errno(now(puppet, "changehat 3^page"), 0, "hat: on again");
    check_errno(now(puppet, "changeprofile worker"), 0, "hat: and away from there");
    check_errno(now(puppet, "changehat 3^"), 0, "hat: nothing to put off any more");
    is_under(puppet, "worker", "worker", "hat: no way back");
    puppet_end(puppet);

    /* What is bound meanwhile is no hat, whatever it is called. */
    puppet = puppet_make(CLONE_NEWUTS | CLONE_NEWIPC);
    if (bind_process(puppet->pid, "uts", "web")) die("bind");
    check_errno(now(puppet, "changehat 4^page"), 0, "hat: on, before it is bound to another");
    if (bind_process(puppet->pid, "ipc", "web//login")) die("bind");
    check_errno(now(puppet, "changehat 4^"), 0, "hat: off, and bound meanwhile");
    check(!try_path(puppet, do_get, "", ATTR_CURRENT, 0) &&
              is_set(answered(puppet)->path, "web//&web//login"),
          "hat: keeps what it was bound to (%s)", answered(puppet)->path);
    check_errno(try_open(puppet, TOP "/web", O_RDONLY), EACCES, "hat: and is under it");
    puppet_end(puppet);

    puppet = puppet_under("web");
    check_errno(now(puppet, "changehat 0^login"), 0, "hat: for good");
    check_errno(now(puppet, "changehat 0^"), -1, "hat: no way back without a token");
    puppet_end(puppet);
    puppet = puppet_under("web");
    check_errno(now(puppet, "changehat 5^login"), 0, "hat: on");
    check_errno(now(puppet, "changehat 6^"), -1, "hat: a wrong token is deadly");
    puppet_end(puppet);
    puppet = puppet_under("web");
    check_errno(now(puppet, "changehat 5^login"), 0, "hat: on");
    check_errno(now(puppet, "changehat 6^page"), -1, "hat: for another hat, too");
    puppet_end(puppet);
}

/* path: the program; to: what to ask for. Its exit status, or an errno. */
static int do_exec_after(struct arguments* arguments) {
    char* const argv[] = {arguments->path, NULL};
    const pid_t child = fork();
    int status;

    if (!child) {
        const int error = set_attribute(ATTR_EXEC, arguments->to, strlen(arguments->to));

        if (error) _exit(100);
        execv(arguments->path, argv);
        _exit(errno);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

static void test_exec(void) {
    struct puppet* const puppet = puppet_under("web");

    check_errno(try_open(puppet, PROGRAM, O_RDONLY), EACCES, "exec: no rule on the program");
    check_errno(try_paths(puppet, do_exec_after, PROGRAM, "exec tool", 0), 0,
                "exec: as the rule on the change has it");
    check_errno(try_paths(puppet, do_exec_after, OTHER, "exec tool", 0), EPERM,
                "exec: another program");
    check_errno(try_paths(puppet, do_exec_after, PROGRAM, "exec second", 0), EPERM,
                "exec: another policy");
    check_errno(try_paths(puppet, do_exec_after, PROGRAM, "exec nothing", 0), 100,
                "exec: an unknown policy");
    check_errno(later(puppet, "exec tool"), 0, "exec: asked for");
    check(!try_path(puppet, do_get, "", ATTR_EXEC, 0) && !strcmp(answered(puppet)->path, "tool"),
          "exec: and known");
    check_errno(later(puppet, "exec "), 0, "exec: taken back");
    check_errno(try_path(puppet, do_get, "", ATTR_EXEC, 0), ENOENT, "exec: and gone");
    check_errno(try_path(puppet, do_exec, PROGRAM, 0, 0), EACCES, "exec: then as before");
    is_under(puppet, "web", "web", "exec: nothing has changed");
    puppet_end(puppet);
}

int main(void) {
    static const char* const files[] = {"web", "worker", "login", "page", "child"};
    char path[64];

    if (syscall(__NR_lsm_set_self_attr, ATTR_CURRENT, NULL, 0u, 0) && errno == ENOSYS) {
        skip("this kernel has no way to ask", "a change of policy");
        return finish();
    }
    mkdir(TOP, 0755);
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        snprintf(path, sizeof(path), TOP "/%s", files[i]);
        write_file(path, "", 0, 0644);
    }
    write_program(PROGRAM, 0755);
    write_program(OTHER, 0755);
    load("%s", policies);
    test_number();
    test_now();
    test_bad();
    test_several();
    test_hats();
    test_exec();
    unload_all();
    return finish();
}
