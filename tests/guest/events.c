// SPDX-License-Identifier: GPL-2.0-only
/* What is told of decisions: the control file, and `ipolc events`, which names the rules. */
#define _GNU_SOURCE
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness.h"

#define DIR "/tmp/events"
#define SECRET DIR "/secret"
#define FREE DIR "/free"

/* The lines of the rules count: they are what is to be told. */
static const char policies[] =
    "policy web {\n"
    "  capability, namespace,\n"
    "  " DIR
    "/** rw,\n"
    "  deny " SECRET
    " r,  # a remark\n"
    "  audit " DIR
    "/audited r,\n"
    "  deny quiet " DIR
    "/quiet r,\n"
    "  deny syscall getppid errno=EXDEV,\n"
    "  audit syscall getgid,\n"
    "  deny network (create) inet dgram,\n"
    "}\n"
    "policy complains flags=(complain) {\n"
    "  capability, namespace,\n"
    "  deny " SECRET
    " r,\n"
    "}\n"
    "policy kills flags=(kill) {\n"
    "  capability, namespace,\n"
    "  deny " SECRET
    " r,\n"
    "}\n"
    "policy other { file, capability, namespace, deny " SECRET " r, }\n";

static int do_getppid(struct arguments* arguments) {
    (void)arguments;
    return outcome(syscall(__NR_getppid));
}

static int do_getgid(struct arguments* arguments) {
    (void)arguments;
    return outcome(syscall(__NR_getgid) < 0);
}

static int do_socket(struct arguments* arguments) {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);

    (void)arguments;
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

/* number[0]: a descriptor of the control file, from before. */
static int do_read_events(struct arguments* arguments) {
    char byte[16384];

    return outcome(read((int)arguments->number[0], byte, sizeof(byte)));
}

static int do_open_events(struct arguments* arguments) {
    const int fd = open(SECURITYFS "events", O_RDONLY | O_CLOEXEC);

    (void)arguments;
    if (fd < 0) return errno;
    close(fd);
    return 0;
}

/* A reader that begins here: it sees nothing of what was before. */
static int open_new(void) {
    const int fd = open_control("events", O_RDONLY | O_NONBLOCK);

    if (lseek(fd, 0, SEEK_END)) die("seek to the end of the events");
    return fd;
}

/* All that a reader has not seen yet, as one text, which lasts until the next call. */
static const char* read_all(int fd) {
    static char text[1 << 20];
    size_t length = 0;
    ssize_t got;

    while ((got = read(fd, text + length, sizeof(text) - 1 - length)) > 0) length += (size_t)got;
    if (got != -1 || errno != EAGAIN) die("read the events: %s", strerror(errno));
    text[length] = '\0';
    return text;
}

static int count_lines(const char* text) {
    int count = 0;

    while ((text = strchr(text, '\n'))) count++, text++;
    return count;
}

/* What one violation or the like has told: exactly one event, with all of these parts. */
static void check_told(int fd, const char* what, const char* const* parts) {
    const char* const text = read_all(fd);

    if (!check(count_lines(text) == 1, "%s: one event", what)) note("%s", text);
    for (; *parts; parts++)
        if (!check(strstr(text, *parts), "%s: %s", what, *parts)) note("%s", text);
}

#define TOLD(fd, what, ...) check_told(fd, what, (const char* const[]){__VA_ARGS__, NULL})

