// SPDX-License-Identifier: GPL-2.0-only
/*
 * One line for each policy that a process is under or will be:
 *
 *	PID TID HOW POLICY
 *
 * with the numbers as the reader's pid namespace has them. A thread that is not the
 * first one of its process (whose TID is the PID) has lines if it is under something
 * else than that one. POLICY goes to the end of the line, so that it may hold spaces.
 * HOW is one word:
 *
 * resident	it lives, or has lived, where the policy is bound, or began as such a
 *		task's child
 * visitor	it has come there by setns(), and is under the policy until it leaves
 * attached	it, or who it comes from, was put under the policy by itself
 * pending	it will be attached by the next exec, and is not under the policy yet
 */
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>

#include "confinement.h"
#include "control.h"
#include "label.h"
#include "task.h"
#include "tasks.h"

static const char *how(const struct isolates_entry *entry)
{
	if (entry->flags & ISOLATES_ENTRY_RESIDENT)
		return "resident";
	return entry->flags & ISOLATES_ENTRY_ATTACHED ? "attached" : "visitor";
}

static void show_line(struct seq_file *m, struct task_struct *task, const char *how,
		      const struct isolates_label *label)
{
	struct pid_namespace *const ns = task_active_pid_ns(current);

	seq_printf(m, "%d %d %s %s\n", task_tgid_nr_ns(task, ns), task_pid_nr_ns(task, ns),
		   how, label->name);
}

/* The first task whose number is not below *@number, counted; moves *@number there. */
static struct task_struct *find_task(loff_t *number)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	while (!task && *number <= PID_MAX_LIMIT) {
		pid = find_ge_pid(*number, task_active_pid_ns(current));
		if (!pid)
			break;
		*number = pid_nr_ns(pid, task_active_pid_ns(current));
		task = get_pid_task(pid, PIDTYPE_PID);
		if (!task)
			(*number)++;
	}
	rcu_read_unlock();
	return task;
}

static void *tasks_start(struct seq_file *m, loff_t *position)
{
	return find_task(position);
}

static void *tasks_next(struct seq_file *m, void *task, loff_t *position)
{
	put_task_struct(task);
	(*position)++;
	return find_task(position);
}

static void tasks_stop(struct seq_file *m, void *task)
{
	if (task)
		put_task_struct(task);
}

static bool is_equal(const struct isolates_entry_set *a, const struct isolates_entry_set *b)
{
	return a->count == b->count &&
	       !memcmp(a->entries, b->entries, a->count * sizeof(*a->entries));
}

static int tasks_show(struct seq_file *m, void *shown)
{
	struct isolates_entry_set set, of_leader;
	struct task_struct *const task = shown;
	const struct isolates_entry *entry;
	struct task_struct *leader;

	rcu_read_lock();
	isolates_task_entries(task, &set);
	leader = READ_ONCE(task->group_leader);
	if (set.count && leader != task)
		isolates_task_entries(leader, &of_leader);
	if (leader == task || !is_equal(&set, &of_leader)) {
		for (entry = set.entries; entry < set.entries + set.count; entry++) {
			if (entry->label)
				show_line(m, task, how(entry), entry->label);
			if (entry->flags & ISOLATES_ENTRY_PENDING)
				show_line(m, task, "pending", entry->origin);
		}
	}
	rcu_read_unlock();
	return 0;
}

static const struct seq_operations tasks_ops = {
	.start = tasks_start,
	.next = tasks_next,
	.stop = tasks_stop,
	.show = tasks_show,
};

static int tasks_open(struct inode *inode, struct file *file)
{
	if (!isolates_control_is_allowed(file))
		return -EPERM;
	return seq_open(file, &tasks_ops);
}

/* See tasks.h. */
const struct file_operations isolates_tasks_fops = {
	.open = tasks_open,
	.read = isolates_control_seq_read,
	.llseek = seq_lseek,
	.release = seq_release,
};
