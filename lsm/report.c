// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dcache.h>
#include <linux/percpu.h>

#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "report.h"
#include "table.h"

static DEFINE_PER_CPU(unsigned long, denials);
static DEFINE_RATELIMIT_STATE(report_rate, DEFAULT_RATELIMIT_INTERVAL, 20);

/* By bit of a class's operations, as a policy spells them. */
static const char *const file_ops[] = {
	"read", "write", "append", "exec", "mmap", "lock", "link", "create",
	"unlink", "mkdir", "rmdir", "rename", "symlink", "mknod", "chmod",
	"chown", "truncate", "chroot",
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

/* Where a rule stands. */
struct origin {
	const char *source;
	u32 line;
};

/* No rule decided, or the blob does not say which. */
static const struct origin no_origin = { .source = "none" };

static struct origin rule_origin(const struct isolates_instance *instance,
				 const struct isolates_rule *rule)
{
	const struct isolates_view *const view = &instance->blob->view;
	struct origin origin = no_origin;

	if (rule) {
		origin.source = isolates_view_text(view,
						   view->sources[rule->source].name);
		origin.line = rule->line;
	}
	return origin;
}

/* The rule of a number that something of the policy has; or NULL. */
static const struct isolates_rule *
rule_number(const struct isolates_instance *instance, u32 number)
{
	return number == ISOLATES_RULE_NONE ? NULL :
	       instance->blob->view.rules + instance->policy->rules.first + number;
}

/* The path of an object, in a buffer to be freed; an error is its own text. */
static const char *path_text(const struct path *path, char **buffer)
{
	char *text;

	*buffer = kmalloc(PATH_MAX, GFP_ATOMIC | __GFP_NOWARN);
	if (!*buffer)
		return "(no memory for the path)";
	text = d_absolute_path(path, *buffer, PATH_MAX);
	return IS_ERR(text) ? "(no path)" : text;
}

/* One line of the log. @verb says what became of the operation. */
static void print_line(const char *verb, const struct isolates_label *label,
		       const char *class_name, const char *op,
		       const struct isolates_object *object, u32 error,
		       const struct origin *origin)
{
	char comm[TASK_COMM_LEN];
	const char *name = object->peer ?: "";
	char *buffer = NULL;

	if (object->path)
		name = path_text(object->path, &buffer);
	/* Without the lock, which a probe may not wait for: only a racing name. */
	strscpy(comm, current->comm, sizeof(comm));
	if (object->network)
		pr_notice("isolates: %s policy=\"%s\" class=%s operation=%s facts=%*phN pid=%d comm=\"%*pE\" errno=%u rule=%s:%u\n",
			  verb, label->name, class_name, op,
			  (int)object->network->length, object->network->bytes,
			  task_tgid_nr(current), (int)strlen(comm), comm, error,
			  origin->source, origin->line);
	else
		pr_notice("isolates: %s policy=\"%s\" class=%s operation=%s object=\"%*pE\" signal=%d pid=%d comm=\"%*pE\" errno=%u rule=%s:%u\n",
			  verb, label->name, class_name, op, (int)strlen(name),
			  name, object->signal, task_tgid_nr(current),
			  (int)strlen(comm), comm, error, origin->source,
			  origin->line);
	kfree(buffer);
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
 * Does not sleep. Not with rename_lock or mount_lock held.
 */
void isolates_report(const struct isolates_instance *instance,
		     const struct isolates_request *request,
		     const struct isolates_verdict *verdict, u32 mode,
		     const struct isolates_object *object)
{
	const u32 told = verdict->denied ? verdict->reported & verdict->denied :
					   verdict->reported;
	struct origin origin;

	count(verdict->denied, mode);
	if (!told || !__ratelimit(&report_rate))
		return;
	origin = rule_origin(instance,
			     isolates_decide_rule(&instance->blob->view,
						  instance->policy, request, verdict));
	print_line(verb(verdict->denied, mode), instance->label,
		   classes[request->class_id].name,
		   first_op_name(request->class_id, told), object,
		   verdict->error, &origin);
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
	const struct isolates_object object = { .peer = name };
	struct origin origin;

	count(verdict->denied, mode);
	if (!verdict->reported || !__ratelimit(&report_rate))
		return;
	origin = rule_origin(instance, rule_number(instance, verdict->rule ?
						   verdict->rule->rule :
						   ISOLATES_RULE_NONE));
	print_line(verb(verdict->denied, mode), instance->label, "syscall", "call",
		   &object, verdict->error, &origin);
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
	char comm[TASK_COMM_LEN];
	const char *name;
	char *buffer;

	count(true, mode);
	if (!__ratelimit(&report_rate))
		return;
	name = path_text(program, &buffer);
	get_task_comm(comm, current);
	pr_notice("isolates: %s policy=\"%s\" class=file operation=exec object=\"%*pE\" target=\"%s\" pid=%d comm=\"%*pE\" errno=%u reason=\"%s\"\n",
		  verb(true, mode), instance->label->name, (int)strlen(name), name, target,
		  task_tgid_nr(current), (int)strlen(comm), comm, EACCES, reason);
	kfree(buffer);
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
	const struct isolates_object object = { .peer = name };
	struct origin origin;

	count(true, mode);
	if (!__ratelimit(&report_rate))
		return;
	origin = rule_origin(instance, rule_number(instance, rlimit->rule));
	print_line(verb(true, mode), instance->label, "rlimit", "set", &object, EACCES,
		   &origin);
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
	char comm[TASK_COMM_LEN];
	struct name_snapshot last;

	this_cpu_inc(denials);
	if (!__ratelimit(&report_rate))
		return;
	/* Without the lock, which a probe may not wait for: only a racing name. */
	strscpy(comm, current->comm, sizeof(comm));
	if (!path) {
		pr_notice("isolates: denied pid=%d comm=\"%*pE\" reason=\"%s\"\n",
			  task_tgid_nr(current), (int)strlen(comm), comm, reason);
		return;
	}
	/* It need not have a path. Not %pd, which lets a name bring lines of its own. */
	take_dentry_name_snapshot(&last, path->dentry);
	pr_notice("isolates: denied class=file name=\"%*pE\" pid=%d comm=\"%*pE\" reason=\"%s\"\n",
		  (int)last.name.len, last.name.name, task_tgid_nr(current),
		  (int)strlen(comm), comm, reason);
	release_dentry_name_snapshot(&last);
}
