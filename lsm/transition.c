// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each policy that a task is under says for itself where an exec leads from it. Nobody
 * comes under a policy that is not in force: a label is used, which keeps its policy
 * from being unloaded, in the same RCU section in which the policy was found open; see
 * isolates_unload().
 */
#include <linux/errno.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "confinement.h"
#include "kill.h"
#include "report.h"
#include "table.h"
#include "transition.h"

static void decide(const struct isolates_instance *instance,
		   const struct isolates_program *program, u32 class_id, u32 operation,
		   struct isolates_request *request, struct isolates_piece *piece,
		   struct isolates_verdict *verdict)
{
	piece->bytes = (const u8 *)program->name;
	piece->length = program->length;
	*request = (struct isolates_request){
		.class_id = class_id,
		.operations = operation,
		.owner = program->owner,
		.pieces = piece,
		.count = 1,
	};
	isolates_decide(&instance->blob->view, instance->policy, request, verdict);
}

static bool attaches(const struct isolates_instance *instance,
		     const struct isolates_program *program)
{
	struct isolates_request request;
	struct isolates_verdict verdict;
	struct isolates_piece piece;

	if (!instance->policy->classes[ISOLATES_CLASS_ATTACH].automata.count)
		return false;
	decide(instance, program, ISOLATES_CLASS_ATTACH, ISOLATES_ATTACH_ATTACH, &request,
	       &piece, &verdict);
	return !verdict.denied;
}

/* Is @label of a child of @parent; or, if that is NULL, of nobody's child? */
static bool is_child(const struct isolates_label *label,
		     const struct isolates_label *parent)
{
	const char *rest = label->name;

	if (!parent)
		return !strstr(rest, "//");
	if (strncmp(rest, parent->name, parent->length))
		return false;
	rest += parent->length;
	return !strncmp(rest, "//", 2) && !strstr(rest + 2, "//");
}

/*
 * Of the policies that attach to the program the one whose attachment says the most of
 * its path. Returns: it, or NULL with *@reason set.
 */
static const struct isolates_instance *
find_attaching(const struct isolates_table *table, const struct isolates_label *parent,
	       const struct isolates_program *program, const char **reason)
{
	const struct isolates_instance *found = NULL;
	bool conflict = false;
	u32 i;

	for (i = 0; i < table->size; i++) {
		const struct isolates_instance *const other = table->instances[i];

		if (!other || !is_child(other->label, parent) || !attaches(other, program))
			continue;
		if (!found || other->policy->attach_prefix > found->policy->attach_prefix) {
			found = other;
			conflict = false;
		} else if (other->policy->attach_prefix == found->policy->attach_prefix) {
			conflict = true;
		}
	}
	if (conflict)
		*reason = "several policies attach to the program alike";
	else if (!found)
		*reason = "no policy attaches to the program";
	return conflict ? NULL : found;
}

static const struct isolates_instance *
find_named(const struct isolates_table *table, const char *name, u32 length)
{
	struct isolates_label *const label = isolates_label_find(name, length);
	const struct isolates_instance *instance;

	if (!label)
		return NULL;
	instance = isolates_instance_of(table, label);
	isolates_label_put(label);
	return instance;
}

/**
 * isolates_find_open - The policy of a name that a task may come under
 *
 * @table: under the caller's rcu_read_lock(), in which the label must be used as well.
 * @name: without a NUL.
 * @length: of @name in bytes.
 *
 * Returns: the policy in force, or NULL if there is none or it is being unloaded.
 */
const struct isolates_instance *isolates_find_open(const struct isolates_table *table,
						   const char *name, u32 length)
{
	const struct isolates_instance *const instance = find_named(table, name, length);

	return instance && !READ_ONCE(instance->closed) ? instance : NULL;
}

/* Returns: the policy that is meant, or NULL with *@reason set. */
static const struct isolates_instance *
find_target(const struct isolates_table *table, const struct isolates_instance *from,
	    const struct isolates_transition *transition,
	    const struct isolates_program *program, const char **reason)
{
	const bool of_children = transition->kind == ISOLATES_TRANSITION_CHILD;
	const struct isolates_instance *target;

	if (transition->target.length) {
		target = find_named(table, isolates_view_text(&from->blob->view,
							      transition->target),
				    transition->target.length);
		*reason = "the policy it leads to is not in force";
	} else {
		target = find_attaching(table, of_children ? from->label : NULL, program,
					reason);
	}
	if (target && READ_ONCE(target->closed)) {
		*reason = "the policy it leads to is being unloaded";
		return NULL;
	}
	return target;
}

