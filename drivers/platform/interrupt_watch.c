/* SPDX-License-Identifier: MIT */
/* Waits for shared lines, acks, storms and the time that one of them ends. */
#include "interrupt_watch.h"

#include "alarm.h"
#include "purlin/calls.h"
#include "shared_line.h"
#include "storms.h"
#include "turn.h"

#define TIME_IS_UP (1ull << 63)

static struct {
	struct pci_server *server;
	struct alarm alarm; /* one: a time set too early finds nothing due */
} watch;

/*
 * One thread for all of these: acks, lines and storms change the same devices, under the same turn.
 */
static void serve(void *argument)
{
	(void)argument;
	for (;;) {
		uint64_t lines, storms;
		purlin_u64 bits = 0;

		if (purlin_signal_wait(watch.alarm.signal, &bits))
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
		alarm_set(&watch.alarm, lines < storms ? lines : storms, TIME_IS_UP);
		turn_give();
	}
}

purlin_s64 interrupt_watch_start(struct pci_server *server, purlin_u64 component)
{
	purlin_s64 status = alarm_create(&watch.alarm);

	watch.server = server;
	if (!status)
		status = turn_spawn(serve, NULL, component);
	if (!status)
		resource_watcher_set(watch.alarm.signal);
	return status;
}
