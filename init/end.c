/* SPDX-License-Identifier: MIT */
/* The end of the machine's run: a component's description asks for it, the first thread does it. */
#include <stdio.h>

#include "init.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "runtime/thread.h"
#include "session/system.h"

static purlin_u64 end_signal, flush_signal, flush_timer;

purlin_s64 end_prepare(void)
{
	purlin_s64 status;

	end_signal = slot_reserve();
	flush_signal = slot_reserve();
	flush_timer = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, end_signal);
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, flush_signal);
	return status ? status : purlin_timer_create(PURLIN_SLOT_ACCOUNT, flush_timer);
}

void request_end(enum end_action action, const char *component)
{
	printf("%s asks for the machine's %s\n", component,
	       action == END_RESET ? "reset" : "power-off");
	purlin_signal_notify(end_signal, 1ull << action);
}

#define FLUSH_SECONDS 5
#define FLUSH_LATE 63 /* bit; those below: which component has answered */
_Static_assert(DESCRIPTION_COMPONENTS <= FLUSH_LATE, "bits");

static void flush_one(void *component)
{
	unsigned int index = (unsigned int)((struct component *)component - components);

	thread_self()->call_flags = PURLIN_INFO_LENDS_NOTHING;
	route_flush(index);
	purlin_signal_notify(flush_signal, 1ull << index);
}

/*
 * Each server is asked by a thread of its own: one that does not answer must neither keep the
 * machine running nor the others' output back. Not the one that is to end the run: it has no
 * output.
 */
static purlin_u64 ask_servers(purlin_u64 which)
{
	purlin_u64 asked = 0, thread;

	for (unsigned int i = 0; i < description.component_count; i++)
		if ((which & 1ull << i) && (int)i != description.power &&
		    description.components[i].provide_count &&
		    !thread_spawn(flush_one, &components[i], 0, SUPERVISOR_PRIORITY, &thread))
			asked |= 1ull << i;
	return asked;
}

/* Those that have not answered in time. */
static purlin_u64 flush_round(purlin_u64 which)
{
	purlin_u64 deadline = tsc_now() + FLUSH_SECONDS * boot_info->tsc_hz;
	purlin_u64 missing = ask_servers(which), bits = 0;

	purlin_timer_set(flush_timer, deadline, flush_signal, 1ull << FLUSH_LATE);
	while (missing && !(bits & 1ull << FLUSH_LATE) && !purlin_signal_wait(flush_signal, &bits))
		missing &= ~bits;
	purlin_timer_set(flush_timer, ~0ull, flush_signal, 1ull << FLUSH_LATE);
	return missing;
}

/* What is said about those that are late has to come out, too. */
static void flush_servers(void)
{
	purlin_u64 missing = flush_round(~0ull);

	for (unsigned int i = 0; i < description.component_count; i++)
		if (missing & 1ull << i)
			report(&components[i], "does not answer: the run ends without its output");
	if (missing)
		(void)flush_round(~missing);
}

/* By the platform component if there is one, else by core. Returns when neither can. */
static void end_run(enum end_action action)
{
	purlin_u64 session;
	purlin_s64 status;

	flush_servers();
	if (description.power >= 0) {
		status = route_open_own(description.power, "Power", &session);
		if (!status)
			status = rpc(session, action == END_RESET ? POWER_RESET : POWER_OFF, 0);
		printf("the platform component cannot do it: %s\n", status_text(status));
		flush_servers();
	}
	component_exit(action == END_RESET ? PARENT_EXIT_RESTART : PARENT_EXIT_POWER_OFF, 0);
}

void end_await(void)
{
	purlin_u64 bits = 0;

	thread_self()->call_flags = PURLIN_INFO_LENDS_NOTHING;
	while (!bits && !purlin_signal_wait(end_signal, &bits))
		;
	end_run(bits & 1ull << END_RESET ? END_RESET : END_POWER_OFF);
}
