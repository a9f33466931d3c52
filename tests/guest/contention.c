// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many at once write to the files in /sys/kernel/security/isolates, and some are interrupted: each
 * write does all or nothing, and says which.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define SECRET "/tmp/secret"

/* Both deny SECRET; one mkdirat() besides, so that probes come and go. */
static const char version_1[] = "policy web { capability, namespace, file, deny " SECRET " r, }";
static const char version_2[] =
    "policy web { capability, namespace, file, deny " SECRET " r, deny syscall mkdirat, }";
static const char spare[] = "policy spare { capability, namespace, file, deny syscall mknodat, }";

static struct blob {
    void* bytes;
    size_t size;
} blobs[3];

static int uts, pidfd;
static unsigned inum;

static int do_load(int which) {
    return control_bytes("load", blobs[which].bytes, blobs[which].size);
}

static int do_load_half(int which) {
    return control_bytes("load", blobs[which].bytes, blobs[which].size / 2);
}

/* What is written, and what may come of it besides success; 0 ends the list. */
static const struct job {
    const char *file, *command; /* %d: the descriptor; of unbind: the number */
    int may[3];
} jobs[] = {
    {"load", "0", {}},
    {"load", "1", {}},
    {"load", "2", {}},
    {"load", "half", {EINVAL}},
    {"unload", "spare", {ENOENT, EBUSY}},
    {"unload", "force spare", {ENOENT}},
    {"unload", "web", {EBUSY}},
    {"unload", "nobody", {ENOENT}},
    {"bind", "uts %d spare", {ENOENT, EEXIST}},
    {"bind", "on-exec uts %d spare", {ENOENT, EEXIST}},
    {"bind", "net %d spare", {EINVAL, ENOENT}},
    {"unbind", "uts %u spare", {ENOENT}},
    {"attach", "%d spare", {ENOENT, EEXIST}},
    {"attach", "on-exec %d spare", {ENOENT, EEXIST}},
    {"detach", "%d spare", {ENOENT}},
    {"policies/spare/mode", "complain", {ENOENT}},
    {"policies/spare/mode", "kill", {ENOENT}},
    {"policies/web/mode", "enforce", {ENOENT}},
    {"policies/web/mode", "none", {EINVAL, ENOENT}},
};

static int write_to(const char* file, const char* text) {
    char path[128];
    int fd, error;

    snprintf(path, sizeof(path), SECURITYFS "%s", file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    error = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : errno;
    close(fd);
    return error;
}

static int run_job(const struct job* job) {
    char text[64];
    const int number = !strcmp(job->file, "bind") ? uts : pidfd;

    if (!strcmp(job->file, "load"))
        return job->command[0] == 'h' ? do_load_half(0) : do_load(job->command[0] - '0');
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof(text), job->command, strcmp(job->file, "unbind") ? number : (int)inum);
#pragma GCC diagnostic pop
    return write_to(job->file, text);
}

enum { WRITERS = 6, ERRORS_MAX = 134 };

static struct outcomes {
    int done, failed;
    int wrong_job, wrong_errno; /* of the last one that may not be; -1: none */
} outcomes[WRITERS];
static int turns;
static bool stop;

static void* writer(void* own) {
    struct outcomes* const outcome = own;
    unsigned seed = (unsigned)(outcome - outcomes) * 7919u + 1;

    outcome->wrong_job = -1;
    for (int turn = 0; turn < turns; turn++) {
        const size_t at = (size_t)rand_r(&seed) % ARRAY_SIZE(jobs);
        const int error = run_job(jobs + at);
        bool may = !error && jobs[at].may[0] != EINVAL && strcmp(jobs[at].command, "web");

        for (int i = 0; i < 3; i++) may |= error && jobs[at].may[i] == error;
        outcome->done += !error;
        outcome->failed += error != 0;
        if (may) continue;
        outcome->wrong_job = (int)at;
        outcome->wrong_errno = error;
    }
    return NULL;
}

/* What is read meanwhile must be whole. */
static void* reader(void* wrong) {
    static const char* const files[] = {"stats",
                                        "tasks",
                                        "policies/web/name",
                                        "policies/web/mode",
                                        "policies/web/bindings",
                                        "policies/spare/blob"};
    char path[128];

    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
            size_t size = 0;
            char* text;

            snprintf(path, sizeof(path), SECURITYFS "%s", files[i]);
            text = read_file(path, &size);
            if (!strcmp(files[i], "policies/spare/blob"))
                *(int*)wrong +=
                    text && (size != blobs[2].size || memcmp(text, blobs[2].bytes, size));
            else
                *(int*)wrong += !text || (size && text[size - 1] != '\n');
            free(text);
        }
    }
    return NULL;
}

/* Leaves in number[1] how often it could read what no version allows; number[0] ends it. */
static int do_read_secret(struct arguments* arguments) {
    while (!__atomic_load_n(arguments->number, __ATOMIC_ACQUIRE)) {
        const int fd = open(SECRET, O_RDONLY | O_CLOEXEC);

        arguments->number[1] += fd >= 0 || errno != EACCES;
        arguments->number[2]++;
        if (fd >= 0) close(fd);
    }
    return 0;
}

