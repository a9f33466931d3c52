// SPDX-License-Identifier: GPL-2.0-only
/* Policies loaded, replaced and unloaded; by whom; and what does not load. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../lsm/core/blob.h"
#include "harness.h"

#define FIRST "/tmp/first"
#define SECOND "/tmp/second"
#define NEVER "/tmp/never"
#define ALWAYS "/etc/passwd"

/* Three versions of one policy. All deny NEVER and allow ALWAYS. */
static const char version_1[] =
    "policy p { capability, namespace, file, deny " FIRST " r, deny " NEVER " r, }";
static const char version_2[] = "policy p { capability, namespace, file, deny " SECOND
                                " r, deny " NEVER " r, deny syscall mkdirat errno=EROFS, }";
static const char version_3[] = "policy p { capability, namespace, " ALWAYS
                                " r, /tmp/*st r, /**/[s]econd r, owner /{a,b}/** rw, }";

static int opens(struct puppet* puppet, const char* path) {
    return try_open(puppet, path, O_RDONLY);
}

static bool is_version_1(struct puppet* puppet) {
    return opens(puppet, FIRST) == EACCES && opens(puppet, SECOND) == 0;
}

static bool is_version_2(struct puppet* puppet) {
    return opens(puppet, FIRST) == 0 && opens(puppet, SECOND) == EACCES;
}

static void replacing(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);

    load("%s", version_1);
    if (bind_process(puppet->pid, "uts", "p")) die("bind");
    check(is_version_1(puppet), "replace: the first version is in force");
    load("%s", version_2);
    check(is_version_2(puppet), "replace: the second takes hold of a running task at once");
    load("%s", version_1);
    check(is_version_1(puppet), "replace: the first again");
    load(
        "policy q { capability, namespace, file, } policy p { capability, namespace, file, "
        "deny " SECOND " r, }");
    check(is_version_2(puppet), "replace: by one of two policies in a blob");
    check(stat_value("policies") == 2, "replace: the other is in force too");
    load("%s", version_1);
    check(is_version_1(puppet), "replace: by a blob with only one of them");
    check(stat_value("policies") == 2, "replace: which leaves the other as it was");
    puppet_end(puppet);
    unload_all();
}

