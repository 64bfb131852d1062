// SPDX-License-Identifier: MIT
/*
 * Call and reply from one native thread to another, the short way; what is not plain goes the long
 * way. Compiled so that functions here keep no registers (module.mk): those of user level are in
 * the frame, and entry.S has nothing in them.
 */
#include "object/endpoint.h"

#include "arch/checks.h"
#include "arch/context.h"
#include "arch/switch.h"
#include "arch/trap.h"
#include "base/lock.h"

/* Lock held. */
static inline struct thread *switch_to(struct thread *from, struct thread *to)
{
	struct cpu *cpu = cpu_this();

	/* The message is exchanged either way; only the change of registers may need more. */
	if (__builtin_expect(!native_switch_does(cpu, to), 0))
		return context_leave_to(to);
	native_switch(cpu, from, to);
	checks_leave(cpu, to);
	kernel_unlock();
	return to;
}

/*
 * Lock held. The caller, if it still exists and the short way can serve it. A trace has to show
 * every call, and only the long way writes it.
 */
static inline struct thread *plain_caller(void)
{
	struct thread *caller = cpu_current();

	return caller && caller->object.type == PURLIN_TYPE_THREAD && !trace_categories ? caller :
											  NULL;
}

static __attribute__((noinline)) struct thread *long_way(void)
{
	trap_call();
	return context_leave();
}

/*
 * Somebody else holds the lock. Waiting costs more than the short way saves, and the caller may
 * have been stopped meanwhile, which the long way looks for.
 */
static __attribute__((noinline)) struct thread *long_way_locking(void)
{
	kernel_lock_wait();
	return long_way();
}

static inline struct thread *short_way(struct thread *(*exchange)(struct thread *caller))
{
	struct thread *caller, *next;

	checks_enter_call();
	if (__builtin_expect(!kernel_lock_try(), 0))
		return long_way_locking();
	caller = plain_caller();
	/* Without a result nothing has changed: the long way begins from the registers again. */
	next = caller ? exchange(caller) : NULL;
	if (!next)
		return long_way();
	count(CALLS);
	return switch_to(caller, next);
}

struct thread *trap_endpoint_call(void)
{
	return short_way(exchange_call);
}

struct thread *trap_endpoint_reply(void)
{
	return short_way(exchange_reply);
}
