// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many policies, each bound to a namespace of its own: what they cost, which the clock tells in
 * instructions; that each confines whom it should; and that they go as they came, together.
 *
 *   many [COUNT]
 */
/* icount */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define TOP "/tmp/many"

enum { SOME = 400, BATCHES = 100, BATCH = 20, ALONE = 5 };

static long now(void) {
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

/* In kB: all that is in use, but for what would be given back. */
static long memory_used(void) {
    char* const text = read_file("/proc/meminfo", NULL);
    long total, free_, available;

    if (!text || sscanf(text, "MemTotal: %ld kB MemFree: %ld kB MemAvailable: %ld", &total, &free_,
                        &available) != 3)
        die("read /proc/meminfo");
    free(text);
    return total - free_;
}

/* Of open() and close(), in instructions: of the cheapest batch, which no timer has interrupted. */
static int do_measure(struct arguments* arguments) {
    long least = 0;

    for (int i = 0; i < BATCHES; i++) {
        const long begin = now();
        long cost;

        for (int k = 0; k < BATCH; k++) close(open("/etc/passwd", O_RDONLY));
        cost = now() - begin;
        if (!i || cost < least) least = cost;
    }
    arguments->number[0] = (least + BATCH / 2) / BATCH;
    return 0;
}

static long cost_in(struct puppet* puppet) {
    if (ask(puppet, do_measure, NULL)) die("measure");
    return answered(puppet)->number[0];
}

static int do_enter(struct arguments* arguments) {
    return outcome(setns((int)arguments->number[0], CLONE_NEWUTS));
}

/* Each denies a file of its own. */
static void* compile_many(int count, size_t* size) {
    char *text = NULL, *blob;
    size_t length;
    FILE* const stream = open_memstream(&text, &length);

    if (!stream) die("open_memstream");
    for (int i = 0; i < count; i++)
        fprintf(stream,
                "policy p%d { capability, namespace, network, signal, /** rw, deny " TOP
                "/%d rw, }\n",
                i, i);
    fclose(stream);
    blob = compile(size, "%s", text);
    free(text);
    return blob;
}

static void set_file(char* path, size_t size, int number) {
    snprintf(path, size, TOP "/%d", number);
    write_file(path, "", 0, 0644);
}

/* Who comes into a namespace is under its policy, and no other. */
static void look_at(struct puppet* visitor, const int* namespaces, int number, int count) {
    char own[64], next[64];

    set_file(own, sizeof(own), number);
    set_file(next, sizeof(next), (number + 1) % count);
    if (try_path(visitor, do_enter, "", namespaces[number], 0)) die("setns");
    check_errno(try_open(visitor, own, O_RDONLY), EACCES, "policy %d denies what it should",
                number);
    check_errno(try_open(visitor, next, O_RDONLY), 0, "policy %d and nothing else", number);
}

static bool bindings_become(long count) {
    for (int tries = 0; tries < 1000; tries++) {
        if (stat_value("bindings") == count) return true;
        usleep(10000);
    }
    return false;
}

static void unload_many(int first, int count) {
    size_t size;
    char* lines = NULL;
    FILE* const stream = open_memstream(&lines, &size);

    if (!stream) die("open_memstream");
    for (int i = first; i < count; i++) fprintf(stream, "p%d\n", i);
    fclose(stream);
    check_errno(control_bytes("unload", lines, size), 0, "%d are unloaded by one write",
                count - first);
    free(lines);
}

int main(int argc, char** argv) {
    const int count = argc > 1 ? atoi(argv[1]) : SOME;
    const struct rlimit enough = {(rlim_t)count + 100, (rlim_t)count + 100};
    long alone, among, unconfined, unconfined_among, begin, memory, one_by_one, together;
    int* const namespaces = calloc((size_t)count, sizeof(*namespaces));
    struct puppet *resident, *visitor, *outside;
    const int own = open_namespace(0, "uts");
    size_t size, one_size;
    void *blob, *one;
    int failed = 0;

    if (!namespaces || setrlimit(RLIMIT_NOFILE, &enough)) die("room for %d namespaces", count);
    /* There may be fewer by default, in as little memory as this. */
    write_file("/proc/sys/user/max_uts_namespaces", "100000", 6, 0644);
    mkdir(TOP, 0755);
    begin = now();
    blob = compile_many(count, &size);
    note("%d policies: compiled in %ld M instructions, %zu bytes", count, (now() - begin) / 1000000,
         size);
    one = compile_many(1, &one_size);

    if (control_bytes("load", one, one_size)) die("load one");
    outside = puppet_make(CLONE_NEWUTS);
    resident = puppet_under("p0");
    alone = cost_in(resident);
    unconfined = cost_in(outside);

    memory = memory_used();
    begin = now();
    check_errno(control_bytes("load", blob, size), 0, "load %d policies", count);
    begin = now() - begin;
    memory = memory_used() - memory;
    note("%d policies: loaded in %ld M instructions, %ld bytes each", count, begin / 1000000,
         memory * 1024 / count);
    check(stat_value("policies") == count, "all are in force");

    for (int i = 1; i < count; i++) {
        if (unshare(CLONE_NEWUTS)) die("unshare");
        namespaces[i] = open_namespace(0, "uts");
    }
    if (setns(own, 0)) die("setns");
    memory = memory_used();
    begin = now();
    for (int i = 1; i < count; i++) failed += control("bind", "uts %d p%d", namespaces[i], i) != 0;
    begin = now() - begin;
    note("%d bindings: %ld instructions, %ld bytes each", count, begin / count,
         (memory_used() - memory) * 1024 / count);
    check(!failed && stat_value("bindings") == count, "%d namespaces are bound", count);

    among = cost_in(resident);
    unconfined_among = cost_in(outside);
    note("open+close, confined: %ld instructions with one policy, %ld with %d", alone, among,
         count);
    note("open+close, unconfined: %ld and %ld", unconfined, unconfined_among);
    /* KASAN's and lockdep's work is no part of a check. */
    if (rounds(100) < 100)
        skip("a debug kernel", "a check costs the same with one and with %d", count);
    else
        check(among <= alone + alone / 50 && unconfined_among <= unconfined + unconfined / 50,
              "a check costs the same with one and with %d", count);

    visitor = puppet_make(0);
    for (int i = 1; i < count; i += count / 7 + 1) look_at(visitor, namespaces, i, count);
    look_at(visitor, namespaces, count - 1, count);
    puppet_end_all();

    begin = now();
    for (int i = 1; i < count; i++) close(namespaces[i]);
    check(bindings_become(0), "all bindings end with their namespaces");
    note("%d bindings: ended in %ld M instructions", count, (now() - begin) / 1000000);

    failed += unload_unused("p0") || unload_unused("p1");
    begin = now();
    for (int i = 2; i < 2 + ALONE; i++) {
        char name[16];

        snprintf(name, sizeof(name), "p%d", i);
        failed += unload(name) != 0;
    }
    one_by_one = (now() - begin) / ALONE;
    check(!failed, "some are unloaded one by one");
    begin = now();
    unload_many(2 + ALONE, count);
    together = (now() - begin) / (count - 2 - ALONE);
    note("unloading: %ld instructions each, one by one; %ld together", one_by_one, together);
    check(together * 5 < one_by_one, "and far faster together");
    check(stat_value("policies") == 0, "none is left");
    check(stat_value("confinements") == 0, "nobody is confined");
    free(one);
    free(blob);
    free(namespaces);
    return finish();
}
