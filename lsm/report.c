// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dcache.h>
#include <linux/minmax.h>
#include <linux/path.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>

#include "event.h"
#include "events.h"
#include "report.h"
#include "table.h"

static DEFINE_PER_CPU(unsigned long, denials);
static DEFINE_RATELIMIT_STATE(report_rate, DEFAULT_RATELIMIT_INTERVAL, 20);

/* By bit of a class's operations, as a policy spells them. */
static const char *const file_ops[] = {
	"read", "write", "append", "exec", "mmap", "lock", "link", "create",
	"unlink", "mkdir", "rmdir", "rename", "symlink", "mknod", "chmod",
	"chown", "truncate", "chroot", "getattr", "setxattr", "ioctl",
};

static const char *const signal_ops[] = { "send", "receive" };
static const char *const network_ops[] = {
	"create", "bind", "connect", "listen", "accept", "send", "receive",
	"shutdown", "getattr", "setattr", "getopt", "setopt",
};

static const char *const mount_ops[] = {
	"mount", "umount", "pivot_root", "bind", "move", "remount", "propagate",
};

static const char *const capability_ops[] = { "use" };
static const char *const ptrace_ops[] = { "trace", "read", "tracedby", "readby" };
static const char *const namespace_ops[] = { "create", "enter" };
static const char *const io_uring_ops[] = { "sqpoll", "override_creds", "cmd" };
static const char *const change_profile_ops[] = { "now", "onexec" };
static const char *const link_ops[] = { "link", "link_more" };
static const char *const attach_ops[] = { "attach" };

static_assert(BIT(ARRAY_SIZE(file_ops)) - 1 == ISOLATES_FILE_OPS);
static_assert(BIT(ARRAY_SIZE(signal_ops)) - 1 == ISOLATES_SIGNAL_OPS);
static_assert(BIT(ARRAY_SIZE(network_ops)) - 1 == ISOLATES_NETWORK_OPS);
static_assert(BIT(ARRAY_SIZE(mount_ops)) - 1 == ISOLATES_MOUNT_OPS);
static_assert(BIT(ARRAY_SIZE(capability_ops)) - 1 == ISOLATES_CAPABILITY_OPS);
static_assert(BIT(ARRAY_SIZE(ptrace_ops)) - 1 == ISOLATES_PTRACE_OPS);
static_assert(BIT(ARRAY_SIZE(namespace_ops)) - 1 == ISOLATES_NAMESPACE_OPS);
static_assert(BIT(ARRAY_SIZE(io_uring_ops)) - 1 == ISOLATES_IO_URING_OPS);
static_assert(BIT(ARRAY_SIZE(change_profile_ops)) - 1 == ISOLATES_CHANGE_PROFILE_OPS);
static_assert(BIT(ARRAY_SIZE(link_ops)) - 1 == ISOLATES_LINK_OPS);
static_assert(BIT(ARRAY_SIZE(attach_ops)) - 1 == ISOLATES_ATTACH_OPS);

static const struct {
	const char *name;
	const char *const *ops;
} classes[] = {
	[ISOLATES_CLASS_FILE] = { "file", file_ops },
	[ISOLATES_CLASS_SIGNAL] = { "signal", signal_ops },
	[ISOLATES_CLASS_NETWORK] = { "network", network_ops },
	[ISOLATES_CLASS_MOUNT] = { "mount", mount_ops },
	[ISOLATES_CLASS_CAPABILITY] = { "capability", capability_ops },
	[ISOLATES_CLASS_PTRACE] = { "ptrace", ptrace_ops },
	[ISOLATES_CLASS_NAMESPACE] = { "namespace", namespace_ops },
	[ISOLATES_CLASS_IO_URING] = { "io_uring", io_uring_ops },
	[ISOLATES_CLASS_UNIX] = { "unix", network_ops },
	[ISOLATES_CLASS_CHANGE_PROFILE] = { "change_profile", change_profile_ops },
	[ISOLATES_CLASS_LINK] = { "link", link_ops },
	[ISOLATES_CLASS_ATTACH] = { "attach", attach_ops },
};

