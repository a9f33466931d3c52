// SPDX-License-Identifier: GPL-2.0-only
/* Denied system calls, at each of their entries; and the probes that stand there. */
#define _GNU_SOURCE
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#define FOLDER "/tmp/syscalls"

static const char policies[] =
    "policy calls {\n"
    "  file, capability, namespace,\n"
    "  deny syscall mkdirat errno=EROFS,\n"
    "  deny syscall (getppid, mkdir),\n"
    "  deny syscall openat errno=EHWPOISON,\n"
    "  deny syscall (chown, clock_gettime) errno=ENODEV,\n"
    "  deny syscall (clone, clone3, fork, vfork) errno=EAGAIN,\n"
    "}\n"
    "policy more { file, capability, namespace, deny syscall getppid errno=ENOSYS, deny syscall "
    "sync errno=EIO, }\n";

static const char policies_without[] =
    "policy calls { file, capability, namespace, } policy more { file, capability, namespace, }";

enum call { MKDIRAT, MKDIR, GETPPID, OPENAT, FORK, CALLS };

static const struct {
    const char* name;
    int number[ENTRIES];
    int error;
} calls[CALLS] = {
    [MKDIRAT] = {"mkdirat", {__NR_mkdirat, 296, __X32_SYSCALL_BIT | __NR_mkdirat}, EROFS},
    [MKDIR] = {"mkdir", {__NR_mkdir, 39, __X32_SYSCALL_BIT | __NR_mkdir}, EPERM},
    [GETPPID] = {"getppid", {__NR_getppid, 64, __X32_SYSCALL_BIT | __NR_getppid}, EPERM},
    [OPENAT] = {"openat", {__NR_openat, 295, __X32_SYSCALL_BIT | __NR_openat}, EHWPOISON},
    [FORK] = {"fork", {__NR_fork, 2, __X32_SYSCALL_BIT | __NR_fork}, EAGAIN},
};

/* Where 32-bit pointers reach. */
static char* low_text;

/* number[0]: enum call, [1]: enum entry. */
static int do_call(struct arguments* arguments) {
    const enum call call = (enum call)arguments->number[0];
    const enum entry entry = (enum entry)arguments->number[1];
    const int number = calls[call].number[entry];
    long result = 0;

    switch (call) {
        case MKDIRAT:
        case MKDIR:
            strcpy(low_text, FOLDER "/new");
            result = call == MKDIR ? enter(entry, number, (long)low_text, 0755, 0, 0)
                                   : enter(entry, number, AT_FDCWD, (long)low_text, 0755, 0);
            rmdir(FOLDER "/new");
            break;
        case GETPPID:
            result = enter(entry, number, 0, 0, 0, 0);
            break;
        case OPENAT:
            strcpy(low_text, FOLDER);
            result = enter(entry, number, AT_FDCWD, (long)low_text, O_RDONLY | O_DIRECTORY, 0);
            if (result >= 0) close((int)result);
            break;
        case FORK:
            result = enter(entry, number, 0, 0, 0, 0);
            if (!result) _exit(0);
            if (result > 0) waitpid((pid_t)result, NULL, 0);
            break;
        default:
            return EINVAL;
    }
    return result < 0 ? (int)-result : 0;
}

static int try_call(struct puppet* puppet, enum call call, enum entry entry) {
    return try_path(puppet, do_call, "", call, entry);
}

static void every_entry(struct puppet* puppet, bool denied, const char* when) {
    for (enum entry entry = 0; entry < ENTRIES; entry++) {
        if (try_call(NULL, GETPPID, entry) == ENOSYS) {
            skip("this kernel has no such entry", "%s entry, %s", entry_names[entry], when);
            continue;
        }
        for (enum call call = 0; call < CALLS; call++) {
            check_errno(try_call(puppet, call, entry), denied ? calls[call].error : 0,
                        "%s, %s entry, %s", calls[call].name, entry_names[entry], when);
        }
    }
}

