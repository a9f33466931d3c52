/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes: kprobes that must take, or else we refuse to rely on them.
 */
#ifndef _SECURITY_ISOLATES_PROBE_H
#define _SECURITY_ISOLATES_PROBE_H

#include <linux/kprobes.h>

struct seq_file;

int isolates_probe_register(struct kprobe *probe);
void isolates_probes_unregister(struct kprobe **probes, u32 count);
bool isolates_probe_is_armed(struct kprobe *probe);
void isolates_probe_show(struct seq_file *m, struct kprobe *probe, bool work);
bool isolates_probes_work(void);
void isolates_probe_override(struct pt_regs *regs, int error);
int isolates_probe_init(void);

#endif /* _SECURITY_ISOLATES_PROBE_H */
