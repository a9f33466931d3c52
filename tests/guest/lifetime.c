// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies replaced, and namespaces made and ended, while tasks are at work: no verdict is wrong,
 * at no moment is there no policy, and nothing is left in the end.
 *
 *   lifetime [REPLACEMENTS [NAMESPACES]]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define TOP "/tmp/lifetime"
#define GOOD TOP "/good"
#define BAD TOP "/bad"
#define GOOD_PROGRAM TOP "/good-program"
#define BAD_PROGRAM TOP "/bad-program"

enum { TASKS = 64, GROUPS = 4, PORT_GOOD = 7001, PORT_BAD = 7002 };

/*
 * Versions of one policy that decide alike whatever the tasks below do. The third has no automata
 * of the others, and each has probes of its own, so that they are armed and disarmed.
 */
#define COMMON                                                       \
    "capability, namespace, network (create, bind, send, receive), " \
    "network (connect) inet peer=(port=7001), "                      \
    "signal (send, receive) set=(usr1, kill, exists), "

static const char* const versions[] = {
    "policy busy { " COMMON "file, deny " BAD "* rwx, deny /nowhere/1 r, }",
    "policy busy { " COMMON "file, deny " TOP
    "/b[aeiou]d* rwx, deny /nowhere/* w, "
    "deny syscall (mkdirat, mknodat), }",
    "policy busy { " COMMON "/dev/** rw, /proc/** r, " TOP "/good* rix, " TOP
    "/g*d w, "
    "deny syscall (mkdirat, acct), }",
};

static struct blob {
    void* bytes;
    size_t size;
} blobs[ARRAY_SIZE(versions)];

enum deed {
    OPEN_GOOD,
    OPEN_BAD,
    CREATE_BAD,
    UNLINK_BAD,
    EXEC_GOOD,
    EXEC_BAD,
    CONNECT_GOOD,
    CONNECT_BAD,
    SIGNAL_GOOD,
    SIGNAL_BAD,
    FORK_AND_OPEN_BAD,
    DEEDS
};

static const char* const deed_names[DEEDS] = {
    "open what may be",         "open what may not be",          "create what may not be",
    "unlink what may not be",   "execute what may be",           "execute what may not be",
    "connect where it may",     "connect where it may not",      "send a signal it may",
    "send a signal it may not", "a child opens what it may not",
};

static struct work {
    int stop, ready;
    long done[DEEDS], wrong[DEEDS];
    int last_error[DEEDS];
} * work; /* shared by all */

static int open_it(const char* path, int flags) {
    const int fd = open(path, flags | O_CLOEXEC, 0600);

    return fd < 0 ? errno : outcome(close(fd));
}

