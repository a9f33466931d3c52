// SPDX-License-Identifier: GPL-2.0-only
/* The commands that attach processes, and detach them: whom they are about, and who gives them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

#define DIR "/tmp/attaching/"
#define SECRET DIR "secret"

static const char policies[] =
    "policy web { file, signal, ptrace, capability, deny " SECRET
    " r, }\n"
    "policy other { file, signal, ptrace, capability, }\n"
    "policy \"a policy\" { file, signal, ptrace, capability, deny " SECRET " r, }\n";

static int read_secret(struct puppet* puppet) {
    return try_open(puppet, SECRET, O_RDONLY);
}

static bool is_confined(struct puppet* puppet) {
    return read_secret(puppet) == EACCES;
}

static bool nobody_is_shown(void) {
    char* const text = read_file(SECURITYFS "tasks", NULL);
    const bool none = text && !*text;

    if (!none) note("tasks: %s", text ?: "cannot be read");
    free(text);
    return none;
}

static int do_nothing(void* unused) {
    (void)unused;
    return 0;
}

/* Number after number is used again; a pidfd means what it meant. */
static void test_reuse(void) {
    const pid_t pid = start(do_nothing, NULL);
    const int fd = open_process(pid);
    siginfo_t info;

    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    check_errno(control("attach", "%d web", fd), ESRCH, "gone: attach a zombie");
    waitpid(pid, NULL, 0);
    check_errno(control("attach", "%d web", fd), ESRCH, "gone: attach who has ended");
    check_errno(control("detach", "%d web", fd), ESRCH, "gone: detach who has ended");
    for (int tries = 0; tries < 3; tries++) {
        char text[16];
        struct puppet* puppet;
        const int next = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

        snprintf(text, sizeof(text), "%d", pid - 1);
        if (next < 0 || write(next, text, strlen(text)) < 0) die("choose a number");
        close(next);
        puppet = puppet_make(0);
        if (puppet->pid == pid) {
            check_errno(control("attach", "%d web", fd), ESRCH, "gone: the number is another's");
            check(!is_confined(puppet), "gone: which is not confined");
            puppet_end(puppet);
            break;
        }
        puppet_end(puppet);
    }
    close(fd);
}

/* An attachment ends with its process, whatever comes to have its number. */
static void test_number_again(void) {
    struct puppet* puppet = puppet_make(0);
    const pid_t pid = puppet->pid;
    char text[16];
    int fd;

    if (attach_process(puppet->pid, "web")) die("attach");
    /* It has not looked yet. */
    puppet_end(puppet);
    fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
    snprintf(text, sizeof(text), "%d", pid - 1);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) die("choose a number");
    close(fd);
    puppet = puppet_make(0);
    if (puppet->pid == pid)
        check(!is_confined(puppet), "again: a newcomer of the number is not confined");
    else
        skip("the number was given to another", "again: a newcomer of the number");
    puppet_end(puppet);
    check_errno(unload_unused("web"), 0, "again: the policy is in use no more");
    load("%s", policies);
}

