// SPDX-License-Identifier: GPL-2.0-only
/*
 * isolates: a security module whose subject is a namespace.
 */
#include <linux/init.h>
#include <linux/lsm_hooks.h>

#include "binding.h"
#include "bpf.h"
#include "cache.h"
#include "capability.h"
#include "change.h"
#include "control.h"
#include "cred.h"
#include "descriptor.h"
#include "events.h"
#include "exec.h"
#include "file.h"
#include "io_uring.h"
#include "mount.h"
#include "namespace.h"
#include "network.h"
#include "probe.h"
#include "ptrace.h"
#include "rlimit.h"
#include "setup.h"
#include "sigio.h"
#include "signal.h"
#include "syscall.h"
#include "task.h"
#include "unix.h"
#include "xattr.h"

struct lsm_blob_sizes isolates_blob_sizes __ro_after_init = {
	.lbs_cred = sizeof(struct isolates_cred),
	.lbs_file = sizeof(struct isolates_file),
	.lbs_inode = sizeof(struct isolates_inode),
	.lbs_task = sizeof(struct isolates_task),
};

const struct lsm_id isolates_lsm_id = {
	.name = ISOLATES_NAME,
	.id = ISOLATES_LSM_ID,
};

static bool registered __initdata;

static int __init isolates_init(void)
{
	isolates_add_task_hooks();
	isolates_add_cred_hooks();
	isolates_add_capability_hooks();
	isolates_add_cache_hooks();
	isolates_add_file_hooks();
	isolates_add_descriptor_hooks();
	isolates_add_xattr_hooks();
	isolates_add_exec_hooks();
	isolates_add_change_hooks();
	isolates_add_signal_hooks();
	isolates_add_sigio_hooks();
	isolates_add_ptrace_hooks();
	isolates_add_rlimit_hooks();
	isolates_add_network_hooks();
	isolates_add_unix_hooks();
	isolates_add_mount_hooks();
	isolates_add_namespace_hooks();
	isolates_add_io_uring_hooks();
	isolates_add_bpf_hooks();
	registered = true;
	pr_info("isolates: up and running\n");
	return 0;
}

/*
 * What needs more of the kernel than security_init() finds. A policy can be loaded
 * only through the files made last, so nothing is in force before all of it works.
 */
static int __init isolates_late_init(void)
{
	int error;

	if (!registered)
		return 0;
	isolates_namespace_init();
	error = isolates_probe_init();
	if (!error)
		error = isolates_binding_init();
	if (!error)
		error = isolates_syscall_init();
	if (!error)
		error = isolates_events_init();
	if (!error)
		error = isolates_control_init();
	if (error)
		pr_err("isolates: no policy can be loaded: error %d\n", error);
	return error;
}
late_initcall(isolates_late_init);

DEFINE_LSM(isolates) = {
	.name = ISOLATES_NAME,
	.init = isolates_init,
	.blobs = &isolates_blob_sizes,
};
