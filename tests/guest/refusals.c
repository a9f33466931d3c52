// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad input for each file in /sys/kernel/security/isolates: what it fails with, and that nothing
 * has changed, by all that the files themselves show. What else a single file refuses is in the
 * tests about it: loading, bindings, attaching, modes, sealing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "harness.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

#define MODE "policies/web/mode"
#define SHORT_NAME "{x254}"
#define LONG_NAME "{x255}"

enum { TEXT_MAX = 2048 };

static const char policies[] =
    "policy web { capability, namespace, file, signal, deny /tmp/secret r, }\n"
    "policy idle { capability, file, }\n"
    "policy \"two words\" { file, }\n"
    "policy \"a/b\" { file, }\n"
    "policy %s { file, }\n";

/* What commands call by a name in braces: descriptors, and numbers of namespaces. */
static struct {
    char name[24];
    unsigned value;
} named[40];
static size_t named_count;

static void give_name(const char* name, unsigned value) {
    if (named_count == ARRAY_SIZE(named)) die("too many names");
    snprintf(named[named_count].name, sizeof(named->name), "{%s}", name);
    named[named_count++].value = value;
}

/*
 * All numbers of three digits, so that what is left when the first ones are cut off is no
 * descriptor of anything here.
 */
static int name_descriptor(const char* name, int fd) {
    const int high = fcntl(fd, F_DUPFD_CLOEXEC, 200);

    if (fd < 0 || high < 0) die("a descriptor called %s", name);
    close(fd);
    give_name(name, (unsigned)high);
    return high;
}

/* Writes `text` with what is meant by {NAME}, {nul}, and {xN}: N times an x. Returns the size. */
static size_t expand(char out[TEXT_MAX], const char* text) {
    size_t size = 0;

    while (*text) {
        const size_t length = strcspn(text, "}") + 1;
        size_t i;

        if (size + 1000 >= TEXT_MAX) die("no room for %s", text);
        if (*text != '{') {
            out[size++] = *text++;
            continue;
        }
        if (!strncmp(text, "{nul}", length)) {
            out[size++] = '\0';
        } else if (text[1] == 'x') {
            const size_t times = strtoul(text + 2, NULL, 10);

            memset(out + size, 'x', times);
            size += times;
        } else {
            for (i = 0; i < named_count && strncmp(named[i].name, text, length); i++) continue;
            if (i == named_count) die("nothing is called %s", text);
            size += (size_t)sprintf(out + size, "%u", named[i].value);
        }
        text += length;
    }
    return size;
}

static int write_once(const char* file, const void* bytes, size_t size) {
    const int fd = open_control(file, O_WRONLY);
    const ssize_t written = write(fd, bytes, size);
    const int error = written < 0 ? errno : (size_t)written == size ? 0 : EIO;

    close(fd);
    return error;
}

static struct {
    char* at;
    size_t page;
} two_pages; /* and none behind them */

