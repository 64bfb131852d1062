/* SPDX-License-Identifier: MIT */
/* Writes what Devices tells to the log, each second. Tools read it (tools/purlin/device_report.py).
 */
#include <stdio.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "report.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"

/* Repeat until the session answers: a platform component that has ended is waited for. */
static void report(purlin_u64 *session)
{
	while (report_write(*session) == PURLIN_DEAD) {
		slot_delete(*session);
		if (session_open("Devices", "report", session))
			component_panic("no session of Devices");
	}
}

int component_main(purlin_u64 argument)
{
	purlin_u64 devices, timer, hz, now, bits, signal = slot_reserve();

	(void)argument;
	if (session_open("Devices", "report", &devices) ||
	    session_open("Timer", "report", &timer) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal) || timer_info(timer, &hz, &now) ||
	    timer_start(timer, signal, 1))
		component_panic("a session is missing");
	for (;;) {
		report(&devices);
		(void)timer_alarm(timer, tsc_now() + hz);
		(void)purlin_signal_wait(signal, &bits);
	}
}
