// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of capabilities: of those that a task has, which ones it may use.
 */
#include <linux/capability.h>
#include <linux/preempt.h>

#include "capability.h"
#include "check.h"
#include "cred.h"
#include "mount.h"
#include "namespace.h"
#include "setup.h"
#include "task.h"

/* As in include/uapi/linux/capability.h. */
static const char *const names[] = {
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill",
	"setgid", "setuid", "setpcap", "linux_immutable", "net_bind_service",
	"net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
	"sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
	"sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time",
	"sys_tty_config", "mknod", "lease", "audit_write", "audit_control",
	"setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm",
	"block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
};

static_assert(ARRAY_SIZE(names) == ISOLATES_CAPABILITIES);
static_assert(ARRAY_SIZE(names) == CAP_LAST_CAP + 1);

/* What is asked about a capability. */
struct question {
	u8 number;
	struct isolates_piece piece;
	struct isolates_request request;
};

static void ask(struct question *question, int cap)
{
	question->number = cap;
	question->piece = (struct isolates_piece) { &question->number, 1 };
	question->request = (struct isolates_request) {
		.class_id = ISOLATES_CLASS_CAPABILITY,
		.operations = ISOLATES_CAPABILITY_USE,
		.pieces = &question->piece,
		.count = 1,
	};
}

static int check(const struct isolates_confinement *confinement, int cap,
		 bool is_probing)
{
	const struct isolates_object object = {
		.peer = names[cap],
		.is_probing = is_probing,
	};
	struct question question;

	if (!confinement)
		return 0;
	ask(&question, cap);
	return isolates_check(confinement, &question.request, &object);
}

/**
 * isolates_capability_check - Do the current task's policies allow it a capability?
 *
 * @cap: CAP_*; or, as the kernel itself has it for the newer ones, CAP_SYS_ADMIN.
 *
 * For operations that the kernel does not ask a capability for, whether or not the
 * task has it. Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_capability_check(int cap)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	struct question question;

	if (!confinement)
		return 0;
	/* Of two that would do, the rule about the one that is asked for is told. */
	ask(&question, cap);
	if (!isolates_allows(confinement, &question.request)) {
		ask(&question, CAP_SYS_ADMIN);
		if (isolates_allows(confinement, &question.request))
			cap = CAP_SYS_ADMIN;
	}
	return check(confinement, cap, false);
}

/* For what setns() asks a visitor who leaves: see isolates_namespace_is_entered(). */
static noinline int check_leaving(const struct isolates_confinement *confinement, int cap,
				  bool is_probing)
{
	const struct isolates_object object = {
		.peer = names[cap],
		.is_probing = is_probing,
	};
	struct isolates_label_set lasting;
	struct question question;

	isolates_entries_lasting_labels(confinement->entries, confinement->entry_count,
					&lasting);
	ask(&question, cap);
	return isolates_check_labels(&lasting, &question.request, &object);
}

/*
 * Credentials that are neither the current task's nor ones that it acts with: those
 * of who opened a file, or of who traces it. Theirs is the capability. The user of a
 * file must be allowed it as well, lest a descriptor from before lets it out: the
 * kernel is not just probing then.
 */
static int check_foreign(const struct isolates_confinement *confinement,
			 const struct cred *cred, int cap, unsigned int opts)
{
	const struct isolates_confinement *const maker = isolates_cred(cred)->confinement;
	int error = 0;

	if (!(opts & CAP_OPT_NOAUDIT))
		error = check(confinement, cap, false);
	/* Nobody who is not here is told of, or killed. */
	return error ?: check(maker, cap, true);
}

static noinline int check_capable(const struct cred *cred, int cap, unsigned int opts)
{
	/*
	 * Whoever cred is of: whoever changes namespaces is asked for a capability
	 * before, so it is looked at while it still lives where it does. See struct
	 * isolates_task.
	 */
	const struct isolates_confinement *const confinement =
		isolates_current_is_unconfined() ? NULL : isolates_current_confinement();
	int error;

	if (cred != current_real_cred() && cred != current_cred())
		return check_foreign(confinement, cred, cap, opts);
	/* The kernel acts for itself, as overlayfs does. */
	if (!isolates_cred_is_of_current(cred))
		return 0;
	if (confinement && unlikely(confinement->awaits_exec) &&
	    isolates_namespace_is_entered())
		return check_leaving(confinement, cap, opts & CAP_OPT_NOAUDIT);
	error = check(confinement, cap, opts & CAP_OPT_NOAUDIT);
	if (!error && confinement && cap == CAP_SYS_ADMIN && !(opts & CAP_OPT_NOAUDIT))
		error = isolates_mount_check_call();
	return error;
}

/* Called when the credentials have the capability, perhaps under a spinlock. */
static int hook_capable(const struct cred *cred, struct user_namespace *ns, int cap,
			unsigned int opts)
{
	if (isolates_current_is_unconfined() &&
	    (likely(cred == current_cred()) || cred == current_real_cred() ||
	     !static_branch_unlikely(&isolates_in_force)))
		return 0;
	/* An interrupt does nothing for the task that it interrupts. */
	return in_task() ? check_capable(cred, cap, opts) : 0;
}

static struct security_hook_list capability_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(capable, hook_capable),
};

void __init isolates_add_capability_hooks(void)
{
	security_add_hooks(capability_hooks, ARRAY_SIZE(capability_hooks),
			   &isolates_lsm_id);
}
