// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "accept.h"
#include "attachment.h"
#include "binding.h"
#include "mount.h"
#include "namespace.h"
#include "policyfs.h"
#include "probe_set.h"
#include "seal.h"
#include "syscall.h"
#include "syscall_verdict.h"
#include "table.h"

/* See table.h. */
DEFINE_MUTEX(isolates_admin_lock);
DEFINE_STATIC_KEY_FALSE(isolates_in_force);
DEFINE_STATIC_KEY_FALSE(isolates_open_is_ruled);
u64 isolates_epoch;
struct isolates_table __rcu *isolates_table;

static struct isolates_table *current_table(void)
{
	return rcu_dereference_protected(isolates_table,
					 lockdep_is_held(&isolates_admin_lock));
}

static void instance_free(struct isolates_instance *instance)
{
	if (!instance)
		return;
	if (instance->label)
		isolates_label_put(instance->label);
	isolates_blob_put(instance->blob);
	bitmap_free(instance->syscalls);
	kfree(instance);
}

static u32 ruled_open(const struct isolates_view *view,
		      const struct isolates_policy *policy)
{
	const struct isolates_perms *const all = view->perms + policy->perms.first;
	u32 ruled = 0;
	u32 i;

	for (i = 0; i < policy->perms.count; i++)
		ruled |= all[i].deny[ISOLATES_OTHER] | all[i].deny[ISOLATES_OWNER] |
			 all[i].audit[ISOLATES_OTHER] | all[i].audit[ISOLATES_OWNER];
	return ruled & ISOLATES_FILE_ALWAYS_OPEN;
}

static struct isolates_instance *
instance_create(struct isolates_blob *blob, const struct isolates_policy *policy,
		const char **reason)
{
	struct isolates_instance *instance;
	struct isolates_label *label;
	int error;

	instance = kzalloc(sizeof(*instance), GFP_KERNEL_ACCOUNT);
	if (!instance)
		return ERR_PTR(-ENOMEM);
	instance->blob = isolates_blob_get(blob);
	instance->policy = policy;
	instance->mode = policy->mode;
	instance->ruled_open = ruled_open(&blob->view, policy);
	label = isolates_label_create(isolates_view_text(&blob->view, policy->name),
				      policy->name.length);
	if (IS_ERR(label)) {
		error = PTR_ERR(label);
		goto fail;
	}
	instance->label = label;
	error = isolates_syscall_prepare(&blob->view, policy,
					 &instance->syscalls, reason);
	if (error)
		goto fail;
	instance->speaks_of_namespaces =
		isolates_namespace_is_spoken_of(&blob->view, policy);
	return instance;

fail:
	instance_free(instance);
	return ERR_PTR(error);
}

/* A table of at least @size entries, with those of @old. */
static struct isolates_table *table_copy(const struct isolates_table *old,
					 u32 size)
{
	struct isolates_table *table;

	if (old && old->size > size)
		size = old->size;
	table = kvzalloc(struct_size(table, instances, size), GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	table->size = size;
	if (old) {
		table->count = old->count;
		memcpy(table->instances, old->instances,
		       old->size * sizeof(*old->instances));
	}
	return table;
}

/* What policies say has changed. With isolates_admin_lock held. */
void isolates_begin_epoch(void)
{
	lockdep_assert_held(&isolates_admin_lock);
	/* Pairs with the acquire in cache.c. */
	smp_store_release(&isolates_epoch, isolates_epoch + 1);
}

/* Replace the table and wait until nobody reads the old one, which is freed. */
static void table_publish(struct isolates_table *table)
{
	struct isolates_table *const old = current_table();
	bool is_ruled = false;
	u32 i;

	for (i = 0; i < table->size; i++)
		is_ruled |= table->instances[i] && table->instances[i]->ruled_open;
	if (is_ruled)
		static_branch_enable(&isolates_open_is_ruled);
	rcu_assign_pointer(isolates_table, table);
	if (table->count)
		static_branch_enable(&isolates_in_force);
	else
		static_branch_disable(&isolates_in_force);
	isolates_begin_epoch();
	synchronize_rcu();
	if (!is_ruled)
		static_branch_disable(&isolates_open_is_ruled);
	kvfree(old);
}

/* The policies of one load, before and after it: the new, then the replaced. */
struct batch {
	u32 count;
	struct isolates_instance *instances[];
};

static void batch_free(struct batch *batch)
{
	u32 i;

	for (i = 0; i < batch->count; i++)
		instance_free(batch->instances[i]);
	kvfree(batch);
}

static struct batch *batch_create(struct isolates_blob *blob, const char **reason)
{
	const u32 count = isolates_view_count(&blob->view,
					      ISOLATES_SECTION_POLICIES);
	struct isolates_instance *instance;
	struct batch *batch;
	u32 i;

	batch = kvzalloc(struct_size(batch, instances, count), GFP_KERNEL_ACCOUNT);
	if (!batch)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < count; i++) {
		instance = instance_create(blob, blob->view.policies + i, reason);
		if (IS_ERR(instance)) {
			batch_free(batch);
			return ERR_CAST(instance);
		}
		batch->instances[batch->count++] = instance;
		cond_resched();
	}
	return batch;
}

