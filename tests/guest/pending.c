// SPDX-License-Identifier: GPL-2.0-only
/* Bindings on exec: whom they confine, from which instruction on, and whom not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define DIR "/tmp/pending/"
#define PROGRAM DIR "program"
#define UNMAPPED DIR "unmapped"
#define LEADING DIR "leading"
#define SCRIPT DIR "script"
#define BAD_SCRIPT DIR "bad-script"
#define DYNAMIC DIR "dynamic"
#define BAD_DYNAMIC DIR "bad-dynamic"
#define LOADER "/tmp/pending/loader"
#define SECRET DIR "secret"
#define OTHER_SECRET DIR "other-secret"

enum { LIMIT = 40, READS_BOTH = 0, READS_SECRET = 1, READS_OTHER = 2, READS_NEITHER = 3 };

/* None of them is asked whether the program that they begin with may be executed. */
#define RULES                                                               \
    "signal, ptrace, capability, namespace, /** r, deny " SECRET " r, " DIR \
    "{program,loader,dynamic,bad-dynamic} m,"                               \
    " " DIR "leading m, set rlimit nofile <= 40, deny " DIR "bad-loader r,"

static const char policies[] =
    "policy bound { " RULES PROGRAM
    " px -> bound, }\n"
    "policy other { signal, capability, namespace, file, deny " OTHER_SECRET " r, " LEADING
    " px -> third, }\n"
    "policy third { signal, capability, namespace, file, }\n";

/* In the program: by its status, what it may read. */
static int tell(void) {
    int status = 0;

    if (access(SECRET, F_OK) || access(OTHER_SECRET, F_OK)) return 99;
    if (open(SECRET, O_RDONLY | O_CLOEXEC) < 0) status |= READS_OTHER;
    if (open(OTHER_SECRET, O_RDONLY | O_CLOEXEC) < 0) status |= READS_SECRET;
    return status;
}

static int be_program(char** argv) {
    struct rlimit limit;
    pid_t pid;
    int fd;

    if (!strcmp(argv[1], "fork")) {
        pid = fork();
        if (!pid) _exit(tell());
        return end_of(pid);
    }
    if (!strcmp(argv[1], "enter")) {
        fd = open(argv[2], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || setns(fd, 0)) return 98;
        return tell();
    }
    if (!strcmp(argv[1], "limit")) {
        if (getrlimit(RLIMIT_NOFILE, &limit)) return 97;
        return limit.rlim_max == LIMIT ? 0 : 1;
    }
    return tell();
}

static int do_enter(struct arguments* arguments) {
    const int fd = open(arguments->path, O_RDONLY | O_CLOEXEC);
    int error;

    if (fd < 0) return errno;
    error = outcome(setns(fd, 0));
    close(fd);
    return error;
}

static int do_unshare(struct arguments* arguments) {
    return outcome(unshare((int)arguments->number[0]));
}

/* What becomes of a program: an errno, or its status, negative. */
static int run(struct puppet* puppet, const char* path, enum how how, const char* argument) {
    struct arguments arguments = {.number = {how}};
    int error;

    snprintf(arguments.path, sizeof(arguments.path), "%s", path);
    snprintf(arguments.to, sizeof(arguments.to), "%s", argument);
    error = ask(puppet, do_run, &arguments);
    return error ? error : (int)-answered(puppet)->number[1];
}

static void check_run(struct puppet* puppet, const char* path, int want, const char* name) {
    const int got = run(puppet, path, PLAIN, "tell");

    if (!check(got == want, "%s", name)) note("want %d, got %d", want, got);
}

static int read_secret(struct puppet* puppet) {
    return try_open(puppet, SECRET, O_RDONLY);
}

static struct puppet* make_waiting(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);

    if (bind_process_on_exec(puppet->pid, "uts", "bound")) die("bind on exec");
    return puppet;
}

static bool is_listed(const char* policy, const char* line) {
    char path[128], *text;
    bool is_so;

    snprintf(path, sizeof(path), SECURITYFS "policies/%s/bindings", policy);
    text = read_file(path, NULL);
    is_so = text && !strcmp(text, line);
    free(text);
    return is_so;
}