/* The errno of execve(), or 0 if the program has run. */
static int execute(const char* path) {
    char* const arguments[] = {(char*)path, NULL};
    const pid_t pid = fork();
    int status;

    if (pid < 0) return errno;
    if (!pid) {
        execv(path, arguments);
        _exit(errno);
    }
    if (waitpid(pid, &status, 0) != pid) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int fork_and_open(const char* path) {
    const pid_t pid = fork();
    int status;

    if (pid < 0) return errno;
    if (!pid) _exit(open_it(path, O_RDONLY));
    if (waitpid(pid, &status, 0) != pid) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Nobody listens: whoever may connect is refused by the other side. */
static int connect_to(int port) {
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0) return errno;
    error = outcome(connect(fd, (const struct sockaddr*)&address, sizeof(address)));
    close(fd);
    return error;
}

static int do_deed(enum deed deed, int* want) {
    *want = 0;
    switch (deed) {
        case OPEN_GOOD:
            return open_it(GOOD, O_RDONLY);
        case OPEN_BAD:
            *want = EACCES;
            return open_it(BAD, O_RDONLY);
        case CREATE_BAD:
            *want = EACCES;
            return open_it(BAD "-new", O_WRONLY | O_CREAT);
        case UNLINK_BAD:
            *want = EACCES;
            return outcome(unlink(BAD));
        case EXEC_GOOD:
            return execute(GOOD_PROGRAM);
        case EXEC_BAD:
            *want = EACCES;
            return execute(BAD_PROGRAM);
        case CONNECT_GOOD:
            return connect_to(PORT_GOOD);
        case CONNECT_BAD:
            *want = EPERM;
            return connect_to(PORT_BAD);
        case SIGNAL_GOOD:
            return outcome(kill(getppid(), SIGUSR1));
        case SIGNAL_BAD:
            *want = EPERM;
            return outcome(kill(getppid(), SIGUSR2));
        case FORK_AND_OPEN_BAD:
            *want = EACCES;
            return fork_and_open(BAD);
        case DEEDS:
            break;
    }
    return -1;
}

static _Noreturn void be_busy(int number) {
    while (!__atomic_load_n(&work->stop, __ATOMIC_ACQUIRE)) {
        for (int i = 0; i < DEEDS; i++) {
            const enum deed deed = (enum deed)((i + number) % DEEDS);
            int want;
            const int got = do_deed(deed, &want);

            __atomic_add_fetch(work->done + deed, 1, __ATOMIC_RELAXED);
            if (got == want) continue;
            __atomic_add_fetch(work->wrong + deed, 1, __ATOMIC_RELAXED);
            work->last_error[deed] = got;
        }
    }
    _exit(0);
}

/* The tasks of one namespace, once it is bound: they are born confined. */
static _Noreturn void be_group(int group) {
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    /* The kernel's own threads, on which each replacement waits, come first. */
    if (nice(19) < 0) _exit(1);
    __atomic_add_fetch(&work->ready, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&work->ready, __ATOMIC_ACQUIRE) <= GROUPS) usleep(1000);
    for (int i = 0; i < TASKS / GROUPS; i++) {
        const pid_t pid = fork();

        if (!pid) be_busy(group * 5 + i);
        if (pid < 0) _exit(1);
    }
    while (wait(NULL) > 0) continue;
    _exit(0);
}

/*
 * KASAN keeps what is freed for a while, and slabinfo counts it; all that is let go of as its cache
 * shrinks.
 */
static void shrink(void) {
    DIR* const folder = opendir("/sys/kernel/slab");
    const struct dirent* entry;
    char path[300];
    int fd;

    while (folder && (entry = readdir(folder))) {
        snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", entry->d_name);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0) continue;
        if (write(fd, "1", 1) != 1) die("%s", path);
        close(fd);
    }
    if (folder) closedir(folder);
}

/* How many objects of each slab there are: caches of ours and those our objects are in. */
static long slabs(const char* name) {
    char* const text = read_file("/proc/slabinfo", NULL);
    const size_t length = strlen(name);
    long count = -1;

    for (char* line = text ? strtok(text, "\n") : NULL; line; line = strtok(NULL, "\n")) {
        if (!strncmp(line, name, length) && line[length] == ' ') count = atol(line + length);
    }
    free(text);
    return count;
}

static long unreclaimable(void) {
    char* const text = read_file("/proc/meminfo", NULL);
    const char* const at = text ? strstr(text, "SUnreclaim:") : NULL;
    const long kilobytes = at ? atol(at + 11) : -1;

    free(text);
    return kilobytes;
}

static bool stat_becomes(const char* name, long value) {
    for (int tries = 0; tries < 1000; tries++) {
        if (stat_value(name) == value) return true;
        usleep(10000);
    }
    note("%s: %ld, not %ld", name, stat_value(name), value);
    return false;
}

