// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitops.h>
#include <linux/seq_file.h>

#include "probe.h"
#include "probe_set.h"
#include "table.h"

static u32 count_users(const struct isolates_probe_set *set,
		       const struct isolates_instance **instances, u32 count)
{
	u32 i, found = 0;

	for (i = 0; i < count; i++)
		found += instances[i] && set->is_needed_by(instances[i]);
	return found;
}

static void disarm(struct isolates_probe_set *set)
{
	struct kprobe *probes[BITS_PER_LONG];
	u32 i, count = 0;

	for (i = 0; i < set->count; i++) {
		if (test_bit(i, &set->armed) && !test_bit(i, &set->stays))
			probes[count++] = set->probes[i];
	}
	isolates_probes_unregister(probes, count);
	for (i = 0; i < set->count; i++) {
		if (!isolates_probe_is_armed(set->probes[i]))
			__clear_bit(i, &set->armed);
	}
	set->stays = set->armed;
}

static int arm(struct isolates_probe_set *set, const char **reason)
{
	u32 i;
	int error;

	for (i = 0; i < set->count; i++) {
		if (test_bit(i, &set->armed))
			continue;
		error = isolates_probe_register(set->probes[i]);
		if (error) {
			disarm(set);
			if (error == -ENOMEM)
				return error;
			*reason = set->failure;
			return -EOPNOTSUPP;
		}
		__set_bit(i, &set->armed);
	}
	return 0;
}

/**
 * isolates_probe_set_use - Arm the probes for policies that are to be in force
 *
 * @set: the probes.
 * @instances: the policies.
 * @count: how many they are.
 * @reason: set to a static text where one helps.
 *
 * To be called before they are published, with isolates_admin_lock held. May sleep.
 *
 * Returns: 0, or, with nothing changed,
 * - -EOPNOTSUPP: a function cannot be probed, or probes do not override;
 * - -ENOMEM.
 */
int isolates_probe_set_use(struct isolates_probe_set *set,
			   const struct isolates_instance **instances, u32 count,
			   const char **reason)
{
	const u32 new = count_users(set, instances, count);
	int error;

	lockdep_assert_held(&isolates_admin_lock);
	if (!new)
		return 0;
	if (!isolates_probes_work()) {
		*reason = "probes are switched off on this kernel";
		return -EOPNOTSUPP;
	}
	if (!set->users) {
		error = arm(set, reason);
		if (error)
			return error;
	}
	WRITE_ONCE(set->users, set->users + new);
	return 0;
}

/**
 * isolates_probe_set_unuse - Disarm what policies that are in force no more used
 *
 * @set: the probes.
 * @instances: the policies; NULLs among them are skipped.
 * @count: how many they are.
 *
 * To be called after they were replaced, with isolates_admin_lock held. May sleep.
 */
void isolates_probe_set_unuse(struct isolates_probe_set *set,
			      const struct isolates_instance **instances, u32 count)
{
	const u32 old = count_users(set, instances, count);

	lockdep_assert_held(&isolates_admin_lock);
	if (!old)
		return;
	WRITE_ONCE(set->users, set->users - old);
	if (!set->users)
		disarm(set);
}

/* Are the probes armed for somebody, and do probes work? Nobody may rely on them else. */
bool isolates_probe_set_works(const struct isolates_probe_set *set)
{
	return READ_ONCE(set->users) && isolates_probes_work();
}

/* List the probes, a line each; with isolates_admin_lock held. */
void isolates_probe_set_show(const struct isolates_probe_set *set, struct seq_file *m)
{
	const bool work = isolates_probes_work();
	u32 i;

	lockdep_assert_held(&isolates_admin_lock);
	for (i = 0; i < set->count; i++) {
		if (test_bit(i, &set->armed))
			isolates_probe_show(m, set->probes[i], work);
	}
}