static void test_kinds(void) {
    static const struct {
        const char* name;
        unsigned long flag;
    } kinds[] = {
        {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS},
        {"net", CLONE_NEWNET},       {"pid", CLONE_NEWPID}, {"time", CLONE_NEWTIME},
        {"user", CLONE_NEWUSER},     {"uts", CLONE_NEWUTS},
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const char* const name = kinds[i].name;
        struct puppet* const puppet = puppet_make(kinds[i].flag);
        const unsigned number = namespace_number(puppet->pid, name);
        char line[64];

        check_errno(bind_process_on_exec(puppet->pid, name, "bound"), 0, "%s: bind on exec", name);
        check_errno(read_secret(puppet), 0, "%s: who lives there is not confined", name);
        check_errno(-run(puppet, PROGRAM, PLAIN, "tell"), READS_OTHER,
                    "%s: but what it executes is", name);
        check_errno(read_secret(puppet), 0, "%s: and the other one still is not", name);
        snprintf(line, sizeof(line), "%s %u on exec\n", name, number);
        check(is_listed("bound", line), "%s: the binding is listed", name);
        check_errno(bind_process_on_exec(puppet->pid, name, "bound"), EEXIST,
                    "%s: bind on exec again", name);
        check_errno(bind_process(puppet->pid, name, "bound"), 0, "%s: then bind at once", name);
        check_errno(read_secret(puppet), EACCES, "%s: who lives there is confined", name);
        snprintf(line, sizeof(line), "%s %u\n", name, number);
        check(is_listed("bound", line), "%s: and that is listed", name);
        check_errno(bind_process_on_exec(puppet->pid, name, "bound"), EEXIST,
                    "%s: there is no way back to on exec", name);
        check_errno(unbind_number(name, number, "bound"), 0, "%s: unbind", name);
        puppet_end(puppet);
    }
    check_errno(bind_process_on_exec(getpid(), "net", "bound"), EPERM, "bind the initial one");
}

static void test_ways(void) {
    static const struct {
        enum how how;
        const char* name;
    } ways[] = {
        {PLAIN, "execve"},
        {BY_VFORK, "execve after vfork"},
        {BY_FD, "execveat"},
        {BY_THREAD, "execve by another thread"},
        {NO_NEW_PRIVS, "execve with no_new_privs"},
        {SHARING, "execve with a shared root"},
        {TRACED, "execve of a traced process"},
    };
    struct puppet* const puppet = make_waiting();

    for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
        check_errno(-run(puppet, PROGRAM, ways[i].how, "tell"), READS_OTHER, "confined by %s",
                    ways[i].name);
    check_errno(-run(puppet, PROGRAM, PLAIN, "fork"), READS_OTHER, "and so is a child");
    check_errno(-run(puppet, PROGRAM, PLAIN, "limit"), 0, "and limited from the beginning");
    check_errno(-run(puppet, PROGRAM, PLAIN, "enter /proc/1/ns/uts"), READS_OTHER,
                "and who has gone elsewhere");
    puppet_end(puppet);
}

/* The first program is not asked about, but what it needs is. */
static void test_programs(void) {
    struct puppet* const puppet = make_waiting();

    check_run(puppet, UNMAPPED, EACCES, "a program that may not be mapped is not executed");
    check_run(puppet, SCRIPT, -READS_OTHER, "a script whose interpreter may be executed");
    check_run(puppet, BAD_SCRIPT, EACCES, "a script whose interpreter may not be executed");
    check_run(puppet, DYNAMIC, -0, "a program whose loader may be mapped");
    check_run(puppet, BAD_DYNAMIC, EACCES, "a program whose loader may not be opened");
    check_run(puppet, DIR "nothing", ENOENT, "a program that is not there");
    check_errno(read_secret(puppet), 0, "an exec that fails confines nobody");
    puppet_end(puppet);
}

static void test_places(void) {
    struct puppet* const inside = make_waiting();
    struct puppet* const leaving = puppet_fork(inside, 0);
    struct puppet* const coming = puppet_make(0);
    struct puppet* const timed = puppet_make(0);
    struct arguments arguments = {};
    int fd;

    if (!leaving) die("fork");
    check_errno(read_secret(leaving), 0, "a child of who waits waits as well");
    strcpy(arguments.path, "/proc/1/ns/uts");
    if (ask(leaving, do_enter, &arguments)) die("setns");
    check_run(leaving, PROGRAM, -READS_BOTH, "who has left before its exec is not confined");

    check_run(coming, PROGRAM, -READS_BOTH, "an exec outside");
    snprintf(arguments.path, sizeof(arguments.path), "/proc/%d/ns/uts", inside->pid);
    if (ask(coming, do_enter, &arguments)) die("setns");
    check_errno(read_secret(coming), 0, "who has come in is not confined");
    check_run(coming, PROGRAM, -READS_OTHER, "but by its exec it is");

    /* A process comes into the time namespace of its children by its own exec, too. */
    arguments.number[0] = CLONE_NEWTIME;
    if (ask(timed, do_unshare, &arguments)) die("unshare");
    fd = open_namespace(timed->pid, "time_for_children");
    check_errno(control("bind", "on-exec time %d bound", fd), 0, "bind a time namespace");
    close(fd);
    if (exec_enters_time_namespace())
        check_errno(-run(timed, PROGRAM, BY_VFORK, "tell"), READS_OTHER,
                    "an exec that leads into the namespace");
    else
        skip("in this kernel none does", "an exec that leads into the namespace");
    puppet_end_all();
}

