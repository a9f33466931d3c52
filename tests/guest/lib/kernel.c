// SPDX-License-Identifier: GPL-2.0-only
/* Policies, and the files in /sys/kernel/security/isolates. */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../harness.h"

static const char source_path[] = "/tmp/test.ipol";
static const char blob_path[] = "/tmp/test.blob";

void write_file(const char* path, const void* bytes, size_t size, mode_t mode) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd)) die("write %s", path);
}

void write_program(const char* path, mode_t mode) {
    static const struct {
        Elf64_Ehdr header;
        Elf64_Phdr segment;
        /* To the end of a page: older kernels clear the rest of one, and this cannot be written. */
        unsigned char code[0x1000 - sizeof(Elf64_Ehdr) - sizeof(Elf64_Phdr)];
    } program = {
        .header =
            {
                .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
                            EV_CURRENT},
                .e_type = ET_EXEC,
                .e_machine = EM_X86_64,
                .e_version = EV_CURRENT,
                .e_entry = 0x400000 + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
                .e_phoff = sizeof(Elf64_Ehdr),
                .e_ehsize = sizeof(Elf64_Ehdr),
                .e_phentsize = sizeof(Elf64_Phdr),
                .e_phnum = 1,
            },
        .segment =
            {
                .p_type = PT_LOAD,
                .p_flags = PF_R | PF_X,
                .p_vaddr = 0x400000,
                .p_filesz = sizeof(program),
                .p_memsz = sizeof(program),
                .p_align = 0x1000,
            },
        /* xor %edi, %edi; mov $SYS_exit, %eax; syscall */
        .code = {0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05},
    };

    write_file(path, &program, sizeof(program), mode);
}

char* read_file(const char* path, size_t* size) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0, room = 0;
    char* bytes = NULL;
    ssize_t got;
    int error;

    if (fd < 0) return NULL;
    do {
        if (length + 1 >= room) {
            room = room ? room * 2 : 4096;
            bytes = realloc(bytes, room);
            if (!bytes) die("read %s", path);
        }
        got = read(fd, bytes + length, room - length - 1);
        if (got > 0) length += (size_t)got;
    } while (got > 0);
    error = errno;
    close(fd);
    if (got < 0) {
        free(bytes);
        errno = error;
        return NULL;
    }
    bytes[length] = '\0';
    if (size) *size = length;
    return bytes;
}

char* output_of(int* status, const char* command, ...) {
    static const char printed[] = "/tmp/test.printed";
    char text[512];
    va_list args;
    size_t size;
    int length;
    char* bytes;

    va_start(args, command);
    length = vsnprintf(text, sizeof(text) - 32, command, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof(text) - 32) die("too long: %s", command);
    sprintf(text + length, " >%s 2>&1", printed);
    *status = WEXITSTATUS(system(text));
    bytes = read_file(printed, &size);
    if (!bytes) die("read what was printed");
    return bytes;
}