static void test_bad(void) {
    struct puppet* const puppet = puppet_make(0);
    const int pidfd = open_process(puppet->pid);
    const int self = open_process(getpid());
    const int init = open_process(1), kthread = open_process(2);
    const int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    const int folder = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int ns = open_namespace(0, "uts");
    int fd;

    for (int detaching = 0; detaching < 2; detaching++) {
        const char* const name = detaching ? "detach" : "attach";
        char text[600];

        check_errno(control(name, "%d web", file), EBADF, "%s: a file", name);
        check_errno(control(name, "%d web", folder), EBADF, "%s: a folder of /proc", name);
        check_errno(control(name, "%d web", ns), EBADF, "%s: a namespace", name);
        check_errno(control(name, "999 web"), EBADF, "%s: no descriptor", name);
        check_errno(control(name, "-1 web"), EINVAL, "%s: a negative number", name);
        check_errno(control(name, "99999999999 web"), EINVAL, "%s: a number too big", name);
        check_errno(control(name, "%dx web", pidfd), EINVAL, "%s: no number", name);
        check_errno(control(name, " %d web", pidfd), EINVAL, "%s: a space before", name);
        check_errno(control(name, "%d absent", pidfd), ENOENT, "%s: no such policy", name);
        check_errno(control(name, "%d  web", pidfd), ENOENT, "%s: two spaces", name);
        check_errno(control(name, "%d ", pidfd), EINVAL, "%s: no policy", name);
        check_errno(control(name, "%d", pidfd), EINVAL, "%s: one word", name);
        check_errno(control(name, "on-exec"), EINVAL, "%s: another one", name);
        check_errno(control(name, "soon %d web", pidfd), EINVAL, "%s: an unknown word", name);
        check_errno(control_bytes(name, "", 0), EINVAL, "%s: nothing", name);
        check_errno(control(name, "\n"), EINVAL, "%s: a newline", name);
        check_errno(control_bytes(name, NULL, 8), EFAULT, "%s: no memory of ours", name);
        memset(text, 'x', sizeof(text));
        check_errno(control_bytes(name, text, sizeof(text)), EINVAL, "%s: too long", name);
        snprintf(text, sizeof(text), "%d web", pidfd);
        check_errno(control_bytes(name, text, strlen(text) + 1), EINVAL, "%s: a NUL", name);
        check_errno(control(name, "%d web", kthread), EINVAL, "%s: the kernel's own", name);
        fd = open_control(name, O_WRONLY);
        snprintf(text, sizeof(text), "%d web", pidfd);
        check(write(fd, text, 1) < 0 && errno == EINVAL, "%s: half of a command", name);
        check(write(fd, text + 1, strlen(text) - 1) < 0 && errno == EINVAL, "%s: the rest", name);
        check(pwrite(fd, text, strlen(text), 1) < 0 && errno == ESPIPE, "%s: a position", name);
        close(fd);
    }
    check_errno(control("detach", "on-exec %d web", pidfd), EINVAL, "detach: on exec");
    check_errno(control("attach", "%d web", init), EPERM, "attach: the system's init");
    check_errno(control("attach", "on-exec %d web", init), EPERM, "attach: that, on exec");
    fd = (int)syscall(SYS_pidfd_open, puppet->pid, PIDFD_THREAD);
    if (fd < 0)
        skip("this kernel has no descriptors of threads", "attach: a thread's descriptor");
    else
        check_errno(control("attach", "%d absent", fd), ENOENT, "attach: a thread's descriptor");
    close(fd);
    check_errno(read_secret(puppet), 0, "nothing was attached");
    check(nobody_is_shown(), "nobody is shown");

    fd = open_control("attach", O_WRONLY);
    for (int round = 0; round < 3; round++) {
        char text[64];

        snprintf(text, sizeof(text), "%d web\n", pidfd);
        check_errno(outcome(write(fd, text, strlen(text))), round ? EEXIST : 0,
                    "one descriptor, write %d, with a newline", round + 1);
    }
    close(fd);
    check(is_confined(puppet), "which attaches");
    check_errno(control("detach", "%d web\n", pidfd), 0, "detach, with a newline");

    /* Who is confined attaches nobody, nor detaches itself. */
    check_errno(control("attach", "%d web", pidfd), 0, "attach");
    for (size_t i = 0; i < 2; i++) {
        static const char* const names[] = {SECURITYFS "attach", SECURITYFS "detach"};

        check_errno(try_open(puppet, names[i], O_WRONLY), 0, "confined: open %s", names[i]);
    }
    check_errno(try_open(puppet, SECURITYFS "tasks", O_RDONLY), EPERM, "confined: open tasks");
    close(pidfd);
    close(self);
    close(init);
    close(kthread);
    close(file);
    close(folder);
    close(ns);
    puppet_end_all();
}

