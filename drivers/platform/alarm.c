/* SPDX-License-Identifier: MIT */
/* A kernel timer and a signal, with times of the platform's clock. */
#include "alarm.h"

#include "hardware.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"

purlin_s64 alarm_create(struct alarm *alarm)
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

void alarm_set_after(struct alarm *alarm, uint64_t nanoseconds, purlin_u64 bits)
{
	(void)purlin_timer_set(alarm->timer, hardware_deadline(nanoseconds), alarm->signal, bits);
}

void alarm_set(struct alarm *alarm, uint64_t time, purlin_u64 bits)
{
	uint64_t now = hardware_time_ns();

	if (time != ALARM_NEVER)
		alarm_set_after(alarm, time > now ? time - now : 0, bits);
}
