/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The name of a file, from the root of the task's mount namespace, as the pieces
 * that an automaton walks: no string is built.
 */
#ifndef _SECURITY_ISOLATES_PATH_H
#define _SECURITY_ISOLATES_PATH_H

#include <linux/limits.h>
#include <linux/path.h>
#include <linux/seqlock.h>

#include "../../fs/mount.h"
#include "core/facts.h"

/* Components on the stack; deeper paths need memory. */
#define ISOLATES_PATH_INLINE	24u
/* As deep as a path of PATH_MAX bytes can be; what is deeper is denied. */
#define ISOLATES_PATH_DEPTH_MAX	2048u
/* What is longer is denied too: it may have to be walked with nothing else moving. */
#define ISOLATES_PATH_BYTES_MAX	(4u * PATH_MAX)

/* A name in the making. */
struct isolates_path {
	const struct path *path;
	struct isolates_piece *pieces;
	u32 capacity;			/* of @pieces, which are used from the end */
	u32 first;			/* of them that is set */
	unsigned int mount_seq;
	unsigned int rename_seq;
	struct isolates_piece on_stack[ISOLATES_PATH_INLINE];
};

/**
 * isolates_path_begin - Begin to name a file
 *
 * @name: to be ended with isolates_path_end().
 * @path: held by the caller.
 */
static inline void isolates_path_begin(struct isolates_path *name,
				       const struct path *path)
{
	name->path = path;
	name->pieces = name->on_stack;
	name->capacity = ARRAY_SIZE(name->on_stack);
}

int isolates_path_gather(struct isolates_path *name);

/**
 * isolates_path_has_changed - May something have moved since the name was gathered?
 *
 * @name: gathered without a lock.
 */
static inline bool isolates_path_has_changed(const struct isolates_path *name)
{
	return read_seqretry(&rename_lock, name->rename_seq) ||
	       read_seqretry(&mount_lock, name->mount_seq);
}

int isolates_path_gather_locked(struct isolates_path *name);
void isolates_path_lock(void);
void isolates_path_unlock(void);
int isolates_path_deepen(struct isolates_path *name);
void isolates_path_end(struct isolates_path *name);
int isolates_path_text(const struct path *path, char **text, u32 *length);
const char *isolates_path_reason(int error);

bool isolates_path_is_nameless(const struct path *path);

#endif /* _SECURITY_ISOLATES_PATH_H */
