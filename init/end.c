/* SPDX-License-Identifier: MIT */
/* The end of the machine's run: a component's description asks for it, the first thread does it. */
#include <stdio.h>

#include "init.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "session/system.h"

static purlin_u64 end_signal;

purlin_s64 end_prepare(void)
{
	end_signal = slot_reserve();
	return purlin_signal_create(PURLIN_SLOT_ACCOUNT, end_signal);
}

void request_end(enum end_action action, const char *component)
{
	printf("%s asks for the machine's %s\n", component,
	       action == END_RESET ? "reset" : "power-off");
	purlin_signal_notify(end_signal, 1ull << action);
}

/* By the platform component if there is one, else by core. Returns when neither can. */
static void end_run(enum end_action action)
{
	purlin_u64 session;
	purlin_s64 status;

	route_flush_all();
	if (description.power >= 0) {
		status = route_open_own(description.power, "Power", &session);
		if (!status)
			status = rpc(session, action == END_RESET ? POWER_RESET : POWER_OFF, 0);
		printf("the platform component cannot do it: %s\n", status_text(status));
		route_flush_all();
	}
	component_exit(action == END_RESET ? PARENT_EXIT_RESTART : PARENT_EXIT_POWER_OFF, 0);
}

void end_await(void)
{
	purlin_u64 bits = 0;

	while (!bits && !purlin_signal_wait(end_signal, &bits))
		;
	end_run(bits & 1ull << END_RESET ? END_RESET : END_POWER_OFF);
}
