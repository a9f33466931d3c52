// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of making and entering namespaces.
 *
 * A user namespace is made behind a hook, and what clone() makes is told to the hook that
 * allocates the task. All else has no hook, so what does the work is probed: the one
 * function of unshare(), and, for setns(), what each kind of namespace is installed with,
 * be it by a descriptor of its own or by one of a process. The flags of the calls could
 * not be trusted, as they may lie in user memory; these get what is really done.
 *
 * The time namespace that is made for a task's children is entered by its next exec.
 * That it was made, or entered, was asked before.
 */
#include <asm/unistd_32_ia32.h>
#include <linux/kprobes.h>
#include <linux/proc_ns.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>

#include <asm/syscall.h>

#include "check.h"
#include "compat.h"
#include "confinement.h"
#include "namespace.h"
#include "probe.h"
#include "probe_set.h"
#include "setup.h"
#include "table.h"
#include "task.h"

static const struct {
	const char *name;
	int clone_flag;
} kinds[ISOLATES_NAMESPACE_COUNT] = {
	[ISOLATES_NAMESPACE_CGROUP] = { "cgroup", CLONE_NEWCGROUP },
	[ISOLATES_NAMESPACE_IPC] = { "ipc", CLONE_NEWIPC },
	[ISOLATES_NAMESPACE_MNT] = { "mnt", CLONE_NEWNS },
	[ISOLATES_NAMESPACE_NET] = { "net", CLONE_NEWNET },
	[ISOLATES_NAMESPACE_PID] = { "pid", CLONE_NEWPID },
	[ISOLATES_NAMESPACE_TIME] = { "time", CLONE_NEWTIME },
	[ISOLATES_NAMESPACE_USER] = { "user", CLONE_NEWUSER },
	[ISOLATES_NAMESPACE_UTS] = { "uts", CLONE_NEWUTS },
};

/**
 * isolates_namespace_kind - Look a kind of namespace up by its name
 *
 * @name: as in /proc/PID/ns.
 *
 * Returns: its enum isolates_namespace, or -EINVAL.
 */
int isolates_namespace_kind(const char *name)
{
	u32 kind;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		if (!strcmp(kinds[kind].name, name))
			return kind;
	}
	return -EINVAL;
}

/* As in /proc/PID/ns. */
const char *isolates_namespace_name(u32 kind)
{
	return kinds[kind].name;
}

/* CLONE_NEW*, as clone() has it, and a namespace's file. */
int isolates_namespace_flag(u32 kind)
{
	return kinds[kind].clone_flag;
}

/* What is asked about a namespace. */
struct question {
	u8 kind;
	struct isolates_piece piece;
	struct isolates_request request;
	struct isolates_object object;
};

static void ask(struct question *question, u32 kind, u32 operation)
{
	question->kind = kind;
	question->piece = (struct isolates_piece) { &question->kind, 1 };
	question->request = (struct isolates_request) {
		.class_id = ISOLATES_CLASS_NAMESPACE,
		.operations = operation,
		.pieces = &question->piece,
		.count = 1,
	};
	question->object = (struct isolates_object) { .peer = kinds[kind].name };
}

NOKPROBE_SYMBOL(ask);

/**
 * isolates_namespace_check_clone - May the current task make namespaces by clone()?
 *
 * @confinement: the current task's; NULL: unconfined.
 * @flags: of clone(), CLONE_NEW* among them. A user namespace has been asked about before.
 *
 * Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_namespace_check_clone(const struct isolates_confinement *confinement,
				   unsigned long flags)
{
	struct question question;
	u32 kind;
	int error = 0;

	if (!confinement)
		return 0;
	for (kind = 0; kind < ARRAY_SIZE(kinds) && !error; kind++) {
		if (kind == ISOLATES_NAMESPACE_USER || !(flags & kinds[kind].clone_flag))
			continue;
		ask(&question, kind, ISOLATES_NAMESPACE_CREATE);
		error = isolates_check(confinement, &question.request, &question.object);
	}
	return error;
}

/* By clone() or unshare(). */
static int hook_userns_create(const struct cred *cred)
{
	const struct isolates_confinement *confinement;
	struct question question;

	if (isolates_current_is_unconfined())
		return 0;
	confinement = isolates_current_confinement();
	if (!confinement)
		return 0;
	ask(&question, ISOLATES_NAMESPACE_USER, ISOLATES_NAMESPACE_CREATE);
	return isolates_check(confinement, &question.request, &question.object);
}

/**
 * isolates_namespace_is_entered - Is the current task in setns()?
 *
 * A visitor has come from outside, and may go back there, or on, whatever the policies
 * say that it visits: else what they do not allow would keep it there. That is so for
 * all that setns() is asked: for the capabilities too, and for the look at the process
 * whose namespaces are entered.
 *
 * Returns: whether only isolates_entries_lasting_labels() are to be asked.
 */
bool isolates_namespace_is_entered(void)
{
	const int number = syscall_get_nr(current, current_pt_regs());

	/* What works for a task, but is none of its threads, is in no call of its own. */
	if (current->flags & (PF_KTHREAD | PF_USER_WORKER))
		return false;
	if (in_ia32_syscall())
		return number == __NR_ia32_setns;
	return (number & ~__X32_SYSCALL_BIT) == __NR_setns;
}

