// SPDX-License-Identifier: GPL-2.0-only
/*
 * A task under a policy may ask for another one, in the words that AppArmor has for it:
 *
 * LSM_ATTR_CURRENT  "changeprofile NAME": at once. "permprofile NAME": only if it could.
 *                   "changehat TOKEN^NAME", TOKEN a number in hexadecimal digits, and NAMEs
 *                   with a NUL between them, of which the first that there is counts: the
 *                   child of that name, from which "changehat TOKEN^" leads back. A wrong
 *                   TOKEN is deadly, lest it be guessed.
 * LSM_ATTR_EXEC     "exec NAME": by the next exec; "exec ": or not.
 *
 * Every policy it is under must allow it, and each moves then, as by an exec that its rules
 * lead somewhere. Who is under none stays so: this is no way for a task to confine itself.
 *
 * Reading LSM_ATTR_CURRENT gives the names of the policies, with "//&" between them.
 *
 * Kernels without the calls for these attributes have no way to ask.
 */
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kstrtox.h>
#include <linux/lsm_hooks.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "change.h"
#include "check.h"
#include "compat.h"
#include "cred.h"
#include "kill.h"
#include "path.h"
#include "ptrace.h"
#include "setup.h"
#include "task.h"
#include "transition.h"

/* The hats that can be offered at once, and the room for what one is called. */
#define OFFERS_MAX	16
#define BETWEEN		"//"

/* Do these policies let their task move to @target; by executing @program, if not NULL? */
static int check_target(const struct isolates_label_set *set, const char *target, u32 length,
			const struct isolates_program *program)
{
	static const u8 nul;
	const struct isolates_piece pieces[] = {
		{ (const u8 *)(program ? program->name : ""), program ? program->length : 0 },
		{ &nul, 1 },
		{ (const u8 *)target, length },
	};
	const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_CHANGE_PROFILE,
		.operations = program ? ISOLATES_CHANGE_PROFILE_ONEXEC :
					ISOLATES_CHANGE_PROFILE_NOW,
		.pieces = pieces,
		.count = ARRAY_SIZE(pieces),
	};
	const struct isolates_object object = { .peer = target };

	return isolates_check_labels(set, &request, &object);
}

static struct isolates_label_set labels_of(const struct isolates_confinement *confinement)
{
	struct isolates_label_set set = { .count = confinement->count };

	memcpy(set.labels, confinement->labels, set.count * sizeof(*set.labels));
	return set;
}

/* Does the policy of @label, at this moment, say anything at all? */
static bool is_asked(const struct isolates_table *table, const struct isolates_label *label)
{
	const struct isolates_instance *const instance = isolates_instance_of(table, label);

	return instance && READ_ONCE(instance->mode) != ISOLATES_MODE_DISABLED;
}

/*
 * What all that is asked moves to @target. Returns: 0 with *@changed set, to a reference or
 * to NULL if that changes nothing; -ENOENT: it is not in force; -ENOMEM.
 */
static int move_all(const struct isolates_confinement *confinement, const char *target,
		    u32 length, struct isolates_confinement **changed)
{
	const bool is_free = !strcmp(target, ISOLATES_UNCONFINED);
	struct isolates_label *to[ISOLATES_LABELS_PER_TASK];
	const struct isolates_instance *instance = NULL;
	const struct isolates_table *table;
	int error = 0;
	u32 i;

	*changed = NULL;
	rcu_read_lock();
	table = rcu_dereference(isolates_table);
	if (!is_free) {
		instance = isolates_find_open(table, target, length);
		error = instance ? 0 : -ENOENT;
	}
	for (i = 0; i < confinement->count; i++) {
		to[i] = confinement->labels[i];
		if (is_asked(table, to[i]))
			to[i] = is_free ? NULL : error ? to[i] : instance->label;
	}
	if (!error)
		error = isolates_confinement_move(confinement, to, changed);
	rcu_read_unlock();
	return error;
}

