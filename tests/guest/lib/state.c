// SPDX-License-Identifier: GPL-2.0-only
/* All that the files in /sys/kernel/security/isolates show. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "../harness.h"

static void add_file(FILE* stream, const char* path) {
    size_t size = 0;
    char* const text = read_file(path, &size);

    fprintf(stream, "%s: %zu\n", path, size);
    if (text) fwrite(text, 1, size, stream);
    free(text);
}

static int is_policy(const struct dirent* entry) {
    return entry->d_name[0] != '.';
}

static char* snapshot(size_t* size) {
    static const char* const files[] = {"abi", "stats", "tasks", "seal"};
    static const char* const of_policies[] = {"name", "mode", "sha256", "bindings", "blob"};
    char path[600], *all = NULL;
    FILE* const stream = open_memstream(&all, size);
    struct dirent** folders;
    const int count = scandir(SECURITYFS "policies", &folders, is_policy, alphasort);

    if (count < 0 || !stream) die("read what there is");
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        snprintf(path, sizeof(path), SECURITYFS "%s", files[i]);
        add_file(stream, path);
    }
    for (int k = 0; k < count; k++) {
        for (size_t i = 0; i < ARRAY_SIZE(of_policies); i++) {
            snprintf(path, sizeof(path), SECURITYFS "policies/%s/%s", folders[k]->d_name,
                     of_policies[i]);
            add_file(stream, path);
        }
        free(folders[k]);
    }
    free(folders);
    fclose(stream);
    return all;
}

static char* before;
static size_t before_size;

void remember(void) {
    free(before);
    before = snapshot(&before_size);
}

bool nothing_changed(void) {
    size_t size;
    char* const now = snapshot(&size);
    const bool same = size == before_size && !memcmp(now, before, size);
    size_t i = 0;

    if (!same) {
        while (i < size && i < before_size && now[i] == before[i]) i++;
        while (i && now[i - 1] != '\n') i--;
        note("was: %.*s", (int)strcspn(before + i, "\n"), before + i);
        note("is: %.*s", (int)strcspn(now + i, "\n"), now + i);
    }
    free(now);
    return same;
}
