// SPDX-License-Identifier: GPL-2.0-only
#include <linux/rcupdate.h>

#include "check.h"
#include "confinement.h"
#include "path.h"
#include "table.h"
#include "task.h"

/* The verdict of all policies. */
struct joint_verdict {
	/* The first that denies, else the first that has something to tell. */
	const struct isolates_instance *instance;
	struct isolates_verdict verdict;	/* of @instance, if not NULL */
	u32 allowed;				/* by all of them */
};

static void decide_all(const struct isolates_confinement *confinement,
		       const struct isolates_request *request,
		       struct joint_verdict *joint)
{
	const struct isolates_table *const table = rcu_dereference(isolates_table);
	struct isolates_verdict verdict;
	u32 i;

	joint->instance = NULL;
	joint->allowed = ~0u;
	for (i = 0; i < confinement->count; i++) {
		const struct isolates_instance *const instance =
			isolates_instance_of(table, confinement->labels[i]);

		if (!instance)
			continue;
		isolates_decide(&instance->blob->view, instance->policy, request,
				&verdict);
		joint->allowed &= verdict.allowed;
		if (likely(!(verdict.denied | verdict.reported)))
			continue;
		if (!joint->instance ||
		    (verdict.denied && !joint->verdict.denied)) {
			joint->instance = instance;
			joint->verdict = verdict;
		}
	}
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
	struct joint_verdict joint;
	int error = 0;

	if (unlikely(confinement->broken))
		return -EPERM;
	rcu_read_lock();
	decide_all(confinement, request, &joint);
	if (unlikely(joint.instance)) {
		isolates_report(joint.instance, request, &joint.verdict, object);
		error = -(int)joint.verdict.error;
	}
	rcu_read_unlock();
	return error;
}

/* The pieces of @name are the facts. */
static void decide_name(const struct isolates_confinement *confinement,
			const struct isolates_path *name,
			struct isolates_request *request, struct joint_verdict *joint)
{
	request->pieces = name->pieces + name->first;
	request->count = name->capacity - name->first;
	decide_all(confinement, request, joint);
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

/* Of what could not be asked of any policy. */
static int refuse(const struct path *path, const char *reason)
{
	isolates_report_refusal(path, reason);
	return -EACCES;
}

/*
 * No rule can speak of an object without a name. Its bytes are the task's own, or
 * were given to it; but a program must come from a file that a rule allows.
 */
static int check_nameless(const struct path *path, u32 operations, u32 *allowed)
{
	*allowed &= ~(u32)ISOLATES_FILE_EXEC;
	return operations & ISOLATES_FILE_EXEC ?
	       refuse(path, "a program without a name") : 0;
}

/* What check_name() says if the name needs more room than there is. */
#define NEEDS_ROOM	1

/* Returns: 0, the negative errno to fail with, or NEEDS_ROOM. */
static int check_name(struct isolates_path *name, struct isolates_request *request,
		      u32 *allowed)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct isolates_object object = { .path = name->path };
	struct joint_verdict joint;
	int error;

	*allowed = ISOLATES_FILE_OPS;
	if (unlikely(!confinement))
		return 0;
	if (unlikely(confinement->broken))
		return -EACCES;
	if (isolates_path_is_nameless(name->path))
		return check_nameless(name->path, request->operations, allowed);

	rcu_read_lock();
	error = decide_path(confinement, name, request, &joint);
	if (unlikely(error)) {
		error = error == -ENAMETOOLONG ? NEEDS_ROOM :
			refuse(name->path, "no name in the task's mount namespace");
	} else {
		*allowed = joint.allowed;
		if (unlikely(joint.instance)) {
			isolates_report(joint.instance, request, &joint.verdict,
					&object);
			error = -(int)joint.verdict.error;
		}
	}
	rcu_read_unlock();
	return error;
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
	struct isolates_request request = {
		.class_id = ISOLATES_CLASS_FILE,
		.operations = operations,
		.owner = owner,
		.is_path = true,
		.is_directory = is_directory,
	};
	struct isolates_path name;
	u32 unused;
	int error;

	isolates_path_begin(&name, path);
	error = check_name(&name, &request, allowed ?: &unused);
	if (unlikely(error == NEEDS_ROOM)) {
		/*
		 * That may sleep, and memory be had by way of another hook: so what
		 * the task is under is asked anew as well.
		 */
		if (isolates_path_deepen(&name))
			error = refuse(path, "no memory");
		else
			error = check_name(&name, &request, allowed ?: &unused);
		if (error == NEEDS_ROOM)
			error = refuse(path, "the path is too long");
	}
	isolates_path_end(&name);
	return error;
}