/* number[0]: of the call, which gets arguments that do no harm; [1]: enum entry. */
static int do_number(struct arguments* arguments) {
    const long result =
        enter((enum entry)arguments->number[1], arguments->number[0], -1, -1, -1, -1);

    return result < 0 ? (int)-result : 0;
}

/* What is one call to 64-bit programs and an old and a new one to 32-bit programs. */
static void newer_forms(struct puppet* puppet) {
    static const struct {
        const char* name;
        long number;
        enum entry entry;
    } forms[] = {
        {"chown", __NR_chown, ENTRY_64},
        {"chown of 16 bits", 182, ENTRY_32},
        {"chown32", 212, ENTRY_32},
        {"clock_gettime", __NR_clock_gettime, ENTRY_64},
        {"clock_gettime of 32 bits", 265, ENTRY_32},
        {"clock_gettime64", 403, ENTRY_32},
    };

    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        check_errno(try_path(puppet, do_number, "", forms[i].number, forms[i].entry), ENODEV, "%s",
                    forms[i].name);
        check(try_path(NULL, do_number, "", forms[i].number, forms[i].entry) != ENODEV,
              "%s, unconfined", forms[i].name);
    }
}

static void* call_in_thread(void* error) {
    *(int*)error = (int)-enter(ENTRY_64, __NR_mkdirat, AT_FDCWD, (long)FOLDER "/new", 0755, 0);
    return NULL;
}

/* A thread that is there before: threads cannot be made once clone is denied. */
static int thread_go, thread_error = -1;

static void* wait_and_call(void* unused) {
    (void)unused;
    while (!__atomic_load_n(&thread_go, __ATOMIC_ACQUIRE)) usleep(1000);
    call_in_thread(&thread_error);
    __atomic_store_n(&thread_go, 0, __ATOMIC_RELEASE);
    return NULL;
}

static int do_make_thread(struct arguments* arguments) {
    pthread_t thread;

    (void)arguments;
    return pthread_create(&thread, NULL, wait_and_call, NULL);
}

static int do_run_thread(struct arguments* arguments) {
    (void)arguments;
    __atomic_store_n(&thread_go, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(&thread_go, __ATOMIC_ACQUIRE)) usleep(1000);
    return thread_error;
}

static void denied(void) {
    struct puppet *const puppet = puppet_make(CLONE_NEWUTS), *const other = puppet_make(0);

    every_entry(puppet, false, "before it is bound");
    check_errno(ask(puppet, do_make_thread, NULL), 0, "make a thread before it is bound");
    if (bind_process(puppet->pid, "uts", "calls")) die("bind");
    every_entry(puppet, true, "confined");
    check_errno(ask(puppet, do_run_thread, NULL), EROFS, "in a thread that was there before");
    newer_forms(puppet);
    every_entry(other, false, "not confined");
    check_errno(try_path(puppet, do_chdir, "/", 0, 0), 0, "another call is not denied");

    load("%s", policies_without);
    every_entry(puppet, false, "replaced by a policy without the rules");
    check(!stats_hold("\nprobe __"), "no probe of a call is left then");
    load("%s", policies);
    every_entry(puppet, true, "replaced by a policy with the rules");

    /* The errno is that of the policy that was bound, or loaded, first: either is right. */
    if (bind_process(puppet->pid, "uts", "more")) die("bind");
    check(try_call(puppet, GETPPID, ENTRY_64) != 0, "denied by each of two policies");
    check_errno(try_call(puppet, MKDIRAT, ENTRY_64), EROFS, "denied by one of two policies");
    puppet_end_all();
}

/* How often a line of `stats` begins with "probe" and holds the text. */
static int probes(const char* text) {
    char* const all = read_file(SECURITYFS "stats", NULL);
    int count = 0;

    if (!all) die("read stats");
    for (char* line = strtok(all, "\n"); line; line = strtok(NULL, "\n")) {
        if (!strncmp(line, "probe ", 6) && strstr(line, text)) count++;
    }
    free(all);
    return count;
}