static void make_pages(void) {
    two_pages.page = (size_t)sysconf(_SC_PAGESIZE);
    two_pages.at =
        mmap(NULL, 3 * two_pages.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (two_pages.at == MAP_FAILED || munmap(two_pages.at + 2 * two_pages.page, two_pages.page))
        die("mmap");
}

struct refusal {
    const char* file;
    const char* command;
    int want;
};

/* As it is, across two pages at an odd address, and with a newline at its end. */
static bool is_refused(const struct refusal* refusal) {
    char text[TEXT_MAX];
    size_t size = expand(text, refusal->command);
    char* const odd = two_pages.at + two_pages.page - (size / 2 | 1);
    int got = write_once(refusal->file, text, size);

    if (got == refusal->want) {
        memcpy(odd, text, size);
        got = write_once(refusal->file, odd, size);
    }
    if (got == refusal->want && size < 300 && (!size || text[size - 1] != '\n')) {
        text[size++] = '\n';
        got = write_once(refusal->file, text, size);
    }
    if (got != refusal->want) note("got %s", got ? strerrorname_np(got) : "success");
    return got == refusal->want;
}

/* Of a thread; -1 if this kernel has none of those. */
static int thread_fd;

static void refuse(const struct refusal* refusal) {
    const bool right = is_refused(refusal);
    char name[64];

    /* Whatever is in it, the result is one line. */
    snprintf(name, sizeof(name), "%s", refusal->command);
    for (char* at = name; *at; at++)
        if (*at < ' ' || *at > '~' || *at == '#') *at = '?';
    check(right & nothing_changed(), "%s \"%s\": %s, and nothing has changed", refusal->file, name,
          strerrorname_np(refusal->want));
}

/* Whatever a policy's name may be after. */
static void names(void) {
    static const struct {
        const char *file, *before;
    } commands[] = {{"unload", ""},
                    {"unload", "force "},
                    {"bind", "uts {uts} "},
                    {"bind", "on-exec uts {uts} "},
                    {"unbind", "uts {bound number} "},
                    {"attach", "{process} "},
                    {"attach", "on-exec {process} "},
                    {"detach", "{attached} "}};
    static const struct {
        const char* name;
        int want;
    } bad[] = {
        {"", EINVAL},           {"absent", ENOENT},      {"we", ENOENT},
        {"webb", ENOENT},       {"web ", ENOENT},        {" web", ENOENT},
        {"WEB", ENOENT},        {"web/", ENOENT},        {"a.b", ENOENT},
        {"a//b", ENOENT},       {"../web", ENOENT},      {".", ENOENT},
        {"\"web\"", ENOENT},    {"*", ENOENT},           {"unconfined", ENOENT},
        {"two", ENOENT},        {"two  words", ENOENT},  {"web\t", ENOENT},
        {"web\r", ENOENT},      {"w\xff\xfe", ENOENT},   {SHORT_NAME, ENOENT},
        {"{x256}", ENOENT},     {LONG_NAME " ", ENOENT}, {"{x320}", EINVAL},
        {"{x1000}", EINVAL},    {"web{nul}", EINVAL},    {"{nul}", EINVAL},
        {"web{nul}\n", EINVAL},
    };
    char command[64];

    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        for (size_t k = 0; k < ARRAY_SIZE(bad); k++) {
            /* Of names to unload there may be more than that. */
            const bool is_long = bad[k].name[0] == '{' && bad[k].name[1] == 'x';
            const int want = is_long && !strcmp(commands[i].file, "unload") ? ENOENT : bad[k].want;

            snprintf(command, sizeof(command), "%s%s", commands[i].before, bad[k].name);
            refuse(&(struct refusal){commands[i].file, command, want});
        }
    }
}

/* Whatever is no descriptor of a namespace, or of a process. */
static void descriptors(void) {
    static const struct {
        const char *file, *before, *its_own;
    } commands[] = {{"bind", "uts ", "{uts}"},
                    {"bind", "host on-exec uts ", "{uts}"},
                    {"attach", "", "{process}"},
                    {"attach", "on-exec ", "{process}"},
                    {"detach", "", "{attached}"}};
    static const char* const others[] = {"{file}",     "{pipe}",     "{socket}",   "{memfd}",
                                         "{epoll}",    "{folder}",   "{proc}",     "{null}",
                                         "{O_PATH}",   "{closed}",   "{control}",  "65535",
                                         "2147483647", "2147483648", "4294967294", "4294967295"};
    /* %s stands for a good one. */
    static const char* const no_numbers[] = {
        "-1",
        "4294967296",
        "18446744073709551616",
        "99999999999999999999999",
        "+%s",
        "-%s",
        "0x%s",
        "%sx",
        "%s\n",
        "\n%s",
        "\t%s",
        "%s\t",
        "%s.0",
        "%s,%s",
        "%s{nul}",
        "{nul}%s",
        "fd",
        "0%so",
        "",
        "%s\r",
        "1e2",
        "{x300}",
    };
    char number[64], command[600];

    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        const bool of_processes = strcmp(commands[i].file, "bind");
        const char* const good = commands[i].its_own;

        for (size_t k = 0; k < ARRAY_SIZE(others); k++) {
            snprintf(command, sizeof(command), "%s%s web", commands[i].before, others[k]);
            refuse(&(struct refusal){commands[i].file, command, EBADF});
        }
        snprintf(command, sizeof(command), "%s%s web", commands[i].before,
                 of_processes ? "{uts}" : "{process}");
        refuse(&(struct refusal){commands[i].file, command, EBADF});
        for (size_t k = 0; k < ARRAY_SIZE(no_numbers); k++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(number, sizeof(number), no_numbers[k], good, good);
#pragma GCC diagnostic pop
            snprintf(command, sizeof(command), "%s%s web", commands[i].before, number);
            refuse(&(struct refusal){commands[i].file, command, EINVAL});
        }
    }
}

