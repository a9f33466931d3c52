// SPDX-License-Identifier: GPL-2.0-only
/* Things that need one capability, and nothing else that root has not got anyway. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../harness.h"

/* Another user's, readable by him or by all; root's, of a group he is not in; root's. */
#define THEIRS "/theirs"
#define PUBLIC "/public"
#define GROUPS "/groups"
#define OURS "/ours"

enum { USER = 1000, KEY = 0x7e57 };

static pid_t their_process; /* of those who were made since */

/* Of another user, as long as its parent lives. */
static pid_t make_process(void) {
    const pid_t pid = fork();

    if (pid) return pid;
    if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER)) _exit(255);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) pause();
}

static int make_file(const char* path, mode_t mode, uid_t user, gid_t group) {
    write_file(path, "", 0, mode);
    return chown(path, user, group) || chmod(path, mode) ? errno : 0;
}

int do_prepare_capabilities(struct arguments* arguments) {
    struct shmid_ds segment = {.shm_perm = {.uid = USER}};
    const int id = shmget(KEY, 4096, IPC_CREAT);

    (void)arguments;
    if (id < 0 || shmctl(id, IPC_SET, &segment)) return errno;
    if (!their_process) their_process = make_process();
    return make_file(THEIRS, 0600, USER, USER) ?: make_file(PUBLIC, 0644, USER, USER)
           ?: make_file(GROUPS, 0755, 0, USER) ?: make_file(OURS, 0644, 0, 0);
}

/* Looks whether CAP_SYS_PTRACE would be there, to leave something out of a file if not. */
int do_probe_capability(struct arguments* arguments) {
    char path[64], *text;

    (void)arguments;
    snprintf(path, sizeof(path), "/proc/%d/stat", their_process);
    text = read_file(path, NULL);
    free(text);
    return text ? 0 : errno;
}

/* Each returns -1, with errno set, if it fails; for want of the capability or else. */

static int use_chown(void) {
    return chown(PUBLIC, USER, USER);
}

static int use_dac_override(void) {
    return open(THEIRS, O_WRONLY | O_CLOEXEC);
}

static int use_dac_read_search(void) {
    union {
        struct file_handle handle;
        char bytes[sizeof(struct file_handle) + 64];
    } to = {.handle = {.handle_bytes = 64}};
    int mount;

    if (name_to_handle_at(AT_FDCWD, OURS, &to.handle, &mount, 0)) return -1;
    return open_by_handle_at(open("/", O_RDONLY | O_CLOEXEC), &to.handle, O_PATH | O_CLOEXEC);
}

static int use_fowner(void) {
    return chmod(PUBLIC, 0644);
}

/* Without it the bit is left out in silence. */
static int use_fsetid(void) {
    struct stat stat_;

    if (chmod(GROUPS, 02755) || stat(GROUPS, &stat_)) return -1;
    errno = EPERM;
    return stat_.st_mode & S_ISGID ? chmod(GROUPS, 0755) : -1;
}

static int use_kill(void) {
    return kill(their_process, 0);
}

static int use_setgid(void) {
    return setgid(1);
}

static int use_setuid(void) {
    return setuid(1);
}

static int use_setpcap(void) {
    return prctl(PR_CAPBSET_DROP, CAP_WAKE_ALARM, 0, 0, 0);
}

static int use_linux_immutable(void) {
    const int fd = open(OURS, O_RDONLY | O_CLOEXEC);
    int flags = FS_IMMUTABLE_FL;

    if (ioctl(fd, FS_IOC_SETFLAGS, &flags)) return -1;
    flags = 0;
    return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int use_net_bind_service(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(81)};

    return bind(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), (void*)&address, sizeof(address));
}

static int use_net_admin(void) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo"};

    return ioctl(fd, SIOCGIFFLAGS, &request) ? -1 : ioctl(fd, SIOCSIFFLAGS, &request);
}

static int use_net_raw(void) {
    return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
}

static int use_ipc_lock(void) {
    static const struct rlimit none;
    static char page[4096] __attribute__((aligned(4096)));

    return setrlimit(RLIMIT_MEMLOCK, &none) ? -1 : mlock(page, sizeof(page));
}

static int use_ipc_owner(void) {
    return shmat(shmget(KEY, 0, 0), NULL, 0) == (void*)-1 ? -1 : 0;
}

static int use_sys_module(void) {
    return (int)syscall(SYS_delete_module, "none", O_NONBLOCK);
}

/* A file system that has no blocks says so later. */
static int use_sys_rawio(void) {
    int block = 0;

    return ioctl(open(OURS, O_RDONLY | O_CLOEXEC), FIBMAP, &block);
}

static int use_sys_chroot(void) {
    return chroot("/");
}

static int use_sys_ptrace(void) {
    char byte;
    struct iovec own = {&byte, 1}, other = {&their_process, 1};

    return (int)process_vm_readv(their_process, &own, 1, &other, 1, 0);
}

static int use_sys_pacct(void) {
    return (int)syscall(SYS_acct, NULL);
}

static int use_sys_admin(void) {
    return sethostname("guest", 5);
}

/* With wrong magic numbers, which it looks at later. */
static int use_sys_boot(void) {
    return (int)syscall(SYS_reboot, 0, 0, 0, NULL);
}

static int use_sys_nice(void) {
    return setpriority(PRIO_PROCESS, 0, -1);
}

static int use_sys_resource(void) {
    const struct rlimit less = {100, 100}, more = {200, 200};

    return setrlimit(RLIMIT_CORE, &less) ? -1 : setrlimit(RLIMIT_CORE, &more);
}