static void test_facts(void) {
    struct puppet* const puppet = puppet_under("web");
    const int fd = open_new();
    char pid[32];

    snprintf(pid, sizeof(pid), " pid=%d tid=%d ", puppet->pid, puppet->pid);
    check_errno(try_open(puppet, FREE, O_RDONLY), 0, "allowed: done");
    check(!*read_all(fd), "allowed: not told");
    check_errno(try_open(puppet, SECRET, O_RDONLY), EACCES, "denied: refused");
    TOLD(fd, "denied", "verdict=denied policy=\"web\" class=file operation=read",
         " object=\"" SECRET "\"", pid, " comm=\"events\" errno=13 ", ".ipol\" line=4 column=3 ",
         " blob=", " states=", "number=", " time=");
    check_errno(try_open(puppet, DIR "/quiet", O_RDONLY), EACCES, "quiet: refused");
    check(!*read_all(fd), "quiet: not told");
    check_errno(try_open(puppet, DIR "/audited", O_RDONLY), 0, "audit: done");
    TOLD(fd, "audit", "verdict=allowed policy=\"web\" class=file operation=read",
         " object=\"" DIR "/audited\"", " errno=0 ", " line=5 ");
    check_errno(try_open(puppet, "/proc/self/status", O_RDONLY), EACCES, "no rule: refused");
    TOLD(fd, "no rule", "verdict=denied", " object=\"/proc/", " errno=13 blob=");
    check_errno(ask(puppet, do_getppid, NULL), EXDEV, "a call: refused");
    TOLD(fd, "a call", "class=syscall operation=call object=\"getppid\"", " errno=18 ", " line=7 ",
         " states=");
    check_errno(ask(puppet, do_getgid, NULL), 0, "an audited call: done");
    TOLD(fd, "an audited call", "verdict=allowed", "object=\"getgid\"", " errno=0 ", " line=8 ");
    check_errno(ask(puppet, do_socket, NULL), EPERM, "a socket: refused");
    TOLD(fd, "a socket", "class=network operation=create", " facts=02020011 ", " errno=1 ",
         " line=9 ");
    puppet_end(puppet);
    close(fd);
}

static void test_modes(void) {
    struct puppet* puppet = puppet_under("complains");
    const int fd = open_new();

    check_errno(try_open(puppet, SECRET, O_RDONLY), 0, "complain: done");
    TOLD(fd, "complain", "verdict=complained policy=\"complains\"", " errno=13 ", " line=13 ");
    puppet_end(puppet);
    puppet = puppet_under("kills");
    check_errno(try_open(puppet, SECRET, O_RDONLY), -1, "kill: killed");
    TOLD(fd, "kill", "verdict=killed policy=\"kills\"", " line=17 ");
    puppet_end(puppet);
    puppet = puppet_under("complains");
    if (bind_process(puppet->pid, "uts", "other")) die("bind");
    read_all(fd);
    check_errno(try_open(puppet, SECRET, O_RDONLY), EACCES, "two policies: refused");
    TOLD(fd, "two policies", "verdict=denied policy=\"other\"", " line=19 ");
    puppet_end(puppet);
    close(fd);
}

/* A folder as deep as it can be, its names of 200 such bytes, and a file in it. */
static void make_deep(char path[4200], const char* top, char byte) {
    size_t length = (size_t)sprintf(path, "%s", top);

    mkdir(path, 0700);
    while (length < 3800) {
        path[length] = '/';
        memset(path + length + 1, byte, 200);
        length += 201;
        path[length] = '\0';
        if (mkdir(path, 0700)) die("mkdir: %s", strerror(errno));
    }
    strcpy(path + length, "/end");
}

/* Names that would like to be something else. */
static void test_names(void) {
    struct puppet* const puppet = puppet_under("web");
    const int fd = open_new();
    static const struct {
        const char *name, *told;
    } names[] = {
        {"/etc/a\" pid=1 comm=\"x", " object=\"/etc/a\\\" pid=1 comm=\\\"x\" "},
        {"/etc/a\nnumber=1 verdict=denied", " object=\"/etc/a\\nnumber=1 verdict=denied\" "},
        {"/etc/\\", " object=\"/etc/\\\\\" "},
        {"/etc/\x7f\x01\xff", " object=\"/etc/\\177\\001\\377\" "},
    };
    static char deep[4200];

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        check_errno(try_open(puppet, names[i].name, O_RDWR | O_CREAT), EACCES, "name %zu: refused",
                    i);
        TOLD(fd, "name", names[i].told);
    }
    make_deep(deep, "/deep-events", 'x');
    check_errno(try_open(puppet, deep, O_RDWR | O_CREAT), EACCES, "long: refused");
    TOLD(fd, "long", deep, " errno=13");
    puppet_end(puppet);
    close(fd);
}

/* The bytes of a path of which each is escaped. */
static void test_cut(void) {
    struct puppet* const puppet = puppet_under("web");
    const int fd = open_new();
    static char path[4200];

    make_deep(path, "/cut-events", '\x01');
    check_errno(try_open(puppet, path, O_RDWR | O_CREAT), EACCES, "cut: refused");
    TOLD(fd, "cut", "\\001\\001\" cut=1 pid=", " errno=13 ", " states=");
    puppet_end(puppet);
    close(fd);
}

