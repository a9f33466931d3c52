// SPDX-License-Identifier: GPL-2.0-only
/* Policies that complain, kill, or do nothing; and modes that change while they are in force. */
#define _GNU_SOURCE
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define TOP "/tmp/modes"
#define FREE TOP "/free"
#define SECRET TOP "/secret"
#define PROGRAM TOP "/program"

/* The same rules in each mode. */
#define RULES                               \
    "{\n"                                   \
    "  capability, namespace,\n"            \
    "  " TOP                                \
    "/** (read, write, link),\n"            \
    "  deny " SECRET                        \
    " (read),\n"                            \
    "  deny syscall getppid errno=EXDEV,\n" \
    "  deny " TOP                           \
    "/other (write),\n"                     \
    "}\n"

static const char policies[] =
    "policy enforces " RULES "policy complains flags=(complain) " RULES
    "policy kills flags=(kill) " RULES "policy disabled flags=(disabled) " RULES;

static int do_getppid(struct arguments* arguments) {
    (void)arguments;
    return outcome(syscall(__NR_getppid));
}

static int do_socket(struct arguments* arguments) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);

    (void)arguments;
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

enum { KILLED = 999 };

/* As do_exec(), but tells whether the child was killed. */
static int do_try_exec(struct arguments* arguments) {
    char* const argv[] = {arguments->path, NULL};
    const pid_t child = fork();
    int status;

    if (!child) {
        execv(arguments->path, argv);
        _exit(errno);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) return errno;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? KILLED : WEXITSTATUS(status);
}

/* A program without a name, which no policy can be asked about. */
static int do_exec_memory(struct arguments* arguments) {
    size_t size;
    char* const program = read_file(PROGRAM, &size);
    const int fd = memfd_create("program", MFD_CLOEXEC);

    (void)arguments;
    if (!program || fd < 0 || write(fd, program, size) != (ssize_t)size) return EINVAL;
    free(program);
    snprintf(arguments->path, sizeof(arguments->path), "/proc/self/fd/%d", fd);
    return do_try_exec(arguments);
}

static void* read_secret(void* unused) {
    (void)unused;
    open(SECRET, O_RDONLY | O_CLOEXEC);
    return NULL;
}

static int do_thread(struct arguments* arguments) {
    pthread_t thread;

    (void)arguments;
    if (pthread_create(&thread, NULL, read_secret, NULL)) return EAGAIN;
    pthread_join(thread, NULL);
    usleep(100000);
    return 0;
}

static const struct violation {
    const char* name;
    operation* operation;
    const char *path, *to;
    long number;
    int error;
} violations[] = {
    {"a denied path", do_open, SECRET, NULL, O_RDONLY, EACCES},
    {"a path that no rule allows", do_open, "/proc/self/status", NULL, O_RDONLY, EACCES},
    {"a class without rules", do_socket, "", NULL, 0, EPERM},
    {"a system call", do_getppid, "", NULL, 0, EXDEV},
    {"a name that grants more", do_link, SECRET, FREE "-link", 0, EACCES},
    {"a program", do_try_exec, PROGRAM, NULL, 0, EACCES},
    {"a program without a name", do_exec_memory, "", NULL, 0, EACCES},
};

static int violate(struct puppet* puppet, const struct violation* violation) {
    const int error = try_paths(puppet, violation->operation, violation->path, violation->to ?: "",
                                violation->number);

    unlink(FREE "-link");
    return error;
}

static void complains(void) {
    struct puppet* const puppet = puppet_under("complains");
    const long before = stat_value("denials");

    const char* const line =
        "complained policy=\"complains\" class=file operation=read object=\"" SECRET "\"";
    const struct arguments secret = {.path = SECRET, .number = {O_RDONLY}};

    check_errno(ask_until_told(puppet, do_open, &secret, line), 0, "complain: %s",
                violations[0].name);
    check(log_has(line), "complain: it is told");
    for (size_t i = 1; i < ARRAY_SIZE(violations); i++)
        check_errno(violate(puppet, violations + i), 0, "complain: %s", violations[i].name);
    check(stat_value("denials") == before, "complain: nothing is counted as denied");
    /* What another policy denies is denied. */
    if (bind_process(puppet->pid, "uts", "enforces")) die("bind");
    for (size_t i = 0; i < ARRAY_SIZE(violations); i++)
        check_errno(violate(puppet, violations + i), violations[i].error,
                    "complain and enforce: %s", violations[i].name);
    puppet_end(puppet);
}

