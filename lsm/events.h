/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last events, for whoever reads the control file "events".
 */
#ifndef _SECURITY_ISOLATES_EVENTS_H
#define _SECURITY_ISOLATES_EVENTS_H

#include <linux/types.h>

struct seq_file;

/* The longest event, spelt. */
#define ISOLATES_EVENT_MAX	8192u

int isolates_events_init(void);
void isolates_events_add(const char *text, u32 length);
void isolates_events_show(struct seq_file *m);

extern const struct file_operations isolates_events_fops;

#endif /* _SECURITY_ISOLATES_EVENTS_H */