static const struct refusal refusals[] = {
    {"load", "", EINVAL},
    {"load", "i", EINVAL},
    {"load", "isolates", EINVAL},
    {"load", "policy idle", EINVAL},
    {"load", "{nul}", EINVAL},
    {"load", "{x1000}", EINVAL},

    {"unload", "web", EBUSY},
    {"unload", "force force web", ENOENT},
    {"unload", "FORCE web", ENOENT},
    {"unload", "force  web", ENOENT},
    {"unload", "force", ENOENT},
    {"unload", "force ", EINVAL},
    {"unload", "web\n\n", EINVAL},
    {"unload", "\nidle", EINVAL},
    {"unload", "idle\n\na/b", EINVAL},
    {"unload", "idle\nforce \na/b", EINVAL},
    {"unload", "idle\nweb", EBUSY},
    {"unload", "force web\nidle\nabsent", ENOENT},
    {"unload", "idle\nidle", ENOENT},
    {"unload", "force web\nweb", ENOENT},
    {"unload", "idle\na/b{nul}", EINVAL},

    {"bind", "host", EINVAL},
    {"bind", "host ", EINVAL},
    {"bind", "on-exec", EINVAL},
    {"bind", "host host uts {uts} web", EINVAL},
    {"bind", "on-exec host uts {uts} web", EINVAL},
    {"bind", "force uts {uts} web", EINVAL},
    {"bind", " uts {uts} web", EINVAL},
    {"bind", "uts  {uts} web", EINVAL},
    {"bind", "uts\t{uts}\tweb", EINVAL},
    {"bind", "uts", EINVAL},
    {"bind", "{uts}", EINVAL},
    {"bind", "{uts} web", EINVAL},
    {"bind", "uts web {uts}", EINVAL},
    {"bind", "UTS {uts} web", EINVAL},
    {"bind", "uts_ns {uts} web", EINVAL},
    {"bind", "pid_for_children {uts} web", EINVAL},
    {"bind", "mntns {uts} web", EINVAL},
    {"bind", "cgroup {uts} web", EINVAL},
    {"bind", "ipc {uts} web", EINVAL},
    {"bind", "mnt {uts} web", EINVAL},
    {"bind", "pid {uts} web", EINVAL},
    {"bind", "time {uts} web", EINVAL},
    {"bind", "user {uts} web", EINVAL},
    {"bind", "uts {net} web", EINVAL},
    {"bind", "host uts {net} web", EINVAL},
    {"bind", "net {own} web", EINVAL},
    {"bind", "uts {own} web", EPERM},
    {"bind", "on-exec uts {own} web", EPERM},
    /* Of two things that are wrong, the one that is looked at first. */
    {"bind", "net {own} absent", ENOENT},
    {"bind", "uts {file} absent", ENOENT},
    {"bind", "uts {closed} absent", EBADF},
    {"bind", "uts {bound} web", EEXIST},
    {"bind", "host uts {bound} web", EEXIST},
    {"bind", "on-exec uts {bound} web", EEXIST},

    {"unbind", "uts", EINVAL},
    {"unbind", "uts {bound number}", EINVAL},
    {"unbind", "host uts {bound number} web", EINVAL},
    {"unbind", "on-exec uts {bound number} web", EINVAL},
    {"unbind", "uts +{bound number} web", EINVAL},
    {"unbind", "uts {bound number}\n web", EINVAL},
    {"unbind", "uts -1 web", EINVAL},
    {"unbind", "uts 4294967296 web", EINVAL},
    {"unbind", "uts 0 web", ENOENT},
    {"unbind", "uts 4294967295 web", ENOENT},
    {"unbind", "uts {bound} web", ENOENT},
    {"unbind", "uts {bound number} idle", ENOENT},
    {"unbind", "net {bound number} web", ENOENT},
    {"unbind", "UTS {bound number} web", EINVAL},

    {"attach", "web", EINVAL},
    {"attach", "web {process}", EINVAL},
    {"attach", "on-exec on-exec {process} web", EINVAL},
    {"attach", "host {process} web", EINVAL},
    {"attach", "{thread} web", ESRCH},
    {"attach", "on-exec {thread} web", ESRCH},
    {"attach", "{init} web", EPERM},
    {"attach", "{attached} web", EEXIST},
    {"attach", "on-exec {attached} web", EEXIST},

    {"detach", "web", EINVAL},
    {"detach", "on-exec {attached} web", EINVAL},
    {"detach", "force {attached} web", EINVAL},
    {"detach", "{thread} web", ESRCH},
    {"detach", "{process} web", ENOENT},
    {"detach", "{attached} idle", ENOENT},

    {"seal", "01", EINVAL},
    {"seal", "+1", EINVAL},
    {"seal", "1 ", EINVAL},
    {"seal", "\n1", EINVAL},
    {"seal", "1\r", EINVAL},
    {"seal", "true", EINVAL},
    {"seal", "{x1000}", EINVAL},

    {MODE, "", EINVAL},
    {MODE, "enforc", EINVAL},
    {MODE, "enforce ", EINVAL},
    {MODE, " complain", EINVAL},
    {MODE, "Complain", EINVAL},
    {MODE, "complain{nul}", EINVAL},
    {MODE, "complain\n\n", EINVAL},
    {MODE, "complain,kill", EINVAL},
    {MODE, "unconfined", EINVAL},
    {MODE, "1", EINVAL},
    {MODE, "{x16}", EINVAL},
    {MODE, "{x1000}", EINVAL},
};

