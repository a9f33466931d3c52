// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of the guest that qemu/vm boots.
 *
 * It makes the root file system and mounts what a Linux program expects, runs one command, relays
 * its output byte for byte, and reports how it ended. To the host it speaks through three virtio
 * ports, so that nothing mixes with the kernel's log on the serial line:
 *
 *   /dev/vport0p1  the command's standard output
 *   /dev/vport0p2  the command's standard error
 *   /dev/vport0p3  one line, last: "exit STATUS taint BITS"
 *
 * The command gets pipes, not the ports: a port can be opened only once, so that "> /dev/stderr"
 * would fail, and would be an object that no program has as its output elsewhere.
 *
 * The command is /vm/argv in the initramfs, each argument ended by a NUL. An empty one means an
 * interactive shell on /dev/hvc0. Kernel parameters that are unknown to the kernel arrive in the
 * environment: vm_rootfs=debian, TERM, vm_rows, vm_columns.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STDOUT_PORT = 1, STDERR_PORT = 2, STATUS_PORT = 3 };
enum { MAX_ARGUMENTS = 1024, MAX_ARGV_BYTES = 128 * 1024 };

/* How long a port may take to appear, in milliseconds: its driver answers the host first. */
static const int kPortDeadline = 20000;

/* Objects younger than this are never reported by kmemleak (MSECS_MIN_AGE, plus one second). */
static const unsigned int kLeakAgeSeconds = 6;

static void log_line(const char* line) {
    int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

    if (fd < 0) return;
    if (write(fd, line, strlen(line)) < 0) { /* There is nowhere left to say so. */
    }
    close(fd);
}

static _Noreturn void power_off(void) {
    sync();
    reboot(RB_AUTOBOOT); /* with reboot=t and -no-reboot QEMU ends */
    _exit(1);
}

/* Ends the guest without a status line, which the host takes as a failure. */
static _Noreturn __attribute__((format(printf, 1, 2))) void die(const char* format, ...) {
    char line[512];
    int used = snprintf(line, sizeof(line), "init: ");
    va_list args;

    va_start(args, format);
    used += vsnprintf(line + used, sizeof(line) - (size_t)used, format, args);
    va_end(args);
    if ((size_t)used < sizeof(line))
        snprintf(line + used, sizeof(line) - (size_t)used, ": %s", strerror(errno));
    log_line(line);
    power_off();
}

/* Mounts at a place that is made for it; a file system this kernel lacks is left out. */
static void mount_at(const char* type, const char* where, const char* options) {
    mkdir(where, 0755); /* EEXIST, or the mount fails and says why */
    if (mount(type, where, type, 0, options) && errno != ENODEV && errno != ENOENT)
        die("mount %s on %s", type, where);
}

/*
 * Makes /mnt the root of the mount namespace. The initramfs itself cannot be the root of a guest
 * that is to be like any other: pivot_root() refuses it.
 */
static void enter_mnt(void) {
    if (chdir("/mnt") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
        die("enter the root file system");
}

static void make_root(void) {
    const char* rootfs = getenv("vm_rootfs");

    if (!rootfs || strcmp(rootfs, "debian") != 0) {
        if (mount("/", "/mnt", NULL, MS_BIND, NULL)) die("bind the root file system");
        enter_mnt();
        return;
    }
    mount_at("devtmpfs", "/dev", NULL);
    if (mount("/dev/vda", "/vm/image", "ext4", MS_RDONLY, NULL)) die("mount /dev/vda");
    if (mount("overlay", "/mnt", "overlay", 0,
              "lowerdir=/vm/add:/vm/image,upperdir=/vm/upper,workdir=/vm/work"))
        die("mount the overlay");
    enter_mnt();
}

static void make_mounts(void) {
    mount_at("devtmpfs", "/dev", NULL);
    mount_at("proc", "/proc", NULL);
    mount_at("sysfs", "/sys", NULL);
    mount_at("devpts", "/dev/pts", "ptmxmode=666");
    mount_at("tmpfs", "/dev/shm", "mode=1777");
    mount_at("mqueue", "/dev/mqueue", NULL);
    mount_at("cgroup2", "/sys/fs/cgroup", NULL);
    mount_at("bpf", "/sys/fs/bpf", NULL);
    mount_at("securityfs", "/sys/kernel/security", NULL);
    mount_at("debugfs", "/sys/kernel/debug", NULL);
    mount_at("tracefs", "/sys/kernel/tracing", NULL);
    if (symlink("/proc/self/fd", "/dev/fd") || symlink("/proc/self/fd/0", "/dev/stdin") ||
        symlink("/proc/self/fd/1", "/dev/stdout") || symlink("/proc/self/fd/2", "/dev/stderr"))
        die("make the links in /dev");
}

/* As many numbers for processes as elsewhere: a small kernel begins with few. */
static void set_pid_max(void) {
    int fd = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, "32768", 5) != 5) die("set pid_max");
    close(fd);
}