/* What the current task is under, if it may be asked to change that; or an error. */
static const struct isolates_confinement *changeable(void)
{
	const struct isolates_confinement *confinement;

	if (isolates_current_is_unconfined())
		return ERR_PTR(-EPERM);
	confinement = isolates_current_confinement();
	if (!confinement || confinement->broken)
		return ERR_PTR(-EPERM);
	/* It acts for another, or its program is just being replaced. */
	if (current_cred() != current_real_cred())
		return ERR_PTR(-EBUSY);
	if (task_no_new_privs(current) &&
	    isolates_refuse(confinement, NULL, "with no_new_privs no policy is changed"))
		return ERR_PTR(-EPERM);
	return confinement;
}

/*
 * Put the current task under @next, whose reference is taken over, with the credentials
 * @cred, which are set to NULL. Who traces it must be allowed to trace that. Returns: 0, or
 * the negative errno to fail with, nothing changed.
 */
static int become(struct cred **cred, struct isolates_confinement *next)
{
	const int error = isolates_ptrace_may_become(next);

	if (error) {
		isolates_confinement_put(next);
		return error;
	}
	isolates_task_change(next);
	isolates_cred_become(*cred);
	commit_creds(*cred);
	*cred = NULL;
	return 0;
}

/* There is no way back to what was before. */
static void forget_hat(struct isolates_change *change)
{
	isolates_confinement_put(change->before);
	change->before = NULL;
	change->token = 0;
}

static int change_now(struct cred **cred, const char *target, u32 length, bool only_ask)
{
	const struct isolates_confinement *const confinement = changeable();
	struct isolates_confinement *next;
	struct isolates_label_set set;
	int error;

	if (IS_ERR(confinement))
		return PTR_ERR(confinement);
	set = labels_of(confinement);
	error = check_target(&set, target, length, NULL);
	if (!error)
		error = move_all(confinement, target, length, &next);
	if (error)
		return error;
	if (only_ask) {
		isolates_confinement_put(next);
		return 0;
	}
	if (next)
		error = become(cred, next);
	if (!error)
		forget_hat(&isolates_task(current)->change);
	return error;
}

static int change_later(const char *target, u32 length)
{
	struct isolates_change *const change = &isolates_task(current)->change;
	const struct isolates_confinement *const confinement = changeable();
	struct isolates_label *label = NULL;

	if (IS_ERR(confinement))
		return PTR_ERR(confinement);
	/* Whether it may is asked then: it depends on the program. */
	if (length) {
		label = isolates_label_find(target, length);
		if (!label)
			return -ENOENT;
	}
	if (change->on_exec)
		isolates_label_put(change->on_exec);
	change->on_exec = label;
	return 0;
}

/**
 * isolates_change_on_exec - Where an exec leads that the task has asked to lead elsewhere
 *
 * @confinement: of the current task; not the broken one.
 * @program: what is executed.
 * @destination: filled, on success. The program must not trust its environment.
 *
 * For isolates_change_awaits_exec(). A rule on the change stands for one on the exec, as in
 * AppArmor. Does not sleep.
 *
 * Returns: 0, or the negative errno to fail with.
 */
int isolates_change_on_exec(const struct isolates_confinement *confinement,
			    const struct isolates_program *program,
			    struct isolates_destination *destination)
{
	const struct isolates_label *const target = isolates_task(current)->change.on_exec;
	const struct isolates_label_set set = labels_of(confinement);
	int error;

	destination->confinement = NULL;
	destination->scrubs = true;
	error = check_target(&set, target->name, target->length, program);
	if (!error)
		error = move_all(confinement, target->name, target->length,
				 &destination->confinement);
	return error == -ENOENT ? isolates_refuse(confinement, program->path,
						  "the policy asked for is not in force") :
				  error;
}