static void violate(struct puppet* puppet, int times) {
    for (int i = 0; i < times; i++)
        if (try_open(puppet, SECRET, O_RDONLY) != EACCES) die("the secret can be read");
}

static unsigned long long number_of(const char* text, const char* key) {
    const char* const at = text ? strstr(text, key) : NULL;

    return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void test_readers(void) {
    struct puppet* const puppet = puppet_under("web");
    const int first = open_new(), second = open_new();
    struct pollfd polled = {first, POLLIN, 0};
    char small[512];
    ssize_t got;
    int third;

    check(!poll(&polled, 1, 0), "poll: nothing");
    check_errno(outcome(read(first, small, sizeof(small))), EAGAIN, "read: nothing");
    violate(puppet, 3);
    check(poll(&polled, 1, 0) == 1 && polled.revents == POLLIN, "poll: something");
    check_errno(outcome(read(first, small, 10)), EINVAL, "read: no room for a line");
    check_errno(outcome(syscall(__NR_read, first, NULL, 4096)), EFAULT, "read: no memory of ours");
    got = read(first, small, sizeof(small) - 1);
    small[got > 0 ? got : 0] = '\0';
    check(count_lines(small) == 1 && number_of(small, "number="), "read: a line");
    check(count_lines(read_all(first)) == 2, "read: the rest");
    check(count_lines(read_all(second)) == 3, "another reader: all of them");
    check(!poll(&polled, 1, 0), "poll: nothing any more");
    third = open_control("events", O_RDONLY | O_NONBLOCK);
    check(count_lines(read_all(third)) > 3, "a new reader: those from before too");
    check_errno(outcome(lseek(third, 0, SEEK_SET)), 0, "seek: to the begin");
    check(count_lines(read_all(third)) > 3, "seek: all again");
    check_errno(outcome(lseek(third, 1, SEEK_SET)), EINVAL, "seek: elsewhere");
    check_errno(outcome(lseek(third, 0, SEEK_CUR)), EINVAL, "seek: from here");
    check_errno(outcome(lseek(third, -1, SEEK_END)), EINVAL, "seek: before the end");
    check_errno(outcome(write(third, "x", 1)), EBADF, "write: not open for it");
    close(first);
    close(second);
    close(third);
    puppet_end(puppet);
}

struct waiter {
    int fd;
    ssize_t got;
    char text[4096];
};

static void* wait_for_event(void* argument) {
    struct waiter* const waiter = argument;

    waiter->got = read(waiter->fd, waiter->text, sizeof(waiter->text) - 1);
    return NULL;
}

static void nothing(int number) {
    (void)number;
}

static void test_waiting(void) {
    struct puppet* const puppet = puppet_under("web");
    struct waiter waiter = {.fd = open_control("events", O_RDONLY)};
    const struct sigaction action = {.sa_handler = nothing};
    pthread_t thread;

    lseek(waiter.fd, 0, SEEK_END);
    pthread_create(&thread, NULL, wait_for_event, &waiter);
    usleep(50000);
    violate(puppet, 1);
    pthread_join(thread, NULL);
    check(waiter.got > 0 && memmem(waiter.text, (size_t)waiter.got, SECRET, strlen(SECRET)),
          "wait: for an event");
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&thread, NULL, wait_for_event, &waiter);
    usleep(50000);
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, NULL);
    check(waiter.got == -1, "wait: until a signal comes");
    close(waiter.fd);
    puppet_end(puppet);
}

/* Who is slow loses, and is told how much: numbers tell of any gap. */
static void test_losses(void) {
    struct puppet* const puppet = puppet_under("web");
    const int slow = open_new();
    const long before = stat_value("events");
    const char* text;
    unsigned long long lost, next;
    bool in_order = true;
    int got = 0;

    violate(puppet, 3000);
    check(stat_value("events") - before == 3000, "losses: all are counted");
    text = read_all(slow);
    lost = number_of(text, "lost=");
    check(!strncmp(text, "lost=", 5) && lost > 0, "losses: the first line says how many");
    text = strchr(text, '\n') + 1;
    next = number_of(text, "number=");
    for (; *text; text = strchr(text, '\n') + 1, got++, next++)
        in_order &= number_of(text, "number=") == next;
    check(in_order, "losses: what is left is in order");
    check(lost + (unsigned)got == 3000, "losses: nothing is missing (%llu + %d)", lost, got);
    check(next == (unsigned)stat_value("events"), "losses: up to the newest");
    check(got > 300, "losses: %d are kept", got);
    violate(puppet, 1);
    check(count_lines(read_all(slow)) == 1, "losses: then it goes on");
    close(slow);
    puppet_end(puppet);
}