/*
 * What the probes ask. With preemption off, perhaps as an exception: no lock, no memory.
 * Who enters something leaves what it visits.
 */
static int verdict(unsigned long flags, u32 operation)
{
	struct isolates_label_set set;
	struct question question;
	u32 kind;
	int error;

	if (isolates_current_is_unconfined())
		return 0;
	error = operation == ISOLATES_NAMESPACE_ENTER ?
		isolates_task_lasting_labels_atomic(&set) :
		isolates_task_labels_atomic(&set);
	if (error) {
		isolates_report_refusal(NULL, "under too many policies");
		return -EPERM;
	}
	for (kind = 0; kind < ARRAY_SIZE(kinds) && set.count && !error; kind++) {
		if (!(flags & kinds[kind].clone_flag))
			continue;
		ask(&question, kind, operation);
		question.object.is_in_probe = true;
		error = isolates_check_labels(&set, &question.request, &question.object);
	}
	return error;
}

NOKPROBE_SYMBOL(verdict);

static int override(struct pt_regs *regs, unsigned long flags, u32 operation)
{
	const int error = verdict(flags, operation);

	if (likely(!error))
		return 0;
	isolates_probe_override(regs, error);
	return 1;
}

NOKPROBE_SYMBOL(override);

/* Its first argument is the flags, with what they imply; a user namespace is made before. */
static int unshare_entered(struct kprobe *probe, struct pt_regs *regs)
{
	return override(regs, regs_get_kernel_argument(regs, 0) & ~(unsigned long)CLONE_NEWUSER,
			ISOLATES_NAMESPACE_CREATE);
}

NOKPROBE_SYMBOL(unshare_entered);

/* A function that does the work. */
struct way {
	struct kprobe probe;
	/* What it installs a namespace with; NULL: it is unshare(). */
	const struct proc_ns_operations *operations;
};

static int install_entered(struct kprobe *probe, struct pt_regs *regs)
{
	const struct way *const way = container_of(probe, struct way, probe);

	return override(regs, way->operations->type, ISOLATES_NAMESPACE_ENTER);
}

NOKPROBE_SYMBOL(install_entered);

/* All there are in this kernel. */
static struct way ways[] = {
	{ .probe.symbol_name = "unshare_nsproxy_namespaces" },
	{ .operations = &mntns_operations },
#ifdef CONFIG_NET_NS
	{ .operations = &netns_operations },
#endif
#ifdef CONFIG_UTS_NS
	{ .operations = &utsns_operations },
#endif
#ifdef CONFIG_IPC_NS
	{ .operations = &ipcns_operations },
#endif
#ifdef CONFIG_PID_NS
	{ .operations = &pidns_operations },
	{ .operations = &pidns_for_children_operations },
#endif
#ifdef CONFIG_USER_NS
	{ .operations = &userns_operations },
#endif
#ifdef CONFIG_CGROUPS
	{ .operations = &cgroupns_operations },
#endif
#ifdef CONFIG_TIME_NS
	{ .operations = &timens_operations },
	{ .operations = &timens_for_children_operations },
#endif
};

/* Does an earlier one have the same function? It must not be asked about twice. */
static bool is_repeated(const struct way *way)
{
	const struct way *other;

	for (other = ways; other < way; other++) {
		if (way->operations && other->operations &&
		    other->operations->install == way->operations->install)
			return true;
	}
	return false;
}

/**
 * isolates_namespace_is_spoken_of - Has a policy to be asked by the probes?
 *
 * @view: of a verified blob.
 * @policy: one of its policies.
 *
 * Returns: whether there is more to say than that all of it is allowed.
 */
bool isolates_namespace_is_spoken_of(const struct isolates_view *view,
				     const struct isolates_policy *policy)
{
	struct question question;
	u32 audited = 0;
	u32 kind;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		/* A user namespace is made behind a hook. */
		ask(&question, kind, kind == ISOLATES_NAMESPACE_USER ?
		    ISOLATES_NAMESPACE_ENTER : ISOLATES_NAMESPACE_OPS);
		if (!isolates_decide_silent(view, policy, &question.request,
					    &audited))
			return true;
	}
	return false;
}

static bool is_needed_by(const struct isolates_instance *instance)
{
	return instance->speaks_of_namespaces;
}

static struct kprobe *probes[ARRAY_SIZE(ways)];

/* See namespace.h. */
struct isolates_probe_set isolates_namespace_probes = {
	.failure = "what enters and makes namespaces cannot be probed",
	.is_needed_by = is_needed_by,
	.probes = probes,
};

/* Before any policy can be loaded. */
void __init isolates_namespace_init(void)
{
	struct isolates_probe_set *const set = &isolates_namespace_probes;
	struct way *way;

	for (way = ways; way < ways + ARRAY_SIZE(ways); way++) {
		if (is_repeated(way))
			continue;
		if (way->operations)
			way->probe.addr = (kprobe_opcode_t *)way->operations->install;
		way->probe.pre_handler = way->operations ? install_entered :
							   unshare_entered;
		probes[set->count++] = &way->probe;
	}
}

static struct security_hook_list namespace_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(userns_create, hook_userns_create),
};

void __init isolates_add_namespace_hooks(void)
{
	security_add_hooks(namespace_hooks, ARRAY_SIZE(namespace_hooks), &isolates_lsm_id);
}