/* Runs ipolc to its end; dies with what it says if it fails. */
static void run_ipolc(const char* const argv[]) {
    static const char said_path[] = "/tmp/test.said";
    pid_t pid;
    int status;

    fflush(stdout);
    pid = fork();
    if (pid < 0) die("fork");
    if (!pid) {
        const int said = open(said_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        dup2(said, STDOUT_FILENO);
        dup2(said, STDERR_FILENO);
        execvp(argv[0], (char* const*)argv);
        _exit(127);
    }
    if (waitpid(pid, &status, 0) != pid) die("wait for ipolc");
    if (status) {
        char* const said = read_file(said_path, NULL);

        for (char* line = said ? strtok(said, "\n") : NULL; line; line = strtok(NULL, "\n"))
            note("%s", line);
        free(said);
        die("ipolc %s %s ends with status %d", argv[1], argv[2],
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}

static void write_source(const char* source, va_list args) {
    char* text;
    const int length = vasprintf(&text, source, args);

    if (length < 0) die("vasprintf");
    write_file(source_path, text, (size_t)length, 0600);
    free(text);
}

void load(const char* source, ...) {
    const char* const argv[] = {"ipolc", "load", source_path, NULL};
    va_list args;

    va_start(args, source);
    write_source(source, args);
    va_end(args);
    run_ipolc(argv);
}

void* compile(size_t* size, const char* source, ...) {
    const char* const argv[] = {"ipolc", "compile", "-o", blob_path, source_path, NULL};
    va_list args;
    void* blob;

    va_start(args, source);
    write_source(source, args);
    va_end(args);
    run_ipolc(argv);
    blob = read_file(blob_path, size);
    if (!blob) die("read %s", blob_path);
    return blob;
}

int open_control(const char* file, int flags) {
    char path[256];
    int fd;

    snprintf(path, sizeof(path), SECURITYFS "%s", file);
    fd = open(path, flags | O_CLOEXEC);
    if (fd < 0) die("open %s", path);
    return fd;
}

int control_bytes(const char* file, const void* bytes, size_t size) {
    const int fd = open_control(file, O_WRONLY);
    const int error = write(fd, bytes, size) == (ssize_t)size ? 0 : errno;

    close(fd);
    return error;
}

int control(const char* file, const char* command, ...) {
    char text[MAX_COMMAND];
    va_list args;
    int length;

    va_start(args, command);
    length = vsnprintf(text, sizeof(text), command, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof(text)) die("too long for %s", file);
    return control_bytes(file, text, (size_t)length);
}

int unload(const char* policy) {
    return control("unload", "%s", policy);
}

int unload_force(const char* policy) {
    return control("unload", "force %s", policy);
}

int unload_unused(const char* policy) {
    int error;

    for (int tries = 0; (error = unload(policy)) == EBUSY && tries < 1000; tries++) usleep(10000);
    return error;
}

/* All in one write: each write has to wait for the whole system. */
void unload_all(void) {
    DIR* const folder = opendir(SECURITYFS "policies");
    const struct dirent* entry;
    size_t size;
    char* lines = NULL;
    FILE* const stream = open_memstream(&lines, &size);

    while (folder && (entry = readdir(folder))) {
        char path[512];
        char* name;

        snprintf(path, sizeof(path), SECURITYFS "policies/%s/name", entry->d_name);
        name = entry->d_name[0] == '.' ? NULL : read_file(path, NULL);
        if (name) fprintf(stream, "force %s", name);
        free(name);
    }
    if (folder) closedir(folder);
    fclose(stream);
    if (size) control_bytes("unload", lines, size);
    free(lines);
}

int open_namespace(pid_t pid, const char* kind) {
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid ? pid : getpid(), kind);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die("open %s", path);
    return fd;
}

static int bind_namespace(const char* when, pid_t pid, const char* kind, const char* policy) {
    const int fd = open_namespace(pid, kind);
    const int error = control("bind", "%s%s %d %s", when, kind, fd, policy);

    close(fd);
    return error;
}

int bind_process(pid_t pid, const char* kind, const char* policy) {
    return bind_namespace("", pid, kind, policy);
}

int bind_process_on_exec(pid_t pid, const char* kind, const char* policy) {
    return bind_namespace("on-exec ", pid, kind, policy);
}

int unbind_number(const char* kind, unsigned number, const char* policy) {
    return control("unbind", "%s %u %s", kind, number, policy);
}

int open_process(pid_t pid) {
    const int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0) die("pidfd_open of %d", pid);
    return fd;
}

static int command_about(const char* file, const char* when, pid_t pid, const char* policy) {
    const int fd = open_process(pid);
    const int error = control(file, "%s%d %s", when, fd, policy);

    close(fd);
    return error;
}

int attach_process(pid_t pid, const char* policy) {
    return command_about("attach", "", pid, policy);
}

int attach_process_on_exec(pid_t pid, const char* policy) {
    return command_about("attach", "on-exec ", pid, policy);
}

int detach_process(pid_t pid, const char* policy) {
    return command_about("detach", "", pid, policy);
}

bool is_shown(pid_t pid, const char* how_and_policy) {
    char* const text = read_file(SECURITYFS "tasks", NULL);
    char line[MAX_COMMAND];
    bool found;

    if (!text) die("read tasks");
    snprintf(line, sizeof(line), "%d %d %s\n", pid, pid, how_and_policy);
    found = strstr(text, line);
    free(text);
    return found;
}

unsigned namespace_number(pid_t pid, const char* kind) {
    const int fd = open_namespace(pid, kind);
    struct stat status;

    if (fstat(fd, &status)) die("fstat");
    close(fd);
    return (unsigned)status.st_ino;
}

static char* stats(void) {
    char* const text = read_file(SECURITYFS "stats", NULL);

    if (!text) die("read stats");
    return text;
}

long stat_value(const char* name) {
    const size_t length = strlen(name);
    char* const text = stats();
    long value = -1;

    for (char* line = strtok(text, "\n"); line && value < 0; line = strtok(NULL, "\n")) {
        if (!strncmp(line, name, length) && line[length] == ' ') value = atol(line + length + 1);
    }
    free(text);
    return value;
}

bool stats_hold(const char* what) {
    char* const text = stats();
    const bool found = strstr(text, what);

    free(text);
    return found;
}