/**
 * isolates_change_check_open - May what is opened to be executed be executed for a change?
 *
 * @path: of the file, held by the caller.
 * @owner: the task owns it.
 *
 * For isolates_change_awaits_exec(). May sleep. Returns: 0, or the negative errno to fail
 * with.
 */
int isolates_change_check_open(const struct path *path, bool owner)
{
	struct isolates_program program = { .path = path, .owner = owner };
	const struct isolates_confinement *confinement;
	struct isolates_label_set set;
	char *text;
	int error;

	error = isolates_path_text(path, &text, &program.length);
	/* Asked only now: that may have slept. */
	confinement = isolates_current_confinement();
	if (!confinement) {
		error = 0;
	} else if (confinement->broken) {
		error = -EACCES;
	} else if (error) {
		error = isolates_refuse(confinement, path, isolates_path_reason(error));
	} else {
		const struct isolates_label *const target =
			isolates_task(current)->change.on_exec;

		program.name = text;
		set = labels_of(confinement);
		error = check_target(&set, target->name, target->length, &program);
	}
	kvfree(text);
	return error;
}

bool isolates_change_awaits_exec(void)
{
	return isolates_task(current)->change.on_exec;
}

/* The hat of @label called @name; NULL if no policy can have that name. */
static const char *hat_name(const struct isolates_label *label, const char *name,
			    char whole[ISOLATES_NAME_MAX + 1], u32 *length)
{
	*length = snprintf(whole, ISOLATES_NAME_MAX + 1, "%s" BETWEEN "%s", label->name, name);
	return *length <= ISOLATES_NAME_MAX ? whole : NULL;
}

/*
 * What @confinement becomes when all that is asked puts its hat @name on. Returns: 0 with
 * *@next set to a reference, -ENOENT if one has no such hat, or -ENOMEM.
 */
static int put_on(const struct isolates_confinement *confinement, const char *name,
		  struct isolates_confinement **next)
{
	struct isolates_label *to[ISOLATES_LABELS_PER_TASK];
	char whole[ISOLATES_NAME_MAX + 1];
	const struct isolates_instance *hat;
	const struct isolates_table *table;
	int error = 0;
	u32 i, length;

	*next = NULL;
	rcu_read_lock();
	table = rcu_dereference(isolates_table);
	for (i = 0; i < confinement->count && !error; i++) {
		to[i] = confinement->labels[i];
		if (!is_asked(table, to[i]))
			continue;
		hat = hat_name(to[i], name, whole, &length) ?
		      isolates_find_open(table, whole, length) : NULL;
		if (hat)
			to[i] = hat->label;
		else
			error = -ENOENT;
	}
	if (!error)
		error = isolates_confinement_move(confinement, to, next);
	rcu_read_unlock();
	if (error)
		return error;
	return *next ? 0 : -ENOENT;
}

/* Does each policy let its task wear its hat? The compiler makes rules of hats. */
static int check_hats(const struct isolates_confinement *confinement, const char *name)
{
	char whole[ISOLATES_NAME_MAX + 1];
	u32 i, length;
	int error;

	for (i = 0; i < confinement->count; i++) {
		const struct isolates_label_set set = {
			.count = 1, .labels = { confinement->labels[i] },
		};

		if (!hat_name(confinement->labels[i], name, whole, &length))
			return -ENOENT;
		error = check_target(&set, whole, length, NULL);
		if (error)
			return error;
	}
	return 0;
}

/* A wrong token: nobody is to try all of them. */
static int punish(const struct isolates_confinement *confinement)
{
	if (!isolates_refuse(confinement, NULL, "a wrong token for the way out of a hat"))
		return -EACCES;
	isolates_kill_current();
	return -EACCES;
}

/*
 * Into the first of the hats, of which @names has @size bytes, each with a NUL behind it.
 * In a hat, into another one of the policy that it belongs to.
 */