/* path: a control file; to: a command about its own process, whose pidfd is put in front. */
static int do_control_self(struct arguments* arguments) {
    const int fd = open(arguments->path, O_WRONLY | O_CLOEXEC);
    const int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    char text[sizeof(arguments->to) + 16];

    if (fd < 0 || pidfd < 0) return errno;
    snprintf(text, sizeof(text), "%d %s", pidfd, arguments->to);
    return outcome(write(fd, text, strlen(text)));
}

static void test_self(void) {
    struct puppet* const puppet = puppet_make(0);

    check_errno(try_paths(puppet, do_control_self, SECURITYFS "attach", "web", 0), 0,
                "root attaches itself");
    check(is_confined(puppet), "and is confined");
    check_errno(try_paths(puppet, do_control_self, SECURITYFS "detach", "web", 0), EPERM,
                "a confined root does not detach itself");
    check_errno(try_paths(puppet, do_control_self, SECURITYFS "attach", "other", 0), EPERM,
                "nor attach itself");
    check(is_confined(puppet), "it is confined as it was");
    puppet_end(puppet);
}

static void test_unload(void) {
    struct puppet* const puppet = puppet_make(0);

    if (attach_process(puppet->pid, "web")) die("attach");
    check_errno(unload("web"), EBUSY, "unload: a process is attached that did nothing yet");
    check(is_confined(puppet), "unload: it looks");
    check_errno(unload("web"), EBUSY, "unload: and is under it");
    if (detach_process(puppet->pid, "web")) die("detach");
    check(!is_confined(puppet), "unload: detached");
    check_errno(unload_unused("web"), 0, "unload: in use no more");
    check_errno(attach_process(puppet->pid, "web"), ENOENT, "unload: attach to what is gone");
    load("%s", policies);
    if (attach_process(puppet->pid, "web")) die("attach");
    check(is_confined(puppet), "unload: attached again");
    check_errno(unload_force("web"), 0, "unload: by force");
    check(!is_confined(puppet), "unload: under it no more");
    load("%s", policies);
    check(is_confined(puppet), "unload: until it returns");
    puppet_end(puppet);
}

static void test_tool(void) {
    struct puppet* const puppet = puppet_make(0);
    char *text, line[128];
    int status;

    free(output_of(&status, "ipolc attach 'a policy' %d", puppet->pid));
    check_errno(status, 0, "ipolc attach");
    check(is_confined(puppet), "ipolc attach: confined");
    free(output_of(&status, "ipolc attach --on-exec other %d", puppet->pid));
    check_errno(status, 0, "ipolc attach --on-exec");
    text = output_of(&status, "ipolc ps");
    snprintf(line, sizeof(line), "a policy (attached), other (on exec)");
    check(!status && strstr(text, line), "ipolc ps");
    if (!strstr(text, line)) note("ps: %s", text);
    free(text);
    text = output_of(&status, "ipolc ps --json");
    snprintf(line, sizeof(line), "\"pid\": %d", puppet->pid);
    check(!status && strstr(text, line) && strstr(text, "\"how\": \"pending\""), "ipolc ps --json");
    free(text);
    free(output_of(&status, "ipolc detach 'a policy' %d", puppet->pid));
    check_errno(status, 0, "ipolc detach");
    check(!is_confined(puppet), "ipolc detach: not confined");
    free(output_of(&status, "ipolc detach 'a policy' %d", puppet->pid));
    check_errno(status, 3, "ipolc detach again");
    free(output_of(&status, "ipolc attach web 1"));
    check_errno(status, 3, "ipolc attach the system's init");
    free(output_of(&status, "ipolc attach absent %d", puppet->pid));
    check_errno(status, 3, "ipolc attach to no policy");
    puppet_end(puppet);
}

int main(void) {
    if (mkdir(DIR, 0755)) die("make a folder");
    write_file(SECRET, "", 0, 0644);
    load("%s", policies);
    test_reuse();
    test_number_again();
    test_bad();
    test_self();
    test_unload();
    test_tool();
    return finish();
}
