// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring of records: the newest overwrite the oldest, whoever has read them or not. Who
 * violates a policy all the time must neither fill the memory nor be able to wait.
 *
 * Each reader has a position of its own. One that was overtaken is told how many records
 * it has lost, and goes on with the oldest that is left.
 *
 * The control file, read only: a line for each event, whole lines only. A read waits for
 * one, unless O_NONBLOCK is set (EAGAIN), and fails with EINVAL if the first line does not
 * fit in. "lost=N" is a line too. A new reader begins with the oldest record; lseek() to
 * the end leads behind the newest, and to 0 back to the oldest.
 */
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "control.h"
#include "events.h"

/* A power of two, of which positions are taken modulo. */
#define RING_SIZE	(256u * 1024)

/* A record is this, and its text; the next one begins at a multiple of eight. */
struct record {
	u64 number;
	u64 time;	/* CLOCK_REALTIME, ns */
	u32 length;	/* of the text */
	u32 unused;
};

static_assert(sizeof(struct record) + ISOLATES_EVENT_MAX < RING_SIZE / 8);

/*
 * Held for the time of a copy. A probe's handler takes it too: nothing that can be probed
 * runs under it, and no interrupt.
 */
static DEFINE_RAW_SPINLOCK(ring_lock);

/* All that follows is under it. Positions only grow; @oldest <= @end <= @oldest + size. */
static u8 *ring __ro_after_init;
static u64 oldest, end;
/* The number of the record at @oldest, and of the one that will be at @end. */
static u64 oldest_number, end_number;

static DECLARE_WAIT_QUEUE_HEAD(readers);

/* Not from where an event comes: that may be a probe's handler. */
static void wake_readers(struct irq_work *unused)
{
	wake_up_interruptible_all(&readers);
}

static DEFINE_IRQ_WORK(wake_work, wake_readers);

static u64 record_size(u32 length)
{
	return ALIGN(sizeof(struct record) + length, 8);
}

static void ring_write(u64 position, const void *from, u32 size)
{
	const u32 at = position & (RING_SIZE - 1);
	const u32 first = min(size, RING_SIZE - at);

	memcpy(ring + at, from, first);
	memcpy(ring, from + first, size - first);
}

static void ring_read(u64 position, void *to, u32 size)
{
	const u32 at = position & (RING_SIZE - 1);
	const u32 first = min(size, RING_SIZE - at);

	memcpy(to, ring + at, first);
	memcpy(to + first, ring, size - first);
}

static void forget_oldest(void)
{
	struct record record;

	ring_read(oldest, &record, sizeof(record));
	oldest += record_size(record.length);
	oldest_number++;
}

/**
 * isolates_events_add - Add an event
 *
 * @text: its text, one line without a newline.
 * @length: of @text in bytes; what is more than ISOLATES_EVENT_MAX is cut.
 *
 * In any context but an NMI. Waits only for others that copy a record.
 */
void isolates_events_add(const char *text, u32 length)
{
	struct record record = {
		.time = ktime_get_real_fast_ns(),
		.length = min(length, ISOLATES_EVENT_MAX),
	};
	const u64 size = record_size(record.length);
	unsigned long flags;

	/* Hooks are there before the ring is; policies are not. */
	if (WARN_ON_ONCE(!ring))
		return;
	raw_spin_lock_irqsave(&ring_lock, flags);
	while (end + size - oldest > RING_SIZE)
		forget_oldest();
	record.number = end_number;
	ring_write(end, &record, sizeof(record));
	ring_write(end + sizeof(record), text, record.length);
	end += size;
	end_number++;
	raw_spin_unlock_irqrestore(&ring_lock, flags);
	irq_work_queue(&wake_work);
}

/* Lines of the control file "stats". */
void isolates_events_show(struct seq_file *m)
{
	unsigned long flags;
	u64 first, next;

	raw_spin_lock_irqsave(&ring_lock, flags);
	first = oldest_number;
	next = end_number;
	raw_spin_unlock_irqrestore(&ring_lock, flags);
	seq_printf(m, "events %llu\n", next);
	seq_printf(m, "events kept %llu\n", next - first);
}

/* Where a reader stands. */
struct place {
	u64 position;
	u64 number;	/* of the record there, if it is still there */
};

struct reader {
	struct mutex lock;	/* of all that follows */
	struct place place;
	/* The line that is being read: what the ring knows of the record, and its text. */
	char head[64];
	char text[ISOLATES_EVENT_MAX + 1];
	u32 head_length, text_length;
};

