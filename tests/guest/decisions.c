// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replays the decision tables (see tests/decisions/README.md): each line is really done, by a
 * process under the table's policy, and must be allowed or denied as the line says. Then again
 * under the same policy in each other manner: what is denied must be allowed by one that complains,
 * and be the end of who does it under one that kills; and each time the events must say so.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "harness.h"
#include "replay.h"

#define TABLES "/tests/decisions"

static bool is_open; /* by default */

static int errno_of(const char* name) {
    for (int error = 1; error < 134; error++) {
        const char* const its = strerrorname_np(error);

        if (its && !strcmp(its, name)) return error;
    }
    die("no errno is called %s", name);
}

/* Older kernels ask for another capability, if there is no CAP_SYSLOG. */
static bool admin_does_for_syslog(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    const pid_t pid = fork();
    int status;

    if (pid < 0) die("fork");
    if (!pid) {
        if (syscall(SYS_capget, &header, data)) _exit(2);
        data[CAP_TO_INDEX(CAP_SYSLOG)].effective &= ~CAP_TO_MASK(CAP_SYSLOG);
        if (syscall(SYS_capset, &header, data)) _exit(2);
        /* With an argument that it looks at later. */
        _exit(klogctl(8, NULL, 0) < 0 && errno == EPERM);
    }
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
        die("ask for the log without the capability");
    return !WEXITSTATUS(status);
}

/* Why the live kernel cannot be asked this; NULL if it can. */
static const char* cannot(const struct line* line) {
    if (!strcmp(line->words[0], "host-only")) return "host only";
    if (!strcmp(line->words[0], "file") && has_word(line, "dir") &&
        (strstr(line->words[1], "write") || strstr(line->words[1], "append")))
        return "a folder cannot be opened to write";
    if (!strcmp(line->words[0], "file") && !strcmp(line->words[1], "setxattr") &&
        setxattr("/tmp", "user.test", "text", 4, 0) && errno == EOPNOTSUPP)
        return "this kernel's tmpfs has no attributes of users";
    if (!strcmp(line->words[0], "capability") && !strcmp(line->words[1], "syslog") && line->want &&
        admin_does_for_syslog())
        return "this kernel takes sys_admin for syslog";
    return NULL;
}

/* Manners */

/* How a policy takes what it decides; and what its events say of a denial. */
static const struct manner {
    const char *name, *denial;
    bool audits; /* what it allows is told, too */
} manners[] = {
    {"enforce", "denied", false},
    {"complain", "complained", false},
    {"kill", "killed", false},
    {"enforce", "denied", true},
};

static int events = -1; /* opened by who is not confined */

/* The events that have come since this was last called, as one text. */
static const char* new_events(void) {
    static char text[1 << 20];
    size_t length = 0;
    ssize_t got;

    while ((got = read(events, text + length, sizeof(text) - 1 - length)) > 0)
        length += (size_t)got;
    if (errno != EAGAIN) die("read the events");
    text[length] = '\0';
    return text;
}

static bool is_told(const char* told, const char* verdict, const char* class_name) {
    char want[600];

    snprintf(want, sizeof(want), "verdict=%s policy=\"%s\" class=%s ", verdict, policy_name,
             class_name);
    return strstr(told, want);
}

/* What the class of a line is called in events. */
static const char* class_of(const struct line* line) {
    if (is_of_mounts(line)) return "mount";
    if (!strcmp(line->words[0], "network") && !strcmp(line->words[2], "unix")) return "unix";
    return line->words[0];
}

/* Is a denial told as it should be? Who may not mount often fails for its capabilities first. */
static bool denial_is_told(const char* told, const struct manner* manner, const struct line* line) {
    const char* const class_name = class_of(line);
    const bool is_quiet = !manner->audits && line->count > 2 && strstr(line->words[2], "/quiet/");

    return (is_told(told, manner->denial, class_name) ||
            (!strcmp(class_name, "mount") && is_told(told, manner->denial, "capability"))) ==
           !is_quiet;
}

/* A class that no rule speaks of is open here, and nobody is told of what no rule decides. */
static bool may_be_open(const struct line* line) {
    return is_open || !strcmp(line->words[0], "syscall") || strstr(line->words[1], "getattr") ||
           strstr(line->words[1], "ioctl");
}