static int use_sys_time(void) {
    struct timex time = {.modes = ADJ_TICK, .tick = 10000};

    return adjtimex(&time) < 0 ? -1 : 0;
}

static int use_sys_tty_config(void) {
    setsid(); /* it has no terminal then */
    return vhangup();
}

static int use_mknod(void) {
    return mknod("/node", S_IFCHR | 0600, 0x103) ? -1 : unlink("/node");
}

static int use_lease(void) {
    return fcntl(open(PUBLIC, O_RDONLY | O_CLOEXEC), F_SETLEASE, F_RDLCK);
}

/* What the audit subsystem answers to a message. */
static int ask_audit(uint16_t type) {
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
    struct {
        struct nlmsghdr header;
        char text[8];
    } request = {.header = {.nlmsg_len = sizeof(request),
                            .nlmsg_type = type,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK}};
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[1024];
    } answer;

    if (send(fd, &request, sizeof(request), 0) < 0) return -1;
    do {
        if (recv(fd, &answer, sizeof(answer), 0) < 0) return -1;
    } while (answer.header.nlmsg_type != NLMSG_ERROR);
    errno = -answer.error.error;
    return errno ? -1 : 0;
}

static int use_audit_write(void) {
    return ask_audit(AUDIT_USER);
}

static int use_audit_control(void) {
    return ask_audit(AUDIT_GET);
}

static int use_setfcap(void) {
    const struct vfs_cap_data nothing = {.magic_etc = VFS_CAP_REVISION_2};

    return setxattr(OURS, "security.capability", &nothing, sizeof(nothing), 0);
}

/* With an argument that it looks at later. */
static int use_syslog(void) {
    return klogctl(8, NULL, 0);
}

static int use_wake_alarm(void) {
    return timerfd_create(CLOCK_BOOTTIME_ALARM, TFD_CLOEXEC);
}

static int use_audit_read(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                  .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1)};

    return bind(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT), (void*)&address,
                sizeof(address));
}

static int use_perfmon(void) {
    struct perf_event_attr event = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof(event), .config = PERF_COUNT_SW_CPU_CLOCK};

    return (int)syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static int use_bpf(void) {
    union bpf_attr map = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};

    return (int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
}

static int use_checkpoint_restore(void) {
    pid_t number = 31234;
    struct clone_args args = {
        .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1};
    const long pid = syscall(SYS_clone3, &args, sizeof(args));

    if (!pid) _exit(0);
    return pid < 0 ? -1 : (int)end_of((pid_t)pid);
}

static const struct {
    const char* name;
    int (*use)(void);
    int denied;  /* the errno for want of it */
    int allowed; /* what the call says to who has it, if it fails at all */
} uses[] = {
    {"chown", use_chown, EPERM, 0},
    {"dac_override", use_dac_override, EACCES, 0},
    {"dac_read_search", use_dac_read_search, EPERM, 0},
    {"fowner", use_fowner, EPERM, 0},
    {"fsetid", use_fsetid, EPERM, 0},
    {"kill", use_kill, EPERM, 0},
    {"setgid", use_setgid, EPERM, 0},
    {"setuid", use_setuid, EPERM, 0},
    {"setpcap", use_setpcap, EPERM, 0},
    {"linux_immutable", use_linux_immutable, EPERM, 0},
    {"net_bind_service", use_net_bind_service, EACCES, 0},
    {"net_admin", use_net_admin, EPERM, 0},
    {"net_raw", use_net_raw, EPERM, 0},
    {"ipc_lock", use_ipc_lock, EPERM, 0},
    {"ipc_owner", use_ipc_owner, EACCES, 0},
    {"sys_module", use_sys_module, EPERM, ENOENT},
    {"sys_rawio", use_sys_rawio, EPERM, EINVAL},
    {"sys_chroot", use_sys_chroot, EPERM, 0},
    {"sys_ptrace", use_sys_ptrace, EPERM, 0},
    {"sys_pacct", use_sys_pacct, EPERM, 0},
    {"sys_admin", use_sys_admin, EPERM, 0},
    {"sys_boot", use_sys_boot, EPERM, EINVAL},
    {"sys_nice", use_sys_nice, EACCES, 0},
    {"sys_resource", use_sys_resource, EPERM, 0},
    {"sys_time", use_sys_time, EPERM, 0},
    {"sys_tty_config", use_sys_tty_config, EPERM, 0},
    {"mknod", use_mknod, EPERM, 0},
    {"lease", use_lease, EACCES, 0},
    {"audit_write", use_audit_write, EPERM, 0},
    {"audit_control", use_audit_control, EPERM, 0},
    {"setfcap", use_setfcap, EPERM, 0},
    {"syslog", use_syslog, EPERM, EINVAL},
    {"wake_alarm", use_wake_alarm, EPERM, 0},
    {"audit_read", use_audit_read, EPERM, 0},
    {"perfmon", use_perfmon, EACCES, 0},
    {"bpf", use_bpf, EPERM, 0},
    {"checkpoint_restore", use_checkpoint_restore, EPERM, 0},
};

const char* capability_name(size_t at) {
    return at < ARRAY_SIZE(uses) ? uses[at].name : NULL;
}

static int use_here(size_t at) {
    if (uses[at].use() >= 0) return 0;
    if (errno == uses[at].denied) return EPERM;
    return errno == uses[at].allowed ? 0 : errno;
}

/* In a child, as some of them change it for good. */
int do_use_capability(struct arguments* arguments) {
    for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
        pid_t pid;

        if (strcmp(uses[i].name, arguments->path)) continue;
        pid = fork();
        if (!pid) _exit(use_here(i));
        return pid < 0 ? errno : end_of(pid);
    }
    return ENOSYS;
}
