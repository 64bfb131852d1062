/* SPDX-License-Identifier: MIT */
/* Waits for shared lines, acks, storms and the time that one of them ends. */
#include "interrupt_watch.h"

#include "hardware.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "shared_line.h"
#include "storms.h"
#include "turn.h"

#define TIME_IS_UP (1ull << 63)

static struct {
	struct pci_server *server;
	purlin_u64 signal;
	purlin_u64 timer;
} watch;

/* There is one alarm, which this replaces. One that comes too early finds nothing due. */
static void wake_at(uint64_t time)
{
	uint64_t now = hardware_time_ns();

	if (time != ~0ull)
		(void)purlin_timer_set(watch.timer, hardware_deadline(time > now ? time - now : 0),
				       watch.signal, TIME_IS_UP);
}

/*
 * One thread for all of these: acks, lines and storms change the same devices, under the same turn.
 */
static void serve(void *argument)
{
	(void)argument;
	for (;;) {
		uint64_t lines, storms;
		purlin_u64 bits = 0;

		if (purlin_signal_wait(watch.signal, &bits))
			continue;
		turn_take();
		if (bits & RESOURCE_STORM)
			storms_note(watch.server);
		shared_lines_note(watch.server, bits);
		/*
		 * Computed again each time: what has come may have moved a time, or made it void.
		 */
		lines = shared_lines_due(watch.server);
		storms = storms_due(watch.server);
		wake_at(lines < storms ? lines : storms);
		turn_give();
	}
}

purlin_s64 interrupt_watch_start(struct pci_server *server, purlin_u64 component)
{
	purlin_u64 slot;
	purlin_s64 status;

	watch.server = server;
	watch.signal = slot_reserve();
	watch.timer = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, watch.signal);
	if (!status)
		status = purlin_timer_create(PURLIN_SLOT_ACCOUNT, watch.timer);
	if (!status)
		status = turn_add_thread();
	if (!status)
		status = thread_spawn(serve, NULL, COMPONENT_PROCESSOR(component),
				      COMPONENT_PRIORITY(component), &slot);
	if (!status)
		resource_watcher_set(watch.signal);
	return status;
}
