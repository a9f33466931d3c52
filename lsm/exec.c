// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of what is executed, and what the program is under then.
 *
 * bprm_creds_for_exec is called once, for what the task names: whether it may be executed,
 * and where that leads, is decided there. bprm_check_security is called for it and, if
 * that is a script, for its interpreter as well: a script does not run what may not be run
 * under the policy that it leads to. It is not called for the loader that an ELF program
 * names; that one is mapped, and mediated, as code (see file.c).
 *
 * What is bound on exec is not asked whether this may be executed, but for all that
 * follows. Nothing is taken from the task by that, so it needs no leave to change.
 */
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/personality.h>
#include <linux/security.h>
#include <linux/slab.h>

#include "change.h"
#include "check.h"
#include "compat.h"
#include "cred.h"
#include "exec.h"
#include "path.h"
#include "ptrace.h"
#include "setup.h"
#include "task.h"
#include "transition.h"

static bool is_owner(const struct file *file)
{
	return vfsuid_eq_kuid(i_uid_into_vfsuid(isolates_idmap_of(file->f_path.mnt),
						 file_inode(file)),
			      current_fsuid());
}

/* Is the program where the task sees it, from its root? */
static bool is_under_root(const struct path *program)
{
	struct path root;
	bool is_under;

	get_fs_root(current->fs, &root);
	is_under = path_is_under(program, &root);
	path_put(&root);
	return is_under;
}

/*
 * May the task take up something else by this exec? What it can do to a program from
 * outside would else be done by what the program is under. Returns: a static text, or
 * NULL if it may.
 */
static const char *why_not_change(const struct linux_binprm *bprm)
{
	if (bprm->unsafe & LSM_UNSAFE_NO_NEW_PRIVS)
		return "with no_new_privs no policy is changed";
	if (bprm->unsafe & LSM_UNSAFE_SHARE)
		return "another process could change its root and folder";
	/* Opened before a chroot(), it would look for its loader and files in there. */
	if (!is_under_root(&bprm->file->f_path))
		return "the program is outside of the task's root";
	return NULL;
}

/* Takes over the reference to @next. */
static void set_exec(struct linux_binprm *bprm, struct isolates_confinement *next)
{
	isolates_cred(bprm->cred)->exec = next;
	isolates_task(current)->exec = next;
}

/*
 * Make ready for what the exec leads to, or stay if the policies only complain.
 * Takes over the reference to @next.
 */
static int prepare_change(struct linux_binprm *bprm,
			  const struct isolates_confinement *confinement,
			  struct isolates_confinement *next)
{
	const char *const reason = why_not_change(bprm);
	int error = 0;

	if (reason) {
		if (isolates_refuse(confinement, &bprm->file->f_path, reason))
			error = -EPERM;
	} else {
		if (bprm->unsafe & LSM_UNSAFE_PTRACE)
			error = isolates_ptrace_may_become(next);
		if (!error) {
			set_exec(bprm, next);
			bprm->per_clear |= PER_CLEAR_ON_SETID;
			return 0;
		}
	}
	isolates_confinement_put(next);
	return error;
}

static int check_program(struct linux_binprm *bprm,
			 const struct isolates_confinement *confinement,
			 const struct isolates_program *program)
{
	const struct isolates_piece piece = {
		(const u8 *)program->name, program->length,
	};
	const struct isolates_request request = {
		.class_id = ISOLATES_CLASS_FILE,
		.operations = ISOLATES_FILE_EXEC,
		.owner = program->owner,
		.pieces = &piece,
		.count = 1,
	};
	const struct isolates_object object = { .path = program->path };
	struct isolates_destination destination;
	int error;

	if (isolates_change_awaits_exec())
		error = isolates_change_on_exec(confinement, program, &destination);
	else
		error = isolates_check(confinement, &request, &object) ?:
			isolates_transition(confinement, program, &destination);
	if (error)
		return error;
	if (destination.scrubs)
		bprm->secureexec = 1;
	return destination.confinement ?
	       prepare_change(bprm, confinement, destination.confinement) : 0;
}

