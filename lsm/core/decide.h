/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decision: the facts of an operation in, a verdict out.
 */
#ifndef ISOLATES_CORE_DECIDE_H
#define ISOLATES_CORE_DECIDE_H

#include "facts.h"
#include "view.h"

/*
 * What is asked. @pieces are the facts in their order. If @is_path, each piece
 * is a path's component and a slash goes before it; a slash goes behind the
 * last one if @is_directory. No piece at all is then the root, "/".
 *
 * ISOLATES_CLASS_LINK has two paths: @file is the index of the second one's first
 * piece, before which a byte 0 goes. For all other classes it is 0.
 */
struct isolates_request {
	__u32 class_id;		/* enum isolates_class */
	__u32 operations;	/* mask of the class's operations */
	bool owner;		/* the subject owns the object */
	bool is_path;
	bool is_directory;
	const struct isolates_piece *pieces;
	__u32 count;
	__u32 file;
};

/* What is answered, by one policy. */
struct isolates_verdict {
	__u32 allowed;		/* all that the object allows, asked or not */
	__u32 denied;		/* of what was asked */
	__u32 reported;		/* of what was asked, what is to be told */
	__u32 error;		/* an errno if anything is denied, else 0 */
	/* How each of the class's automata ended: perms, relative. */
	__u32 perms[ISOLATES_AUTOMATA_MAX];
};

/**
 * isolates_decide - What one policy says of one operation
 *
 * @view: a verified blob.
 * @policy: one of its policies.
 * @request: what is asked; its class_id is below ISOLATES_CLASS_COUNT.
 * @verdict: filled.
 *
 * A deny rule beats any allow rule; what no rule allows is denied, unless it is
 * among the operations that the policy leaves open in the class. Does not sleep,
 * needs no lock: the caller keeps the blob alive.
 */
void isolates_decide(const struct isolates_view *view,
		     const struct isolates_policy *policy,
		     const struct isolates_request *request,
		     struct isolates_verdict *verdict);

/**
 * isolates_decide_silent - What one policy allows, if there is nothing to tell of it
 *
 * @view: a verified blob.
 * @policy: one of its policies.
 * @request: what is asked; its class_id is below ISOLATES_CLASS_COUNT.
 * @audited: what is to be told of, asked or not, is added to it.
 *
 * The short way for nearly every decision there is.
 *
 * Returns: all that the object allows, asked or not, if that is all that was asked and
 * none of it is to be told. Else 0: isolates_decide() has the answer.
 */
__u32 isolates_decide_silent(const struct isolates_view *view,
			     const struct isolates_policy *policy,
			     const struct isolates_request *request, __u32 *audited);

/**
 * isolates_decide_rule - Which rule denied an operation, or had it told
 *
 * @view: a verified blob.
 * @policy: one of its policies.
 * @request: what was asked.
 * @verdict: what isolates_decide() answered.
 *
 * Returns: of the rules that deny what was denied, the first; of an operation that is
 * allowed, the first that audits what is reported. NULL if no rule does (none allows
 * it, say), or if the blob is stripped.
 */
const struct isolates_rule *
isolates_decide_rule(const struct isolates_view *view,
		     const struct isolates_policy *policy,
		     const struct isolates_request *request,
		     const struct isolates_verdict *verdict);

/* What one policy answers of a system call. */
struct isolates_syscall_verdict {
	bool denied;
	bool reported;
	__u32 error;		/* an errno if it is denied, else 0 */
	/*
	 * The first rule that denies, or NULL if it is denied for want of an allowing one;
	 * of a call that is allowed the first that has it told, or NULL.
	 */
	const struct isolates_syscall *rule;
};

/**
 * isolates_find_syscall - A policy's rules on one system call
 *
 * @view: a verified blob.
 * @policy: one of its policies.
 * @name: the call's name in the kernel's tables, @length bytes.
 *
 * Takes time logarithmic in the policy's rules.
 *
 * Returns: the range of them in the syscalls section, of none an empty one.
 */
struct isolates_range
isolates_find_syscall(const struct isolates_view *view,
		      const struct isolates_policy *policy, const char *name,
		      __u32 length);

/* What a system call was given. */
struct isolates_syscall_arguments {
	__u64 values[ISOLATES_ARGUMENTS];	/* as the call takes them */
	/* By a 32-bit entry: of what is wider than that, nothing is known. */
	bool is_narrow;
};

/* Whether a condition holds of an argument's value. */
bool isolates_argument_holds(const struct isolates_argument *argument, __u64 value);

/* Whether a policy denies all calls but those that it allows. */
bool isolates_syscalls_are_closed(const struct isolates_view *view,
				  const struct isolates_policy *policy);

/**
 * isolates_decide_transition - Where an allowed exec leads
 *
 * @view: a verified blob.
 * @policy: one of its policies.
 * @request: what was asked, of ISOLATES_CLASS_FILE, and allowed.
 * @verdict: what isolates_decide() answered.
 *
 * Returns: the transition, or NULL: the program stays under this policy.
 */
const struct isolates_transition *
isolates_decide_transition(const struct isolates_view *view,
			   const struct isolates_policy *policy,
			   const struct isolates_request *request,
			   const struct isolates_verdict *verdict);

/**
 * isolates_decide_syscall - What one policy says of one system call
 *
 * @view: a verified blob.
 * @policy: one of its policies.
 * @name: the call's name in the kernel's tables, @length bytes.
 * @args: what the call was given, or NULL if that is not known.
 * @verdict: filled.
 *
 * A deny rule beats any allow rule. As long as a policy allows no call by a rule,
 * what no rule denies is allowed, else what no rule allows is denied. The errno is
 * that of the first deny rule that gives one, else EPERM.
 *
 * A condition on what is not known is taken to hold by rules that deny, and not to
 * hold by all others.
 */
void isolates_decide_syscall(const struct isolates_view *view,
			     const struct isolates_policy *policy,
			     const char *name, __u32 length,
			     const struct isolates_syscall_arguments *args,
			     struct isolates_syscall_verdict *verdict);

#endif /* ISOLATES_CORE_DECIDE_H */
