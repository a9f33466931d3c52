// SPDX-License-Identifier: GPL-2.0-only
/* Limits on resources: lowered as a process comes under a policy, and not raised again. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define COMMON "file, signal, ptrace, capability, "
#define PROGRAM "/tmp/rlimits"
#define BACK "/tmp/rlimits-back"

/* All have more to begin with. */
enum { MOST = 64, LESS = 32, AT_FIRST = 1024 };

static const char policies[] =
    "policy limited { " COMMON
    "\n set rlimit nofile <= 64, set rlimit fsize <= 1M, set rlimit cpu <= 100,\n"
    "  set rlimit nice <= 10, set rlimit stack <= 1M, " BACK
    " px -> plain, }\n"
    "policy tight { " COMMON
    " set rlimit nofile <= 32, }\n"
    "policy plain { " COMMON PROGRAM
    " px -> limited, }\n"
    "policy weak { file, signal, }\n"
    "policy soft flags=(complain) { " COMMON
    " set rlimit nofile <= 64, }\n"
    "policy deadly flags=(kill) { " COMMON " set rlimit nofile <= 64, }\n";

/* Any operation that a policy is asked about. */
static int look(void) {
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (fd < 0) return errno;
    close(fd);
    return 0;
}

/* number[0]: the resource. Leaves the soft limit in number[1], the hard one in number[2]. */
static int do_get(struct arguments* arguments) {
    struct rlimit limit;
    const int error = look();

    if (error) return error;
    if (getrlimit((unsigned)arguments->number[0], &limit)) return errno;
    arguments->number[1] = (long)limit.rlim_cur;
    arguments->number[2] = (long)limit.rlim_max;
    return 0;
}

/* number[0]: the resource, [1]: both limits, [2]: of which process. */
static int do_set(struct arguments* arguments) {
    const struct rlimit limit = {(rlim_t)arguments->number[1], (rlim_t)arguments->number[1]};

    return outcome(
        prlimit((pid_t)arguments->number[2], (unsigned)arguments->number[0], &limit, NULL));
}

static int do_set_by_setrlimit(struct arguments* arguments) {
    const struct rlimit limit = {(rlim_t)arguments->number[1], (rlim_t)arguments->number[1]};

    return outcome(syscall(SYS_setrlimit, arguments->number[0], &limit));
}

/* As do_get(), in a child that is forked before anything is asked about. */
static int do_get_in_child(struct arguments* arguments) {
    struct rlimit limit;
    const pid_t pid = fork();

    if (pid < 0) return errno;
    if (!pid) {
        if (look() || getrlimit(RLIMIT_NOFILE, &limit)) _exit(255);
        _exit(limit.rlim_max > 250 ? 250 : (int)limit.rlim_max);
    }
    arguments->number[1] = end_of(pid);
    return 0;
}

static void* look_in_thread(void* error) {
    *(int*)error = look();
    return NULL;
}

static int do_get_after_thread(struct arguments* arguments) {
    struct rlimit limit;
    pthread_t thread;
    int error = 0;

    if (pthread_create(&thread, NULL, look_in_thread, &error)) return EAGAIN;
    pthread_join(thread, NULL);
    getrlimit(RLIMIT_NOFILE, &limit);
    arguments->number[1] = (long)limit.rlim_max;
    return error;
}

/* In the program: its limits, of which no test has more than a status can hold. */
static int tell(char** argv) {
    struct rlimit limit;

    /* Nothing was asked about yet: so much for the first instruction. */
    if (getrlimit(RLIMIT_NOFILE, &limit)) return 255;
    if (argv[2]) {
        execl(argv[2], argv[2], "soft", NULL);
        return 98;
    }
    if (!strcmp(argv[1], "soft")) return limit.rlim_cur == MOST ? 1 : 2;
    if (limit.rlim_max != MOST) return limit.rlim_max > 250 ? 250 : (int)limit.rlim_max;
    /* The kernel keeps this one aside during an exec, and puts it back after. */
    if (getrlimit(RLIMIT_STACK, &limit)) return 255;
    return limit.rlim_cur == 1 << 20 && limit.rlim_max == 1 << 20 ? MOST : 251;
}

