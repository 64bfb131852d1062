/* SPDX-License-Identifier: MIT */
/* The scheduler's state of each processor, and what IPC needs of the scheduler inline. */
#ifndef OBJECT_PROCESSOR_H
#define OBJECT_PROCESSOR_H

#include "base/list.h"
#include "base/timeout.h"
#include "debug/log.h"
#include "object/thread.h"

struct processor {
	unsigned int cpu;	/* its number */
	struct thread *current; /* chosen; in no queue */
	bool reconsider;	/* `current` may be the wrong one */
	bool expired;		/* its slice is over, or it yielded */
	uint64_t ready;		/* bit p: queue[p] is not empty */
	/* A slice goes on when a caller hands over to a server and back: this is how it is lent. */
	uint64_t slice_end;
	/*
	 * Set while an equal waits, at slice_end at the latest. It stays when nobody waits any more
	 * or another's slice has begun: arming the hardware costs more than a look for nothing.
	 */
	struct timeout slice;
	struct list queue[PURLIN_PRIORITIES];
};

extern struct processor processors[CPU_MAX];

/* The thread to run has to be asked for: scheduler_pick(). Else it is `current`. */
static inline bool processor_has_to_choose(const struct processor *processor)
{
	return !processor->current || processor->reconsider ||
	       (trace_categories & PURLIN_TRACE_SCHEDULE);
}

/* An equal that waits gets its turn in time. */
static inline bool processor_slice_watched(const struct processor *processor)
{
	return processor->slice.set && processor->slice.deadline <= processor->slice_end;
}

/* As scheduler_block(), for the thread that makes a call. */
static inline void processor_block(struct thread *caller, unsigned int state)
{
	struct processor *processor = caller->processor;

	if (__builtin_expect(processor->current != caller, 0)) {
		scheduler_block(caller, state);
		return;
	}
	processor->current = NULL;
	caller->state = (uint8_t)state;
}

/*
 * `to` could run at once at this priority, in the slice of `from`: both belong here, and of those
 * that are ready none is more urgent and equals wait only as long as the slice.
 */
static inline bool processor_favours(const struct processor *processor, const struct thread *to,
				     unsigned int priority)
{
	uint64_t rivals = processor->ready >> priority; /* bit 0: equals */

	return to->processor == processor && !processor->reconsider &&
	       (!rivals || (rivals == 1 && processor_slice_watched(processor)));
}

/* Could `from`, which makes a call, hand over to `to`? */
static inline bool processor_can_hand_over(const struct thread *from, const struct thread *to,
					   unsigned int priority)
{
	return from->processor->current == from && processor_favours(from->processor, to, priority);
}

/*
 * Make `to` ready in favour of which `from` has just blocked, and prefer it
 * to its equals: if nobody more urgent waits it goes on in the same slice.
 */
static inline void processor_hand_over(const struct thread *from, struct thread *to)
{
	struct processor *processor = from->processor;

	if (__builtin_expect(processor->current || !processor_favours(processor, to, to->priority),
			     0)) {
		scheduler_ready_first(to);
		return;
	}
	to->state = THREAD_READY;
	to->slice_left = 0;
	processor->current = to;
}

#endif
