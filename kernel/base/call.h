/* SPDX-License-Identifier: MIT */
/*
 * Calls from user level, as their handlers see them. There is one handler for each line of
 * abi/calls.toml. The dispatcher (core/call.c) has checked type, right and life of the capability
 * in the first argument before. A handler checks everything else first and then acts: after its
 * first change nothing can fail.
 */
#ifndef BASE_CALL_H
#define BASE_CALL_H

#include "base/types.h"
#include "kernel/arguments.h"

struct account;
struct capability;
struct object;
struct pd;
struct purlin_message;
struct thread;

/*
 * Returned by a handler besides PURLIN_*: the dispatcher leaves the caller's
 * registers alone, because another thread or event will complete the call, or
 * because the call was restarted.
 */
#define CALL_DEFERRED 0x100
/* Returned by long operations: call again. The dispatcher restarts the call. */
#define CALL_RESTART 0x101

/*
 * What an interrupted call has done so far, for when it is made again. This is the one way to go on
 * with a call. It is kept in the thread, so that calls of different threads on the same object do
 * not get into each other's way. It counts for the same call on the same object with the same
 * arguments: between two rounds a vCPU may handle an event, and make other calls there.
 */
struct call_progress {
	uint64_t number; /* CALL_NONE: of no call */
	const struct object *object;
	union call_arguments arguments;
	uint64_t done;		   /* how far it has come, as the handler counts; 0: not begun */
	struct object *unfinished; /* referenced: what it makes; NULL: nothing */
};
#define CALL_NONE (~0ull)

/* The call that a thread makes: a part of the thread, so passing it to a handler costs nothing. */
struct call {
	struct thread *caller;
	struct pd *pd; /* the caller's */
	/* The caller's registers, by the names that abi/calls.toml gives. A result may overwrite
	 * an argument: read all of them before storing the first result. */
	const union call_arguments *arguments;
	/* What the first argument names, and the capability found there. Not for calls without an
	 * object; a vCPU's call on itself has no capability. */
	struct object *object;
	const struct capability *capability;
	struct call_progress progress; /* by call_progress() only */
};

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

/* What handlers ask of the dispatcher besides; refusals name the argument. */

/* The capability that a further argument names (1: the first), checked as that of the first is. */
status call_capability(const struct call *call, unsigned int argument, uint8_t type,
		       uint32_t rights, struct capability **found);
/* The empty slot for what is created: the second argument names it. */
status call_slot(const struct call *call, struct capability **found);
/*
 * The same, and a new object for it: in zeroed memory paid by `account`, where it comes first. The
 * caller gets all rights.
 */
status call_create(const struct call *call, struct account *account, uint8_t type, size_t bytes,
		   struct object **created);
/* The caller's message buffer; NULL: it has none. User memory: each word is read once. */
struct purlin_message *call_message(const struct call *call);

/* Nothing was interrupted: the usual case, decided inline. */
static inline bool call_progress_empty(const struct call_progress *progress)
{
	return progress->number == CALL_NONE && !progress->unfinished;
}

/*
 * For handlers that return CALL_RESTART: what earlier rounds have done, or a new start. What
 * another call has left unfinished is given up first: CALL_RESTART.
 */
status call_progress_find(struct call *call);
static inline status call_progress(struct call *call, struct call_progress **progress)
{
	*progress = &call->progress;
	return call_progress_empty(*progress) ? PURLIN_OK : call_progress_find(call);
}

/*
 * What such a handler returns at last. Unless there are further rounds, the progress is forgotten
 * and what is unfinished given up, which may take rounds, too: CALL_RESTART instead of the result.
 * After a refusal the same call, if it is made again, is a new one. Also for the thread's end.
 */
status call_round_end(struct call *call, status result);
static inline status call_round(struct call *call, status result)
{
	if (__builtin_expect(result == CALL_RESTART || !call_progress_empty(&call->progress), 0))
		return call_round_end(call, result);
	call->progress.done = 0;
	return result;
}

#define CALL_HANDLER(name) status call_##name(struct call *call)
#define CALL(name, type, right, count) CALL_HANDLER(name);
#include "kernel/dispatch.inc"
#undef CALL

/* One that may take several rounds: what follows is a round. */
#define CALL_IN_ROUNDS(name)                                 \
	static status name##_round(struct call *call);       \
	CALL_HANDLER(name)                                   \
	{                                                    \
		return call_round(call, name##_round(call)); \
	}                                                    \
	static status name##_round(struct call *call)

#endif