static struct puppet* under(const char* policy) {
    struct puppet* const puppet = puppet_under(policy);

    if (!puppet) die("confine a process");
    return puppet;
}

static long get(struct puppet* puppet, int resource, bool soft) {
    const struct arguments arguments = {.number = {resource}};
    const int error = ask(puppet, do_get, &arguments);

    if (error) die("getrlimit: %s", strerror(error));
    return answered(puppet)->number[soft ? 1 : 2];
}

static int set(struct puppet* puppet, int resource, long limit, pid_t pid) {
    const struct arguments arguments = {.number = {resource, limit, pid}};

    return ask(puppet, do_set, &arguments);
}

static void test_coming(void) {
    struct puppet* puppet = under("limited");
    struct arguments arguments = {};

    check_errno((int)get(puppet, RLIMIT_NOFILE, false), MOST, "a hard limit is lowered");
    check_errno((int)get(puppet, RLIMIT_NOFILE, true), MOST, "and with it the soft one");
    check(get(puppet, RLIMIT_FSIZE, false) == 1 << 20, "sizes too");
    check(get(puppet, RLIMIT_CPU, false) == 100, "times too");
    check(get(puppet, RLIMIT_NICE, false) == 0, "what is lower stays");
    check(get(puppet, RLIMIT_AS, false) == -1, "what no rule speaks of stays");
    puppet_end(puppet);

    puppet = under("limited");
    check_errno(ask(puppet, do_get_in_child, &arguments), 0, "a child");
    check_errno((int)answered(puppet)->number[1], MOST, "has no more, if it is the first to ask");
    puppet_end(puppet);

    puppet = under("limited");
    check_errno(ask(puppet, do_get_after_thread, &arguments), 0, "a thread");
    check_errno((int)answered(puppet)->number[1], MOST, "does it for its process");
    if (bind_process(puppet->pid, "uts", "tight")) die("bind");
    check_errno((int)get(puppet, RLIMIT_NOFILE, false), LESS, "of two policies the lower counts");
    puppet_end(puppet);

    puppet = under("soft");
    check_errno((int)get(puppet, RLIMIT_NOFILE, false), AT_FIRST, "complaining lowers nothing");
    puppet_end(puppet);
}

static void test_setting(void) {
    struct puppet* const puppet = under("limited");
    struct arguments arguments = {.number = {RLIMIT_NOFILE, MOST + 1}};

    get(puppet, RLIMIT_NOFILE, false);
    check_errno(set(puppet, RLIMIT_NOFILE, MOST, 0), 0, "to as much as there may be");
    check_errno(set(puppet, RLIMIT_NOFILE, LESS, 0), 0, "to less");
    check_errno(set(puppet, RLIMIT_NOFILE, MOST, 0), 0, "up again, by root");
    check_errno(set(puppet, RLIMIT_NOFILE, MOST + 1, 0), EACCES, "to more, by prlimit");
    check_errno(ask(puppet, do_set_by_setrlimit, &arguments), EACCES, "to more, by setrlimit");
    check_errno(set(puppet, RLIMIT_FSIZE, -1, 0), EACCES, "to infinity");
    check_errno(set(puppet, RLIMIT_NICE, 10, 0), 0, "nice, up to 10 (of 1..40)");
    check_errno(set(puppet, RLIMIT_NICE, 11, 0), EACCES, "nice, further");
    check_errno(set(puppet, RLIMIT_CORE, 4096, 0), 0, "of what no rule speaks of");
    arguments.number[1] = MOST + 1;
    check_errno(ask_until_told(puppet, do_set, &arguments, "class=rlimit operation=set"), EACCES,
                "a denial is told");
    check(log_has("object=\"nofile\""), "with the resource");
    check(log_has(".ipol\" line=2 "), "and the rule");
    load("policy limited { " COMMON " set rlimit nofile <= 100, }");
    check_errno(set(puppet, RLIMIT_NOFILE, MOST + 1, 0), 0, "to more, once the policy grants it");
    check_errno(set(puppet, RLIMIT_NOFILE, 101, 0), EACCES, "and not to more than that");
    load("%s", policies);
    puppet_end(puppet);
}

