// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hard links. Each policy decides by itself: one that has rules about pairs, of a new name
 * and a file, by those; any other by the new name alone.
 */
#include <linux/mm.h>
#include <linux/path.h>
#include <linux/rcupdate.h>

#include "check.h"
#include "link.h"
#include "path.h"
#include "table.h"
#include "task.h"

/* What is asked, spelt. */
struct question {
	struct isolates_piece pieces[2];	/* the new name, and the file's */
	bool owner;
	bool grants_more;			/* the new name than the file's */
	struct isolates_object object;
};

enum kind {
	KIND_SILENT,	/* it says nothing at all */
	KIND_NAMES,
	KIND_PAIRS,
};

static enum kind kind_of(const struct isolates_label *label)
{
	const struct isolates_instance *instance;
	enum kind kind = KIND_SILENT;

	rcu_read_lock();
	instance = isolates_instance_of(rcu_dereference(isolates_table), label);
	if (instance && READ_ONCE(instance->mode) != ISOLATES_MODE_DISABLED)
		kind = instance->policy->classes[ISOLATES_CLASS_LINK].automata.count ?
		       KIND_PAIRS : KIND_NAMES;
	rcu_read_unlock();
	return kind;
}

static int ask(const struct question *question, struct isolates_label *label, enum kind kind)
{
	const bool is_pair = kind == KIND_PAIRS;
	const struct isolates_label_set set = { .count = 1, .labels = { label } };
	struct isolates_request request = {
		.class_id = is_pair ? ISOLATES_CLASS_LINK : ISOLATES_CLASS_FILE,
		.operations = is_pair ? (u32)ISOLATES_LINK_LINK : (u32)ISOLATES_FILE_LINK,
		.owner = question->owner,
		.pieces = question->pieces,
		.count = is_pair ? 2 : 1,
		.file = is_pair,
	};

	if (is_pair && question->grants_more)
		request.operations |= ISOLATES_LINK_MORE;
	return isolates_check_labels(&set, &request, &question->object);
}

static int ask_all(const struct isolates_confinement *confinement,
		   const struct question *question, const struct path *file)
{
	int error = 0;
	u32 i;

	for (i = 0; i < confinement->count && !error; i++) {
		struct isolates_label *const label = confinement->labels[i];
		const enum kind kind = kind_of(label);

		if (kind == KIND_SILENT)
			continue;
		error = ask(question, label, kind);
		if (!error && kind == KIND_NAMES && question->grants_more)
			error = isolates_refuse(confinement, file,
						"its new name would grant more");
	}
	return error;
}

/**
 * isolates_check_link - May the current task make a hard link?
 *
 * @file: by the name that it has.
 * @name: the new one, which is negative.
 * @owner: the task owns the file.
 * @grants_more: to this task, @name allows more to be done to the file than @file.
 *
 * May sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check_link(const struct path *file, const struct path *name, bool owner,
			bool grants_more)
{
	struct question question = {
		.owner = owner,
		.grants_more = grants_more,
		.object = { .path = name },
	};
	const struct isolates_confinement *confinement;
	char *name_text = NULL, *file_text = NULL;
	u32 name_length, file_length;
	int error;

	error = isolates_path_text(name, &name_text, &name_length);
	if (!error)
		error = isolates_path_text(file, &file_text, &file_length);
	/* Asked only now: that may have slept. */
	confinement = isolates_current_confinement();
	if (!confinement) {
		error = 0;
	} else if (confinement->broken) {
		error = -EACCES;
	} else if (error) {
		error = isolates_refuse(confinement, file, isolates_path_reason(error));
	} else {
		question.pieces[0] = (struct isolates_piece) { name_text, name_length };
		question.pieces[1] = (struct isolates_piece) { file_text, file_length };
		error = ask_all(confinement, &question, file);
	}
	kvfree(name_text);
	kvfree(file_text);
	return error;
}