static void test_confined(void) {
    const int fd = open_control("events", O_RDONLY | O_NONBLOCK);
    struct puppet* const puppet = puppet_under("other");

    check_errno(ask(puppet, do_open_events, NULL), EPERM, "a confined root: cannot open it");
    check_errno(ask(puppet, do_read_events, &(struct arguments){.number = {fd}}), EPERM,
                "a confined root: nor read what was open");
    puppet_end(puppet);
    close(fd);
}

static int read_as_nobody(void* unused) {
    const int fd = open_control("events", O_RDONLY | O_NONBLOCK);

    (void)unused;
    close(fd);
    if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)) return 1;
    return open(SECURITYFS "events", O_RDONLY) >= 0 ? 2 : errno != EACCES ? 3 : 0;
}

static bool holds(const char* text, const char* part, const char* what) {
    const bool is_so = strstr(text, part);

    if (!check(is_so, "%s", what)) note("%s", text);
    return is_so;
}

static void test_tool(void) {
    struct puppet* const puppet = puppet_under("web");
    char want[256];
    int status;
    char* text;

    violate(puppet, 1);
    text = output_of(&status, "ipolc events --policy web | tail -n 1");
    snprintf(want, sizeof(want),
             " events[%d] web: denied file read " SECRET
             " (EACCES) by /tmp/test.ipol:4: deny " SECRET " r,\n",
             puppet->pid);
    holds(text, want, "ipolc events: the rule");
    free(text);
    ask(puppet, do_socket, NULL);
    text = output_of(&status, "ipolc events | tail -n 1");
    holds(text, "denied network create inet dgram", "ipolc events: a socket");
    holds(text, "(EPERM) by ", "ipolc events: its errno");
    free(text);
    text = output_of(&status, "ipolc events --json | tail -n 1");
    holds(text, "\"class\":\"network\"", "ipolc events --json: a line each");
    holds(text, "\"rule\":\"deny network (create) inet dgram,\"", "ipolc events --json: the rule");
    holds(text, "\"line\":9", "ipolc events --json: numbers");
    free(text);
    text = output_of(&status, "ipolc events --policy nothing");
    check(!status && !*text, "ipolc events: of a policy without any");
    free(text);
    text = output_of(&status, "ipolc events --new");
    check(!status && !*text, "ipolc events --new: nothing new");
    free(text);
    text = output_of(&status, "ipolc events nothing");
    check_errno(status, 2, "ipolc events: no arguments");
    free(text);
    puppet_end(puppet);
}

/* Follows while something happens. */
static void test_following(void) {
    struct puppet* const puppet = puppet_under("web");
    const pid_t child = fork();
    char* text;

    if (!child) {
        const int out = open(DIR "/followed", O_WRONLY | O_CREAT | O_TRUNC, 0600);

        dup2(out, STDOUT_FILENO);
        execlp("ipolc", "ipolc", "events", "--follow", "--new", NULL);
        _exit(127);
    }
    for (int tries = 0; tries < 1000; tries++) {
        violate(puppet, 1);
        usleep(20000);
        text = read_file(DIR "/followed", NULL);
        if (text && *text) break;
        free(text);
        text = NULL;
    }
    check(text && strstr(text, "denied file read " SECRET), "ipolc events --follow");
    free(text);
    kill(child, SIGTERM);
    check_errno(end_of(child), 128 + SIGTERM, "ipolc events --follow: until it is ended");
    puppet_end(puppet);
}

int main(void) {
    mkdir(DIR, 0700);
    write_file(SECRET, "", 0, 0600);
    write_file(FREE, "", 0, 0600);
    write_file(DIR "/quiet", "", 0, 0600);
    write_file(DIR "/audited", "", 0, 0600);
    load("%s", policies);
    test_facts();
    test_modes();
    test_names();
    test_cut();
    test_readers();
    test_waiting();
    test_losses();
    test_confined();
    check_errno(end_of(start(read_as_nobody, NULL)), 0, "nobody: cannot open it");
    test_tool();
    test_following();
    unload_all();
    return finish();
}
