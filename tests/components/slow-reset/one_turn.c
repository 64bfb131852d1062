/* SPDX-License-Identifier: MIT */
/*
 * A fault made for the test: the platform component keeps its turn while it waits for hardware, as
 * if it had one thread.
 */
#include "turn.h"

#include "hardware.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"

void __wrap_turn_pause(uint64_t nanoseconds);

void __wrap_turn_pause(uint64_t nanoseconds)
{
	static purlin_u64 timer, signal;
	purlin_u64 bits = 0;

	if (!timer) {
		timer = slot_reserve();
		signal = slot_reserve();
		(void)purlin_timer_create(PURLIN_SLOT_ACCOUNT, timer);
		(void)purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	}
	(void)purlin_timer_set(timer, hardware_deadline(nanoseconds), signal, 1);
	while (!bits && !purlin_signal_wait(signal, &bits))
		;
}
