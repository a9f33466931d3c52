// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rcupdate.h>

#include "cache.h"
#include "check.h"
#include "confinement.h"
#include "kill.h"
#include "path.h"
#include "table.h"
#include "task.h"

/* The verdict of all policies. */
struct joint_verdict {
	/* The first that denies, else the first that has something to tell. */
	const struct isolates_instance *instance;
	struct isolates_verdict verdict;	/* of @instance, if not NULL */
	u32 mode;				/* @instance's, then */
	u32 allowed;				/* by all of them */
};

static bool is_denied(const struct joint_verdict *joint)
{
	return joint->verdict.denied && isolates_mode_denies(joint->mode);
}

/* Of what is denied, leave what a rule denies. */
static void drop_unallowed(const struct isolates_instance *instance,
			   const struct isolates_request *request,
			   struct isolates_verdict *verdict)
{
	const struct isolates_policy *const policy = instance->policy;
	const int whose = request->owner ? ISOLATES_OWNER : ISOLATES_OTHER;
	u32 deny = 0, audit = 0;
	u32 i;

	for (i = 0; i < policy->classes[request->class_id].automata.count; i++) {
		const struct isolates_perms *const perms =
			instance->blob->view.perms + policy->perms.first +
			verdict->perms[i];

		deny |= perms->deny[whose];
		audit |= perms->audit[whose];
	}
	verdict->denied &= deny;
	verdict->reported &= verdict->denied | audit;
	if (!verdict->denied)
		verdict->error = 0;
}

static void decide_all(struct isolates_label *const *labels, u32 count,
		       const struct isolates_request *request,
		       struct joint_verdict *joint,
		       bool rules_only)
{
	const struct isolates_table *const table = rcu_dereference(isolates_table);
	struct isolates_verdict verdict;
	u32 i;

	joint->instance = NULL;
	joint->allowed = ~0u;
	for (i = 0; i < count; i++) {
		const struct isolates_instance *const instance =
			isolates_instance_of(table, labels[i]);
		u32 mode;

		if (!instance)
			continue;
		mode = READ_ONCE(instance->mode);
		if (unlikely(mode == ISOLATES_MODE_DISABLED))
			continue;
		isolates_decide(&instance->blob->view, instance->policy, request,
				&verdict);
		if (rules_only)
			drop_unallowed(instance, request, &verdict);
		/* Of what is only complained of, each later use is asked about again. */
		joint->allowed &= verdict.allowed;
		if (likely(!(verdict.denied | verdict.reported)))
			continue;
		if (!joint->instance ||
		    (verdict.denied && isolates_mode_denies(mode) && !is_denied(joint))) {
			joint->instance = instance;
			joint->verdict = verdict;
			joint->mode = mode;
		}
	}
}

/*
 * The short way for nearly every check: is all that is asked allowed by all policies,
 * with nothing to tell? Then @allowed is all that is, and @audited what would have to be
 * told. If not, decide_all() has more to say. In which mode a policy is that allows it
 * does not matter.
 */
static __always_inline bool is_allowed_silently(const struct isolates_confinement *confinement,
						const struct isolates_request *request,
						u32 *allowed, u32 *audited)
{
	const struct isolates_table *const table = rcu_dereference(isolates_table);
	u32 i;

	*allowed = ~0u;
	*audited = 0;
	for (i = 0; i < confinement->count; i++) {
		const struct isolates_instance *const instance =
			isolates_instance_of(table, confinement->labels[i]);
		u32 its;

		if (unlikely(!instance ||
			     READ_ONCE(instance->mode) == ISOLATES_MODE_DISABLED))
			continue;
		its = isolates_decide_silent(&instance->blob->view, instance->policy,
					     request, audited);
		if (unlikely(!its))
			return false;
		*allowed &= its;
	}
	return true;
}

/* Tell what there is to tell. Returns: 0, or the negative errno to fail with. */
static int conclude(const struct joint_verdict *joint,
		    const struct isolates_request *request,
		    const struct isolates_object *object)
{
	if (likely(!joint->instance))
		return 0;
	if (!object->is_probing)
		isolates_report(joint->instance, request, &joint->verdict,
				joint->mode, object);
	if (!is_denied(joint))
		return 0;
	if (joint->mode == ISOLATES_MODE_KILL && !object->is_probing)
		isolates_kill_current();
	return -(int)joint->verdict.error;
}

