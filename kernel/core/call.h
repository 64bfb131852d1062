/* SPDX-License-Identifier: MIT */
/*
 * Calls from user level. One handler for each line of abi/calls.toml, all of
 * one shape; the dispatcher has checked type, right and life of the first argument's
 * capability before. A handler checks everything first and then acts:
 * after its first change nothing can fail.
 */
#ifndef CORE_CALL_H
#define CORE_CALL_H

#include "base/types.h"

struct capability;
struct object;
struct thread;

/*
 * Returned by a handler besides PURLIN_*: the dispatcher leaves the caller's
 * registers alone, because another thread or event will complete the call, or
 * because the call was restarted.
 */
#define CALL_DEFERRED 0x100
/* Returned by long operations: call again. The dispatcher restarts the call. */
#define CALL_RESTART 0x101

/* Handle the call the thread's registers hold. The thread may not be running afterwards. */
void call_dispatch(struct thread *caller);

/*
 * How far the caller's present call has come, for one that works through a range. It starts with 0,
 * goes on where it was when the call is restarted, and has to be set to 0 at the end.
 */
uint64_t *call_progress(struct thread *caller);

const char *call_name(uint64_t number);
const char *status_name(status reason);

/*
 * A refusal that names the argument (1: the first) it is about, for the trace. The
 * dispatcher tells user level the reason only.
 */
static inline status call_refuse(unsigned int argument, status reason)
{
	return reason < 0 ? reason - 16 * (status)argument : reason;
}

static inline status call_reason(status refusal)
{
	return refusal < 0 ? -((-refusal) % 16) : refusal;
}

/*
 * `object` is that of the capability in the first argument (both NULL for
 * calls without); arguments[0] is that slot. Arguments are the caller's registers: a result
 * may overwrite one, so all are read before.
 */
#define CALL_HANDLER(name)                                               \
	status call_##name(struct thread *caller, struct object *object, \
			   const uint64_t *arguments, struct capability *capability)
#define CALL(name, type, right, count) CALL_HANDLER(name);
#include "kernel/dispatch.inc"
#undef CALL

/* Keeps a handler that needs not all of them quiet. */
#define CALL_UNUSED(a) ((void)(a))

#endif