/* What would be done if only it came whole. */
static const struct {
    const char *file, *command;
} commands[] = {
    {"unload", "force web"},
    {"unload", "idle"},
    {"bind", "uts {uts} web"},
    {"bind", "host uts {own} web"},
    {"unbind", "uts {bound number} web"},
    {"attach", "{process} web"},
    {"detach", "{attached} web"},
    {MODE, "complain"},
    {"seal", "1\n"},
};

/* The bytes end where no memory is: after each of the first ones. */
static void faults(void) {
    char* const end = two_pages.at + 2 * two_pages.page;
    size_t size;
    char* const blob = compile(&size, "policy idle { file, deny /tmp/other r, }");
    int wrong;

    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        char text[TEXT_MAX];
        const size_t length = expand(text, commands[i].command);

        wrong = 0;
        for (size_t there = 0; there < length; there++) {
            memcpy(end - there, text, there);
            wrong += write_once(commands[i].file, end - there, length) != EFAULT;
        }
        check(!wrong & nothing_changed(), "%s \"%s\": memory ends within it", commands[i].file,
              commands[i].command);
    }
    wrong = 0;
    for (size_t there = 0; there < size && there < two_pages.page; there += size / 7 + 1) {
        memcpy(end - there, blob, there);
        wrong += write_once("load", end - there, size) != EFAULT;
    }
    check(!wrong & nothing_changed(), "load: memory ends within a blob");
    free(blob);
}

static bool fails(long result) {
    return result < 0 && (errno == EINVAL || errno == ENOENT || errno == EBADF || errno == EBUSY ||
                          errno == EPERM);
}

/* Each part is a command of its own, and a wrong one. */
static void splits(void) {
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        char text[TEXT_MAX];
        const size_t length = expand(text, commands[i].command);
        const int fd = open_control(commands[i].file, O_WRONLY);
        int wrong = 0;

        if (!strcmp(commands[i].file, "seal")) continue;
        for (size_t first = 1; first < length; first++) {
            const struct iovec parts[] = {{text, first}, {text + first, length - first}};

            wrong += !fails(write(fd, text, first));
            wrong += !fails(write(fd, text + first, length - first));
            wrong += !fails(writev(fd, parts, 2));
        }
        close(fd);
        check(!wrong & nothing_changed(), "%s \"%s\": in two parts", commands[i].file,
              commands[i].command);
    }
}