static_assert(ARRAY_SIZE(classes) == ISOLATES_CLASS_COUNT);

/* The lowest of @operations: one is enough to find the rule, and a line is short. */
static const char *first_op_name(u32 class_id, u32 operations)
{
	return classes[class_id].ops[__ffs(operations)];
}

/* The rule of a number that something of the policy has; or NULL. */
static const struct isolates_rule *
rule_number(const struct isolates_instance *instance, u32 number)
{
	return number == ISOLATES_RULE_NONE ? NULL :
	       instance->blob->view.rules + instance->policy->rules.first + number;
}

/* Into the ring of events, and the first part into the kernel's log. */
static void tell_line(struct seq_buf *line, const struct isolates_event *event)
{
	const size_t length = isolates_event_print(line, event);

	isolates_events_add(line->buffer, seq_buf_used(line));
	if (__ratelimit(&report_rate))
		pr_notice("isolates: %.*s\n", (int)min(length, seq_buf_used(line)),
			  line->buffer);
}

/*
 * Without memory, and without locks: for a probe's handler. An object's name may be cut, a
 * long one is.
 */
static noinline void tell_shortly(const struct isolates_event *event)
{
	char text[ISOLATES_EVENT_MIN];
	struct seq_buf line;

	seq_buf_init(&line, text, sizeof(text));
	tell_line(&line, event);
}

/* What is too much for the stack. */
struct scratch {
	char path[PATH_MAX];
	char line[ISOLATES_EVENT_MAX];
};

/* @event with the path of its object. */
static noinline void tell_path(struct isolates_event *event, const struct path *path)
{
	struct scratch *const scratch = kmalloc(sizeof(*scratch), GFP_ATOMIC | __GFP_NOWARN);
	struct seq_buf line;

	if (!scratch) {
		event->object = "(no memory for the path)";
		tell_shortly(event);
		return;
	}
	event->object = d_absolute_path(path, scratch->path, sizeof(scratch->path));
	if (IS_ERR(event->object))
		event->object = "(no path)";
	seq_buf_init(&line, scratch->line, sizeof(scratch->line));
	tell_line(&line, event);
	kfree(scratch);
}

static void tell(struct isolates_event *event, const struct path *path)
{
	if (path)
		tell_path(event, path);
	else
		tell_shortly(event);
}

/* What became of an operation. */
static const char *verb(bool denied, u32 mode)
{
	if (!denied)
		return "allowed";
	if (mode == ISOLATES_MODE_COMPLAIN)
		return "complained";
	return mode == ISOLATES_MODE_KILL ? "killed" : "denied";
}

static void count(bool denied, u32 mode)
{
	if (denied && mode != ISOLATES_MODE_COMPLAIN)
		this_cpu_inc(denials);
}

/* How many denials there were, the reported ones among them. */
unsigned long isolates_report_denials(void)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(denials, cpu);
	return sum;
}

/**
 * isolates_report - Tell what a policy has to say of an operation
 *
 * @instance: the policy, under the caller's rcu_read_lock().
 * @request: what was asked.
 * @verdict: its verdict.
 * @mode: the mode in which it was given, enum isolates_mode.
 * @object: of the operation, for the reader.
 *
 * Does not sleep. Not with rename_lock or mount_lock held. For a probe's handler too, of an
 * object without a path: takes no memory then, and no lock that it would wait for.
 */