static void loopback_up(void) {
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request)) die("bring up the loopback device");
    close(fd);
}

/* Splits /vm/argv; returns a NULL-terminated array that lives as long as the program. */
static char** read_argv(void) {
    static char bytes[MAX_ARGV_BYTES + 1];
    static char* argv[MAX_ARGUMENTS + 1];
    size_t length = 0, count = 0;
    ssize_t got;
    int fd = open("/vm/argv", O_RDONLY | O_CLOEXEC);

    if (fd < 0) die("open /vm/argv");
    while ((got = read(fd, bytes + length, sizeof(bytes) - length)) > 0) length += (size_t)got;
    if (got < 0 || length > MAX_ARGV_BYTES) die("read /vm/argv");
    close(fd);
    for (size_t at = 0; at < length; at += strlen(bytes + at) + 1) {
        if (count == MAX_ARGUMENTS) {
            errno = E2BIG;
            die("/vm/argv");
        }
        argv[count++] = bytes + at;
    }
    return argv;
}

static int open_port(int number) {
    char path[32];

    snprintf(path, sizeof(path), "/dev/vport0p%d", number);
    for (int waited = 0;; waited++) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        if (fd >= 0) return fd;
        if (waited == kPortDeadline) die("open %s", path);
        usleep(1000);
    }
}

static bool write_all(int fd, const char* bytes, size_t length) {
    while (length > 0) {
        ssize_t put = write(fd, bytes, length);

        if (put < 0 && errno != EINTR) return false;
        if (put < 0) continue;
        bytes += put;
        length -= (size_t)put;
    }
    return true;
}

/* Copies what there is from one descriptor to another; false at the end of the input. */
static bool relay(int from, int to) {
    static char bytes[32 * 1024];
    ssize_t got = read(from, bytes, sizeof(bytes));

    if (got < 0) return errno == EINTR;
    if (got > 0 && !write_all(to, bytes, (size_t)got)) die("write to the host");
    return got > 0;
}

static _Noreturn void become_command(char** argv, const sigset_t* mask) {
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(argv[0], argv);
    dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
}

static _Noreturn void become_shell(const sigset_t* mask) {
    char *bash[] = {"bash", "-l", NULL}, *sh[] = {"sh", "-l", NULL};
    struct winsize size = {0};
    int fd;

    setsid();
    fd = open("/dev/hvc0", O_RDWR);
    if (fd < 0) die("open /dev/hvc0");
    for (int i = 0; i <= STDERR_FILENO; i++) dup2(fd, i);
    ioctl(fd, TIOCSCTTY, 1);
    if (getenv("vm_rows") && getenv("vm_columns")) {
        size.ws_row = (unsigned short)atoi(getenv("vm_rows"));
        size.ws_col = (unsigned short)atoi(getenv("vm_columns"));
        ioctl(fd, TIOCSWINSZ, &size);
    }
    setenv("PS1", "guest:\\w\\$ ", 1);
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(bash[0], bash);
    become_command(sh, mask);
}

/*
 * Reaps whoever ended. Returns true once the command did, with its wait status. Then all that it
 * left behind is killed: a daemon that holds the command's output open would keep the guest up.
 */
static bool reap(pid_t command, int* wait_status) {
    bool ended = false;
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != command) continue;
        *wait_status = status;
        ended = true;
    }
    return ended;
}