static bool has_more(const struct reader *reader)
{
	unsigned long flags;
	bool more;

	raw_spin_lock_irqsave(&ring_lock, flags);
	more = READ_ONCE(reader->place.number) != end_number;
	raw_spin_unlock_irqrestore(&ring_lock, flags);
	return more;
}

/* Make a line of what is next. Returns: whether there is anything; then @next follows it. */
static bool make_line(struct reader *reader, struct place *next)
{
	struct record record = { };
	unsigned long flags;
	u64 lost = 0;

	*next = reader->place;
	raw_spin_lock_irqsave(&ring_lock, flags);
	if (next->number < oldest_number) {
		lost = oldest_number - next->number;
		next->position = oldest;
		next->number = oldest_number;
	} else if (next->number != end_number) {
		ring_read(next->position, &record, sizeof(record));
		ring_read(next->position + sizeof(record), reader->text, record.length);
		next->position += record_size(record.length);
		next->number++;
	}
	raw_spin_unlock_irqrestore(&ring_lock, flags);
	if (next->number == reader->place.number)
		return false;

	if (lost)
		reader->head_length = scnprintf(reader->head, sizeof(reader->head),
						"lost=%llu", lost);
	else
		reader->head_length = scnprintf(reader->head, sizeof(reader->head),
						"number=%llu time=%llu.%09llu ", record.number,
						record.time / NSEC_PER_SEC,
						record.time % NSEC_PER_SEC);
	reader->text_length = record.length;
	reader->text[reader->text_length++] = '\n';
	return true;
}

/* Whole lines, as many as there are and fit in. Returns: their size, or a negative errno. */
static ssize_t read_lines(struct reader *reader, char __user *data, size_t size)
{
	size_t done = 0, length;
	struct place next;

	while (make_line(reader, &next)) {
		length = reader->head_length + reader->text_length;
		if (length > size - done)
			return done ?: -EINVAL;
		if (copy_to_user(data + done, reader->head, reader->head_length) ||
		    copy_to_user(data + done + reader->head_length, reader->text,
				 reader->text_length))
			return done ?: -EFAULT;
		WRITE_ONCE(reader->place.position, next.position);
		WRITE_ONCE(reader->place.number, next.number);
		done += length;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

static ssize_t events_read(struct file *file, char __user *data, size_t size,
			   loff_t *position)
{
	struct reader *const reader = file->private_data;
	ssize_t done;
	int error;

	/* Who has been confined meanwhile may not; nor who is while waiting. */
	if (!isolates_control_is_allowed(file))
		return -EPERM;
	for (;;) {
		error = mutex_lock_interruptible(&reader->lock);
		if (error)
			return error;
		done = read_lines(reader, data, size);
		mutex_unlock(&reader->lock);
		if (done)
			return done;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		error = wait_event_interruptible(readers, has_more(reader));
		if (error)
			return error;
		if (!isolates_control_is_allowed(file))
			return -EPERM;
	}
}

static __poll_t events_poll(struct file *file, poll_table *table)
{
	const struct reader *const reader = file->private_data;

	poll_wait(file, &readers, table);
	return has_more(reader) ? EPOLLIN | EPOLLRDNORM : 0;
}

static void go_to(struct reader *reader, bool to_end)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring_lock, flags);
	WRITE_ONCE(reader->place.position, to_end ? end : oldest);
	WRITE_ONCE(reader->place.number, to_end ? end_number : oldest_number);
	raw_spin_unlock_irqrestore(&ring_lock, flags);
}

static loff_t events_llseek(struct file *file, loff_t offset, int whence)
{
	struct reader *const reader = file->private_data;

	if (offset || (whence != SEEK_SET && whence != SEEK_END))
		return -EINVAL;
	mutex_lock(&reader->lock);
	go_to(reader, whence == SEEK_END);
	mutex_unlock(&reader->lock);
	return 0;
}

static int events_open(struct inode *inode, struct file *file)
{
	struct reader *reader;

	if (!isolates_control_is_allowed(file))
		return -EPERM;
	reader = kvmalloc(sizeof(*reader), GFP_KERNEL_ACCOUNT);
	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	go_to(reader, false);
	file->private_data = reader;
	return 0;
}

static int events_release(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	return 0;
}

/* See control.c. */
const struct file_operations isolates_events_fops = {
	.open = events_open,
	.read = events_read,
	.poll = events_poll,
	.llseek = events_llseek,
	.release = events_release,
};

/* Before any policy can be loaded. Returns: 0 or -ENOMEM. */
int __init isolates_events_init(void)
{
	ring = kvmalloc(RING_SIZE, GFP_KERNEL);
	return ring ? 0 : -ENOMEM;
}