/* The state from which all begins, made by what undoes the jobs. */
static void tidy(void) {
    write_to("unload", "force spare");
    if (do_load(0)) die("load");
}

static void at_once(void) {
    struct puppet *const confined = puppet_under("web"), *const visited = puppet_make(CLONE_NEWUTS);
    pthread_t threads[WRITERS], reading;
    int unread = 0, done = 0, failed = 0;

    uts = open_namespace(visited->pid, "uts");
    inum = namespace_number(visited->pid, "uts");
    pidfd = open_process(visited->pid);
    tidy();
    remember();
    ask_begin(confined, do_read_secret, &(struct arguments){});
    turns = rounds(150);
    if (pthread_create(&reading, NULL, reader, &unread)) die("thread");
    for (int i = 0; i < WRITERS; i++)
        if (pthread_create(threads + i, NULL, writer, outcomes + i)) die("thread");
    for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    pthread_join(reading, NULL);
    __atomic_store_n(answered(confined)->number, 1, __ATOMIC_RELEASE);
    ask_end(confined);
    for (int i = 0; i < WRITERS; i++) {
        const struct outcomes* const outcome = outcomes + i;

        check(outcome->wrong_job < 0, "at once: writer %d", i);
        if (outcome->wrong_job >= 0)
            note("%s \"%s\": %s", jobs[outcome->wrong_job].file, jobs[outcome->wrong_job].command,
                 outcome->wrong_errno ? strerrorname_np(outcome->wrong_errno) : "success");
        done += outcome->done;
        failed += outcome->failed;
    }
    check(done > 0 && failed > 0, "at once: %d writes did something, %d failed", done, failed);
    check(!unread, "at once: what is read is whole");
    check(answered(confined)->number[2] > 0 && !answered(confined)->number[1],
          "at once: who is confined is all the time");
    puppet_end(visited);
    close(uts);
    close(pidfd);
    tidy();
    check_errno(write_to("policies/web/mode", "enforce"), 0, "at once: the mode it had");
    check(stat_value("policies") == 1, "at once: one policy is left");
    check(!stats_hold("probe __") && !stats_hold("probe io_"),
          "at once: no probe of a call is left");
    check_errno(try_open(confined, SECRET, O_RDONLY), EACCES, "at once: confined in the end");
    puppet_end(confined);
    check_errno(unload_unused("web"), 0, "at once: nobody uses it in the end");
    check(stat_value("bindings") == 0, "at once: no binding is left");
}

static volatile sig_atomic_t signals;

static void count_signal(int number) {
    (void)number;
    signals++;
}

/* A timer that goes off within the calls; they are not restarted. */
static void interrupted(void) {
    const struct sigaction action = {.sa_handler = count_signal};
    const struct itimerval often = {{0, 300}, {0, 300}}, never = {};
    int wrong = 0;

    if (do_load(0)) die("load");
    sigaction(SIGALRM, &action, NULL);
    remember();
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < rounds(60); i++) {
        wrong += do_load(1) != 0;
        wrong += do_load_half(0) != EINVAL;
        wrong += do_load(2) != 0;
        wrong += write_to("unload", "spare") != 0;
        wrong += write_to("unload", "spare") != ENOENT;
        wrong += write_to("policies/web/mode", "complain") != 0;
        wrong += do_load(0) != 0;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    check(signals > 0, "interrupted: by signals");
    note("%d of them", (int)signals);
    check(!wrong, "interrupted: each write is done, or fails as ever");
    check(nothing_changed(), "interrupted: all that was done was undone");
}

static int load_for_ever(void* unused) {
    (void)unused;
    for (;;) {
        do_load(1);
        do_load(2);
        write_to("unload", "force spare");
        do_load(0);
    }
    return 0;
}

/* Who writes is killed. Either a write is done or it is not. */
static void killed(void) {
    int wrong = 0;

    for (int i = 0; i < rounds(40); i++) {
        const pid_t pid = start(load_for_ever, NULL);
        char* name;

        usleep(3000 + (useconds_t)i * 517 % 20000);
        kill(pid, SIGKILL);
        wrong += end_of(pid) != 128 + SIGKILL;
        name = read_file(SECURITYFS "policies/web/name", NULL);
        wrong += !name || strcmp(name, "web\n");
        free(name);
        wrong += stat_value("policies") != (access(SECURITYFS "policies/spare/name", F_OK) ? 1 : 2);
    }
    tidy();
    check(!wrong, "killed: whoever writes, there is no half of it");
    check(nothing_changed(), "killed: what was there is there in the end");
}

int main(void) {
    static const char* const sources[] = {version_1, version_2, spare};

    write_file(SECRET, "", 0, 0600);
    for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
        blobs[i].bytes = compile(&blobs[i].size, "%s", sources[i]);
    if (do_load(0)) die("load");
    at_once();
    interrupted();
    killed();
    for (size_t i = 0; i < ARRAY_SIZE(blobs); i++) free(blobs[i].bytes);
    unlink(SECRET);
    return finish();
}