static void replace_under_load(int replacements) {
    struct timeval begun, now;
    long done = 0, confinements;
    pid_t groups[GROUPS];
    int failed = 0, gone = 0;

    confinements = stat_value("confinements");
    memset(work, 0, sizeof(*work));
    if (control_bytes("load", blobs[0].bytes, blobs[0].size)) die("load");
    for (int i = 0; i < GROUPS; i++) {
        groups[i] = fork_into(CLONE_NEWUTS);
        if (groups[i] < 0) die("fork");
        if (!groups[i]) be_group(i);
    }
    while (__atomic_load_n(&work->ready, __ATOMIC_ACQUIRE) < GROUPS) usleep(1000);
    for (int i = 0; i < GROUPS; i++)
        if (bind_process(groups[i], "uts", "busy")) die("bind");
    __atomic_add_fetch(&work->ready, 1, __ATOMIC_RELEASE);

    gettimeofday(&begun, NULL);
    for (int i = 1; i <= replacements; i++) {
        const struct blob* const blob = blobs + (size_t)i % ARRAY_SIZE(blobs);

        failed += control_bytes("load", blob->bytes, blob->size) != 0;
        gone += stat_value("policies") != 1;
        /* All tasks get to work under each version, on one processor too. */
        usleep(20000);
    }
    gettimeofday(&now, NULL);
    __atomic_store_n(&work->stop, 1, __ATOMIC_RELEASE);
    for (int i = 0; i < GROUPS; i++)
        check_errno(end_of(groups[i]), 0, "busy: group %d ends by itself", i);

    check(!failed, "busy: %d replacements", replacements);
    check(!gone, "busy: the policy was there all the time");
    for (int i = 0; i < DEEDS; i++) {
        check(work->done[i] > 0 && !work->wrong[i], "busy: %s", deed_names[i]);
        if (work->wrong[i])
            note("%ld of %ld wrong, the last: %d", work->wrong[i], work->done[i],
                 work->last_error[i]);
        done += work->done[i];
    }
    note("%ld deeds of %d tasks in %ld s", done, TASKS, now.tv_sec - begun.tv_sec);
    check_errno(unload_unused("busy"), 0, "busy: nobody uses it in the end");
    check(stat_becomes("confinements", confinements), "busy: no confinement is left");
    check(!stats_hold("\nprobe "), "busy: no probe is left");
}

