// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>

#include "syscall_names.h"

/* Sorted by name, so that the look-up is a bisection. */
const struct isolates_syscall_name isolates_syscall_names[] = {
#include "syscall_names.inc"
};

const u32 isolates_syscall_count = ARRAY_SIZE(isolates_syscall_names);