static noinline int prepare_exec(struct linux_binprm *bprm)
{
	struct isolates_program program = {
		.path = &bprm->file->f_path,
		.owner = is_owner(bprm->file),
	};
	const struct isolates_confinement *confinement;
	char *text;
	int error;

	error = isolates_path_text(program.path, &text, &program.length);
	/* Asked only now: that may have slept. */
	confinement = isolates_current_confinement();
	if (!confinement) {
		error = 0;
	} else if (confinement->broken) {
		error = -EACCES;
	} else if (isolates_path_is_nameless(program.path)) {
		error = isolates_refuse(confinement, program.path,
					"a program without a name");
	} else if (error) {
		error = isolates_refuse(confinement, program.path,
					isolates_path_reason(error));
	} else {
		program.name = text;
		error = check_program(bprm, confinement, &program);
	}
	kvfree(text);
	return error;
}

/* The task visits, or was attached on exec, or some namespaces are bound so. */
static noinline int prepare_pending(struct linux_binprm *bprm)
{
	struct isolates_confinement *const exec =
		isolates_task_prepare_exec(isolates_cred(bprm->cred)->exec);

	if (IS_ERR(exec)) {
		set_exec(bprm, NULL);
		return PTR_ERR(exec);
	}
	set_exec(bprm, exec);
	/* Hooks must not pass it by until this is done; see note_unconfined(). */
	if (exec)
		isolates_task(current)->unconfined_generation = 0;
	return 0;
}

static int hook_bprm_creds_for_exec(struct linux_binprm *bprm)
{
	int error = 0;

	/* What is there is of an earlier exec, that failed. */
	isolates_task(current)->exec = NULL;
	if (!isolates_current_is_unconfined())
		error = prepare_exec(bprm);
	if (!error && (isolates_binding_waits() || isolates_current_awaits_exec()))
		error = prepare_pending(bprm);
	return error;
}

static bool is_elf(const struct linux_binprm *bprm)
{
	return !memcmp(bprm->buf, ELFMAG, SELFMAG);
}

static noinline int check_interpreter(const struct linux_binprm *bprm)
{
	return isolates_check_path_exec(&bprm->file->f_path, ISOLATES_FILE_EXEC,
					is_owner(bprm->file), false, NULL);
}

/*
 * A program is mapped as code when there is no way back: what does not allow that had
 * better say so now.
 */
static noinline int check_mapping(const struct linux_binprm *bprm)
{
	const bool owner = is_owner(bprm->file);
	u32 allowed;
	int error;

	error = isolates_check_path_exec(&bprm->file->f_path, 0, owner, false,
					 &allowed);
	if (error || allowed & (ISOLATES_FILE_MMAP | ISOLATES_FILE_EXEC))
		return error;
	return isolates_check_path_exec(&bprm->file->f_path, ISOLATES_FILE_MMAP, owner,
					false, NULL);
}

static int hook_bprm_check_security(struct linux_binprm *bprm)
{
	if (isolates_current_is_unconfined())
		return 0;
	if (bprm->interp != bprm->filename)
		return check_interpreter(bprm);
	return isolates_task(current)->exec && is_elf(bprm) ? check_mapping(bprm) : 0;
}

/* There is no way back. The other threads are gone; nobody can trace us meanwhile. */
static void hook_bprm_committing_creds(ISOLATES_COMMIT_PARAMETERS)
{
	struct isolates_cred *const cred = isolates_cred(bprm->cred);
	struct isolates_confinement *const exec = cred->exec;

	isolates_task(current)->exec = NULL;
	isolates_change_end(&isolates_task(current)->change);
	cred->exec = NULL;
	/* A namespace may have been bound since, or be one that the exec has led into. */
	if (!exec && !isolates_binding_waits() && !isolates_current_awaits_exec() &&
	    isolates_task_has_not_moved(isolates_task(current)))
		return;
	isolates_task_become(exec);
	isolates_cred_become(bprm->cred);
}

static struct security_hook_list exec_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(bprm_creds_for_exec, hook_bprm_creds_for_exec),
	LSM_HOOK_INIT(bprm_check_security, hook_bprm_check_security),
	LSM_HOOK_INIT(bprm_committing_creds, hook_bprm_committing_creds),
};

void __init isolates_add_exec_hooks(void)
{
	security_add_hooks(exec_hooks, ARRAY_SIZE(exec_hooks), &isolates_lsm_id);
}