/**
 * isolates_refuse - Deny what no policy can be asked about
 *
 * @confinement: of the current task, or of one whose labels cannot go away.
 * @path: of the file that it is about, or NULL.
 * @reason: a static text, for the report.
 *
 * Does not sleep. Returns: -EACCES, or 0 if all of the policies only complain, or are
 * disabled.
 */
int isolates_refuse(const struct isolates_confinement *confinement,
		    const struct path *path, const char *reason)
{
	const struct isolates_table *table;
	bool denies = confinement->broken, kills = false;
	u32 i;

	rcu_read_lock();
	table = rcu_dereference(isolates_table);
	for (i = 0; i < confinement->count; i++) {
		const struct isolates_instance *const instance =
			isolates_instance_of(table, confinement->labels[i]);
		const u32 mode = instance ? READ_ONCE(instance->mode) :
					    ISOLATES_MODE_DISABLED;

		denies |= isolates_mode_denies(mode);
		kills |= mode == ISOLATES_MODE_KILL;
	}
	rcu_read_unlock();
	if (!denies)
		return 0;
	isolates_report_refusal(path, reason);
	if (kills)
		isolates_kill_current();
	return -EACCES;
}

static noinline int check_loudly(const struct isolates_confinement *confinement,
				 const struct isolates_request *request,
				 const struct isolates_object *object, bool rules_only)
{
	struct joint_verdict joint;

	decide_all(confinement->labels, confinement->count, request, &joint, rules_only);
	return conclude(&joint, request, object);
}

static __always_inline int check(const struct isolates_confinement *confinement,
				 const struct isolates_request *request,
				 const struct isolates_object *object, bool rules_only,
				 bool *is_silent)
{
	u32 allowed, audited;
	int error = 0;

	*is_silent = false;
	if (unlikely(confinement->broken))
		return -EPERM;
	rcu_read_lock();
	*is_silent = is_allowed_silently(confinement, request, &allowed, &audited);
	if (unlikely(!*is_silent))
		error = check_loudly(confinement, request, object, rules_only);
	rcu_read_unlock();
	return error;
}

/**
 * isolates_check - May this be done?
 *
 * @confinement: of the current task, or of one whose labels cannot go away.
 * @request: what is asked, with its facts.
 * @object: for the report.
 *
 * Does not sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check(const struct isolates_confinement *confinement,
		   const struct isolates_request *request,
		   const struct isolates_object *object)
{
	bool is_silent;

	return check(confinement, request, object, false, &is_silent);
}

/**
 * isolates_check_silence - The same, and is it allowed with nothing to tell of it?
 *
 * @confinement: of the current task, or of one whose labels cannot go away.
 * @request: what is asked, with its facts.
 * @object: for the report.
 * @is_silent: set. As long as isolates_epoch is what it was before, it will be so again.
 */
int isolates_check_silence(const struct isolates_confinement *confinement,
			   const struct isolates_request *request,
			   const struct isolates_object *object, bool *is_silent)
{
	return check(confinement, request, object, false, is_silent);
}

/**
 * isolates_check_denials - Does a rule deny this?
 *
 * @confinement: of the current task, or of one whose labels cannot go away.
 * @request: what is asked, with its facts.
 * @object: for the report.
 *
 * As isolates_check(), but what no rule allows is allowed.
 */
int isolates_check_denials(const struct isolates_confinement *confinement,
			   const struct isolates_request *request,
			   const struct isolates_object *object)
{
	bool is_silent;

	return check(confinement, request, object, true, &is_silent);
}

/**
 * isolates_check_labels - The same by policies that need not be all of a confinement's
 *
 * @set: the policies' labels, valid under the caller's rcu_read_lock(), or with preemption
 *	 off.
 * @request: what is asked, with its facts.
 * @object: for the report; without a path.
 *
 * For a probe's handler too, if @object says so: takes no lock that it would wait for then,
 * and no memory.
 *
 * Returns: 0, or the negative errno to fail with.
 */
int isolates_check_labels(const struct isolates_label_set *set,
			  const struct isolates_request *request,
			  const struct isolates_object *object)
{
	struct joint_verdict joint;
	int error;

	rcu_read_lock();
	decide_all(set->labels, set->count, request, &joint, false);
	error = conclude(&joint, request, object);
	rcu_read_unlock();
	return error;
}

