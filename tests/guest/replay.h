/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of decision tables (see tests/decisions/README.md), as they are done on the live kernel. */
#ifndef TESTS_GUEST_REPLAY_H
#define TESTS_GUEST_REPLAY_H

#include <stdbool.h>

enum { WORDS_MAX = 12 };

/* One line, taken apart. */
struct line {
    char* words[WORDS_MAX]; /* up to the arrow */
    int count;
    int want; /* 0 or an errno */
};

/* Does it, under the policy. Returns 0 or an errno; -1 if who does it was killed, or 128 + SIGKILL.
 */
typedef int player(const struct line* line);

/* The policy that the subjects are put under. */
extern char policy_name[256];

/* To be called once, before anything is replayed. */
void make_keeper(void);
bool has_word(const struct line* line, const char* word);
/* What does such a line; dies if nothing does. */
player* player_of(const struct line* line);
/* Is it about mounts? These have several words. */
bool is_of_mounts(const struct line* line);

#endif