static int enter_hat(struct cred **cred, u64 token, const char *names, size_t size)
{
	struct isolates_change *const change = &isolates_task(current)->change;
	const struct isolates_confinement *const now = changeable();
	const struct isolates_confinement *base;
	struct isolates_confinement *next;
	int error = -ENOENT;
	u32 offers;
	size_t at;

	if (IS_ERR(now))
		return PTR_ERR(now);
	if (change->before && token != change->token)
		return punish(now);
	base = change->before ?: now;
	for (at = 0, offers = 0; at < size && error == -ENOENT; at += strlen(names + at) + 1) {
		if (++offers > OFFERS_MAX)
			return -E2BIG;
		if (names[at])
			error = put_on(base, names + at, &next);
		if (error)
			continue;
		error = check_hats(base, names + at);
		if (error) {
			isolates_confinement_put(next);
			return error;
		}
	}
	if (error)
		return error;

	/* What it comes to be under meanwhile, it stays under: see leave_hat(). */
	base = isolates_confinement_get((struct isolates_confinement *)base);
	error = become(cred, next);
	if (error || change->before) {
		isolates_confinement_put((struct isolates_confinement *)base);
	} else {
		change->before = (struct isolates_confinement *)base;
		change->token = token;
	}
	return error;
}

/*
 * @now, but that what has come of each reason to be confined that there was when the hat
 * was put on is what it was then. By the reasons, not by the names: whatever has come to
 * it since stays. Returns: a reference, or NULL for want of memory.
 */
static struct isolates_confinement *without_hat(const struct isolates_confinement *now,
						const struct isolates_confinement *before)
{
	struct isolates_entry_set set, then;
	const struct isolates_entry *old;
	u32 i;

	isolates_entry_set_begin(&set, now);
	isolates_entry_set_begin(&then, before);
	for (i = 0; i < set.count; i++) {
		old = isolates_entry_set_find(&then, set.entries[i].origin);
		/* What had let it go, or has by now, is the operator's, or another exec's. */
		if (old && old->label && set.entries[i].label)
			set.entries[i].label = old->label;
	}
	return isolates_confinement_intern(&set);
}

static int leave_hat(struct cred **cred, u64 token)
{
	struct isolates_change *const change = &isolates_task(current)->change;
	const struct isolates_confinement *const now = changeable();
	struct isolates_confinement *next;
	int error;

	if (IS_ERR(now))
		return PTR_ERR(now);
	if (!change->before)
		return 0;
	/* Without one there is no way back. */
	if (!token || token != change->token)
		return punish(now);
	rcu_read_lock();
	next = without_hat(now, change->before);
	rcu_read_unlock();
	if (!next)
		return -ENOMEM;
	error = become(cred, next);
	if (!error)
		forget_hat(change);
	return error;
}

/* @text: "TOKEN^NAME...", NUL-terminated, of @size bytes without that. */
static int change_hat(struct cred **cred, char *text, size_t size)
{
	char *const end = strchr(text, '^');
	u64 token;

	if (!end)
		return -EINVAL;
	*end = '\0';
	if (!isxdigit(*text) || kstrtou64(text, 16, &token))
		return -EINVAL;
	return end[1] ? enter_hat(cred, token, end + 1, text + size - end - 1) :
			leave_hat(cred, token);
}

/* @text: what was written, NUL-terminated, of @size bytes without that. */
static int set_current(struct cred **cred, char *text, size_t size)
{
	static const char change[] = "changeprofile ", ask[] = "permprofile ",
			  hat[] = "changehat ";
	const bool only_ask = str_has_prefix(text, ask);
	const size_t length = str_has_prefix(text, change) ?: str_has_prefix(text, ask);

	if (str_has_prefix(text, hat))
		return change_hat(cred, text + strlen(hat), size - strlen(hat));
	if (!length || strlen(text) != size || size - length - 1 >= ISOLATES_NAME_MAX)
		return -EINVAL;
	return change_now(cred, text + length, size - length, only_ask);
}