void isolates_report(const struct isolates_instance *instance,
		     const struct isolates_request *request,
		     const struct isolates_verdict *verdict, u32 mode,
		     const struct isolates_object *object)
{
	const u32 told = verdict->denied ? verdict->reported & verdict->denied :
					   verdict->reported;
	struct isolates_event event = {
		.verdict = verb(verdict->denied, mode),
		.instance = instance,
		.class_name = classes[request->class_id].name,
		.object = object->peer,
		.network = object->network,
		.signal = object->signal,
		.error = verdict->error,
		.states = verdict->perms,
		.state_count = instance->policy->classes[request->class_id].automata.count,
	};

	count(verdict->denied, mode);
	if (!told)
		return;
	event.operation = first_op_name(request->class_id, told);
	event.rule = isolates_decide_rule(&instance->blob->view, instance->policy, request,
					  verdict);
	if (object->is_in_probe)
		tell_shortly(&event);
	else
		tell(&event, object->path);
}

/**
 * isolates_report_syscall - Tell what a policy has to say of a system call
 *
 * @instance: the policy.
 * @name: of the call.
 * @verdict: its verdict.
 * @mode: the mode in which it was given, enum isolates_mode.
 *
 * For a probe's handler: takes no lock that it would wait for.
 */
void isolates_report_syscall(const struct isolates_instance *instance,
			     const char *name,
			     const struct isolates_syscall_verdict *verdict,
			     u32 mode)
{
	const struct isolates_syscall *const rule = verdict->rule;
	const u32 state = rule ? rule - instance->blob->view.syscalls -
				 instance->policy->syscalls.first : 0;
	const struct isolates_event event = {
		.verdict = verb(verdict->denied, mode),
		.instance = instance,
		.class_name = "syscall",
		.operation = "call",
		.object = name,
		.error = verdict->error,
		.rule = rule ? rule_number(instance, rule->rule) : NULL,
		.states = &state,
		.state_count = !!rule,
	};

	count(verdict->denied, mode);
	if (verdict->reported)
		tell_shortly(&event);
}

/**
 * isolates_report_transition - Tell that an exec leads nowhere, though it is allowed
 *
 * @instance: the policy, under the caller's rcu_read_lock().
 * @program: what was to be executed.
 * @target: the name of the policy that it leads to, or empty.
 * @mode: the mode of @instance, enum isolates_mode.
 * @reason: a static text.
 *
 * Does not sleep.
 */
void isolates_report_transition(const struct isolates_instance *instance,
				const struct path *program, const char *target, u32 mode,
				const char *reason)
{
	struct isolates_event event = {
		.verdict = verb(true, mode),
		.instance = instance,
		.class_name = "file",
		.operation = "exec",
		.target = target,
		.error = EACCES,
		.reason = reason,
	};

	count(true, mode);
	tell(&event, program);
}

/**
 * isolates_report_rlimit - Tell that a process was to get more than a policy grants
 *
 * @instance: the policy, under the caller's rcu_read_lock().
 * @rlimit: its limit.
 * @name: of the resource.
 * @mode: the mode of @instance, enum isolates_mode.
 *
 * Does not sleep.
 */
void isolates_report_rlimit(const struct isolates_instance *instance,
			    const struct isolates_rlimit *rlimit, const char *name,
			    u32 mode)
{
	struct isolates_event event = {
		.verdict = verb(true, mode),
		.instance = instance,
		.class_name = "rlimit",
		.operation = "set",
		.object = name,
		.error = EACCES,
		.rule = rule_number(instance, rlimit->rule),
	};

	count(true, mode);
	tell(&event, NULL);
}

/**
 * isolates_report_refusal - Tell that no policy could be asked, so it was denied
 *
 * @path: of the file, if it was one; else NULL.
 * @reason: a static text.
 *
 * Does not sleep. For a probe's handler too, without a path: takes no lock then that
 * it would wait for.
 */
void isolates_report_refusal(const struct path *path, const char *reason)
{
	struct isolates_event event = {
		.verdict = "denied",
		.error = EACCES,
		.reason = reason,
	};
	struct name_snapshot last;

	this_cpu_inc(denials);
	if (!path) {
		tell_shortly(&event);
		return;
	}
	/* It need not have a path. */
	take_dentry_name_snapshot(&last, path->dentry);
	event.class_name = "file";
	event.object = last.name.name;
	tell(&event, NULL);
	release_dentry_name_snapshot(&last);
}