static void test_modes(void) {
    struct puppet* const soft = under("soft");
    struct puppet* const deadly = under("deadly");

    check_errno(set(soft, RLIMIT_NOFILE, MOST + 1, 0), 0, "complain");
    check_errno(set(deadly, RLIMIT_NOFILE, MOST, 0), 0, "kill, allowed");
    check_errno(set(deadly, RLIMIT_NOFILE, MOST + 1, 0), -1, "kill");
    puppet_end(deadly);
    puppet_end(soft);
}

static void test_others(void) {
    struct puppet* const limited = under("limited");
    struct puppet* const plain = under("plain");
    struct puppet* const weak = under("weak");
    struct puppet* const unconfined = puppet_make(0);
    struct puppet* const sibling = puppet_fork(limited, 0);

    if (!sibling) die("fork");
    get(limited, RLIMIT_NOFILE, false);
    get(sibling, RLIMIT_NOFILE, false);
    check_errno(set(limited, RLIMIT_NOFILE, MOST, sibling->pid), 0, "of another under the same");
    check_errno(set(limited, RLIMIT_NOFILE, MOST + 1, sibling->pid), EACCES,
                "of another under the same, too high");
    check_errno(set(limited, RLIMIT_NOFILE, MOST, unconfined->pid), 0, "of an unconfined one");
    check_errno(set(limited, RLIMIT_NOFILE, MOST + 1, unconfined->pid), EACCES,
                "of an unconfined one, too high for oneself");
    check_errno(set(plain, RLIMIT_NOFILE, MOST, limited->pid), 0, "from under another policy");
    check_errno(set(plain, RLIMIT_NOFILE, MOST + 1, limited->pid), EACCES,
                "from under another policy, too high for the other");
    check_errno(set(weak, RLIMIT_NOFILE, 16, weak->pid), 0, "of oneself, by number");
    check_errno(set(weak, RLIMIT_NOFILE, 16, unconfined->pid), EACCES,
                "of an unconfined one, without 'capability sys_resource'");
    check_errno(set(weak, RLIMIT_NOFILE, 16, limited->pid), EACCES,
                "from under another policy, without 'capability sys_resource'");
    check_errno(set(unconfined, RLIMIT_NOFILE, MOST + 1, limited->pid), 0,
                "an unconfined one may grant more");
    puppet_end(unconfined);
    puppet_end(weak);
    puppet_end(plain);
    puppet_end(sibling);
    puppet_end(limited);
}

static void test_exec(void) {
    struct arguments arguments = {.path = PROGRAM, .to = "tell"};
    struct puppet* const plain = under("plain");

    check_errno((int)get(plain, RLIMIT_NOFILE, false), AT_FIRST, "before an exec");
    check_errno(ask(plain, do_run, &arguments), 0, "an exec that leads to a policy with limits");
    check_errno((int)answered(plain)->number[1], MOST, "lowers them at once");
    check_errno((int)get(plain, RLIMIT_NOFILE, false), AT_FIRST, "and only there");
    puppet_end(plain);
}

/* A soft limit that a policy has lowered goes back, as far as the hard one lets it. */
static void test_leaving(void) {
    struct arguments arguments = {.path = PROGRAM, .to = "tell " BACK};
    struct puppet* const plain = under("plain");

    check_errno(ask(plain, do_run, &arguments), 0, "an exec that leads out again");
    check_errno((int)answered(plain)->number[1], 1, "leaves the hard limit, and all of it");
    puppet_end(plain);
}

int main(int argc, char** argv) {
    const struct rlimit limit = {AT_FIRST, AT_FIRST};
    size_t size;
    char* bytes;

    if (argc > 1) return tell(argv);
    if (setrlimit(RLIMIT_NOFILE, &limit)) die("setrlimit");
    bytes = read_file("/proc/self/exe", &size);
    if (!bytes) die("read /proc/self/exe");
    write_file(PROGRAM, bytes, size, 0755);
    write_file(BACK, bytes, size, 0755);

    load("%s", policies);
    test_coming();
    test_setting();
    test_modes();
    test_others();
    test_exec();
    test_leaving();
    return finish();
}