static __u32 crc32(const unsigned char* bytes, size_t size) {
    __u32 crc = ~0u;

    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void set_checksum(void* blob, size_t size) {
    struct isolates_header* const header = blob;

    header->checksum = 0;
    header->checksum = crc32(blob, size);
}

/* Loads bytes that must be refused; there must be a reason. Returns the errno. */
static int refused(const void* bytes, size_t size) {
    const int fd = open_control("load", O_RDWR);
    const int error = outcome(write(fd, bytes, size));
    char reason[256];

    if (error && read(fd, reason, sizeof(reason)) <= 0) note("no reason for %zu bytes", size);
    close(fd);
    return error;
}

static void truncations(struct puppet* puppet, const unsigned char* blob, size_t size) {
    const size_t step = rounds(50) > 5 ? 1 : 7;
    int accepted = 0;

    for (size_t length = 0; length < size; length += step) {
        unsigned char* const cut = malloc(length + 1);

        memcpy(cut, blob, length);
        accepted += !refused(cut, length);
        if (length >= sizeof(struct isolates_header)) {
            ((struct isolates_header*)cut)->size = (__u32)length;
            set_checksum(cut, length);
            accepted += !refused(cut, length);
        }
        free(cut);
    }
    check(!accepted, "refused: all truncations, with the checksum made right too");
    check(is_version_1(puppet), "refused: truncated, the old version stays in force");
}

/*
 * The unit tests of the verifier try each bit. Here what it accepts, once the checksum was made
 * right, is put in force: another policy, perhaps, that must do no harm.
 */
static void bit_flips(struct puppet* puppet, const unsigned char* blob, size_t size) {
    const size_t step = rounds(50) > 5 ? 37 : 331;
    unsigned char* const flipped = malloc(size);
    size_t old_size;
    void* const old = compile(&old_size, "%s", version_1);
    int accepted = 0, forged = 0, wrong = 0;

    for (size_t bit = 0; bit < size * 8; bit++) {
        memcpy(flipped, blob, size);
        flipped[bit / 8] ^= (unsigned char)(1 << bit % 8);
        accepted += !refused(flipped, size);
        if (bit % step) continue;
        set_checksum(flipped, size);
        if (!control_bytes("load", flipped, size)) {
            forged++;
            wrong += opens(puppet, FIRST) < 0 || opens(puppet, SECOND) < 0;
            if (control_bytes("load", old, old_size)) die("load the old version");
        }
        wrong += !is_version_1(puppet);
    }
    check(!accepted, "refused: all bit flips");
    check(!wrong, "bit flips with the checksum made right do no harm");
    note("%d of them were policies", forged);
    free(old);
    free(flipped);
}

static void forgeries(struct puppet* puppet, const unsigned char* blob, size_t size) {
    static const __u32 counts[] = {0xffffffff, 0x80000000, 0x10000000, 0x00010001};
    unsigned char* const forged = malloc(size);
    struct isolates_header* const header = (struct isolates_header*)forged;
    /* volatile: the compiler would warn of just that */
    void* volatile nobodys = (void*)8;
    int accepted = 0;
    char* name;

    memcpy(forged, blob, size);
    header->version++;
    set_checksum(forged, size);
    check_errno(refused(forged, size), EPROTONOSUPPORT, "refused: another version");
    check_errno(refused("", 0), EINVAL, "refused: nothing");
    check_errno(refused("i", 1), EINVAL, "refused: one byte");
    check_errno(control_bytes("load", nobodys, 4096), EFAULT, "refused: no memory of ours");
    for (int section = 0; section < ISOLATES_SECTION_COUNT; section++) {
        for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
            memcpy(forged, blob, size);
            header->count[section] = counts[i];
            set_checksum(forged, size);
            accepted += !refused(forged, size);
        }
    }
    check(!accepted, "refused: more elements than there can be");

    memcpy(forged, blob, size);
    name = memmem(forged, size, "mkdirat", 8);
    if (!name) die("the call's name is not in the blob");
    memcpy(name, "mkdirzz", 7);
    set_checksum(forged, size);
    check_errno(refused(forged, size), ENOENT, "refused: a system call that is not there");
    check(!stats_hold("probe __") && !stats_hold("probe io_"),
          "refused: no probe of a call is left");
    check(is_version_1(puppet), "refused: forged, the old version stays in force");
    check(stat_value("policies") == 1, "refused: and nothing else is");
    free(forged);
}

static void reasons(const unsigned char* blob, size_t size) {
    const int fd = open_control("load", O_RDWR);
    char first[256] = "", second[256] = "";

    check(read(fd, first, sizeof(first)) == 0, "reason: none before anything was written");
    check_errno(outcome(write(fd, blob, size / 2)), EINVAL, "reason: write half a blob");
    check(read(fd, first, sizeof(first) - 1) > 0, "reason: it can be read");
    check(read(fd, first, sizeof(first) - 1) == 0, "reason: up to its end");
    check_errno(outcome(write(fd, blob + size / 2, size - size / 2)), EINVAL,
                "reason: the other half is not the rest of it");
    check(read(fd, second, sizeof(second) - 1) > 0, "reason: its own can be read");
    check_errno(outcome(write(fd, blob, size)), 0, "reason: a whole blob is loaded");
    check(read(fd, second, sizeof(second) - 1) == 0, "reason: none then");
    check_errno(outcome(pwrite(fd, blob, size, 8)), ESPIPE, "reason: there is no position");
    close(fd);
}

static void refusals(void) {
    struct puppet* const puppet = puppet_make(CLONE_NEWUTS);
    unsigned char* blob;
    size_t size;

    load("%s", version_1);
    if (bind_process(puppet->pid, "uts", "p")) die("bind");
    blob = compile(&size, "%s", version_2);
    truncations(puppet, blob, size);
    bit_flips(puppet, blob, size);
    forgeries(puppet, blob, size);
    check_errno(control_bytes("load", blob, size), 0, "the blob itself is not refused");
    check(is_version_2(puppet), "and is in force then");
    reasons(blob, size);
    free(blob);
    puppet_end(puppet);
    unload_all();
}