static const struct kind {
    const char* name;
    unsigned long flag;
} kinds[] = {
    {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mnt", CLONE_NEWNS},
    {"net", CLONE_NEWNET},       {"pid", CLONE_NEWPID}, {"time", CLONE_NEWTIME},
    {"user", CLONE_NEWUSER},     {"uts", CLONE_NEWUTS},
};

/* Waits for its turn, and tells by its status whether it is confined. */
static pid_t make_inhabitant(unsigned long flag, const int turn[2]) {
    const pid_t pid = fork_into(flag);
    char byte;

    if (pid) return pid;
    close(turn[1]);
    _exit(read(turn[0], &byte, 1) == 1 ? open_it(BAD, O_RDONLY) : 126);
}

/*
 * One namespace after the other, of all kinds: bound, used, ended; and then one that is not bound,
 * most often of the same number, and in the same memory.
 */
static void namespaces(int count) {
    long bindings = stat_value("bindings");
    int not_confined = 0, newcomers = 0, reused = 0;

    if (control_bytes("load", blobs[0].bytes, blobs[0].size)) die("load");
    for (int i = 0; i < count; i++) {
        /* A net namespace takes a hundred times as long as any other. */
        const struct kind* kind = kinds + (size_t)i % ARRAY_SIZE(kinds);
        unsigned number = 0;

        if (kind->flag == CLONE_NEWNET && i % 80 != 3) kind = kinds + ARRAY_SIZE(kinds) - 1;
        for (int newcomer = 0; newcomer < 2; newcomer++) {
            int turn[2], error;
            pid_t pid;

            if (pipe2(turn, O_CLOEXEC)) die("pipe");
            pid = make_inhabitant(kind->flag, turn);
            if (pid < 0) die("a namespace of kind %s", kind->name);
            close(turn[0]);
            if (!newcomer) {
                number = namespace_number(pid, kind->name);
                error = bind_process(pid, kind->name, "busy");
                if (error) die("bind a namespace of kind %s: %s", kind->name, strerror(error));
            } else {
                reused += namespace_number(pid, kind->name) == number;
            }
            if (write(turn[1], "", 1) != 1) die("write");
            close(turn[1]);
            error = end_of(pid);
            if (newcomer)
                newcomers += error != 0;
            else
                not_confined += error != EACCES;
        }
    }
    check(!not_confined, "namespaces: %d made, bound and ended, all confined", count);
    check(!newcomers, "namespaces: none of %d that came after was", count);
    /* No check: which number is free depends on when others are freed. */
    note("%d of them had the number of the one before", reused);
    check(stat_becomes("bindings", bindings), "namespaces: no binding is left");
    check_errno(unload_unused("busy"), 0, "namespaces: nobody uses the policy in the end");
    check(stat_becomes("confinements", 0), "namespaces: no confinement is left");
}

/* In the end there are as many objects as in the beginning, and as much memory is used. */
static void leaks(int replacements, int count) {
    static const char* const caches[] = {"kmalloc-cg-256", "kmalloc-cg-192", "kmalloc-cg-128",
                                         "kmalloc-cg-96",  "kmalloc-cg-64",  "kmalloc-192",
                                         "kmalloc-128",    "kmalloc-96"};
    /* Others use them too, and frees are late. */
    const long objects = count / 2, kilobytes = 1024 + count / 16;
    long first[ARRAY_SIZE(caches)], before, grown;

    shrink();
    before = unreclaimable();
    for (size_t i = 0; i < ARRAY_SIZE(caches); i++) first[i] = slabs(caches[i]);
    replace_under_load(replacements);
    namespaces(count);
    /* The last frees are an RCU grace period away. */
    sleep(2);
    shrink();
    for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
        grown = slabs(caches[i]) - first[i];
        for (int tries = 0; grown > objects && tries < 200; tries++) {
            usleep(10000);
            grown = slabs(caches[i]) - first[i];
        }
        if (first[i] < 0)
            skip("this kernel has no slabinfo", "leaks: %s", caches[i]);
        else if (!check(grown <= objects, "leaks: %s", caches[i]))
            note("%ld objects more", grown);
    }
    grown = unreclaimable() - before;
    /* KASAN keeps what is freed for long, up to a 32th of all memory. */
    if (rounds(100) < 100)
        skip("a debug kernel", "leaks: memory of the kernel");
    else
        check(grown < kilobytes, "leaks: memory of the kernel");
    note("%ld kB in the beginning, %ld kB more in the end", before, grown);
}

/* kmemleak looks for objects that nothing refers to. It needs to see them twice. */
static void scan(void) {
    static const char path[] = "/sys/kernel/debug/kmemleak";
    char* found;

    if (access(path, F_OK)) {
        skip("this kernel has no kmemleak", "leaks: a scan");
        return;
    }
    for (int i = 0; i < 2; i++) {
        write_file(path, "scan", 4, 0600);
        sleep(6);
    }
    found = read_file(path, NULL);
    check(found && !*found, "leaks: a scan");
    for (char* line = found ? strtok(found, "\n") : NULL; line; line = strtok(NULL, "\n"))
        note("%s", line);
    free(found);
}

int main(int argc, char** argv) {
    const int replacements = argc > 1 ? atoi(argv[1]) : rounds(40);
    const int count = argc > 2 ? atoi(argv[2]) : rounds(200);

    work = mmap(NULL, sizeof(*work), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (work == MAP_FAILED) die("mmap");
    mkdir(TOP, 0755);
    write_file(GOOD, "", 0, 0644);
    write_file(BAD, "", 0, 0644);
    chmod(BAD, 0666);
    write_program(GOOD_PROGRAM, 0755);
    write_program(BAD_PROGRAM, 0755);
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
        blobs[i].bytes = compile(&blobs[i].size, "%s", versions[i]);
    /* Once, so that what is made once is there. */
    replace_under_load(3);
    namespaces(8);
    leaks(replacements, count);
    scan();
    for (size_t i = 0; i < ARRAY_SIZE(blobs); i++) free(blobs[i].bytes);
    return finish();
}