static void test_several(void) {
    struct puppet* const puppet = puppet_under("other");

    if (bind_process_on_exec(puppet->pid, "ipc", "bound") != EPERM) die("the initial one");
    if (bind_process_on_exec(puppet->pid, "uts", "bound")) die("bind");
    check_errno(try_open(puppet, OTHER_SECRET, O_RDONLY), EACCES, "under one policy");
    check_errno(read_secret(puppet), 0, "and not yet under the other");
    check_run(puppet, PROGRAM, -READS_NEITHER, "by an exec under both");
    check_run(puppet, LEADING, -READS_OTHER, "by an exec that the one lets go, under the other");
    check_errno(run(puppet, LEADING, NO_NEW_PRIVS, "tell"), EPERM,
                "which needs leave to change, as ever");
    puppet_end(puppet);
}

static bool bindings_become(long count) {
    for (int tries = 0; tries < 1000; tries++) {
        if (stat_value("bindings") == count) return true;
        usleep(10000);
    }
    return false;
}

static void test_ends(void) {
    struct puppet* puppet = make_waiting();
    const unsigned number = namespace_number(puppet->pid, "uts");

    check_errno(unload("bound"), EBUSY, "the policy of a binding on exec is in use");
    check_errno(unbind_number("uts", number, "bound"), 0, "unbind");
    check_run(puppet, PROGRAM, -READS_BOTH, "an exec after that is not confined");
    check_errno(unbind_number("uts", number, "bound"), ENOENT, "unbind again");
    puppet_end(puppet);

    check(bindings_become(0), "no binding is left");
    puppet = make_waiting();
    check(stat_value("bindings") == 1, "one is made");
    puppet_end(puppet);
    check(bindings_become(0), "it ends with its namespace");

    puppet = make_waiting();
    check_errno(unload_force("bound"), 0, "unload it by force");
    check_run(puppet, PROGRAM, -READS_BOTH, "nobody is confined by what is not in force");
    load("%s", policies);
    check_run(puppet, PROGRAM, -READS_BOTH, "nor by its return, without a binding");
    puppet_end(puppet);
}

/* What the tool has of it. */
static void test_tool(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    int status;

    load("policy bound { " RULES " bind uts of %d on exec, }", puppet->pid);
    check_errno(read_secret(puppet), 0, "a policy binds on exec as it is loaded");
    check_run(puppet, PROGRAM, -READS_OTHER, "and confines by that");
    puppet_end(puppet);
    status = system("ipolc run --policy bound --ns uts -- " PROGRAM " tell");
    check_errno(WEXITSTATUS(status), READS_OTHER,
                "ipolc run: the command is confined, and its start not asked about");
    status = system("ipolc run --policy bound --ns uts -- " UNMAPPED " tell 2>/dev/null");
    check(WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != READS_OTHER,
          "ipolc run: a command that may not be mapped is not run");
    load("%s", policies);
}

static void make_files(void) {
    static const char script[] = "#!" PROGRAM " tell\n", bad_script[] = "#!" UNMAPPED " tell\n";

    if (mkdir(DIR, 0755)) die("make a folder");
    write_file(SECRET, "", 0, 0644);
    write_file(OTHER_SECRET, "", 0, 0644);
    copy_program(PROGRAM, 0755);
    copy_program(UNMAPPED, 0755);
    copy_program(LEADING, 0755);
    write_program(LOADER, 0755);
    write_program(DIR "bad-loader", 0755);
    write_dynamic(DYNAMIC, LOADER);
    write_dynamic(BAD_DYNAMIC, "/tmp/pending/bad-loader");
    write_file(SCRIPT, script, sizeof(script) - 1, 0755);
    write_file(BAD_SCRIPT, bad_script, sizeof(bad_script) - 1, 0755);
}

int main(int argc, char** argv) {
    if (argc > 1) return be_program(argv);

    make_files();
    load("%s", policies);
    test_kinds();
    test_ways();
    test_programs();
    test_places();
    test_several();
    test_ends();
    test_tool();
    return finish();
}
