/* SPDX-License-Identifier: MIT */
/* A lock, and an alarm for each thread that may pause. */
#include "turn.h"

#include <stddef.h>

#include "alarm.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/lock.h"
#include "runtime/thread.h"

/* With a shared timer, the later of two pauses would move the deadline of the earlier one. */
struct pause {
	struct pause *next; /* of those nobody waits for */
	struct alarm alarm;
};

static struct lock lock;
static struct pause pauses[TURN_THREADS];
static unsigned int threads;
static struct pause *idle; /* as many as there are threads that do not pause */

purlin_s64 turn_start(void)
{
	threads = 0;
	idle = NULL;
	return lock_init(&lock);
}

purlin_s64 turn_add_thread(void)
{
	struct pause *pause = &pauses[threads];
	purlin_s64 status = threads < TURN_THREADS ? alarm_create(&pause->alarm) : PURLIN_NO_MEMORY;

	if (status)
		return status;
	threads++;
	pause->next = idle;
	idle = pause;
	return PURLIN_OK;
}

purlin_s64 turn_spawn(void (*entry)(void *argument), void *argument, purlin_u64 component)
{
	purlin_u64 slot;
	purlin_s64 status = turn_add_thread();

	return status ? status :
			thread_spawn(entry, argument, COMPONENT_PROCESSOR(component),
				     COMPONENT_PRIORITY(component), &slot);
}

void turn_take(void)
{
	lock_acquire(&lock);
}

void turn_give(void)
{
	lock_release(&lock);
}

/* There is an alarm: each thread brought one, and waits for one thing at a time. */
void turn_pause(uint64_t nanoseconds)
{
	struct pause *pause = idle;
	purlin_u64 bits = 0;

	/* Others run meanwhile: who pauses must look again at whatever can have changed. */
	idle = pause->next;
	turn_give();
	alarm_set_after(&pause->alarm, nanoseconds, 1);
	while (!bits && !purlin_signal_wait(pause->alarm.signal, &bits))
		;
	turn_take();
	pause->next = idle;
	idle = pause;
}