/* The same commands, whole; and again, when there is nothing left to do. Each is undone. */
static void commands_work(void) {
    static const struct {
        const char *file, *command;
        int again;
        const char *undo_file, *undo;
    } whole[] = {
        {"unload", "two words", ENOENT, NULL, NULL},
        {"unload", "idle\n" LONG_NAME "\n", ENOENT, NULL, NULL},
        {"bind", "uts {uts} web", EEXIST, "unbind", "uts {uts number} web"},
        {"bind", "on-exec uts {uts} a/b", EEXIST, "unbind", "uts {uts number} a/b"},
        {"attach", "{process} web", EEXIST, "detach", "{process} web"},
        {"attach", "on-exec {process} a/b", EEXIST, "detach", "{process} a/b"},
        {"detach", "{attached} web", ENOENT, "attach", "{attached} web"},
        {"unbind", "uts {bound number} web", ENOENT, "bind", "uts {bound} web"},
        {MODE, "complain", 0, MODE, "enforce"},
        {"unload", "force web", ENOENT, NULL, NULL},
    };
    char text[TEXT_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
        size_t size = expand(text, whole[i].command);

        check_errno(write_once(whole[i].file, text, size), 0, "%s \"%s\"", whole[i].file,
                    whole[i].command);
        check(!nothing_changed(), "%s \"%s\": which changes something", whole[i].file,
              whole[i].command);
        remember();
        check_errno(write_once(whole[i].file, text, size), whole[i].again, "%s \"%s\": again",
                    whole[i].file, whole[i].command);
        check(nothing_changed(), "%s \"%s\": which changes nothing", whole[i].file,
              whole[i].command);
        if (whole[i].undo) {
            size = expand(text, whole[i].undo);
            check_errno(write_once(whole[i].undo_file, text, size), 0, "%s \"%s\"",
                        whole[i].undo_file, whole[i].undo);
        }
        remember();
    }
}

static void* sleep_on(void* tid) {
    __atomic_store_n((pid_t*)tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
    for (;;) pause();
    return NULL;
}

static void prepare(void) {
    struct puppet *const bound = puppet_make(CLONE_NEWUTS), *const other =
                                                                puppet_make(CLONE_NEWUTS);
    struct puppet *const attached = puppet_make(0), *const process = puppet_make(0);
    char name[TEXT_MAX];
    pthread_t thread;
    pid_t tid = 0;
    int ends[2];

    make_pages();
    name_descriptor("uts", open_namespace(other->pid, "uts"));
    give_name("uts number", namespace_number(other->pid, "uts"));
    name_descriptor("bound", open_namespace(bound->pid, "uts"));
    give_name("bound number", namespace_number(bound->pid, "uts"));
    name_descriptor("own", open_namespace(0, "uts"));
    name_descriptor("net", open_namespace(0, "net"));
    name_descriptor("process", open_process(process->pid));
    name_descriptor("attached", open_process(attached->pid));
    name_descriptor("init", open_process(1));
    if (pthread_create(&thread, NULL, sleep_on, &tid)) die("pthread_create");
    while (!__atomic_load_n(&tid, __ATOMIC_ACQUIRE)) usleep(1000);
    thread_fd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
    if (thread_fd >= 0) name_descriptor("thread", thread_fd);
    if (pipe2(ends, O_CLOEXEC)) die("pipe");
    name_descriptor("pipe", ends[0]);
    name_descriptor("file", open("/etc/passwd", O_RDONLY | O_CLOEXEC));
    name_descriptor("socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    name_descriptor("memfd", memfd_create("memfd", MFD_CLOEXEC));
    name_descriptor("epoll", epoll_create1(EPOLL_CLOEXEC));
    name_descriptor("folder", open("/proc/self/ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    name_descriptor("proc", open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    name_descriptor("null", open("/dev/null", O_RDWR | O_CLOEXEC));
    name_descriptor("O_PATH", open("/proc/self/ns/uts", O_PATH | O_CLOEXEC));
    name_descriptor("control", open_control("bind", O_WRONLY));
    close(name_descriptor("closed", ends[1]));

    name[expand(name, LONG_NAME)] = '\0';
    load(policies, name);
    if (bind_process(bound->pid, "uts", "web") || attach_process(attached->pid, "web"))
        die("confine");
    check_errno(try_open(bound, "/tmp/secret", O_RDONLY), EACCES, "one is bound");
    check_errno(try_open(attached, "/tmp/secret", O_RDONLY), EACCES, "one is attached");
}

int main(void) {
    write_file("/tmp/secret", "", 0, 0600);
    prepare();
    remember();
    check(nothing_changed(), "nothing changes by itself");
    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        if (thread_fd < 0 && strstr(refusals[i].command, "{thread}"))
            skip("this kernel has no descriptors of threads", "%s \"%s\"", refusals[i].file,
                 refusals[i].command);
        else
            refuse(refusals + i);
    }
    names();
    descriptors();
    faults();
    splits();
    commands_work();
    unlink("/tmp/secret");
    return finish();
}