static void unloading(void) {
    struct puppet* puppet = puppet_make(CLONE_NEWUTS);
    const int namespace = open_namespace(puppet->pid, "uts");
    struct puppet* child;

    load("%s", version_1);
    check_errno(unload("p"), 0, "unload: not used");
    check_errno(unload("p"), ENOENT, "unload: again");
    check_errno(unload_force("p"), ENOENT, "unload: by force what is not there");
    check_errno(control("unload", "force"), ENOENT, "unload: a policy called force");
    check_errno(control_bytes("unload", "", 0), EINVAL, "unload: nothing");

    load("%s", version_1);
    if (bind_process(puppet->pid, "uts", "p")) die("bind");
    check_errno(unload("p"), EBUSY, "unload: a namespace is bound, whose tasks did nothing yet");
    check(is_version_1(puppet), "unload: still in force");
    check_errno(unbind_number("uts", namespace_number(puppet->pid, "uts"), "p"), 0, "unbind");
    check_errno(unload("p"), EBUSY, "unload: a task is under it");
    puppet_end(puppet);
    check_errno(unload_unused("p"), 0, "unload: the task has ended");

    puppet = puppet_make(CLONE_NEWUTS);
    load("%s", version_1);
    if (bind_process(puppet->pid, "uts", "p")) die("bind");
    check(is_version_1(puppet), "force: in force");
    check_errno(unload_force("p"), 0, "force: unload");
    check_errno(opens(puppet, FIRST), 0, "force: the task is under it no more");
    check(stat_value("bindings") == 0 && stat_value("policies") == 0, "force: nothing is left");
    load("policy q { capability, namespace, file, }");
    check_errno(opens(puppet, FIRST), 0, "force: nor with another policy in force");
    load("%s", version_1);
    check(is_version_1(puppet), "force: a policy of that name takes hold again");
    child = puppet_fork(puppet, 0);
    check(child && is_version_1(child), "force: of its children too");
    puppet_end_all();
    check_errno(unload_unused("p"), 0, "force: unload in the end");
    close(namespace);
    unload_all();
}

/* number[0]: becomes true to end it. Leaves how much was wrong, and how much was done. */
static int do_hammer(struct arguments* arguments) {
    long wrong = 0, done = 0;

    while (!__atomic_load_n(arguments->number, __ATOMIC_ACQUIRE)) {
        int fd = open(NEVER, O_RDONLY | O_CLOEXEC);

        wrong += fd >= 0 || errno != EACCES;
        if (fd >= 0) close(fd);
        fd = open(ALWAYS, O_RDONLY | O_CLOEXEC);
        wrong += fd < 0;
        if (fd >= 0) close(fd);
        done++;
    }
    arguments->number[1] = wrong;
    arguments->number[2] = done;
    return 0;
}

static void under_load(void) {
    static const char* const versions[] = {version_1, version_2, version_3};
    struct puppet* puppets[8];
    void* blobs[ARRAY_SIZE(versions)];
    size_t sizes[ARRAY_SIZE(versions)];
    long wrong = 0, done = 0, least = -1;
    int failed = 0;

    for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
        blobs[i] = compile(sizes + i, "%s", versions[i]);
    load("%s", version_1);
    for (size_t i = 0; i < ARRAY_SIZE(puppets); i++) {
        puppets[i] = puppet_under("p");
        ask_begin(puppets[i], do_hammer, &(struct arguments){});
    }
    for (int i = 0; i < rounds(30); i++) {
        const size_t version = (size_t)i % ARRAY_SIZE(versions);

        failed += control_bytes("load", blobs[version], sizes[version]) != 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(puppets); i++) {
        const long* const number = answered(puppets[i])->number;

        __atomic_store_n(answered(puppets[i])->number, 1, __ATOMIC_RELEASE);
        ask_end(puppets[i]);
        wrong += number[1];
        done += number[2];
        if (least < 0 || number[2] < least) least = number[2];
    }
    check(!failed, "under load: %d replacements", rounds(30));
    check(!wrong, "under load: no wrong verdict");
    check(least > 0, "under load: all of them worked");
    note("%ld rounds of opens meanwhile, %ld wrong", done, wrong);
    puppet_end_all();
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) free(blobs[i]);
    unload_all();
}