/**
 * isolates_allows - Do the rules of all policies allow this?
 *
 * @confinement: of the current task, or of one whose labels cannot go away.
 * @request: what is asked, with its facts.
 *
 * Whatever their modes are, but a disabled one's count as if they allowed it. Tells
 * nothing. Does not sleep.
 */
bool isolates_allows(const struct isolates_confinement *confinement,
		     const struct isolates_request *request)
{
	struct joint_verdict joint;

	if (unlikely(confinement->broken))
		return false;
	rcu_read_lock();
	decide_all(confinement->labels, confinement->count, request, &joint, false);
	rcu_read_unlock();
	return !(request->operations & ~joint.allowed);
}

/**
 * isolates_is_ruled - Has a policy something to say of what all of them leave open?
 *
 * @confinement: of the current task.
 * @operations: mask of ISOLATES_FILE_ALWAYS_OPEN.
 *
 * Does not sleep. Returns: false if none denies or audits them of any file.
 */
bool isolates_is_ruled(const struct isolates_confinement *confinement, u32 operations)
{
	const struct isolates_table *table;
	bool is_ruled = confinement->broken;
	u32 i;

	rcu_read_lock();
	table = rcu_dereference(isolates_table);
	for (i = 0; i < confinement->count; i++) {
		const struct isolates_instance *const instance =
			isolates_instance_of(table, confinement->labels[i]);

		is_ruled |= instance && instance->ruled_open & operations;
	}
	rcu_read_unlock();
	return is_ruled;
}

/* The pieces of @name are the facts. */
static void decide_name(const struct isolates_confinement *confinement,
			const struct isolates_path *name,
			struct isolates_request *request, struct joint_verdict *joint)
{
	request->pieces = name->pieces + name->first;
	request->count = name->capacity - name->first;
	decide_all(confinement->labels, confinement->count, request, joint, false);
}

/* Returns: 0, with @joint set; or -EACCES, or -ENAMETOOLONG: deepen @name. */
static int decide_path(const struct isolates_confinement *confinement,
		       struct isolates_path *name, struct isolates_request *request,
		       struct joint_verdict *joint)
{
	int error;

	error = isolates_path_gather(name);
	if (likely(!error))
		decide_name(confinement, name, request, joint);
	if (likely(error != -EAGAIN && !isolates_path_has_changed(name)))
		return error;

	isolates_path_lock();
	error = isolates_path_gather_locked(name);
	if (!error)
		decide_name(confinement, name, request, joint);
	isolates_path_unlock();
	return error;
}

/*
 * No rule can speak of an object without a name. Its bytes are the task's own, or
 * were given to it; but a program must come from a file that a rule allows.
 */
static int check_nameless(const struct isolates_confinement *confinement,
			  const struct path *path, u32 operations, u32 *allowed)
{
	*allowed &= ~(u32)ISOLATES_FILE_EXEC;
	return operations & ISOLATES_FILE_EXEC ?
	       isolates_refuse(confinement, path, "a program without a name") : 0;
}

/* What check_name() says if the name needs more room than there is. */
#define NEEDS_ROOM	1

/*
 * By the policies of @confinement, or of whatever the current task is under if that is
 * NULL. Returns: 0, the negative errno to fail with, or NEEDS_ROOM.
 */
static int check_name(const struct isolates_confinement *confinement,
		      struct isolates_path *name, struct isolates_request *request,
		      u32 *allowed)
{
	const struct isolates_object object = { .path = name->path };
	struct joint_verdict joint;
	int error;

	*allowed = ISOLATES_FILE_OPS;
	if (likely(!confinement))
		confinement = isolates_current_confinement();
	if (unlikely(!confinement))
		return 0;
	if (unlikely(confinement->broken))
		return -EACCES;
	if (isolates_path_is_nameless(name->path))
		return check_nameless(confinement, name->path, request->operations,
				      allowed);

	rcu_read_lock();
	error = decide_path(confinement, name, request, &joint);
	if (unlikely(error)) {
		*allowed = 0;
		error = error == -ENAMETOOLONG ? NEEDS_ROOM :
			isolates_refuse(confinement, name->path,
					isolates_path_reason(error));
	} else {
		*allowed = joint.allowed;
		error = conclude(&joint, request, &object);
	}
	rcu_read_unlock();
	return error;
}