/* A puppet that was killed, or a child of it. */
static bool is_end(int error) {
    return error == -1 || error == 128 + SIGKILL;
}

static bool is_as_wanted(const struct manner* manner, const struct line* line, int error,
                         const char* told) {
    if (!line->want)
        return !error &&
               (manner->audits ? may_be_open(line) || is_told(told, "allowed", class_of(line))
                               : !is_told(told, manner->denial, class_of(line)));
    if (!denial_is_told(told, manner, line)) return false;
    if (!strcmp(manner->name, "kill")) return is_end(error);
    /* What may be tried may still fail. */
    if (!strcmp(manner->name, "complain")) return error != line->want && !is_end(error);
    return error == line->want;
}

static void replay_in(const struct manner* manner, const struct line* line, const char* name) {
    const char* told;
    int error;

    new_events();
    error = player_of(line)(line);
    told = new_events();
    if (!check(is_as_wanted(manner, line, error, told), "%s: %s",
               manner->audits ? "audit" : manner->name, name))
        note("got %d, told: %s", error, told);
}

static void replay(const char* table, char* text, const struct manner* manner) {
    struct line line = {};
    char copy[1024], name[1100];
    const char* why;

    snprintf(copy, sizeof(copy), "%s", text);
    snprintf(name, sizeof(name), "%s: %s", table, copy);
    for (char* word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        if (strcmp(word, "->")) {
            if (line.count == WORDS_MAX) die("too many words: %s", copy);
            line.words[line.count++] = word;
            continue;
        }
        word = strtok(NULL, " ");
        if (!word) die("no verdict: %s", copy);
        if (!strcmp(word, "deny"))
            line.want = errno_of(strtok(NULL, " ") ?: "");
        else if (strcmp(word, "allow"))
            die("no verdict: %s", copy);
    }
    why = cannot(&line);
    if (why) {
        if (manner == manners) skip(why, "%s", name);
        return;
    }
    replay_in(manner, &line, name);
}

/* Sets the mode of the policy. */
static int control_mode(const char* mode) {
    char file[300];

    snprintf(file, sizeof(file), "policies/%s/mode", policy_name);
    return control(file, "%s", mode);
}

/* Loads the policy at the head of a table, as it is or to audit; returns what is behind it. */
static char* load_policy(char* text, const struct manner* manner) {
    static const char head[] = "policy {{{\n";
    char* const begin = strstr(text, head);
    char* const end = begin ? strstr(begin, "\n}}}\n") : NULL;
    char *policy, *flags;

    if (!end) die("no policy");
    end[1] = '\0';
    text = begin + strlen(head);
    policy = strstr(text, "policy ");
    if (!policy || sscanf(policy, "policy %255s", policy_name) != 1) die("no policy");
    is_open = strstr(policy, "default_allow");
    if (manner->audits) {
        policy[strcspn(policy, "{")] = '\0';
        flags = strstr(policy, "flags=(");
        load("%.*s policy %s flags=(audit%s%s {%s", (int)(policy - text), text, policy_name,
             flags ? ", " : ")", flags ? flags + strlen("flags=(") : "",
             policy + strlen(policy) + 1);
    } else {
        load("%s", text);
    }
    if (control_mode(manner->name)) die("set the mode");
    return end + strlen("\n}}}\n");
}

static void replay_table(const char* table, const struct manner* manner) {
    char path[512], *text, *rest, *line;

    snprintf(path, sizeof(path), TABLES "/%s", table);
    text = read_file(path, NULL);
    if (!text) die("read %s", path);
    rest = load_policy(text, manner);
    while ((line = strsep(&rest, "\n"))) {
        if (*line && *line != '#') replay(table, line, manner);
    }
    free(text);
    unload_all();
}

static int is_table(const struct dirent* entry) {
    const char* const dot = strrchr(entry->d_name, '.');

    return dot && !strcmp(dot, ".table");
}

int main(void) {
    struct dirent** tables;
    const int count = scandir(TABLES, &tables, is_table, alphasort);

    if (count < 1) die("there are no tables in %s", TABLES);
    events = open_control("events", O_RDONLY | O_NONBLOCK);
    make_keeper();
    for (int i = 0; i < count; i++) {
        for (size_t k = 0; k < ARRAY_SIZE(manners); k++)
            replay_table(tables[i]->d_name, manners + k);
        free(tables[i]);
    }
    free(tables);
    return finish();
}
