/* SPDX-License-Identifier: MIT */
/* Which of the guests have been found to hang, and which have not. */
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/control.h"

/* By the order of `control` in the scenario: those that hang come first. */
enum { SPINS, EARLY, IDLE, BUSY, UNWATCHED };

static purlin_u64 control, changed;

static purlin_u64 shown(unsigned int number, unsigned int what)
{
	message()->word[0] = number;
	return rpc(control, CONTROL_COMPONENT, 1) ? 0 : message()->word[what];
}

static void await_end(unsigned int number)
{
	purlin_u64 bits;

	while (shown(number, CONTROL_STATE) != CONTROL_STATE_ENDED)
		(void)purlin_signal_wait(changed, &bits);
}

static void check_alive(const char *name, unsigned int number)
{
	check_equal(name, shown(number, CONTROL_STATE), CONTROL_STATE_RUNNING);
	check_equal(name, shown(number, CONTROL_LIVES), 1);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	changed = slot_reserve();
	if (session_open("Control", "", &control) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, changed) ||
	    rpc_send(control, CONTROL_WATCH, 0, changed))
		component_panic("no control");
	await_end(SPINS);
	await_end(EARLY);
	check_equal("one that spins: each of its lives", shown(SPINS, CONTROL_LIVES), 2);
	check_equal("one without a state page", shown(EARLY, CONTROL_LIVES), 1);
	check_alive("one that waits does not hang", IDLE);
	check_alive("one that computes does not hang", BUSY);
	check_alive("one that spins and has no watchdog", UNWATCHED);
	return check_sum();
}
