/* SPDX-License-Identifier: MIT */
/* What a supervisor waits for while it goes on looking after its component. */
#include "wait.h"

#include "ask.h"
#include "boot_data.h"
#include "control.h"
#include "report.h"
#include "purlin/calls.h"
#include "runtime/resources.h"

#define NEVER (~0ull)

/*
 * Waits for anything: an answer, a change of somebody's state, the end of the component itself. The
 * caller looks again at what it wants, since a change may be another component's, and a bit late.
 */
purlin_s64 component_wait(struct component *component, purlin_u64 deadline)
{
	purlin_u64 bits = 0;

	if (tsc_now() >= deadline)
		return PURLIN_AGAIN;
	purlin_timer_set(component->timer, deadline, component->watch, WATCH_LATE);
	if (purlin_signal_wait(component->watch, &bits))
		return PURLIN_DEAD;
	component->device_told |= (bits & WATCH_DEVICE) != 0;
	/* Only noted here: the supervisor cleans up once the request it is serving is finished. */
	if (component->pd &&
	    ((bits & WATCH_ENDED && has_ended(component)) || control_ends(component)))
		component->ended = true;
	return component->ended || control_ends(component) ? PURLIN_DEAD : PURLIN_OK;
}

static purlin_u64 time_limit(void)
{
	return tsc_now() + ANSWER_SECONDS * boot_info->tsc_hz;
}

purlin_s64 component_ask(struct component *component, struct question **question)
{
	struct question *asked = *question;
	purlin_u64 deadline = time_limit();
	purlin_s64 status = PURLIN_OK;

	/* The worker blocks in the call to the server; this thread must go on hearing the watch. */
	question_submit(asked, component->watch, WATCH_ANSWER);
	while (!status && !question_answered(asked))
		status = component_wait(component, deadline);
	purlin_timer_set(component->timer, NEVER, component->watch, WATCH_LATE);
	if (!status)
		return asked->status;
	/* The question stays with its worker, who undoes the answer if it still comes. */
	if (status == PURLIN_AGAIN)
		ask_report(asked->server);
	question_drop(asked);
	*question = NULL;
	return PURLIN_DEAD;
}

static bool is_closing(struct component *component)
{
	bool closing;

	lock_acquire(&state_lock);
	closing = component->closing != 0;
	lock_release(&state_lock);
	return closing;
}

void component_await_closing(struct component *component)
{
	purlin_u64 deadline = time_limit();
	purlin_s64 status = PURLIN_OK;

	while (!status && is_closing(component))
		status = component_wait(component, deadline);
	purlin_timer_set(component->timer, NEVER, component->watch, WATCH_LATE);
	if (status == PURLIN_AGAIN)
		ask_report_closing(component);
}
