/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs that test the live kernel share.
 *
 * A test loads policies, makes puppets, binds a namespace of theirs to a policy, asks them to do
 * things, and compares the errno of each with what the policy says. Everything runs as root with
 * all capabilities; only a policy stands in a puppet's way.
 *
 * A test that cannot go on (the machine lacks something it needs) dies: that is a failure.
 */
#ifndef ISOLATES_TESTS_GUEST_HARNESS_H
#define ISOLATES_TESTS_GUEST_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define PRINTF(text, first) __attribute__((format(printf, text, first)))

/* lib/tap.c: results, as the Test Anything Protocol. */

/* One result, "ok N - AREA: NAME" with the program's name as the area. Returns `passed`. */
bool check(bool passed, const char* name, ...) PRINTF(2, 3);
/* The same for an outcome: 0 (done) or an errno. */
bool check_errno(int got, int want, const char* name, ...) PRINTF(3, 4);
/* A result of what cannot be tried here, and why. It counts neither as passed nor as failed. */
void skip(const char* why, const char* name, ...) PRINTF(2, 3);
/* A line for the reader. */
void note(const char* line, ...) PRINTF(1, 2);
/* The test cannot go on. */
_Noreturn void die(const char* why, ...) PRINTF(1, 2);
/* Ends the test: puppets, policies, the plan. Returns the program's exit status. */
int finish(void);

/* How often to do what is normally done `count` times: less on a slow (debug) kernel. */
int rounds(int count);

/* lib/kernel.c: policies, and the files in /sys/kernel/security/isolates. */

#define SECURITYFS "/sys/kernel/security/isolates/"
#define MAX_COMMAND 512

/* Compiles and loads policies with ipolc; dies if they are refused. */
void load(const char* source, ...) PRINTF(1, 2);
/* Compiles policies to a blob, to be freed. */
void* compile(size_t* size, const char* source, ...) PRINTF(2, 3);
/* Writes to a control file in one write. Returns 0 or an errno. */
int control(const char* file, const char* command, ...) PRINTF(2, 3);
int control_bytes(const char* file, const void* bytes, size_t size);
/* Opens a control file, O_CLOEXEC; dies if it cannot. */
int open_control(const char* file, int flags);
int unload(const char* policy);
int unload_force(const char* policy);
/*
 * Unloads a policy whose last task has been waited for. It may be in use a moment longer, until the
 * scheduler is done with that task.
 */
int unload_unused(const char* policy);
void unload_all(void);
/* Binds a namespace of a process to a policy. Returns 0 or an errno. */
int bind_process(pid_t pid, const char* kind, const char* policy);
int bind_process_on_exec(pid_t pid, const char* kind, const char* policy);
int unbind_number(const char* kind, unsigned number, const char* policy);
/* Put a process under a policy by itself, and undo that. Return 0 or an errno. */
int attach_process(pid_t pid, const char* policy);
int attach_process_on_exec(pid_t pid, const char* policy);
int detach_process(pid_t pid, const char* policy);
/* Dies if there is no such process. */
int open_process(pid_t pid);
/* Is a process in `tasks`, as "HOW POLICY"? */
bool is_shown(pid_t pid, const char* how_and_policy);
/* The value of a line of `stats`, or -1. */
long stat_value(const char* name);
/* Is there a line of `stats` that holds the text? */
bool stats_hold(const char* text);
/* The inode number of a namespace of a process (0: this one). */
unsigned namespace_number(pid_t pid, const char* kind);
int open_namespace(pid_t pid, const char* kind);
/* A whole file, NUL-terminated, to be freed; NULL with errno set if it cannot be read. */
char* read_file(const char* path, size_t* size);
void write_file(const char* path, const void* bytes, size_t size, mode_t mode);
/* What a shell command prints, its errors too, to be freed; sets its exit status. */
char* output_of(int* status, const char* command, ...) PRINTF(2, 3);
/* A static program that does nothing but end with status 0. */
void write_program(const char* path, mode_t mode);

/* lib/state.c: all that those files show. */

/* What is there now is what nothing_changed() compares with; it notes where they differ. */
void remember(void);
bool nothing_changed(void);

/* lib/puppet.c: processes that do what they are asked. */

/* What an operation works on; each uses what it needs. */
struct arguments {
    char path[4200];
    char to[4200];
    long number[7];
};

/* Returns 0 or an errno. Runs in the puppet, so it must not report results. */
typedef int operation(struct arguments* arguments);

struct shared;

struct puppet {
    pid_t pid;    /* as we see it */
    bool is_ours; /* our child, not another puppet's */
    struct shared* shared;
};

/* Makes a process in new namespaces (CLONE_NEW* flags); in none it would stay in ours. */
struct puppet* puppet_make(unsigned long namespaces);
/* The same, with a namespace of its own that is bound to a policy. */
struct puppet* puppet_under(const char* policy);
/*
 * Lets it do something and waits for the outcome: 0 or an errno, or -1 if it died. A puppet of NULL
 * is the test itself, whom no policy confines.
 */