/* Those that are armed while a policy needs them, beside those on system calls. */
static struct isolates_probe_set *const probe_sets[] = {
	&isolates_namespace_probes,
	&isolates_mount_probes,
	&isolates_accept_probes,
};

static void disarm_sets(const struct isolates_instance **instances, u32 count, size_t sets)
{
	while (sets--)
		isolates_probe_set_unuse(probe_sets[sets], instances, count);
}

/* Arm all probes that @instances need. Returns: 0, or an error of those that arm them. */
static int arm(const struct isolates_instance **instances, u32 count, const char **reason)
{
	size_t sets;
	int error = 0;

	for (sets = 0; sets < ARRAY_SIZE(probe_sets); sets++) {
		error = isolates_probe_set_use(probe_sets[sets], instances, count, reason);
		if (error)
			break;
	}
	if (!error)
		error = isolates_syscall_arm(instances, count, reason);
	if (error)
		disarm_sets(instances, count, sets);
	return error;
}

static void disarm(const struct isolates_instance **instances, u32 count)
{
	disarm_sets(instances, count, ARRAY_SIZE(probe_sets));
	isolates_syscall_disarm(instances, count);
}

/* List the probes in "stats". */
void isolates_table_show_probes(struct seq_file *m)
{
	size_t i;

	mutex_lock(&isolates_admin_lock);
	for (i = 0; i < ARRAY_SIZE(probe_sets); i++)
		isolates_probe_set_show(probe_sets[i], m);
	mutex_unlock(&isolates_admin_lock);
	isolates_syscall_show(m);
}

/* Put the policies of @batch in force, and what they replace into @batch. */
static int batch_publish(struct batch *batch, const char **reason)
{
	struct isolates_table *table;
	u32 size = 0;
	u32 i;
	int error;

	for (i = 0; i < batch->count; i++)
		size = max(size, batch->instances[i]->label->id + 1);
	table = table_copy(current_table(), size);
	if (!table)
		return -ENOMEM;

	/* First the folders and the probes, which can fail; armed before used. */
	for (i = 0; i < batch->count; i++) {
		error = isolates_policyfs_add(batch->instances[i]->label);
		if (error)
			goto undo_folders;
	}
	error = arm((const struct isolates_instance **)batch->instances, batch->count, reason);
	if (error)
		goto undo_folders;

	for (i = 0; i < batch->count; i++) {
		const u32 id = batch->instances[i]->label->id;

		if (!table->instances[id])
			table->count++;
		swap(table->instances[id], batch->instances[i]);
	}
	table_publish(table);
	disarm((const struct isolates_instance **)batch->instances, batch->count);
	return 0;

undo_folders:
	while (i--) {
		if (!isolates_instance_of(current_table(),
					  batch->instances[i]->label))
			isolates_policyfs_remove(batch->instances[i]->label);
	}
	kvfree(table);
	return error;
}

/**
 * isolates_load - Put all policies of a blob in force, or none
 *
 * @bytes: kvmalloc'ed; owned by this function, whatever it returns.
 * @size: of @bytes.
 * @reason: set to a static text where one helps.
 *
 * A policy of a name that is in force already is replaced. On any failure what
 * was in force before still is. May sleep.
 *
 * Returns: 0, or
 * - -EINVAL, -E2BIG, -EPROTONOSUPPORT: the verifier refused the blob;
 * - -ENOENT: it denies a system call that this kernel does not know;
 * - -EOPNOTSUPP: a system call, or a way into a namespace, cannot be denied on this
 *   kernel;
 * - -ENOSPC: too many policies;
 * - -EROFS: nothing may be changed any more;
 * - -ENOMEM.
 */