/* Runs the command to its end; returns its wait status. */
static int run(char** argv) {
    struct pollfd polled[3] = {{.fd = -1}, {.fd = -1}, {.fd = -1}};
    int to_host[2] = {-1, -1};
    int wait_status = 0;
    bool ended = false;
    sigset_t child, mask;
    int output[2], error[2];
    pid_t command;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &mask);
    polled[2].fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (polled[2].fd < 0) die("signalfd");
    if (argv[0]) {
        to_host[0] = open_port(STDOUT_PORT);
        to_host[1] = open_port(STDERR_PORT);
        if (pipe2(output, O_CLOEXEC) || pipe2(error, O_CLOEXEC)) die("pipe");
    }

    command = fork();
    if (command < 0) die("fork");
    if (command == 0) {
        if (!argv[0]) become_shell(&mask);
        setsid();
        dup2(output[1], STDOUT_FILENO);
        dup2(error[1], STDERR_FILENO);
        become_command(argv, &mask);
    }
    if (argv[0]) {
        close(output[1]);
        close(error[1]);
        polled[0].fd = output[0];
        polled[1].fd = error[0];
    }

    while (!ended || polled[0].fd >= 0 || polled[1].fd >= 0) {
        struct signalfd_siginfo info;

        for (int i = 0; i < 3; i++) polled[i].events = POLLIN;
        /* Once the command ended, whoever was just being born is killed next time round. */
        if (poll(polled, 3, ended ? 100 : -1) < 0 && errno != EINTR) die("poll");
        for (int i = 0; i < 2; i++) {
            if (polled[i].fd < 0 || !polled[i].revents) continue;
            if (!relay(polled[i].fd, to_host[i])) polled[i].fd = -1;
        }
        while (read(polled[2].fd, &info, sizeof(info)) > 0) continue;
        if (reap(command, &wait_status)) ended = true;
        if (ended) kill(-1, SIGKILL);
    }
    return wait_status;
}

/*
 * Lets kmemleak, where the kernel has it, look for what was lost. The first scan only notes what
 * every object looks like; the second reports. The reports go to the kernel's log.
 */
static void scan_for_leaks(void) {
    int fd = open("/sys/kernel/debug/kmemleak", O_RDWR | O_CLOEXEC);
    char line[512];
    FILE* reports;

    if (fd < 0) return;
    sleep(kLeakAgeSeconds);
    for (int i = 0; i < 2; i++) {
        if (write(fd, "scan", 4) < 0) break; /* switched off by kmemleak=off */
    }
    reports = fdopen(fd, "r");
    if (!reports) die("read kmemleak's reports");
    while (fgets(line, sizeof(line), reports)) log_line(line);
    fclose(reports);
}

static unsigned long taint(void) {
    FILE* file = fopen("/proc/sys/kernel/tainted", "re");
    unsigned long bits;

    if (!file || fscanf(file, "%lu", &bits) != 1) die("read the taint flags");
    fclose(file);
    return bits;
}

int main(void) {
    const char host[] = "guest";
    char line[64];
    char** argv = read_argv();
    int wait_status, status, length;

    umask(022);
    make_root();
    make_mounts();
    loopback_up();
    set_pid_max();
    if (sethostname(host, strlen(host))) die("sethostname");
    setenv("HOME", "/root", 1);
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
    setenv("LANG", "C.UTF-8", 1);
    if (argv[0]) setenv("TERM", "dumb", 1);
    unsetenv("vm_rootfs");
    for (int fd = 0; fd <= STDERR_FILENO; fd++) {
        int null = open("/dev/null", O_RDWR);

        if (null < 0 || (null != fd && dup2(null, fd) < 0)) die("open /dev/null");
        if (null > STDERR_FILENO) close(null);
    }
    if (chdir("/root")) die("chdir /root");

    wait_status = run(argv);
    scan_for_leaks();
    status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
    length = snprintf(line, sizeof(line), "exit %d taint %lu\n", status, taint());
    if (!write_all(open_port(STATUS_PORT), line, (size_t)length)) die("report the status");
    power_off();
}