int ask(struct puppet* puppet, operation* operation, const struct arguments* arguments);
/* Begins it only, and waits for it later. */
void ask_begin(struct puppet* puppet, operation* operation, const struct arguments* arguments);
int ask_end(struct puppet* puppet);
/* What the operation left in its arguments. */
struct arguments* answered(const struct puppet* puppet);
/* Another puppet, a child of this one made by clone3 with these flags. NULL with errno set. */
struct puppet* puppet_fork(struct puppet* puppet, unsigned long flags);
/* Kills it and waits for its end. */
void puppet_end(struct puppet* puppet);
void puppet_end_all(void);
/* fork() into new namespaces, the time namespace among them. */
pid_t fork_into(unsigned long namespaces);

/* lib/log.c: what the kernel tells. */

/* Is there such a text in its log? */
bool log_has(const char* text);
/*
 * As ask(), as often as it takes until the log has the text, as it takes no more than some lines in
 * some seconds; but not for ever. Returns the last outcome.
 */
int ask_until_told(struct puppet* puppet, operation* operation, const struct arguments* arguments,
                   const char* text);

/* lib/files.c: operations on files. Each takes path; some to; some numbers. */

operation do_open;     /* number[0]: flags, [1]: mode */
operation do_exec;     /* runs path in a child; the errno of execve() */
operation do_map_exec; /* opened for reading, mapped PROT_EXEC */
operation do_lock;     /* opened O_RDONLY first */
operation do_link;     /* a hard link at to */
operation do_rename;   /* to `to`; number[0]: renameat2 flags */
operation do_symlink;  /* at path, with a text in to */
operation do_unlink, do_mkdir, do_rmdir, do_chdir;
operation do_mknod;              /* number[0]: mode, number[1]: device */
operation do_chmod, do_truncate; /* number[0]: mode, size */
operation do_chown;              /* number[0]: uid, number[1]: gid */
operation do_chroot;             /* in a child: the puppet keeps its root */
operation do_getattr;            /* stat() */
operation do_setxattr;           /* of the user's */
operation do_ioctl;              /* opened O_RDONLY first */

int try_path(struct puppet* puppet, operation* operation, const char* path, long number0,
             long number1);
int try_open(struct puppet* puppet, const char* path, int flags);
int try_paths(struct puppet* puppet, operation* operation, const char* path, const char* to,
              long number);

/* lib/exec.c: programs, executed in a child. */

enum how { PLAIN, BY_VFORK, BY_FD, BY_THREAD, NO_NEW_PRIVS, SHARING, TRACED, JAILED };

/* Where a JAILED one is confined by chroot(). */
#define RUN_JAIL "/tmp/jail"

/*
 * path: the program, to: its arguments, of which there are no more than two; number[0]: enum how.
 * Leaves its exit status in number[1], or 128 + signal. The errno of execve().
 */
operation do_run;
/* A program that is run by a loader, of a path of less than 32 bytes. */
void write_dynamic(const char* path, const char* loader);
/* Does an exec enter the time namespace that is made for one's children? */
bool exec_enters_time_namespace(void);
/* This program under another name. */
void copy_program(const char* path, mode_t mode);

/* lib/capability.c: what needs a capability. */

/* Makes what the following works on, unconfined, at the root; once for each mount namespace. */
operation do_prepare_capabilities;
/*
 * Something that needs the capability called path, done in a child. EPERM if it is denied for want
 * of it, whatever the call's own errno is; ENOSYS if it is none that we know a use for.
 */
operation do_use_capability;
/* Something for which the kernel only looks whether CAP_SYS_PTRACE is there. */
operation do_probe_capability;
/* Those that it knows, in turn; NULL after the last. */
const char* capability_name(size_t at);

/*
 * lib/network.c: sockets. path: what a line of a decision table says of one, from the operation on;
 * from "unix" on if it is about one of those.
 */

/* A network where all addresses are this machine. */
operation do_make_net;
/* What the operation needs; for the children. EINVAL if the line is not understood. */
operation do_make_socket;
/* And the operation. What the network has to say to it is no error. */
operation do_use_socket;

/* lib/entry.c: the ways into the kernel that a 64-bit program has. */

enum entry { ENTRY_64, ENTRY_32, ENTRY_X32, ENTRIES };

extern const char* const entry_names[ENTRIES];
/*
 * A system call by its number there. Pointers must be below 4 GB for ENTRY_32. Returns what the
 * kernel does: a negative errno on failure.
 */
long enter(enum entry entry, long number, long a, long b, long c, long d);

/* A process of ours that runs a function and ends with the status it returns. */
pid_t start(int (*function)(void*), void* argument);
/* The exit status, or 128 + signal. */
int end_of(pid_t pid);
/* 0 or errno, for system calls. */
int outcome(long result);

#endif /* ISOLATES_TESTS_GUEST_HARNESS_H */
