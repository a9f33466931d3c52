// SPDX-License-Identifier: GPL-2.0-only
/* Programs, executed in every way. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../harness.h"

static char* program_path;
static char* program_arguments[4];

/* Sets errno, or does not return. */
static void execute(enum how how) {
    int fd = -1;

    if (how == BY_FD || how == JAILED) fd = open(program_path, O_PATH | O_CLOEXEC);
    if (how == JAILED && (chroot(RUN_JAIL) || chdir("/"))) return;
    if (how == NO_NEW_PRIVS && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return;
    if (how == TRACED && ptrace(PTRACE_TRACEME, 0, NULL, NULL)) return;
    if (fd >= 0)
        syscall(SYS_execveat, fd, "", program_arguments, environ, AT_EMPTY_PATH);
    else
        execve(program_path, program_arguments, environ);
}

static void* execute_in_thread(void* error) {
    execute(PLAIN);
    *(int*)error = errno;
    return NULL;
}

static _Noreturn void be_child(enum how how, int report) {
    pthread_t thread;
    int error = 0;

    if (how == BY_THREAD) {
        if (pthread_create(&thread, NULL, execute_in_thread, &error)) _exit(126);
        pthread_join(thread, NULL);
    } else {
        execute(how);
        error = errno;
    }
    if (write(report, &error, sizeof(error)) < 0) _exit(126);
    _exit(127);
}

static int wait_for(pid_t pid, enum how how) {
    int status = 0;

    while (waitpid(pid, &status, __WALL) == pid) {
        if (WIFEXITED(status)) return WEXITSTATUS(status);
        if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
        if (how == TRACED) ptrace(PTRACE_CONT, pid, NULL, NULL);
    }
    return -1;
}

static pid_t make_child(enum how how, int report) {
    struct clone_args args = {.exit_signal = SIGCHLD};
    pid_t pid;

    if (how == SHARING) args.flags = CLONE_FS;
    if (how == BY_VFORK) {
        pid = vfork();
        if (!pid) be_child(how, report);
        return pid;
    }
    pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    if (!pid) be_child(how, report);
    return pid;
}

int do_run(struct arguments* arguments) {
    const enum how how = (enum how)arguments->number[0];
    int pipe_ends[2], error = 0;
    pid_t pid;

    program_path = arguments->path;
    program_arguments[0] = arguments->path;
    program_arguments[1] = strtok(arguments->to, " ");
    program_arguments[2] = strtok(NULL, " ");
    if (pipe2(pipe_ends, O_CLOEXEC)) return errno;
    pid = make_child(how, pipe_ends[1]);
    if (pid < 0) return errno;
    close(pipe_ends[1]);
    /* Of a traced one, which would stop before that, only when it has ended. */
    if (how == TRACED) arguments->number[1] = wait_for(pid, how);
    if (read(pipe_ends[0], &error, sizeof(error)) != sizeof(error)) error = 0;
    close(pipe_ends[0]);
    if (how != TRACED) arguments->number[1] = wait_for(pid, how);
    return error;
}

void write_dynamic(const char* path, const char* loader) {
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segments[2];
        char loader[32];
    } program = {
        .header =
            {
                .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                            EV_CURRENT},
                .e_type = ET_DYN,
                .e_machine = EM_X86_64,
                .e_version = EV_CURRENT,
                .e_phoff = sizeof(Elf64_Ehdr),
                .e_ehsize = sizeof(Elf64_Ehdr),
                .e_phentsize = sizeof(Elf64_Phdr),
                .e_phnum = 2,
            },
        .segments =
            {
                {
                    .p_type = PT_INTERP,
                    .p_offset = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr),
                    .p_filesz = strlen(loader) + 1,
                },
                {
                    .p_type = PT_LOAD,
                    .p_flags = PF_R | PF_X,
                    .p_filesz = sizeof(program),
                    .p_memsz = sizeof(program),
                    .p_align = 0x1000,
                },
            },
    };

    strncpy(program.loader, loader, sizeof(program.loader) - 1);
    write_file(path, &program, sizeof(program), 0755);
}

void copy_program(const char* path, mode_t mode) {
    size_t size;
    char* const bytes = read_file("/proc/self/exe", &size);

    if (!bytes) die("read /proc/self/exe");
    write_file(path, bytes, size, mode);
    free(bytes);
}

bool exec_enters_time_namespace(void) {
    char name[64] = "";
    const pid_t pid = fork();
    int status;

    if (pid < 0) die("fork");
    if (!pid) {
        if (unshare(CLONE_NEWTIME) ||
            readlink("/proc/self/ns/time_for_children", name, sizeof(name) - 1) < 0)
            _exit(2);
        execlp("sh", "sh", "-c", "test \"$(readlink /proc/$$/ns/time)\" = \"$1\"", "sh", name,
               NULL);
        _exit(2);
    }
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
        die("execute something with a time namespace for its children");
    return !WEXITSTATUS(status);
}