static int kept = -1;

/* Root without the capability; keeps `load` open. */
static int do_drop_and_open(struct arguments* arguments) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    const unsigned bit = 1u << (CAP_MAC_ADMIN & 31);

    if (syscall(SYS_capget, &header, data)) return errno;
    data[CAP_MAC_ADMIN >> 5].effective &= ~bit;
    data[CAP_MAC_ADMIN >> 5].permitted &= ~bit;
    if (syscall(SYS_capset, &header, data)) return errno;
    kept = open(SECURITYFS "load", O_RDWR | O_CLOEXEC);
    arguments->number[0] = kept;
    return kept < 0 ? errno : 0;
}

static int do_write_kept(struct arguments* arguments) {
    return outcome(write(kept, arguments->path, (size_t)arguments->number[0]));
}

/* path: a control file that is opened; to: a command. */
static int do_control(struct arguments* arguments) {
    const int fd = open(arguments->path, O_WRONLY | O_CLOEXEC);
    const int error = fd < 0 ? errno : outcome(write(fd, arguments->to, strlen(arguments->to)));

    if (fd >= 0) close(fd);
    return error;
}

static int do_become_user(struct arguments* arguments) {
    (void)arguments;
    return outcome(setresuid(1000, 1000, 1000));
}

static void privileges(void) {
    static const char* const files[] = {"load",   "unload", "bind", "unbind",
                                        "attach", "detach", "seal"};
    struct puppet *const weak = puppet_make(0), *const user = puppet_make(0);
    struct puppet* const stranger = puppet_make(CLONE_NEWUSER);
    size_t size;
    void* const blob = compile(&size, "%s", version_1);
    struct arguments arguments = {.number = {(long)size}};
    int pidfd, fd;

    if (size > sizeof(arguments.path)) die("the blob is too big");
    memcpy(arguments.path, blob, size);
    check_errno(ask(weak, do_drop_and_open, NULL), 0, "without CAP_MAC_ADMIN: open load");
    pidfd = (int)syscall(SYS_pidfd_open, weak->pid, 0);
    fd = (int)syscall(SYS_pidfd_getfd, pidfd, answered(weak)->number[0], 0);
    if (fd < 0) die("pidfd_getfd");
    check_errno(ask(weak, do_write_kept, &arguments), EPERM, "without CAP_MAC_ADMIN: load");
    check_errno(outcome(write(fd, blob, size)), EPERM,
                "by who has it, through a descriptor of who has not");
    check_errno(opens(weak, SECURITYFS "stats"), EPERM, "without CAP_MAC_ADMIN: read stats");
    check_errno(opens(weak, SECURITYFS "abi"), EPERM, "without CAP_MAC_ADMIN: read abi");
    check_errno(opens(weak, SECURITYFS "tasks"), EPERM, "without CAP_MAC_ADMIN: read tasks");
    check_errno(ask(user, do_become_user, NULL), 0, "become another user");
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        char path[128];

        snprintf(path, sizeof(path), SECURITYFS "%s", files[i]);
        check_errno(try_paths(user, do_control, path, "x", 0), EACCES, "another user: write to %s",
                    files[i]);
        /* The file is its own by the number, but its capabilities are of another namespace. */
        check_errno(try_paths(stranger, do_control, path, "x", 0), EPERM,
                    "root of another user namespace: write to %s", files[i]);
        check_errno(try_paths(weak, do_control, path, "x", 0), EPERM,
                    "root without CAP_MAC_ADMIN: write to %s", files[i]);
        check(try_paths(NULL, do_control, path, "x", 0) != EPERM, "root of ours: write to %s",
              files[i]);
    }
    check_errno(opens(user, SECURITYFS "stats"), EACCES, "another user: read stats");
    check_errno(opens(stranger, SECURITYFS "stats"), EPERM,
                "root of another user namespace: read stats");
    check(stat_value("policies") == 0, "nothing was loaded");
    check_errno(control_bytes("load", blob, size), 0, "with the capability: load");
    close(fd);
    close(pidfd);
    free(blob);
    puppet_end_all();
    unload_all();
}

