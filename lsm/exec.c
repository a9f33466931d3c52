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
#include "path.h"
#include "setup.h"
#include "task.h"

static int hook_bprm_check_security(struct linux_binprm *bprm)
{
	const struct isolates_confinement *const confinement =
		isolates_current_confinement();
	const struct path *const path = &bprm->file->f_path;
	const struct inode *const inode = file_inode(bprm->file);

	if (likely(!confinement))
		return 0;
	/* A memfd, say: it has no name that a rule could allow. */
	if (isolates_path_is_nameless(path)) {
		isolates_report_unnamed(path, -EACCES);
		return -EACCES;
	}
	return isolates_check_path(confinement, path, ISOLATES_FILE_EXEC,
				   vfsuid_eq_kuid(i_uid_into_vfsuid(file_mnt_idmap(bprm->file),
								    inode),
						  current_fsuid()),
				   false, NULL);
}

static struct security_hook_list exec_hooks[] __ro_after_init = {
	LSM_HOOK_INIT(bprm_check_security, hook_bprm_check_security),
};

void __init isolates_add_exec_hooks(void)
{
	security_add_hooks(exec_hooks, ARRAY_SIZE(exec_hooks), &isolates_lsm_id);
}
