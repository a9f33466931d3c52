// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

#include "event.h"
#include "table.h"

/* Of one byte escaped: "\377". */
#define ESCAPED_MAX	4u
/* For names that are not objects: they are cut there. */
#define NAME_ROOM	256u
/* What stands behind the object, but for the names but comm. */
#define NUMBERS_ROOM	384u

static u32 escape(const char *text, size_t length, char *to, u32 room)
{
	return string_escape_mem(text, length, to, room,
				 ESCAPE_SPACE | ESCAPE_SPECIAL | ESCAPE_OCTAL |
				 ESCAPE_NAP | ESCAPE_APPEND, "\"\\");
}

/* " KEY="TEXT"", TEXT in no more than @room bytes; a space and the mark if it is cut. */
static void print_name(struct seq_buf *line, const char *key, const char *text, u32 room)
{
	size_t length = strlen(text);
	char *to;
	u32 escaped;
	bool is_cut;

	seq_buf_printf(line, " %s=\"", key);
	room = min_t(size_t, room, seq_buf_get_buf(line, &to));
	escaped = escape(text, length, to, room);
	is_cut = escaped > room;
	if (is_cut)
		escaped = escape(text, min_t(size_t, length, room / ESCAPED_MAX), to, room);
	seq_buf_commit(line, escaped);
	seq_buf_puts(line, is_cut ? "\" cut=1" : "\"");
}

/* How much room the object may have: the rest is the others'. */
static u32 object_room(const struct seq_buf *line, const struct isolates_event *event)
{
	const u32 others = NUMBERS_ROOM + (event->rule ? NAME_ROOM : 0) +
			   (event->target ? NAME_ROOM : 0);
	const u32 left = line->size - line->len;

	return left > others ? left - others : 0;
}

static void print_rule(struct seq_buf *line, const struct isolates_event *event)
{
	const struct isolates_view *const view = &event->instance->blob->view;
	const struct isolates_rule *const rule = event->rule;

	print_name(line, "source", isolates_view_text(view, view->sources[rule->source].name),
		   NAME_ROOM);
	seq_buf_printf(line, " line=%u column=%u", rule->line, rule->column);
}

static void print_states(struct seq_buf *line, const struct isolates_event *event)
{
	u32 i;

	seq_buf_printf(line, " blob=%*phN", SHA256_DIGEST_SIZE, event->instance->blob->sha256);
	for (i = 0; i < event->state_count; i++)
		seq_buf_printf(line, "%s%u", i ? "," : " states=", event->states[i]);
}

size_t isolates_event_print(struct seq_buf *line, const struct isolates_event *event)
{
	char comm[TASK_COMM_LEN];
	size_t length;

	seq_buf_printf(line, "verdict=%s", event->verdict);
	if (event->instance)
		print_name(line, "policy", event->instance->label->name, NAME_ROOM);
	if (event->class_name)
		seq_buf_printf(line, " class=%s", event->class_name);
	if (event->operation)
		seq_buf_printf(line, " operation=%s", event->operation);
	if (event->object)
		print_name(line, "object", event->object, object_room(line, event));
	if (event->network)
		seq_buf_printf(line, " facts=%*phN", (int)event->network->length,
			       event->network->bytes);
	if (event->signal)
		seq_buf_printf(line, " signal=%d", event->signal);
	if (event->target)
		print_name(line, "target", event->target, NAME_ROOM);
	seq_buf_printf(line, " pid=%d tid=%d", task_tgid_nr(current), task_pid_nr(current));
	/* Without the lock, which a probe may not wait for: only a racing name. */
	strscpy(comm, current->comm, sizeof(comm));
	print_name(line, "comm", comm, NAME_ROOM);
	seq_buf_printf(line, " errno=%u", event->error);
	if (event->reason)
		seq_buf_printf(line, " reason=\"%s\"", event->reason);
	if (event->rule)
		print_rule(line, event);
	length = line->len;
	if (event->instance)
		print_states(line, event);
	return length;
}
