/* SPDX-License-Identifier: MIT */
/*
 * Threads of a component. Every stack has the same size and alignment; the
 * topmost bytes hold the thread's block, so that a thread finds its block
 * from its stack pointer alone, without FS or GS.
 */
#ifndef RUNTIME_THREAD_H
#define RUNTIME_THREAD_H

#define THREAD_STACK_BYTES 0x10000 /* also in purlin/component.lds */
#define THREAD_BLOCK_BYTES 64

#ifndef __ASSEMBLER__
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"

struct thread {
	struct purlin_message *message;
	purlin_u64 slot;  /* capability of the thread */
	purlin_u64 stack; /* memory object of the stack, 0 for the first thread */
	void (*entry)(void *argument);
	void *argument;
	purlin_u64 call_flags; /* or-ed into the info of its requests: PURLIN_INFO_LENDS_NOTHING */
};
_Static_assert(sizeof(struct thread) <= THREAD_BLOCK_BYTES, "thread block");

static inline struct thread *thread_self(void)
{
	purlin_u64 here = (purlin_u64)__builtin_frame_address(0);

	here |= THREAD_STACK_BYTES - 1;
	return (struct thread *)(here + 1 - THREAD_BLOCK_BYTES);
}

/* The calling thread's message buffer. Any call of the runtime that sends a message overwrites it.
 */
static inline struct purlin_message *message(void)
{
	return thread_self()->message;
}

/*
 * Start a thread of this component that runs entry(argument). If that returns, the component
 * panics: a thread that nobody misses would be an end that nobody notices. Its capability's slot
 * goes to *slot.
 */
purlin_s64 thread_spawn(void (*entry)(void *), void *argument, purlin_u64 cpu, purlin_u64 priority,
			purlin_u64 *slot);
#endif

#endif
