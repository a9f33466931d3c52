/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SECURITY_ISOLATES_BPF_H
#define _SECURITY_ISOLATES_BPF_H

void isolates_add_bpf_hooks(void);

#endif /* _SECURITY_ISOLATES_BPF_H */