static void stats(void) {
    static const char* const symbols[] = {
        "__x64_sys_mkdirat armed",        "__ia32_sys_mkdirat armed", "__x64_sys_openat armed",
        "__ia32_compat_sys_openat armed", "__x64_sys_sync armed",     "__x64_sys_clone3 armed",
    };

    for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
        check(probes(symbols[i]) == 1, "stats: %s", symbols[i]);
    check(probes("__x64_sys_getppid") == 1, "stats: a call that two policies deny, once");
    check_errno(unload_unused("more"), 0, "unload one of them");
    check(probes("__x64_sys_sync") == 0, "stats: what only that one denied is gone");
    check(probes("__x64_sys_getppid") == 1, "stats: what the other denies is still there");
    check_errno(unload_unused("calls"), 0, "unload the other");
    check(probes("") == 0, "stats: no probe is left");
    load("%s", policies);
}

/* A call that never returns cannot be made to fail. */
static void noreturn(void) {
    static const char* const names[] = {"exit", "exit_group"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const int fd = open_control("load", O_RDWR);
        char reason[128] = "";
        size_t size;
        void* const blob = compile(&size, "policy more { deny syscall %s, }", names[i]);

        check_errno(outcome(write(fd, blob, size)), EOPNOTSUPP, "%s cannot be denied", names[i]);
        check(read(fd, reason, sizeof(reason) - 1) > 0 && strstr(reason, "never returns"),
              "%s: load gives the reason", names[i]);
        check(probes(names[i]) == 0, "%s: no probe is left", names[i]);
        free(blob);
        close(fd);
    }
}

/* Returns 0 or an errno. */
static int set_switch(const char* path, char value) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const int error = fd < 0 ? errno : write(fd, &value, 1) == 1 ? 0 : errno;

    if (fd >= 0) close(fd);
    return error;
}

/* Root can switch probes off: then what needs them is refused, and said to be broken. */
static void switched_off(const char* path) {
    struct puppet* const puppet = puppet_under("calls");
    size_t size;
    void* const blob = compile(&size, "%s", policies);
    int fd;
    char reason[128] = "";

    check(stats_hold("probes work"), "%s: before, probes work", path);
    if (set_switch(path, '0')) die("write to %s", path);
    check(stats_hold("probes BROKEN"), "%s: off, and stats says so", path);
    check(probes(" armed") == 0 && probes(" DISARMED") > 0, "%s: off, and of each probe", path);
    fd = open_control("load", O_RDWR);
    check_errno(outcome(write(fd, blob, size)), EOPNOTSUPP, "%s: off, load", path);
    check(read(fd, reason, sizeof(reason) - 1) > 0 && strstr(reason, "probes"),
          "%s: off, and load gives the reason", path);
    close(fd);
    check_errno(bind_process(puppet->pid, "ipc", "calls"), EPERM,
                "%s: off, bind an initial namespace", path);
    check_errno(bind_process(puppet->pid, "uts", "more"), EOPNOTSUPP, "%s: off, bind", path);
    if (set_switch(path, '1')) die("write to %s", path);
    check(stats_hold("probes work") && probes(" DISARMED") == 0, "%s: on again", path);
    check_errno(control_bytes("load", blob, size), 0, "%s: on again, load", path);
    check_errno(try_call(puppet, MKDIRAT, ENTRY_64), EROFS, "%s: on again, denied", path);
    free(blob);
    puppet_end(puppet);
}

int main(void) {
    low_text =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low_text == MAP_FAILED) die("mmap");
    mkdir(FOLDER, 0755);
    load("%s", policies);
    denied();
    stats();
    noreturn();
    switched_off("/sys/kernel/debug/kprobes/enabled");
    switched_off("/proc/sys/kernel/ftrace_enabled");
    rmdir(FOLDER);
    return finish();
}