static void disabled(void) {
    struct puppet* const puppet = puppet_under("disabled");

    for (size_t i = 0; i < ARRAY_SIZE(violations); i++)
        check_errno(violate(puppet, violations + i), 0, "disabled: %s", violations[i].name);
    check(!log_has("policy=\"disabled\""), "disabled: nothing is told");
    puppet_end(puppet);
}

static void kills(void) {
    struct puppet* puppet;

    for (size_t i = 0; i < ARRAY_SIZE(violations); i++) {
        puppet = puppet_under("kills");
        check_errno(try_open(puppet, FREE, O_RDONLY), 0, "kill: what is allowed");
        check_errno(
            violate(puppet, violations + i),
            violations[i].operation == do_try_exec || violations[i].operation == do_exec_memory
                ? KILLED
                : -1,
            "kill: %s", violations[i].name);
        puppet_end(puppet);
    }
    puppet = puppet_under("kills");
    check_errno(ask(puppet, do_thread, NULL), -1, "kill: a thread's violation ends the process");
    puppet_end(puppet);

    puppet = puppet_make(CLONE_NEWPID | CLONE_NEWUTS);
    if (bind_process(puppet->pid, "uts", "kills")) die("bind");
    check_errno(violate(puppet, violations), -1, "kill: the first process of a pid namespace");
    puppet_end(puppet);
}

static int set_mode(const char* text) {
    return control("policies/enforces/mode", "%s", text);
}

static bool mode_is(const char* mode) {
    char* const text = read_file(SECURITYFS "policies/enforces/mode", NULL);
    const bool is = text && !strncmp(text, mode, strlen(mode)) && text[strlen(mode)] == '\n';

    free(text);
    return is;
}

static int do_set_mode(struct arguments* arguments) {
    const int fd = open(SECURITYFS "policies/enforces/mode", O_WRONLY | O_CLOEXEC);
    const int error = fd < 0 ? errno : write(fd, "disabled", 8) < 0 ? errno : 0;

    (void)arguments;
    if (fd >= 0) close(fd);
    return error;
}

static void live(void) {
    static const struct {
        const char* text;
        int error;
    } wrong[] = {{"", EINVAL},        {"nonsense", EINVAL},
                 {"kill it", EINVAL}, {"complainn", EINVAL},
                 {" kill", EINVAL},   {"kill\n\n", EINVAL},
                 {"KILL", EINVAL},    {"a word that is much too long", EINVAL}};
    struct puppet* const puppet = puppet_under("enforces");

    check(mode_is("enforce"), "live: enforce at first");
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        check_errno(control_bytes("policies/enforces/mode", wrong[i].text, strlen(wrong[i].text)),
                    wrong[i].error, "live: a wrong word, number %zu", i);
        check(mode_is("enforce"), "live: it changes nothing");
    }
    check_errno(violate(puppet, violations), EACCES, "live: enforced");
    check_errno(set_mode("complain"), 0, "live: complain");
    check(mode_is("complain"), "live: it is said");
    for (size_t i = 0; i < ARRAY_SIZE(violations); i++)
        check_errno(violate(puppet, violations + i), 0, "live: complain, %s", violations[i].name);
    check_errno(set_mode("disabled\n"), 0, "live: disabled");
    check_errno(violate(puppet, violations), 0, "live: disabled, %s", violations[0].name);
    check_errno(set_mode("enforce"), 0, "live: enforce again");
    for (size_t i = 0; i < ARRAY_SIZE(violations); i++)
        check_errno(violate(puppet, violations + i), violations[i].error, "live: enforce, %s",
                    violations[i].name);
    check_errno(set_mode("complain"), 0, "live: complain");
    check_errno(ask(puppet, do_set_mode, NULL), EPERM, "live: a confined task may not change it");
    check(mode_is("complain"), "live: it is what it was");
    load("%s", policies);
    check(mode_is("enforce"), "live: a replaced policy is in its own mode");
    check_errno(violate(puppet, violations), EACCES, "live: and enforced");
    check_errno(set_mode("kill"), 0, "live: kill");
    check_errno(violate(puppet, violations), -1, "live: kill, %s", violations[0].name);
    puppet_end(puppet);
}

int main(void) {
    mkdir(TOP, 0755);
    write_file(FREE, "", 0, 0644);
    write_file(SECRET, "", 0, 0644);
    write_program(PROGRAM, 0755);
    load("%s", policies);
    complains();
    disabled();
    kills();
    live();
    return finish();
}