static int set_exec(const char *text, size_t size)
{
	const size_t length = str_has_prefix(text, "exec ");

	if (!length || strlen(text) != size || size - length > ISOLATES_NAME_MAX)
		return -EINVAL;
	return change_later(text + length, size - length);
}

static int __maybe_unused hook_setselfattr(unsigned int attr, struct lsm_ctx *ctx,
					   u32 size, u32 flags)
{
	size_t length = ctx->ctx_len;
	struct cred *cred;
	char *text;
	int error;

	if (attr != LSM_ATTR_CURRENT && attr != LSM_ATTR_EXEC)
		return -EOPNOTSUPP;
	if (flags || ctx->flags)
		return -EINVAL;
	/* One NUL at the end, or newline, is none of it. */
	if (length && (!ctx->ctx[length - 1] || ctx->ctx[length - 1] == '\n'))
		length--;
	if (!length)
		return -EINVAL;
	text = kmemdup_nul((const char *)ctx->ctx, length, GFP_KERNEL);
	/* Before what the task is under is looked at: making them looks at it anew. */
	cred = prepare_creds();
	if (!text || !cred)
		error = -ENOMEM;
	else if (attr == LSM_ATTR_CURRENT)
		error = set_current(&cred, text, length);
	else
		error = set_exec(text, length);
	if (cred)
		abort_creds(cred);
	kfree(text);
	return error;
}

/* The names of what @confinement is, to be freed; or an error. */
static char *names_of(const struct isolates_confinement *confinement)
{
	const size_t size = ISOLATES_LABELS_PER_TASK * (ISOLATES_NAME_MAX + sizeof("//&"));
	char *const text = kzalloc(size, GFP_KERNEL);
	size_t length = 0;
	u32 i;

	if (!text)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < confinement->count; i++)
		length += scnprintf(text + length, size - length, "%s%s", i ? "//&" : "",
				    confinement->labels[i]->name);
	return text;
}

static int __maybe_unused hook_getselfattr(unsigned int attr, struct lsm_ctx __user *ctx,
					   u32 *size, u32 flags)
{
	const struct isolates_change *const change = &isolates_task(current)->change;
	const struct isolates_confinement *confinement = NULL;
	const char *name = ISOLATES_UNCONFINED;
	char *names = NULL;
	int error;

	if (attr != LSM_ATTR_CURRENT && attr != LSM_ATTR_EXEC)
		return -EOPNOTSUPP;
	if (attr == LSM_ATTR_EXEC) {
		if (!change->on_exec)
			return -ENOENT;
		name = change->on_exec->name;
	} else if (!isolates_current_is_unconfined()) {
		confinement = isolates_current_confinement();
	}
	if (confinement) {
		names = names_of(confinement);
		if (IS_ERR(names))
			return PTR_ERR(names);
		name = names;
	}
	error = lsm_fill_user_ctx(ctx, size, (void *)name, strlen(name) + 1, ISOLATES_LSM_ID,
				  0);
	kfree(names);
	return error ?: 1;
}

/* A child may ask and go back as its parent may. */
void isolates_change_inherit(struct isolates_change *child,
			     const struct isolates_change *parent)
{
	*child = *parent;
	if (child->on_exec)
		isolates_label_get(child->on_exec);
	isolates_confinement_get(child->before);
}

/* After an exec, or at the task's end: what was asked for is done. */
void isolates_change_end(struct isolates_change *change)
{
	if (change->on_exec)
		isolates_label_put(change->on_exec);
	change->on_exec = NULL;
	forget_hat(change);
}

static struct security_hook_list change_hooks[] __ro_after_init = {
	ISOLATES_GETSELFATTR_INIT(hook_getselfattr)
	ISOLATES_SETSELFATTR_INIT(hook_setselfattr)
};

void __init isolates_add_change_hooks(void)
{
	security_add_hooks(change_hooks, ARRAY_SIZE(change_hooks), &isolates_lsm_id);
}