/* There is nowhere to go. Returns: 0 if the task may stay, or the negative errno. */
static int refuse(const struct isolates_instance *instance, u32 mode,
		  const struct isolates_transition *transition,
		  const struct isolates_program *program, const char *reason)
{
	isolates_report_transition(instance, program->path,
				   isolates_view_text(&instance->blob->view,
						      transition->target),
				   mode, reason);
	if (mode == ISOLATES_MODE_KILL)
		isolates_kill_current();
	return isolates_mode_denies(mode) ? -EACCES : 0;
}

/*
 * What becomes of *@label, NULL if nothing, as the policy has it that it stands for.
 * Returns: 0, or the negative errno to fail with.
 */
static int lead(const struct isolates_table *table, const struct isolates_program *program,
		struct isolates_label **label, bool *scrubs)
{
	const struct isolates_instance *const instance =
		isolates_instance_of(table, *label);
	const u32 mode = instance ? READ_ONCE(instance->mode) : ISOLATES_MODE_DISABLED;
	const struct isolates_transition *transition;
	const struct isolates_instance *target;
	struct isolates_request request;
	struct isolates_verdict verdict;
	struct isolates_piece piece;
	const char *reason = NULL;

	if (mode == ISOLATES_MODE_DISABLED)
		return 0;
	decide(instance, program, ISOLATES_CLASS_FILE, ISOLATES_FILE_EXEC, &request, &piece,
	       &verdict);
	/* It was allowed a moment ago: then it is complained of, or now it is not. */
	if (verdict.denied)
		return isolates_mode_denies(mode) ? -EACCES : 0;
	transition = isolates_decide_transition(&instance->blob->view, instance->policy,
						&request, &verdict);
	if (!transition)
		return 0;

	target = transition->kind == ISOLATES_TRANSITION_UNCONFINED ? NULL :
		find_target(table, instance, transition, program, &reason);
	if (!target && reason) {
		if (transition->fallback == ISOLATES_FALLBACK_STAY)
			return 0;
		if (transition->fallback == ISOLATES_FALLBACK_DENY)
			return refuse(instance, mode, transition, program, reason);
	}
	*label = target ? target->label : NULL;
	*scrubs |= transition->flags & ISOLATES_TRANSITION_SCRUB;
	return 0;
}

/**
 * isolates_confinement_move - As a confinement, but under other policies
 *
 * @confinement: not the broken one.
 * @to: what each of its labels, in their order, becomes; NULL: nothing.
 * @changed: set to a reference, unless nothing changes.
 *
 * Under rcu_read_lock(), in which the labels' policies were found open. Does not sleep.
 * Returns: 0 or -ENOMEM.
 */
int isolates_confinement_move(const struct isolates_confinement *confinement,
			      struct isolates_label *const *to,
			      struct isolates_confinement **changed)
{
	struct isolates_entry_set set;
	u32 i, k;

	isolates_entry_set_begin(&set, confinement);
	for (i = 0; i < set.count; i++) {
		for (k = 0; k < confinement->count; k++) {
			if (set.entries[i].label == confinement->labels[k]) {
				set.entries[i].label = to[k];
				break;
			}
		}
	}
	if (isolates_confinement_equals(confinement, &set))
		return 0;
	*changed = isolates_confinement_intern(&set);
	return *changed ? 0 : -ENOMEM;
}

/**
 * isolates_transition - Where an exec leads
 *
 * @confinement: of the current task; not the broken one.
 * @program: what is executed, and may be.
 * @destination: filled, on success.
 *
 * Does not sleep. Returns: 0, or
 * - -EACCES: a policy it leads to is not in force;
 * - -ENOMEM.
 */
int isolates_transition(const struct isolates_confinement *confinement,
			const struct isolates_program *program,
			struct isolates_destination *destination)
{
	struct isolates_label *to[ISOLATES_LABELS_PER_TASK];
	const struct isolates_table *table;
	int error = 0;
	u32 i;

	destination->confinement = NULL;
	destination->scrubs = false;
	rcu_read_lock();
	table = rcu_dereference(isolates_table);
	for (i = 0; i < confinement->count && !error; i++) {
		to[i] = confinement->labels[i];
		error = lead(table, program, &to[i], &destination->scrubs);
	}
	if (!error)
		error = isolates_confinement_move(confinement, to,
						  &destination->confinement);
	rcu_read_unlock();
	if (error == -ENOMEM)
		isolates_report_refusal(program->path, "no memory");
	return error;
}