/* As the folder's files show them, but without the newline. */
static char* shown(const char* folder, const char* file) {
    char path[512];
    char* text;

    snprintf(path, sizeof(path), SECURITYFS "policies/%s/%s", folder, file);
    text = read_file(path, NULL);
    if (text) text[strcspn(text, "\n")] = '\0';
    return text;
}

static bool shows(const char* folder, const char* file, const char* want) {
    char* const text = shown(folder, file);
    const bool right = text && !strcmp(text, want);

    if (!right) note("%s/%s is \"%s\", not \"%s\"", folder, file, text ?: "", want);
    free(text);
    return right;
}

/* The digest of the file by another program, in hexadecimal. */
static void digest_of(const char* path, char digest[65]) {
    char command[512];
    FILE* stream;

    snprintf(command, sizeof(command), "sha256sum '%s'", path);
    stream = popen(command, "r");
    if (!stream || fscanf(stream, "%64s", digest) != 1) die("%s", command);
    pclose(stream);
}

static void folders(void) {
    static const char* const names[] = {"p", "my policy/of 2", "a/b", "a.b", "..", "x y z"};
    static const char* const folder_of[] = {"p", "my policy.of 2", "a.b", NULL, NULL, "x y z"};
    char digest[65], *text = NULL;
    size_t size, shown_size, text_size;
    FILE* const stream = open_memstream(&text, &text_size);
    void* blob;
    char* shown_blob;
    int fd;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        fprintf(stream, "policy \"%s\" { capability, namespace, file, deny " FIRST " r, }\n",
                names[i]);
    fclose(stream);
    blob = compile(&size, "%s", text);
    if (control_bytes("load", blob, size)) die("load");
    write_file("/tmp/the blob", blob, size, 0600);
    digest_of("/tmp/the blob", digest);
    unlink("/tmp/the blob");

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct puppet* const puppet = puppet_under(names[i]);

        check_errno(opens(puppet, FIRST), EACCES, "folders: a policy called %s", names[i]);
        puppet_end(puppet);
        if (!folder_of[i]) continue;
        check(shows(folder_of[i], "mode", "enforce"), "folders: mode of %s", names[i]);
        check(shows(folder_of[i], "sha256", digest), "folders: sha256 of %s", names[i]);
    }
    /* Two whose folders would be called alike. Whichever came first, each has one. */
    check(shows("p", "name", "p"), "folders: a name");
    check(shows("my policy.of 2", "name", "my policy/of 2"), "folders: a name with a slash");

    shown_blob = read_file(SECURITYFS "policies/p/blob", &shown_size);
    check(shown_blob && shown_size == size && !memcmp(shown_blob, blob, size),
          "folders: the blob is what was loaded");
    free(shown_blob);
    fd = open_control("policies/p/blob", O_RDONLY);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        check_errno(unload_unused(names[i]), 0, "folders: unload %s", names[i]);
    check_errno(opens(NULL, SECURITYFS "policies/p/name"), ENOENT, "folders: it is gone then");
    check(rmdir(SECURITYFS "policies") && errno != ENOENT, "folders: that of all is there");
    check(pread(fd, digest, sizeof(digest), 0) == sizeof(digest) &&
              !memcmp(digest, blob, sizeof(digest)),
          "folders: what was open can still be read");
    close(fd);
    free(blob);
    free(text);
}

int main(void) {
    static const char* const paths[] = {FIRST, SECOND, NEVER};

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) write_file(paths[i], "text\n", 5, 0644);
    replacing();
    refusals();
    unloading();
    under_load();
    privileges();
    folders();
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) unlink(paths[i]);
    return finish();
}
