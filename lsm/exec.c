// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mediation of what is executed.
 *
 * bprm_check_security is called for the program and, if that is a script, for its
 * interpreter as well: a script does not run what its caller may not run. It is not
 * called for the loader that an ELF program names; that one is mapped, and
 * mediated, as code (hook_mmap_file in file.c).
 */
#include <linux/binfmts.h>
#include <linux/fs.h>

#include "check.h"
#include "exec.h"
#include "setup.h"
#include "task.h"

static noinline int check_exec(const struct file *file)
{
	const vfsuid_t owner = i_uid_into_vfsuid(file_mnt_idmap(file),
						 file_inode(file));

	return isolates_check_path(&file->f_path, ISOLATES_FILE_EXEC,
				   vfsuid_eq_kuid(owner, current_fsuid()), false,
				   NULL);
}

static int hook_bprm_check_security(struct linux_binprm *bprm)
{
	if (isolates_current_is_unconfined())
		return 0;
	return check_exec(bprm->file);
}

static struct security_hook_list exec_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(bprm_check_security, hook_bprm_check_security),
};

void __init isolates_add_exec_hooks(void)
{
	security_add_hooks(exec_hooks, ARRAY_SIZE(exec_hooks), &isolates_lsm_id);
}
