// SPDX-License-Identifier: GPL-2.0-only
#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/sock.h>

#include "confinement.h"
#include "maker.h"

struct maker {
	struct hlist_node node;		/* written under makers_lock */
	struct rcu_head rcu;
	const struct sock *sk;		/* compared only */
	struct isolates_confinement *confinement;	/* a weak reference */
	void (*destruct)(struct sock *sk);	/* that of the socket's family */
};

static DEFINE_HASHTABLE(makers, 12);	/* by sk; read under RCU */
/* Taken with interrupts off: the last reference to a socket may go anywhere. */
static DEFINE_SPINLOCK(makers_lock);

static struct maker *find(const struct sock *sk)
{
	struct maker *maker;

	hash_for_each_possible_rcu(makers, maker, node, (unsigned long)sk,
				   lockdep_is_held(&makers_lock)) {
		if (maker->sk == sk)
			return maker;
	}
	return NULL;
}

/*
 * The socket is being freed: nobody asks about it any more. In place of a hook, which would
 * be called for each socket of everybody.
 */
static void destruct(struct sock *sk)
{
	void (*its_own)(struct sock *sk);
	unsigned long flags;
	struct maker *maker;

	spin_lock_irqsave(&makers_lock, flags);
	maker = find(sk);
	hash_del_rcu(&maker->node);
	spin_unlock_irqrestore(&makers_lock, flags);
	its_own = maker->destruct;
	isolates_confinement_put_weak(maker->confinement);
	kfree_rcu(maker, rcu);
	its_own(sk);
}

/**
 * isolates_maker_note - Note who makes something of a socket
 *
 * @sk: a unix socket, held by the caller. Who was noted first stays so.
 * @confinement: what the current task is under.
 * @gfp: how memory may be had.
 *
 * Returns: 0, or -ENOMEM: the caller must deny.
 */
int isolates_maker_note(struct sock *sk, const struct isolates_confinement *confinement,
			gfp_t gfp)
{
	struct maker *new, *maker;
	unsigned long flags;

	rcu_read_lock();
	maker = find(sk);
	rcu_read_unlock();
	if (maker)
		return 0;
	new = kmalloc(sizeof(*new), gfp);
	if (!new)
		return -ENOMEM;
	new->sk = sk;
	new->confinement =
		isolates_confinement_get_weak((struct isolates_confinement *)confinement);

	spin_lock_irqsave(&makers_lock, flags);
	maker = find(sk);
	if (!maker) {
		new->destruct = sk->sk_destruct;
		hash_add_rcu(makers, &new->node, (unsigned long)sk);
		sk->sk_destruct = destruct;
	}
	spin_unlock_irqrestore(&makers_lock, flags);
	if (maker) {
		isolates_confinement_put_weak(new->confinement);
		kfree(new);
	}
	return 0;
}

/**
 * isolates_maker_of - Who has made a socket
 *
 * @sk: held by the caller, who is under rcu_read_lock().
 *
 * Returns: what they were under, NULL if nothing.
 */
const struct isolates_confinement *isolates_maker_of(const struct sock *sk)
{
	const struct maker *const maker = find(sk);

	return maker ? maker->confinement : NULL;
}

/**
 * isolates_maker_copy - Let a socket be of the same maker as another
 *
 * @sk: not known to anybody else yet.
 * @from: held by the caller.
 *
 * Does not sleep. Returns: 0, or -ENOMEM.
 */
int isolates_maker_copy(struct sock *sk, const struct sock *from)
{
	const struct isolates_confinement *confinement;
	int error = 0;

	rcu_read_lock();
	confinement = isolates_maker_of(from);
	if (confinement)
		error = isolates_maker_note(sk, confinement, GFP_ATOMIC);
	rcu_read_unlock();
	return error;
}