int isolates_load(void *bytes, size_t size, const char **reason)
{
	struct isolates_blob *blob;
	struct batch *batch;
	int error;

	blob = isolates_blob_create(bytes, size, reason);
	if (IS_ERR(blob)) {
		kvfree(bytes);
		return PTR_ERR(blob);
	}

	mutex_lock(&isolates_admin_lock);
	batch = isolates_is_sealed() ? ERR_PTR(-EROFS) : batch_create(blob, reason);
	if (IS_ERR(batch)) {
		error = PTR_ERR(batch);
	} else {
		error = batch_publish(batch, reason);
		/* The replaced ones after success, else those of this load. */
		batch_free(batch);
	}
	mutex_unlock(&isolates_admin_lock);

	isolates_blob_put(blob);
	return error;
}

/* Take out of @table what is to be unloaded, into @batch. Returns: 0, or -ENOENT. */
static int take_out(struct isolates_table *table, const struct isolates_unloading *list,
		    u32 count, struct batch *batch)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (!isolates_instance_of(table, list[i].label))
			return -ENOENT;
		swap(table->instances[list[i].label->id], batch->instances[i]);
		batch->count++;
		table->count--;
	}
	return 0;
}

/* Set whether tasks may come under those that are not unloaded by force. */
static void set_closed(const struct isolates_unloading *list, const struct batch *batch,
		       bool closed)
{
	u32 i;

	for (i = 0; i < batch->count; i++) {
		if (!list[i].force)
			WRITE_ONCE(batch->instances[i]->closed, closed);
	}
}

/* Does a binding or a task use one that is not unloaded by force? */
static bool are_in_use(const struct isolates_unloading *list, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (!list[i].force && atomic_read(&list[i].label->uses))
			return true;
	}
	return false;
}

/*
 * Let nobody come under those of @batch any more, if nobody is. Returns: whether it is so.
 * Those who have found one open have used its label before they left their RCU section.
 * All with one wait for them.
 */
static bool close_unused(const struct isolates_unloading *list, const struct batch *batch)
{
	if (are_in_use(list, batch->count))
		return false;
	set_closed(list, batch, true);
	synchronize_rcu();
	if (!are_in_use(list, batch->count))
		return true;
	set_closed(list, batch, false);
	return false;
}

static int unload_locked(const struct isolates_unloading *list, u32 count)
{
	struct isolates_table *table;
	struct batch *batch;
	int error = -ENOMEM;
	u32 i;

	lockdep_assert_held(&isolates_admin_lock);
	if (isolates_is_sealed())
		return -EROFS;
	table = table_copy(current_table(), 0);
	batch = kvzalloc(struct_size(batch, instances, count), GFP_KERNEL_ACCOUNT);
	if (!table || !batch)
		goto fail;
	error = take_out(table, list, count, batch);
	/*
	 * A task begins to use one through a binding, which needs the lock we hold,
	 * through another task that does, or by a transition, which has found it open.
	 */
	if (!error && !close_unused(list, batch))
		error = -EBUSY;
	if (error)
		goto fail;
	isolates_binding_remove_unloaded(table);
	for (i = 0; i < count; i++) {
		isolates_policyfs_remove(list[i].label);
		cond_resched();
	}
	table_publish(table);
	disarm((const struct isolates_instance **)batch->instances, count);
	batch_free(batch);
	return 0;

fail:
	kvfree(batch);
	kvfree(table);
	return error;
}

static int find_labels(struct isolates_unloading *list, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		list[i].label = isolates_label_find(list[i].name, strlen(list[i].name));
		if (!list[i].label)
			return -ENOENT;
	}
	return 0;
}

/**
 * isolates_unload - Take policies out of force, all or none
 *
 * @list: the policies, each once: filled in but for their labels, which are NULL.
 * @count: of @list.
 *
 * May sleep; as long for many as for one. Returns: 0, or
 * - -ENOENT: one of them is not in force;
 * - -EBUSY: a binding or a task uses one of them, which is not unloaded by force;
 * - -EROFS: nothing may be changed any more;
 * - -ENOMEM.
 */
int isolates_unload(struct isolates_unloading *list, u32 count)
{
	int error = find_labels(list, count);
	u32 i;

	/* Namespaces and tasks that have ended use nothing, but may not be freed yet. */
	if (!error && are_in_use(list, count)) {
		isolates_binding_flush();
		isolates_attachment_flush();
		rcu_barrier();
	}
	if (!error) {
		mutex_lock(&isolates_admin_lock);
		error = unload_locked(list, count);
		mutex_unlock(&isolates_admin_lock);
	}
	for (i = 0; i < count && list[i].label; i++)
		isolates_label_put(list[i].label);
	return error;
}