/* The whole way, for what the short one has no answer to. */
static noinline int check_path_loudly(const struct isolates_confinement *confinement,
				      const struct path *path,
				      struct isolates_request *request, u32 *allowed)
{
	struct isolates_path name __uninitialized;
	int error;

	isolates_path_begin(&name, path);
	error = check_name(confinement, &name, request, allowed);
	if (unlikely(error == NEEDS_ROOM)) {
		/*
		 * That may sleep, and memory be had by way of another hook: so what
		 * the task is under is asked anew as well.
		 */
		error = isolates_path_deepen(&name);
		if (!error)
			error = check_name(confinement, &name, request, allowed);
		else
			error = isolates_refuse(confinement ?:
						isolates_current_confinement(),
						path, isolates_path_reason(error));
		if (error == NEEDS_ROOM)
			error = isolates_refuse(confinement ?:
						isolates_current_confinement(),
						path,
						isolates_path_reason(-ENAMETOOLONG));
	}
	isolates_path_end(&name);
	return error;
}

/*
 * The short way. It has no answer if the name has none in this namespace, is deep or
 * moves, or if there is anything to tell. @is_kept: the answer is what the cache is for.
 */
static __always_inline bool
path_is_allowed_silently(const struct isolates_confinement *confinement,
			 const struct path *path, struct isolates_request *request,
			 u32 *allowed, bool is_kept)
{
	struct isolates_path name __uninitialized;
	bool is_allowed = false;
	struct isolates_cache_entry entry __uninitialized;
	u32 audited;

	isolates_path_begin(&name, path);
	is_kept = is_kept && isolates_cache_begin(&entry, confinement, path);
	rcu_read_lock();
	if (likely(!isolates_path_gather(&name))) {
		request->pieces = name.pieces + name.first;
		request->count = name.capacity - name.first;
		is_allowed = is_allowed_silently(confinement, request, allowed, &audited) &&
			     !isolates_path_has_changed(&name);
		if (is_allowed && is_kept)
			isolates_cache_add(&entry, &name, request->owner,
					   *allowed & ~audited);
	}
	rcu_read_unlock();
	return is_allowed;
}

static __always_inline int check_path(const struct isolates_confinement *exec,
				      const struct path *path, u32 operations, bool owner,
				      bool is_directory, u32 *allowed)
{
	const struct isolates_confinement *const confinement =
		exec ?: isolates_current_confinement();
	struct isolates_request request = {
		.class_id = ISOLATES_CLASS_FILE,
		.operations = operations,
		.owner = owner,
		.is_path = true,
		.is_directory = is_directory,
	};
	/* What is made only now has no inode, and might be taken for something else. */
	const struct inode *const inode = d_backing_inode(path->dentry);
	const bool is_kept = inode && S_ISDIR(inode->i_mode) == is_directory;
	u32 unused;

	if (likely(confinement && !confinement->broken)) {
		if (is_kept && !allowed &&
		    likely(isolates_cache_allows(confinement, path, operations, owner)))
			return 0;
		if (likely(path_is_allowed_silently(confinement, path, &request,
						    allowed ?: &unused, is_kept)))
			return 0;
	}
	return check_path_loudly(exec, path, &request, allowed ?: &unused);
}

/**
 * isolates_check_path - May the current task do this to this file?
 *
 * @path: the file, held by the caller; a negative dentry is fine.
 * @operations: mask of enum isolates_file_op.
 * @owner: the task owns the file.
 * @is_directory: it is, or will be, a directory.
 * @allowed: if not NULL, set to all operations that are allowed, on success.
 *
 * May sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check_path(const struct path *path, u32 operations, bool owner,
			bool is_directory, u32 *allowed)
{
	return check_path(NULL, path, operations, owner, is_directory, allowed);
}

/**
 * isolates_check_path_exec - May the program that is being executed do this to this file?
 *
 * @path: the file, held by the caller.
 * @operations: mask of enum isolates_file_op.
 * @owner: the task owns the file.
 * @is_directory: it is a directory.
 * @allowed: if not NULL, set to all operations that are allowed, on success.
 *
 * As isolates_check_path(), but by the policies that the exec leads to.
 *
 * May sleep. Returns: 0, or the negative errno to fail with.
 */
int isolates_check_path_exec(const struct path *path, u32 operations, bool owner,
			     bool is_directory, u32 *allowed)
{
	return check_path(isolates_current_exec(), path, operations, owner, is_directory,
			  allowed);
}
