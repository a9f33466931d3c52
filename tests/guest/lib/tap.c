// SPDX-License-Identifier: GPL-2.0-only
/* Results, as the Test Anything Protocol. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../harness.h"

static int count, failed;

static void result(const char* verdict, const char* directive, const char* name, va_list args) {
    char text[512];

    vsnprintf(text, sizeof(text), name, args);
    printf("%s %d - %s: %s%s\n", verdict, ++count, program_invocation_short_name, text, directive);
    fflush(stdout);
}

bool check(bool passed, const char* name, ...) {
    va_list args;

    va_start(args, name);
    result(passed ? "ok" : "not ok", "", name, args);
    va_end(args);
    failed += !passed;
    return passed;
}

static const char* outcome_name(int outcome) {
    if (outcome < 0) return "the end of the puppet";
    return outcome ? strerrorname_np(outcome) : "success";
}

bool check_errno(int got, int want, const char* name, ...) {
    va_list args;

    va_start(args, name);
    result(got == want ? "ok" : "not ok", "", name, args);
    va_end(args);
    if (got == want) return true;
    failed++;
    note("want %s, got %s", outcome_name(want), outcome_name(got));
    return false;
}

void skip(const char* why, const char* name, ...) {
    char directive[256];
    va_list args;

    snprintf(directive, sizeof(directive), " # SKIP %s", why);
    va_start(args, name);
    result("ok", directive, name, args);
    va_end(args);
}

void note(const char* line, ...) {
    va_list args;

    fputs("# ", stdout);
    va_start(args, line);
    vprintf(line, args);
    va_end(args);
    fputc('\n', stdout);
    fflush(stdout);
}

/* No plan is printed: whoever reads the results takes that for a failure. */
void die(const char* why, ...) {
    const int error = errno;
    va_list args;

    fputs("Bail out! ", stdout);
    va_start(args, why);
    vprintf(why, args);
    va_end(args);
    printf(" (%s)\n", strerror(error));
    fflush(stdout);
    puppet_end_all();
    _exit(1);
}

int rounds(int usual) {
    static int divisor;

    if (!divisor) {
        const char* const given = getenv("SLOWNESS");

        /* A kernel with kmemleak has KASAN and lockdep too: ten times slower. */
        divisor = given ? atoi(given) : access("/sys/kernel/debug/kmemleak", F_OK) ? 1 : 10;
        if (divisor < 1) divisor = 1;
    }
    return usual / divisor > 1 ? usual / divisor : 1;
}

int finish(void) {
    puppet_end_all();
    unload_all();
    printf("1..%d\n", count);
    fflush(stdout);
    return failed ? 1 : 0;
}
