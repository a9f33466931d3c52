// SPDX-License-Identifier: GPL-2.0-only
/*
 * What system calls cost, in instructions: run it in a guest whose clock counts them (qemu/vm
 * --icount), where a nanosecond is one.
 *
 *   guest_cost
 *
 * Prints a line "STATE: OPERATION: INSTRUCTIONS" for each operation in each state that this kernel
 * can be in: "off" without isolates, else "registered" (nothing is loaded), "elsewhere" (a policy
 * is, for another namespace), "elsewhere, user" (for a user namespace: its tasks have to be told by
 * their credentials), and "confined" by policies of different sizes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../guest/harness.h"

/*
 * The timer's interrupt adds to what it interrupts, once in millions of instructions. So many
 * short batches are measured, and the cheapest counts: no interrupt fell into that, and no
 * allocation that had to look for another slab.
 */
enum { BATCHES = 3000, BATCH = 5 };

#define LONG_PATH "/tmp/cost/a-folder/another-folder/one-more-folder/and-the-file.txt"

static void open_short(void) {
    close(open("/etc/passwd", O_RDONLY));
}

static void open_long(void) {
    close(open(LONG_PATH, O_RDONLY));
}

static void stat_short(void) {
    struct stat status;

    stat("/etc/passwd", &status);
}

static void kill_self(void) {
    kill(getpid(), 0);
}

static void make_socket(void) {
    close(socket(AF_INET, SOCK_STREAM, 0));
}

static void get_ppid(void) {
    getppid();
}

static const struct {
    const char* name;
    void (*run)(void);
} operations[] = {
    {"open+close /etc/passwd", open_short},
    {"open+close of 66 bytes, 6 deep", open_long},
    {"stat", stat_short},
    {"kill(self, 0)", kill_self},
    {"socket+close", make_socket},
    {"getppid", get_ppid},
};

static long now(void) {
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static long cost_of(void (*run)(void)) {
    long least = 0;

    for (int i = 0; i < BATCHES; i++) {
        const long begin = now();
        long cost;

        for (int k = 0; k < BATCH; k++) run();
        cost = now() - begin;
        if (!i || cost < least) least = cost;
    }
    return (least + BATCH / 2) / BATCH;
}

static void measure(const char* state) {
    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        printf("%s: %s: %ld\n", state, operations[i].name, cost_of(operations[i].run));
        fflush(stdout);
    }
}

/* path: the state. */
static int do_measure(struct arguments* arguments) {
    measure(arguments->path);
    return 0;
}

/* A policy of so many rules, which allows what is measured. */
static void load_rules(int rules) {
    char* text = NULL;
    size_t size;
    FILE* const stream = open_memstream(&text, &size);

    if (!stream) die("open_memstream");
    fprintf(stream, "policy cost { network, signal, /etc/passwd r, /tmp/cost/** r,\n");
    for (int i = 2; i < rules; i++) fprintf(stream, "/srv/%d/folder/file%d rw,\n", i % 97, i);
    fprintf(stream, "}\n");
    fclose(stream);
    load("%s", text);
    free(text);
}

static void measure_confined(int rules) {
    struct puppet* puppet;
    char state[64];

    load_rules(rules);
    puppet = puppet_under("cost");
    snprintf(state, sizeof(state), "confined by %d rules", rules);
    if (try_path(puppet, do_measure, state, 0, 0)) die("measure in a puppet");
    puppet_end(puppet);
}

static void measure_elsewhere(const char* state, unsigned long namespaces, const char* kind) {
    struct puppet* const puppet = puppet_make(namespaces);

    if (bind_process(puppet->pid, kind, "cost")) die("bind");
    measure(state);
    puppet_end(puppet);
}

static void make_files(void) {
    char path[] = LONG_PATH;

    for (char* slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    write_file(LONG_PATH, "text\n", 5, 0644);
}

int main(void) {
    make_files();
    if (access(SECURITYFS, F_OK)) {
        measure("off");
        return 0;
    }
    measure("registered");
    load_rules(10);
    measure_elsewhere("elsewhere", CLONE_NEWUTS, "uts");
    measure_elsewhere("elsewhere, user", CLONE_NEWUSER, "user");
    measure_confined(10);
    measure_confined(10000);
    return 0;
}
