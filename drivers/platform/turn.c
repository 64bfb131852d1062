/* SPDX-License-Identifier: MIT */
/* A lock, and an alarm for each thread that may pause. */
#include "turn.h"

#include "hardware.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/lock.h"
#include "runtime/slots.h"

/* With a shared timer, the later of two pauses would move the deadline of the earlier one. */
struct alarm {
	struct alarm *next; /* of those nobody waits for */
	purlin_u64 timer;
	purlin_u64 signal;
};

static struct lock lock;
static struct alarm alarms[TURN_THREADS];
static unsigned int threads;
static struct alarm *idle; /* as many as there are threads that do not pause */

purlin_s64 turn_start(void)
{
	threads = 0;
	idle = NULL;
	return lock_init(&lock);
}

static purlin_s64 create(struct alarm *alarm)
{
	purlin_s64 status;

	alarm->timer = slot_reserve();
	alarm->signal = slot_reserve();
	status = purlin_timer_create(PURLIN_SLOT_ACCOUNT, alarm->timer);
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, alarm->signal);
	if (status) {
		slot_delete(alarm->timer);
		slot_delete(alarm->signal);
	}
	return status;
}

purlin_s64 turn_add_thread(void)
{
	struct alarm *alarm = &alarms[threads];
	purlin_s64 status = threads < TURN_THREADS ? create(alarm) : PURLIN_NO_MEMORY;

	if (status)
		return status;
	threads++;
	alarm->next = idle;
	idle = alarm;
	return PURLIN_OK;
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
	struct alarm *alarm = idle;
	purlin_u64 bits = 0;

	/* Others run meanwhile: who pauses must look again at whatever can have changed. */
	idle = alarm->next;
	turn_give();
	(void)purlin_timer_set(alarm->timer, hardware_deadline(nanoseconds), alarm->signal, 1);
	while (!bits && !purlin_signal_wait(alarm->signal, &bits))
		;
	turn_take();
	alarm->next = idle;
	idle = alarm;
}
